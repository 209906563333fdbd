"""Cards of the bench for the chip's own tests, and keys that open them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from minka.bench.card_core import Traits
from minka.bench.card_keys import Counted, of_card
from minka.bench.card_maker import Blank, card_from, make
from minka.bench.card_plan import Shape
from minka.bench.card_slot import Slot
from minka.chip.contents import Filling
from minka.chip.session import Authenticator, Messenger
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.kit.secret import Clear
from tests.chip.scripted import HISTORICAL

AREA = "990100"
CODE = "990100D15600000500000001FFFFFFFF"
NUMBER = "M00000019"
PIN = Clear("123456")
RANDOM = bytes(range(16))
HOLDER: Filling = {
    "08": "990101199001010019",
    "09": "测试甲",
    "0A": "1",
    "0B": "01",
    "0C": "990100",
    "0D": date(1990, 1, 1),
}


def issuer(version: str) -> Filling:
    """The issuer's file of the session of card-chip §13."""
    return {
        "01": CODE,
        "02": "3",
        "03": f"{version}0",
        "04": "915600000299010099010001",
        "05": date(2024, 1, 1),
        "06": date(2034, 1, 1),
        "07": NUMBER,
    }


def slot(
    version: str = "3.0",
    algorithm: Algorithm = Algorithm.SM4,
    more: Mapping[str, Filling] | None = None,
    *,
    pin: Clear = PIN,
    traits: Traits | None = None,
    keys_of: str = AREA,
) -> Slot:
    """An issued card of the bench in its slot."""
    contents = {"SSSEEF05": issuer(version), "SSSEEF06": HOLDER, **(more or {})}
    blank = Blank(keys_of, HISTORICAL, contents, pin=pin)
    shape = Shape(version=version, algorithm=algorithm)
    return Slot(card_from(make(shape, blank), random=Counted(), traits=traits))


class SoftKeys:
    """The bench's keys as ``CardKeys``; only those that are named, all of them unless told."""

    def __init__(
        self, algorithm: Algorithm = Algorithm.SM4, only: Iterable[str] | None = None
    ) -> None:
        self.algorithm = algorithm
        self.only = None if only is None else frozenset(only)
        self.asked: list[str] = []

    def _key(self, name: str) -> bytes:
        length = 8 if self.algorithm is Algorithm.TRIPLE_DES and name.startswith("STK") else 16
        return of_card(name, self.algorithm, area=AREA, historical=HISTORICAL, length=length)

    def internal(self, key: str) -> Authenticator | None:
        """As ``external``."""
        return self.external(key)

    def external(self, key: str) -> Authenticator | None:
        """Authentication data under a key's session."""
        if self.only is not None and key not in self.only:
            return None
        self.asked.append(key)
        return lambda factor, original: card_key.authentication(
            self.algorithm, card_key.session(self.algorithm, self._key(key), factor), original
        )

    def message(self, key: str) -> Messenger | None:
        """A secured command."""
        if self.only is not None and key not in self.only:
            return None
        return lambda factor, header, plain: self._secured(self._key(key), factor, header, plain)

    def _secured(self, key: bytes, factor: bytes, header: bytes, plain: bytes | None) -> bytes:
        under = card_key.session(self.algorithm, key, factor)
        body = card_key.enciphered(self.algorithm, under, plain) if plain is not None else b""
        head = header[:4] + bytes((len(body) + 4,)) + body
        return head + card_key.mac(self.algorithm, under, head)
