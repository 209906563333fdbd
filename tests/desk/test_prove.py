"""Proof by the registered telephone: T13, X20."""

from __future__ import annotations

from minka.desk.office import Office
from minka.desk.prove import CheckCode, SendCode, check_code, send_code
from minka.kit.secret import Clear
from tests.desk.town import Resident, request, settle_in


def sent(office: Office, someone: Resident) -> str:
    """The newest code in the outbox, opened as the SMS worker opens it."""
    with office.register.act() as connection:
        found = connection.execute(
            "select body from outbox where person_id = %s and topic = 'notice.code'"
            " order by outbox_id desc limit 1",
            (someone.person_id,),
        ).fetchone()
    assert found is not None
    return office.keys.unseal("code", bytes.fromhex(found["body"]["code_sealed"])).reveal()


def test_a_code_proves_once(office: Office) -> None:
    """X20: right once, never again, and for its purpose only."""
    someone = settle_in(office)
    asked = send_code(office, request(), SendCode("R1", someone.number, someone.name, "unfreeze"))
    handle, code = asked.facts["proof"], Clear(sent(office, someone))
    other = check_code(office, request(), CheckCode(handle, code, "activate"))
    assert other.code == "desk.code_wrong"
    right = check_code(office, request(), CheckCode(handle, code, "unfreeze"))
    assert right.facts["proved"] == "yes"
    again = check_code(office, request(), CheckCode(handle, code, "unfreeze"))
    assert again.code == "desk.code_spent"


def test_five_wrong_codes_end_it(office: Office) -> None:
    """T13: a code cannot be guessed."""
    someone = settle_in(office)
    asked = send_code(office, request(), SendCode("R1", someone.number, someone.name, "unfreeze"))
    handle, code = asked.facts["proof"], sent(office, someone)
    wrong = Clear("000000" if code != "000000" else "000001")
    for _ in range(5):
        answer = check_code(office, request(), CheckCode(handle, wrong, "unfreeze"))
        assert answer.facts["proved"] == "no"
    assert (
        check_code(office, request(), CheckCode(handle, Clear(code), "unfreeze")).code
        == "desk.code_spent"
    )


def test_asking_tells_nothing(office: Office) -> None:
    """T13: the same answer for a stranger, and no message."""
    someone = settle_in(office)
    stranger = SendCode("R1", someone.number, Clear("别人"), "unfreeze")
    known = SendCode("R1", someone.number, someone.name, "unfreeze")
    answers = [send_code(office, request(), command) for command in (stranger, known)]
    assert answers[0].facts.keys() == answers[1].facts.keys()
