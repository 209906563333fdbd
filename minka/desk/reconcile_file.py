"""Files of a provider: kept as they came, and the lines of a day's books read out of them and made.

An upload is a ZIP with one text in UTF-8; the answer is the same with the columns of table 201. An
amount that cannot be read stops everything: a line that is left out would look like a difference.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from minka.desk.act import Turned
from minka.desk.office import Office
from minka.desk.reconcile import Asked, Compared, Held, compared, held
from minka.desk.visit_act import Facts, Message, claim, keep, turned
from minka.desk.visit_refusals import VisitRefusal
from minka.kit.clock import CHINA
from minka.kit.fen import from_yuan, yuan
from minka.kit.outcome import Refused
from minka.store import cards
from minka.store.connection import Connection, insert, row

KEPT_DAYS = 30
LARGEST_TEXT = 64_000_000
"""Bytes of an unpacked text: half a million lines."""
RESULT = "result.txt"
COLUMNS = 7

File = tuple[str, bytes]
"""A name and the bytes under it."""
Make = Callable[[Connection], File]


def keep_file(office: Office, message: Message, name: str, content: bytes) -> Facts | Refused:
    """9101: keep a file; its number is the message's own, so that a repetition keeps it once."""
    return _kept(office, message, lambda _: (name, content))


def file_of(office: Office, message: Message, file_no: str) -> bytes | Refused:
    """9102: the bytes of a file of this provider. ``FILE_UNKNOWN``."""
    with office.register.act() as connection:
        found = _file(connection, office, message, file_no)
    return Refused(VisitRefusal.FILE_UNKNOWN) if found is None else found


def compare_file(
    office: Office, message: Message, asked: Asked, file_no: str, *, separator: str
) -> Facts | Refused:
    """3202: an uploaded file beside the journal; the result is kept as a file of its own.

    Refusals: ``FILE_UNKNOWN``, ``FILE_UNREADABLE``.
    """

    def make(connection: Connection) -> File:
        packed = _file(connection, office, message, file_no)
        if packed is None:
            raise turned(VisitRefusal.FILE_UNKNOWN)
        theirs = lines_of(packed, separator)
        found = compared(theirs, held(connection, asked))
        code = message.provider.fixmedins_code
        return f"{file_no}_result.zip", packed_text(RESULT, _rows(found, code, separator))

    return _kept(office, message, make)


def _kept(office: Office, message: Message, make: Make) -> Facts | Refused:
    with office.register.act() as connection:
        known = claim(connection, message)
        if known is not None:
            return known
        at = cards.now(connection, office.fence())
        try:
            name, content = make(connection)
        except Turned as turn:
            return keep(connection, message, turn.refused, at)
        until = at + timedelta(days=KEPT_DAYS)
        number = f"{message.msg_no:018d}{message.origin_no:08d}"
        kept = {
            "file_no": number,
            "origin_no": message.origin_no,
            "filename": name,
            "content": content,
            "at": at,
            "until_at": until,
        }
        insert(connection, "reconcile.keep_file", kept)
        facts = {"file_qury_no": number, "filename": name, "dld_endtime": _china(until)}
        return keep(connection, message, facts, at)


def _china(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def _file(connection: Connection, office: Office, message: Message, file_no: str) -> bytes | None:
    found = row(
        connection,
        "reconcile.file",
        file_no=file_no,
        origin_no=message.origin_no,
        at=cards.now(connection, office.fence()),
    )
    return bytes(found["content"]) if found else None


def lines_of(packed: bytes, separator: str) -> list[Held]:
    """The lines of an uploaded file; ``FILE_UNREADABLE`` names the first that cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as opened:
            (member,) = opened.infolist()
            if member.file_size > LARGEST_TEXT:
                raise turned(VisitRefusal.FILE_UNREADABLE, line=0)
            text = opened.read(member).decode("utf-8-sig")
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError):
        raise turned(VisitRefusal.FILE_UNREADABLE, line=0) from None
    rows = enumerate(text.splitlines(), 1)
    return [_line(number, line.split(separator)) for number, line in rows if line.strip()]


def _line(number: int, cells: Sequence[str]) -> Held:
    try:
        setl_id, visit, person, *amounts, refund = (cell.strip() for cell in cells[:COLUMNS])
        total, fund, account = (from_yuan("0" if c == "null" else c) for c in amounts)
    except ValueError:
        raise turned(VisitRefusal.FILE_UNREADABLE, line=number) from None
    return Held(setl_id, visit, person, total, fund, account, is_refund=int(refund == "1"))


def _rows(found: Iterable[Compared], code: str, separator: str) -> str:
    return "".join(f"{separator.join(_cells(each, code))}\n" for each in found)


def _cells(each: Compared, code: str) -> Sequence[str]:
    """The ten columns of table 201; the amounts are ours, ``null`` where we hold nothing."""
    line, ours = each.line, each.ours
    amounts = [yuan(fen) for fen in ours.amounts] if ours else ["null"] * 3
    msgid = f"{code}{ours.msg_no:018d}" if ours else "null"
    head = (line.person_id, line.visit_no, line.setl_id, msgid, each.result.value)
    return (*head, str(line.is_refund), "null", *amounts)


def packed_text(name: str, text: str) -> bytes:
    """A ZIP of one text; the same bytes for the same text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        made.writestr(info, text.encode())
    return out.getvalue()
