"""The vectors of card-chip §11.3, and a back-end filled with their root for every purpose."""

from __future__ import annotations

from minka.cipher.card_key import Algorithm
from minka.devices.vault_client import CustodyClient, VaultClient
from minka.keys.vault import KeyName, KeyPath, Purpose
from tests.devices.vaults import DES, FACTORS, SM4, TRANSPORT_KEY, Stand, enter

CAN = {"soft": (DES, SM4), "pkcs11": (DES,), "sdf": (DES, SM4)}
CELLS = [(kind, algorithm) for kind, able in CAN.items() for algorithm in able]
PURPOSES = {
    "IRK": Purpose.INTERNAL,
    "PUK": Purpose.EXTERNAL,
    "STK": Purpose.MESSAGE,
    "DPK": Purpose.PURCHASE,
    "DLK": Purpose.LOAD,
    "DTK": Purpose.TAC,
}
VECTORS = {
    DES: {
        "internal": "1D4B84DBC0CAD967",
        "reload": "842400010C9E950E5BFBDCC371D5502EF8",
        "unblock": "84240000042DC45C21",
        "application": "841E0001045DBBB8A8",
        "card": "84160000046469F7D3",
        "mac1": "2A346431",
        "mac2": "9F559F40",
        "tac": "AEF79E88",
        "load1": "39363CAA",
        "load2": "DB195BA4",
        "loadtac": "8F08A713",
    },
    SM4: {
        "internal": "7DFA1AF3913EFB80",
        "reload": "8424000114AD0C05A8C40379590AEC91921C67E4761410BF85",
        "unblock": "8424000004AD6BEB37",
        "application": "841E000104072E8D55",
        "card": "84160000042C297589",
        "mac1": "AB0F2F66",
        "mac2": "FAB1EC93",
        "tac": "8C4C3A98",
        "load1": "FA5CB0B0",
        "load2": "A0A13600",
        "loadtac": "F25FEB81",
    },
}


class Bench:
    """A back-end with the vectors' root under every purpose and a transport key, 3DES and SM4."""

    def __init__(self, kind: str, stand: Stand) -> None:
        self.kind = kind
        self.stand = stand
        self.vault: VaultClient = stand.vault
        self.custody: CustodyClient = stand.custody
        for algorithm in CAN[kind]:
            for name, purpose in PURPOSES.items():
                enter(self.custody, KeyName(name, 1, algorithm), purpose)
            transport = KeyName("ZMK", 1, algorithm)
            enter(self.custody, transport, Purpose.TRANSPORT, TRANSPORT_KEY)

    def card(self, name: str, algorithm: Algorithm) -> KeyPath:
        """The vectors' card key of a name."""
        return KeyPath(KeyName(name, 1, algorithm), FACTORS)
