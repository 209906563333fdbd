"""What an operator may set about readers, drivers and dialects; each default is the bench's.

Everything that no unrestricted source tells (card-chip §22) stands here and not in the code: the
fields below that are named "bench default" are to be replaced from the operator's own documents.
Each field is the variable ``MINKA_READER_`` plus its name in capitals, or a line of the YAML file
that ``MINKA_READER_FILE`` names; lists and tables are JSON in a variable.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import yaml
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from minka.cipher.recipe import Recipes, Root, read_recipes, recipes
from minka.keys.address import AddressTable, demo_addresses, read_addresses


@cache
def _addresses(file: Path | None) -> AddressTable:
    return demo_addresses() if file is None else read_addresses(file.read_text("utf-8"))


@cache
def _recipes(file: Path | None) -> Recipes:
    return recipes() if file is None else read_recipes(file.read_text("utf-8"))


class ReaderSettings(BaseSettings):
    """The reader service of one counter, kiosk or hospital window."""

    model_config = SettingsConfigDict(env_prefix="MINKA_READER_", extra="forbid")

    contact_reader: str = Field(
        default="", description="Name of the contact reader; empty takes the first with a card."
    )
    contactless_reader: str = Field(
        default="", description="Name of the contactless reader; empty: there is none."
    )
    sam_reader: str = Field(
        default="", description="Name of the reader that holds the PSAM; empty: there is none."
    )
    virtual_ports: dict[str, int] = Field(
        default={}, description="Virtual readers without pcscd: name and loopback port of each."
    )
    device_number: str = Field(default="MINKA0000001", description="终端设备号 of this terminal.")
    terminal_without_sam: str = Field(
        default="000000000000",
        description="Bench default: 终端机编号 when there is no PSAM to read it from.",
    )

    open_pages: list[str] = Field(
        default=[],
        description="Origins of the web pages that may use the service, such as https://his.test",
    )
    open_names: list[str] = Field(
        default=["127.0.0.1", "localhost", "[::1]"],
        description="Host names under which the service may be called.",
    )
    programs: Literal["open", "closed"] = Field(
        default="open", description="Whether programs of this machine, not pages, may call."
    )
    own_port: int = Field(default=18080, description="WebSocket port of Minka's own form.")
    bizcode_port: int = Field(default=18885, description="WebSocket port of the bizcode dialect.")
    function_port: int = Field(default=12342, description="WebSocket port of the function dialect.")
    http_port: int = Field(default=8089, description="HTTP port: /readCard, and the C library.")
    function_answer: tuple[str, str, str] = Field(
        default=("ret", "pOut", "msg"),
        description="Bench default: names of code, output and sentence in the function dialect.",
    )
    clear: Literal["asked", "never"] = Field(
        default="asked", description="Whether Minka's own form may answer without masks."
    )
    default_kind: Literal["1", "2", "3", "4"] = Field(
        default="3", description="iType where a dialect does not say it."
    )
    patience_s: float = Field(default=60, description="Seconds one operation may take in all.")
    hold_s: float = Field(
        default=60, description="Seconds a card stays powered between two steps of one business."
    )
    pin_patience_s: float = Field(default=30, description="Seconds a person may take for a PIN.")

    hsm_forms: Literal["number", "name"] = Field(
        default="number", description="Algorithms in Step strings: 01 02 03, or DES SSF33 SM4."
    )
    step1_device: Literal["present", "empty", "absent"] = Field(
        default="present", description="The ninth field of the basic Step 1 string."
    )
    hsm_address_form: Literal["address", "address_and_sam"] = Field(
        default="address",
        description="Key address alone, or followed by the PSAM's id of the key (6 digits).",
    )
    address_table: Path | None = Field(
        default=None,
        description="Bench default: an invented table. Where the encryption machine keeps each"
        " key, as minka/keys/addresses_demo.csv; a key that is not listed is asked for by name.",
    )
    key_roots: dict[str, Root] = Field(
        default={},
        description="Bench default ministry: who holds the root of a key in the encryption"
        " machine: ministry, province or city.",
    )
    recipes_file: Path | None = Field(
        default=None,
        description="Diversification factors of areas that deviate; see minka/cipher/recipes.yaml.",
    )
    sam_keys: dict[str, list[str]] = Field(
        default={},
        description="Bench default: usage and id (4 hex digits) of keys in the PSAM, in the order"
        " to try, for keys whose ids card-chip §9.2 does not give, or gives otherwise.",
    )
    sam_environments: dict[int, str] = Field(
        default={1: "3F00", 2: "DDF1", 3: "DDF2"},
        description="Directory of each algorithm's environment in the PSAM; bench default for 3"
        " (SM4). An algorithm that is not named is not computed there.",
    )
    without_sam: Literal["refuse", "read_unproved"] = Field(
        default="refuse",
        description="Basic reading without a PSAM: answer -2201, or read what is free to read"
        " without proof that the card is genuine.",
    )
    empty_version: Literal["1.0", "2.0", "3.0", "refuse"] = Field(
        default="2.0", description="Bench default: what an empty specification version means."
    )

    cyclic_output: Literal["hex", "fields"] = Field(
        default="hex",
        description="Bench default: a record of a cyclic file as digits of its bytes, or as its"
        " fields with commas between.",
    )
    empty_write: Literal["blank", "skip"] = Field(
        default="blank",
        description="Bench default: an empty value in pWriteData empties the item, or leaves it.",
    )
    pin_and_key: Literal["pin_first", "key_first"] = Field(
        default="pin_first", description="Bench default: order for files that ask for both."
    )
    initial_pin: str = Field(
        default="", description="Bench default: none. A PIN that may not pay nor be chosen."
    )
    pin_lengths: tuple[int, int] = Field(
        default=(4, 12), description="Fewest and most digits a PIN pad takes."
    )
    hsm_pin_digits: int = Field(
        default=8, description="Most digits of a PIN that goes through an encryption machine."
    )
    pay_amounts: tuple[str, str] = Field(
        default=("self", "pooled"),
        description="Bench default: what the two amounts of pPayInfo are; account, self or pooled.",
    )
    debit_output: list[str] = Field(
        default=[
            *("sequence", "type", "terminal", "time", "account", "self", "pooled"),
            *("terminal_sequence", "tac"),
        ],
        description="Bench default: fields of the output of iDoDebit and of its Step 2.",
    )
    record_separator: str = Field(
        default="$", description="Bench default: what closes a record of iReadDebitRecord."
    )

    def recipes(self) -> Recipes:
        """Which factors lead from a root down to a card."""
        return _recipes(self.recipes_file)

    def addresses(self) -> AddressTable:
        """Where the encryption machine keeps which key."""
        return _addresses(self.address_table)

    @field_validator("open_pages")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for page in value:
            parts = urlsplit(page)
            if parts.scheme not in ("http", "https") or page != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{page} is no origin such as https://his.test")
        return value

    @field_validator("pay_amounts")
    @classmethod
    def _two_amounts(cls, value: tuple[str, str]) -> tuple[str, str]:
        if len(set(value)) != 2 or not set(value) <= {"account", "self", "pooled"}:
            raise ValueError("two different amounts of account, self, pooled")
        return value


def read_settings(file: Path | None = None) -> ReaderSettings:
    """The settings of a YAML file over the variables; ``ValueError`` names what is wrong."""
    if file is None:
        return ReaderSettings()
    found = yaml.safe_load(file.read_text("utf-8")) or {}
    if not isinstance(found, dict):
        raise ValueError(f"{file.name} is no table of settings")
    return ReaderSettings(**found)
