"""The driver functions by their names: one table, one way to call them (card-chip §15.1).

A driver serves one caller. What a first step leaves, a powered card and its last challenge, waits
in it for the second and third; any other function, any refusal and ``close`` let the card go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from minka.doors.reader import basic, debit, general, pin
from minka.doors.reader.card import CardInHand, compared, translated
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.forms import card_names, fields, given, payment, places
from minka.doors.reader.open_file import Auth, Side
from minka.doors.reader.pin import Repair
from minka.doors.reader.terminal import Terminal

KIND, WHICH, FILES, DATA, KEY, PAY = (
    *("iType", "pCardInfo", "pFileAddr", "pWriteData", "pKey", "pPayInfo"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function returned, and its pOut."""

    code: int
    out: str = ""

    def __repr__(self) -> str:
        return f"Outcome({self.code}, …)"


class Driver:
    """The functions on one terminal, for one caller."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._waiting: tuple[str, CardInHand, tuple[str, ...]] | None = None

    @property
    def holds_a_card(self) -> bool:
        """Whether a first step left a card under power."""
        return self._waiting is not None

    def call(self, name: str, *arguments: str) -> Outcome:
        """One function; -13 for an unknown name, -14 for the wrong number of arguments."""
        function = FUNCTIONS.get(name)
        try:
            if function is None:
                raise Stop(Code.NOT_SUPPORTED)
            if len(arguments) != len(function.arguments):
                raise Stop(Code.WRONG_ARGUMENT)
            with translated():
                return Outcome(Code.DONE, function.run(self, *arguments))
        except Stop as stop:
            self.close()
            return Outcome(stop.code, stop.words)
        except BaseException:
            self.close()
            raise
        finally:
            self.terminal.module.release()

    def close(self) -> None:
        """Lets go of a card that waits for its next step."""
        if self._waiting is not None:
            _, card, _ = self._waiting
            self._waiting = None
            card.close()

    def begin(self, kind: str, names: str | None = None) -> CardInHand:
        """A card taken anew, compared with the one the caller named."""
        self.close()
        wanted = card_names(names) if names is not None else None
        card = self.terminal.card(number(kind))
        try:
            if wanted is not None:
                compared(card, wanted)
        except Stop:
            card.close()
            raise
        return card

    @contextmanager
    def taken(self, kind: str, names: str | None = None) -> Iterator[CardInHand]:
        """A card that is let go at the end of the function, however it ends."""
        card = self.begin(kind, names)
        try:
            yield card
        finally:
            card.close()

    @contextmanager
    def held(
        self, step: str, kind: str, names: str | None = None, kept: tuple[str, ...] = ()
    ) -> Iterator[CardInHand]:
        """A card that waits for the step that follows, unless this one refuses."""
        card = self.begin(kind, names)
        try:
            yield card
        except BaseException:
            card.close()
            raise
        self.wait(step, card, kept)

    @contextmanager
    def resumed(self, step: str) -> Iterator[tuple[CardInHand, tuple[str, ...]]]:
        """The card a step left, for the last step of its business."""
        found = self.waiting(step)
        try:
            yield found
        finally:
            self.close()

    def wait(self, step: str, card: CardInHand, kept: tuple[str, ...]) -> None:
        """Keeps a card under power for the step that follows."""
        self._waiting = (step, card, kept)

    def waiting(self, step: str) -> tuple[CardInHand, tuple[str, ...]]:
        """The card a step left; -12 when no such step came before."""
        if self._waiting is None or self._waiting[0] != step:
            raise Stop(Code.NOT_OPENED)
        _, card, kept = self._waiting
        return card, kept


def number(text: str) -> int:
    """An iType or iAuthType; -14 for anything but digits."""
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Stop(Code.WRONG_ARGUMENT)
    return int(text)


@dataclass(frozen=True, slots=True)
class Function:
    """The names of what goes in (pOut is what comes out), and what is done."""

    arguments: tuple[str, ...]
    run: Callable[..., str]


def _alone(act: Callable[[Terminal, CardInHand], str]) -> Function:
    """A function of iType only."""

    def run(driver: Driver, kind: str) -> str:
        with driver.taken(kind) as card:
            return act(driver.terminal, card)

    return Function((KIND,), run)


def _read(driver: Driver, *given_texts: str) -> str:
    kind, auth, names, files = given_texts
    asked, how = places(files), _auth(auth)
    with driver.taken(kind, names) as card:
        return general.read(driver.terminal, card, asked, how)


def _auth(text: str) -> Auth:
    try:
        return Auth(number(text))
    except ValueError:
        raise Stop(Code.WRONG_ARGUMENT) from None


def _write(driver: Driver, *given_texts: str) -> str:
    kind, names, files, data = given_texts
    asked = places(files)
    texts = given(data, asked)
    with driver.taken(kind, names) as card:
        return general.write(driver.terminal, card, asked, texts)


def _debit(driver: Driver, kind: str, names: str, pay: str) -> str:
    paid = payment(pay)
    with driver.taken(kind, names) as card:
        return debit.do(driver.terminal, card, paid)


def _card_type(terminal: Terminal, card: CardInHand) -> str:
    """Bench default: the specification version, and the algorithm's two digits."""
    return fields(card.version_text, f"{card.algorithm.value:02d}")


def _basic1(driver: Driver, kind: str) -> str:
    with driver.held("basic", kind) as card:
        return basic.step1(driver.terminal, card)


def _basic2(driver: Driver, key: str) -> str:
    with driver.resumed("basic") as (card, _):
        return basic.step2(driver.terminal, card, key)


def _file1(side: Side) -> Function:
    def run(driver: Driver, kind: str, names: str, files: str) -> str:
        place = places(files)[0]
        with driver.held(side.value, kind, names, (files,)) as card:
            return general.step1(driver.terminal, card, place, side)

    return Function((KIND, WHICH, FILES), run)


def _read2(driver: Driver, key: str) -> str:
    with driver.resumed(Side.READ.value) as (card, (files,)):
        return general.read_step2(driver.terminal, card, places(files)[0], key)


def _write2(driver: Driver, key: str, data: str) -> str:
    with driver.resumed(Side.WRITE.value) as (card, (files,)):
        place = places(files)[0]
        texts = given(data, (place,))
        return general.write_step2(driver.terminal, card, place, key=key, given=texts)


def _repair(what: Repair) -> dict[str, Function]:
    """A reset or an unblocking of the PIN, and its three steps with an encryption machine."""

    def at_once(driver: Driver, kind: str, names: str) -> str:
        with driver.taken(kind, names) as card:
            return pin.repair(driver.terminal, card, what)

    def first(driver: Driver, kind: str, names: str) -> str:
        with driver.held(what.name + "1", kind, names) as card:
            return pin.step1(driver.terminal, card)

    def second(driver: Driver, key: str) -> str:
        card, _ = driver.waiting(what.name + "1")
        out = pin.step2(driver.terminal, card, what, key)
        driver.wait(what.name + "2", card, ())
        return out

    def third(driver: Driver, key: str) -> str:
        with driver.resumed(what.name + "2") as (card, _):
            return pin.step3(card, key)

    name = "iReloadPIN" if what is Repair.RELOAD else "iUnblockPIN"
    return {
        name: Function((KIND, WHICH), at_once),
        f"{name}_HSM_Step1": Function((KIND, WHICH), first),
        f"{name}_HSM_Step2": Function((KEY,), second),
        f"{name}_HSM_Step3": Function((KEY,), third),
    }


def _debit1(driver: Driver, kind: str, names: str, pay: str) -> str:
    paid = payment(pay)
    with driver.held("debit", kind, names) as card:
        return debit.step1(driver.terminal, card, paid)


def _debit2(driver: Driver, key: str) -> str:
    with driver.resumed("debit") as (card, _):
        return debit.step2(driver.terminal, card, key)


FUNCTIONS: Mapping[str, Function] = {
    "iReadCardBas": _alone(basic.read),
    "iReadCardBas_HSM_Step1": Function((KIND,), _basic1),
    "iReadCardBas_HSM_Step2": Function((KEY,), _basic2),
    "iReadCard": Function((KIND, "iAuthType", WHICH, FILES), _read),
    "iReadCard_HSM_Step1": _file1(Side.READ),
    "iReadCard_HSM_Step2": Function((KEY,), _read2),
    "iWriteCard": Function((KIND, WHICH, FILES, DATA), _write),
    "iWriteCard_HSM_Step1": _file1(Side.WRITE),
    "iWriteCard_HSM_Step2": Function((KEY, DATA), _write2),
    "iVerifyPIN": _alone(pin.verify_pin),
    "iChangePIN": _alone(pin.change_pin),
    **_repair(Repair.RELOAD),
    **_repair(Repair.UNBLOCK),
    "iDoDebit": Function((KIND, WHICH, PAY), _debit),
    "iDoDebit_HSM_Step1": Function((KIND, WHICH, PAY), _debit1),
    "iDoDebit_HSM_Step2": Function((KEY,), _debit2),
    "iReadDebitRecord": _alone(debit.records),
    "iGetCardType": _alone(_card_type),
}
"""Every function: what it takes before pOut, and what it does."""
