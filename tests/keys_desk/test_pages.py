"""Pages for those who keep keys, on a vault of its own process: I1, K3, K4, P12, P13, X47."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator

import psycopg
import pytest

from minka.desk.office import Office
from minka.devices.vault_open import start_vault
from minka.doors.vault import vault_settings
from tests.staff import conftest as on_the_register
from tests.staff.desk import Clerk, Hall, Screen, plain

desk_office, hall = on_the_register.desk_office, on_the_register.hall

POSTS = {
    "keys/": {"key_keeper", "security_administrator", "auditor"},
    "keys/new/": {"key_keeper"},
    "ceremonies/": {"key_keeper", "security_administrator", "auditor", "key_custodian"},
}
HASHED = re.compile(
    r'name="act_id" value="(\d+)"><input type="hidden" name="content_hash"'
    r' value="([0-9a-f]{64})"'
)


@pytest.fixture(scope="module")
def vault(desk_office: Office) -> Iterator[int]:
    """The vault's own process, in the home of this office."""
    process = start_vault(vault_settings())
    yield process.pid
    process.terminate()
    process.wait(timeout=10)


class Team:
    """Everyone a ceremony needs, each at a browser."""

    def __init__(self, hall: Hall, language: str = "zh-hans") -> None:
        def clerk(role: str) -> tuple[str, Clerk]:
            login = hall.staff(role)
            return number_of(hall, login), Clerk(login, language=language)

        self.keeper, self.guard = clerk("key_keeper")[1], clerk("security_administrator")[1]
        self.witness_no, self.witness = clerk("auditor")
        self.custodians = dict(clerk("key_custodian") for _ in range(2))

    def signed(self) -> Screen:
        """The guard signs the proposal that stands last."""
        page = self.guard.get("keys/")
        act_id, hashed = HASHED.findall(page.text)[-1]
        return self.guard.post("keys/", {"act_id": act_id, "content_hash": hashed})


def number_of(hall: Hall, login: str) -> str:
    """The staff number behind a log-in."""
    from minka.store.models import Operator

    return str(Operator.objects.get(user__username=login).staff_number)


def test_a_vault_that_is_gone_is_said_and_nothing_is_done(hall: Hall) -> None:
    """T16: the inventory still opens; an act refuses with its reason. Before the vault starts."""
    team = Team(hall)
    asked = {"name": "WEB9", "version": "1", "algorithm": "sm4", "tier": "city", "purpose": "tac"}
    assert team.keeper.post("keys/new/", asked).has("等另一位同事批准")
    assert team.guard.get("keys/").has("加密机没有应答", "WEB9")
    assert team.signed().has("加密机没有应答，与密钥有关的业务先停办；挂失照常受理")


@pytest.mark.parametrize("path", list(POSTS))
def test_who_may_open_a_page(hall: Hall, vault: int, path: str) -> None:
    """P17: the posts that keep keys, and nobody else."""
    from minka.store.models import Operator

    for role, _ in Operator.ROLES:
        status = Clerk(hall.staff(role)).raw(path).status_code
        assert status == (200 if role in POSTS[path] else 403), (path, role)


def test_a_key_is_proposed_signed_and_moved(hall: Hall, vault: int) -> None:
    """I1, K4, X47: made by two, activated by two; what is not possible says why."""
    team = Team(hall)
    asked = {"name": "WEB1", "version": "1", "algorithm": "sm4", "tier": "city", "purpose": "tac"}
    assert team.keeper.post("keys/new/", asked).has("等另一位同事批准", "要由另一位有权的同事签")
    assert team.guard.get("keys/").has("WEB1", "与提出人逐词核对", "软件加密机，仅供演示")
    assert team.signed().has("已批准并办理", "WEB1 v1", "待启用")
    key_no = re.findall(r"/staff/keys/(\d+)/\">WEB1 v1", team.keeper.get("keys/").text)[0]
    page = team.keeper.get(f"keys/{key_no}/")
    assert page.has("密钥处于“待启用”，不能“暂停密钥”")
    assert team.guard.get(f"keys/{key_no}/").has("您现在没有办理这项密钥业务的权限")
    assert team.keeper.post(f"keys/{key_no}/", {"act": "activate_key"}).has("等另一位同事批准")
    assert team.keeper.get(f"keys/{key_no}/").has("已提出，等第二个人签")
    assert team.signed().has("使用中")
    no_reason = team.keeper.post(f"keys/{key_no}/", {"act": "suspend_key"})
    assert no_reason.status == 422
    wrong = {"act": "rotate_key", "rotate_key-verifies_until": "2020-01-01"}
    assert team.keeper.post(f"keys/{key_no}/", wrong).has("等另一位同事批准")
    assert team.signed().has("换版日期不成立")
    life = team.keeper.get(f"keys/{key_no}/")
    assert life.has("在加密机内生成密钥", "启用密钥", "这把密钥的经过")


def test_a_proposal_is_not_signed_by_another_hash_or_hand(hall: Hall, vault: int) -> None:
    """P12: the page of the proposer has no button; a changed hash is refused."""
    team = Team(hall)
    asked = {"name": "WEB2", "version": "1", "algorithm": "sm4", "tier": "city", "purpose": "tac"}
    team.keeper.post("keys/new/", asked)
    own = team.keeper.get("keys/")
    assert "核对无误，签字办理" not in own.text
    act_id, hashed = HASHED.findall(team.guard.get("keys/").text)[-1]
    refused = team.keeper.post("keys/", {"act_id": act_id, "content_hash": hashed})
    assert refused.status == 422
    changed = team.guard.post("keys/", {"act_id": act_id, "content_hash": "0" * 64})
    assert changed.status == 422
    assert team.guard.post("keys/", {"act_id": "x", "content_hash": hashed}).status == 404
    assert team.signed().has("已批准并办理")


def opened(team: Team, name: str) -> str:
    """A ceremony that two people signed; its number."""
    asked = {
        "name": name,
        "version": "1",
        "algorithm": "sm4",
        "tier": "city",
        "purpose": "transport",
        "custodians": " ".join(team.custodians),
        "witness": team.witness_no,
    }
    assert team.keeper.post("keys/new/", asked).has("等另一位同事批准")
    assert team.signed().has("已批准并办理")
    found = re.findall(r"/staff/ceremonies/(\d+)/", team.witness.get("ceremonies/").text)
    return str(found[0])


def test_a_whole_ceremony_at_five_browsers(
    hall: Hall, vault: int, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """I1, K3, P13: each enters his own part unseen; no page, log or table ever has it."""
    caplog.set_level(logging.DEBUG)
    team = Team(hall)
    number = opened(team, "WEBCER")
    parts = {who: secrets.token_hex(16) for who in team.custodians}
    screens: list[str] = []
    here = f"ceremonies/{number}/"
    for nth, (who, clerk) in enumerate(team.custodians.items(), 1):
        first = clerk.get(here)
        assert first.has('type="password"', 'autocomplete="off"', "录入您的分量")
        assert first.headers["Cache-Control"] == "no-store"
        bad = clerk.post(here, {"do": "enter", "part": parts[who][:-2]})
        assert bad.status == 422
        sent = clerk.post(here, {"do": "enter", "part": parts[who]})
        assert sent.has("分量已送进加密机", "您的分量已录入")
        assert 'type="password"' not in sent.text
        check = re.findall(r"请念给见证人：([0-9A-F]{10})", plain(sent.text))[0]
        read = {"do": "compare", "number": str(nth), f"part{nth}-check_value": check}
        assert team.witness.post(here, read).has("校验值相符，已记下", "相符")
        screens += [bad.text, sent.text]
    assert team.keeper.post(here, {"do": "import"}).has("等另一位同事批准")
    assert team.signed().has("已批准并办理", "WEBCER")
    page = team.witness.get(here)
    assert page.has("核对整把密钥", "已合成，等核对")
    check = re.findall(r"密钥校验值 ([0-9A-F]{10})", plain(page.text))[0]
    assert team.witness.post(
        here, {"do": "compare", "number": "0", "part0-check_value": check}
    ).has("结束仪式")
    assert team.witness.post(here, {"do": "closed"}).has("仪式已办结", "已结束")
    pdf = team.witness.raw(f"{here}record.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["Cache-Control"] == "no-store"
    kept = "\n".join([*screens, page.text, caplog.text, dumped(database_url)]).lower()
    assert check.lower() in kept
    assert [part for part in parts.values() if part in kept] == []
    assert not any(part.encode() in pdf.content for part in parts.values())


def dumped(url: str) -> str:
    """Every table of the register as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select quote_ident(table_name) from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
        ).fetchall()
        return "\n".join(
            str(row[0])
            for (table,) in tables
            for row in connection.execute(f"select t::text from {table} t").fetchall()
        )


def test_everyone_sees_his_own_step_alone(hall: Hall, vault: int) -> None:
    """T15, P17: a stranger sees nothing, a custodian no record, a keeper no part."""
    team = Team(hall)
    number = opened(team, "WEBOWN")
    here = f"ceremonies/{number}/"
    stranger = Clerk(hall.staff("key_custodian"))
    assert stranger.get(here).status == 404
    assert f"/staff/{here}" not in stranger.get("ceremonies/").text
    assert "password" not in team.keeper.get(here).text
    assert team.keeper.post(here, {"do": "enter", "part": "00" * 16}).status == 422
    custodian = next(iter(team.custodians.values()))
    assert custodian.raw(f"{here}record.pdf").status_code == 403
    assert custodian.post(here, {"do": "abandoned"}).status == 422
    assert team.witness.post(here, {"do": "compare", "number": "1"}).status == 422
    assert team.witness.post(here, {"do": "what"}).status == 404
    assert team.witness.post(here, {"do": "abandoned"}).has("已终止")
    assert custodian.get(here).has("已终止")
    assert "password" not in custodian.get(here).text


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_the_pages_speak_three_languages(hall: Hall, vault: int, language: str) -> None:
    """X: nothing is left in Simplified Chinese."""
    team = Team(hall, language)
    words = {"zh-hant": ("密鑰清單", "加密機"), "en": ("Inventory of keys", "Held for")}
    assert team.keeper.get("keys/").has(words[language][0])
    assert team.keeper.get("keys/new/").has(words[language][1])
    if language == "en":
        text = plain(team.keeper.get("keys/new/").text)
        assert "密钥" not in text
