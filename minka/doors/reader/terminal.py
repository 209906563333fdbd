"""A terminal: its readers, its PSAM, its PIN pad and its settings, as the functions use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from minka.cipher.recipe import RecipeFault, Root
from minka.devices.pcsc_reader import NoCard, PoweredCard, ReaderFault, ReaderGone, Readers
from minka.doors.reader.card import CardInHand, find_row, take, translated
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.pinpad import Ask, PinPad, entered
from minka.doors.reader.sam import Sam, SamKey
from minka.doors.reader.settings import ReaderSettings

CONTACT, CONTACTLESS, CONTACT_FIRST, CONTACTLESS_FIRST = 1, 2, 3, 4


@dataclass(slots=True)
class Module:
    """The PSAM's power, from the first use in a function to the function's end."""

    powered: PoweredCard | None = None

    def release(self) -> None:
        """Powers the module off."""
        if self.powered is not None:
            self.powered.close()
            self.powered = None


@dataclass(frozen=True, slots=True)
class Terminal:
    """One counter's machine."""

    settings: ReaderSettings
    readers: Readers
    pad: PinPad
    module: Module = field(default_factory=Module)

    def card(self, kind: int) -> CardInHand:
        """The card of an iType, powered and introduced; the caller closes it."""
        with translated():
            powered = self._powered(kind)
        try:
            return take(powered, empty_version=self.settings.empty_version)
        except BaseException:
            powered.close()
            raise

    def _powered(self, kind: int) -> PoweredCard:
        fault: ReaderFault = ReaderGone("no reader is set")
        for name in self._names(kind):
            try:
                return self.readers.connect(name)
            except NoCard as empty:
                fault = empty
            except ReaderFault as worse:
                fault = worse if not isinstance(fault, NoCard) else fault
        raise fault

    def _names(self, kind: int) -> tuple[str, ...]:
        orders = {
            CONTACT: (self._contact,),
            CONTACTLESS: (self._contactless,),
            CONTACT_FIRST: (self._contact, self._contactless),
            CONTACTLESS_FIRST: (self._contactless, self._contact),
        }
        if kind not in orders:
            raise Stop(Code.WRONG_ARGUMENT)
        return tuple(name for names in orders[kind] for name in names())

    def _contact(self) -> tuple[str, ...]:
        if self.settings.contact_reader:
            return (self.settings.contact_reader,)
        others = {self.settings.sam_reader, self.settings.contactless_reader}
        return tuple(name for name in self.readers.names() if name not in others)

    def _contactless(self) -> tuple[str, ...]:
        named = self.settings.contactless_reader
        return (named,) if named else ()

    @contextmanager
    def sam(self) -> Iterator[Sam]:
        """The PSAM, powered once for the length of a function; -2201 without one."""
        if not self.settings.sam_reader:
            raise Stop(Code.NO_SAM)
        if self.module.powered is None:
            try:
                self.module.powered = self.readers.connect(self.settings.sam_reader)
            except ReaderFault:
                raise Stop(Code.NO_SAM) from None
        yield Sam(self.module.powered, self.settings.sam_environments)

    def terminal_number(self) -> str:
        """终端机编号 of the PSAM, or the one that is set for terminals without."""
        try:
            with self.sam() as sam:
                return sam.terminal()
        except Stop:
            return self.settings.terminal_without_sam

    def pin(self, title: str, *, most: int | None = None) -> bytes:
        """What the holder enters, packed."""
        fewest, limit = self.settings.pin_lengths
        ask = Ask(title, fewest, min(most or limit, limit), self.settings.pin_patience_s)
        return entered(self.pad, ask)

    def sam_key(self, name: str) -> SamKey:
        """Where modules keep a key: as set, else as the standard and the field have it."""
        if name in self.settings.sam_keys:
            texts = self.settings.sam_keys[name]
            return SamKey(name, tuple((int(t[:2], 16), int(t[2:], 16)) for t in texts))
        row = find_row(name)
        if row is None:
            return SamKey(name, ())
        places = [place for place in (row.psam_seen, row.psam_p9) if place is not None]
        return SamKey(name, tuple((place.usage, place.id) for place in places))

    def factors(self, card: CardInHand) -> Sequence[bytes]:
        """What leads from roots down to a card, in the order of command data: card first."""
        recipe = self.settings.recipes().of(card.area)
        try:
            return recipe.factors(Root.MINISTRY, card.area, card.historical)[::-1]
        except RecipeFault:
            raise Stop(Code.BAD_IDENTIFICATION) from None
