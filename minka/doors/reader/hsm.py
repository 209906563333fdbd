"""The other end of the Step strings: what a province's services answer out of a key vault.

| service | given | answered |
|---|---|---|
| 卡内部认证 | the whole basic Step 1 string | the card's proof, and the terminal's |
| 外部认证 | ``alg、key address、factor、original`` of a Step 1 | the terminal's proof |
| 安全报文认证 | ``alg、STK address、factor、header、new PIN`` of a PIN's Step 2 | the command |
| 安全报文认证 (MAC1) | Step 1 of a purchase | ``terminal sequence、time、MAC1`` |

``answer`` takes the same four as the numbered strings 01 to 04 of one machine's interface, 04
without MAC2 and TAC (card-chip §16). Which key an address names is the operator's own table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from minka.chip.atr import AtrFault, historical_of
from minka.cipher.card_key import Algorithm
from minka.cipher.recipe import RecipeFault, Root
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.forms import fields, hexed, moment, octets, parted
from minka.doors.reader.pinpad import packed
from minka.doors.reader.settings import ReaderSettings
from minka.keys.vault import KeyName, KeyPath, KeyVault

ALGORITHMS = {
    "01": Algorithm.TRIPLE_DES,
    "02": Algorithm.SSF33,
    "03": Algorithm.SM4,
    "DES": Algorithm.TRIPLE_DES,
    "SSF33": Algorithm.SSF33,
    "SM4": Algorithm.SM4,
}


@dataclass(frozen=True, slots=True)
class Who:
    """The card a service is asked about: its area and its 13 historical bytes, in digits."""

    area: str
    historical: str


@dataclass(frozen=True, slots=True)
class VaultServices:
    """The services, over a vault; ``names`` says under which name the vault holds a key."""

    vault: KeyVault
    settings: ReaderSettings
    names: Mapping[str, str] = field(default_factory=dict)

    def internal(self, step1: str) -> str:
        """卡内部认证: the pKey of the basic Step 2."""
        match parted(step1):
            case [area, historical, alg, _, factor, original, *outer]:
                who = Who(area, historical)
                both = octets(factor, 8), octets(original, 8)
                inner = self.vault.internal_authentication(self._path("IRK", alg, who), *both)
                answer = fields(hexed(inner) + original.upper())
                if len(outer) < 2 or not outer[1]:
                    return answer
                return answer + self._external(who, "RKSSSE", alg, outer[:2])
            case _:
                raise Stop(Code.WRONG_ARGUMENT)

    def external(self, who: Who, step1: str) -> str:
        """外部认证: the pKey of a Step 2."""
        match parted(step1):
            case [alg, address, factor, original]:
                return self._external(who, self._key(address), alg, [factor, original])
            case _:
                raise Stop(Code.WRONG_ARGUMENT)

    def _external(self, who: Who, key: str, alg: str, pair: list[str]) -> str:
        factor, original = (octets(text, 8) for text in pair)
        proof = self.vault.external_authentication(self._path(key, alg, who), factor, original)
        return fields(hexed(proof + original))

    def message(self, who: Who, step2: str) -> str:
        """安全报文认证: the pKey of a Step 3."""
        match parted(step2):
            case [alg, address, factor, header, pin]:
                if pin and not (pin.isascii() and pin.isdigit()):
                    raise Stop(Code.BAD_CHARACTER)
                command = octets(header, 5)
                return hexed(
                    self.vault.secure_message(
                        self._path(self._key(address), alg, who),
                        octets(factor, 8),
                        command,
                        packed(pin) if command[3] else None,
                    )
                )
            case _:
                raise Stop(Code.WRONG_ARGUMENT)

    def purchase(self, who: Who, step1: str) -> str:
        """安全报文认证 (MAC1): the pKey of the purchase's Step 2.

        The card's sequence serves as the terminal's too, as one public client does it.
        """
        match parted(step1):
            case [alg, address, challenge, sequence, amounts, kind, terminal, at]:
                number = octets(sequence, 2)
                spend = octets(challenge, 4) + number + number
                message = bytes(4) + octets(amounts, 8) + octets(kind, 1) + octets(terminal, 6)
                path = self._path(self._key(address), alg, who)
                mac = self.vault.purchase_mac(path, spend, message + bytes.fromhex(moment(at)))
                return fields(hexed(b"\0\0" + number), at, hexed(mac))
            case _:
                raise Stop(Code.WRONG_ARGUMENT)

    def answer(self, text: str) -> str:
        """A numbered string, 01 to 04, and what the machine says to it."""
        match parted(text):
            case ["01", *rest]:
                return self.internal(fields(*rest))
            case ["02", area, historical, *rest]:
                return self.external(Who(area, historical), fields(*rest))
            case ["03", area, historical, *rest]:
                return self.message(Who(area, historical), fields(*rest)) + "|"
            case ["04", area, historical, _, *rest]:
                return self.purchase(Who(area, historical), fields(*rest))
            case _:
                raise Stop(Code.NOT_SUPPORTED)

    def _key(self, address: str) -> str:
        """The key of an address, with or without the PSAM's id behind it; else it is a name."""
        known = {place: key.name for key, place in self.settings.addresses().places.items()}
        return known.get(address) or known.get(address[:-2]) or address

    def _path(self, key: str, alg: str, who: Who) -> KeyPath:
        if alg not in ALGORITHMS or len(who.area) != 6 or not who.area.isdigit():
            raise Stop(Code.WRONG_ARGUMENT)
        root = self.settings.key_roots.get(key, Root.MINISTRY)
        try:
            historical = historical_of(who.historical)
            factors = self.settings.recipes().of(who.area).factors(root, who.area, historical)
        except (AtrFault, RecipeFault):
            raise Stop(Code.BAD_LENGTH) from None
        return KeyPath(KeyName(self.names.get(key, key), 1, ALGORITHMS[alg]), factors)
