"""The night's books: 3201 proves the client's day, 3202 names what differs, files come and go."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from minka.client import Bill
from minka.client.client import Client
from minka.kit.clock import CHINA
from tests.insurance.hall import CODES, HOSPITAL, PHARMACY, Provider, Ward, got, no
from tests.insurance.raw import letter, send
from tests.insurance.rows import ADMISSION, diagnosis, stay_line
from tests.insurance.test_reversal import buying, reversing, settling


def day() -> str:
    """Today in China."""
    return f"{datetime.now(CHINA):%Y-%m-%d}"


def results(client: Client) -> list[str]:
    """What 3201 says of every group of today's book."""
    groups = client.book.totals(day())
    assert groups
    return [got(client.proved(each)).output["stmtinfo"]["stmt_rslt"] for each in groups]


def uploaded(provider: Provider, number: int, rows: Sequence[tuple[str, ...]]) -> str:
    """A file of lines through 9101; its number."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("lines.txt", "".join("\t".join(row) + "\n" for row in rows))
    node = {
        "in": base64.b64encode(out.getvalue()).decode(),
        "filename": "lines.zip",
        "fixmedins_code": CODES[number],
    }
    one = letter(provider, "9101", fsUploadIn=node)
    said = send(provider, one)
    assert said.done, said.words
    assert send(provider, one) == said
    name: str = json.loads(said.output)["file_qury_no"]
    return name


def compared(provider: Provider, number: int, file_no: str) -> list[list[str]]:
    """3202 of today, and the rows of its result through 9102."""
    node = {
        "setl_optins": "990100",
        "file_qury_no": file_no,
        "stmt_begndate": day(),
        "stmt_enddate": day(),
        "medfee_sumamt": "0",
        "fund_pay_sumamt": "0",
        "cash_payamt": "0",
        "fixmedins_setl_cnt": "0",
        "clr_type": "",
    }
    info = got(provider.ask("3202", data=node)).output["fileinfo"]
    wanted = {
        "file_qury_no": info["file_qury_no"],
        "filename": info["filename"],
        "fixmedins_code": CODES[number],
    }
    raw = raw_answer(provider, letter(provider, "9102", fsDownloadIn=wanted))
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        text = opened.read("result.txt").decode()
    return [line.split("\t") for line in text.splitlines()]


def raw_answer(provider: Provider, one: Any) -> bytes:
    """The bytes of an answer that is no JSON."""
    client = provider.client
    came = client._carrier.carry(one.body, client._session, client._identity.sign)
    return came.body or b""


def test_a_day_through_the_client_is_proved(here: Ward) -> None:
    """3201 balances after settlements, a refund, a stay and a reversal (P9)."""
    who, hospital = here.patient(), here.hospital
    hospital.settle(hospital.bill(who, 12_300))
    gone = hospital.settle(hospital.bill(who, 4_500))
    got(hospital.client.refund(gone))
    stay = hospital.admit(who)
    changed = {
        **{k: v for k, v in ADMISSION.items() if k != "insutype"},
        "mdtrt_id": stay,
        "psn_no": who.psn_no,
        "mdtrt_cert_type": "03",
        "ipt_otp_no": "I9",
        "begntime": datetime.now(CHINA),
        "adm_bed": "12",
    }
    illness = [{**diagnosis(), "mdtrt_id": stay, "psn_no": who.psn_no}]
    got(hospital.ask("2403", who.psn_no, adminfo=changed, diseinfo=illness))
    split = got(hospital.client.upload_stay(who.psn_no, [stay_line("L", stay, 80_000)]))
    bill = Bill(f"R{stay}", who.psn_no, stay, who.shows(), 80_000)
    quoted = got(hospital.client.pre_settle_stay(bill, split.output["result"]))
    got(hospital.client.settle_stay(bill, quoted))
    assert set(results(hospital.client)) == {"000000"}
    ghost = settling(here, who, hospital.bill(who, 7_700))
    assert send(hospital, ghost).done
    assert "000101" in results(hospital.client)
    assert send(hospital, reversing(here, who, ghost)).done
    assert set(results(hospital.client)) == {"000000"}
    (group,) = [each for each in hospital.client.book.totals(day()) if each["clr_type"] == "21"]
    more = {**group, "medfee_sumamt": "800.01"}
    said = got(hospital.client.proved(more)).output["stmtinfo"]
    assert (said["stmt_rslt"], said["setl_optins"]) == ("000103", "990100")
    many = {**group, "fixmedins_setl_cnt": "2"}
    assert got(hospital.client.proved(many)).output["stmtinfo"]["stmt_rslt"] == "000102"


def test_lines_name_the_message_to_reverse(here: Ward) -> None:
    """3202: balanced, only ours with its msgid, only theirs, an amount apart."""
    who, pharmacy = here.patient(), here.pharmacy
    known, ghost, apart = (buying(here, who, fen) for fen in (700, 800, 900))
    for one in (known, ghost, apart):
        assert send(pharmacy, one).done
    bought = f"{known.msg_no:018d}{PHARMACY:08d}"
    other = f"{apart.msg_no:018d}{PHARMACY:08d}"
    rows = [
        (bought, "1", who.psn_no, "7.00", "0.00", "7.00", "0"),
        (other, "1", who.psn_no, "9.01", "0", "9.01", "0"),
        ("3" * 26, "9", who.psn_no, "5.00", "null", "5.00", "0"),
    ]
    found = compared(pharmacy, PHARMACY, uploaded(pharmacy, PHARMACY, rows))
    by_id = {row[2]: row for row in found}
    assert by_id[bought][3:5] == [known.msgid, "000000"]
    assert by_id[other][4] == "000103"
    assert by_id[other][7] == "9.00"
    assert by_id["3" * 26][3:5] == ["null", "000102"]
    assert by_id["3" * 26][7:] == ["null"] * 3
    lost = by_id[f"{ghost.msg_no:018d}{PHARMACY:08d}"]
    assert lost[3:5] == [ghost.msgid, "000101"]
    assert send(pharmacy, reversing(here, who, ghost)).done
    again = compared(pharmacy, PHARMACY, uploaded(pharmacy, PHARMACY, rows))
    assert lost[2] not in {row[2] for row in again}


def test_files_are_the_providers_own(here: Ward) -> None:
    """Another's file, an unknown one, one that is no ZIP or has no amount: named refusals."""
    mine = uploaded(here.hospital, HOSPITAL, [("1" * 26, "1", "1", "1.00", "0", "0", "0")])
    wanted = {"file_qury_no": mine, "filename": "plc", "fixmedins_code": CODES[PHARMACY]}
    assert "没有这个文件" in no(here.pharmacy.ask("9102", fsDownloadIn=wanted))
    foreign = {**wanted, "fixmedins_code": CODES[HOSPITAL]}
    assert not send(here.pharmacy, letter(here.pharmacy, "9102", fsDownloadIn=foreign)).done
    node = {"in": "no base64!", "filename": "x", "fixmedins_code": CODES[HOSPITAL]}
    assert "Base64" in no(here.hospital.ask("9101", fsUploadIn=node))
    wrong = uploaded(here.hospital, HOSPITAL, [("1" * 26, "1", "1", "one yuan", "0", "0", "0")])
    asked = {
        "setl_optins": "990100",
        "stmt_begndate": day(),
        "stmt_enddate": day(),
        **dict.fromkeys(("medfee_sumamt", "fund_pay_sumamt", "cash_payamt"), "0"),
        "fixmedins_setl_cnt": "0",
        "file_qury_no": wrong,
        "clr_type": "11",
    }
    assert "第1行" in no(here.hospital.ask("3202", data=asked))
    assert "没有这个文件" in no(here.hospital.ask("3202", data={**asked, "file_qury_no": "9"}))
