"""Kinds of damage to a register of money, each with the check that must name it."""

from __future__ import annotations

TAMPERS: list[tuple[str, str, str]] = [
    (
        "a bill is settled again",
        "update settlement set bill_no = 10, visit_no = 1, round = 1 where msg_no = %(stay)s",
        "billed_twice",
    ),
    (
        "two bills hold the same fee",
        "update settlement set bill_no = 11, visit_no = 1, fee_upto = 11 where msg_no = %(stay)s",
        "billed_twice",
    ),
    (
        "a balance is raised",
        "update coverage set balance_fen = 10^6 where person_id = %(patient)s",
        "balance",
    ),
    (
        "a balance and its last row are raised",
        (
            "with c as (update coverage set balance_fen = balance_fen + 5 where person_id = "
            "%(patient)s returning prev_msg_no) update settlement s set balance = balance + 5 "
            "from c where s.msg_no = c.prev_msg_no"
        ),
        "running_balance",
    ),
    (
        "a row's balance is edited",
        "update settlement set balance = 1 where msg_no = %(bill)s",
        "running_balance",
    ),
    (
        "the account paid less than the row says",
        "update settlement set account = account - 7, cash = cash + 7 where msg_no = %(bill)s",
        "running_balance",
    ),
    (
        "an allocation is doubled",
        (
            "update ledger_entry set amounts = array[2 * amounts[1], 2 * amounts[2]] where kind ="
            " 'allocation' and person_id = %(saver)s"
        ),
        "balance",
    ),
    (
        "an allocation is deleted",
        "delete from ledger_entry where kind = 'allocation' and person_id = %(saver)s",
        "link",
    ),
    (
        "a settlement is deleted",
        "delete from settlement where msg_no = %(bill)s",
        "link",
    ),
    (
        "the newest row is deleted",
        "delete from settlement where msg_no = (select max(msg_no) from settlement)",
        "head",
    ),
    (
        "all rows of a person are deleted",
        (
            "delete from ledger_entry where person_id = (select person_id from ledger_entry where"
            " kind = 'move')"
        ),
        "head",
    ),
    (
        "a link skips a row",
        "update settlement set prev_msg_no = 1, prev_origin_no = 0 where msg_no = %(bill)s",
        "link",
    ),
    (
        "the head is moved back",
        (
            "update coverage set prev_msg_no = %(bill)s, prev_origin_no = 1 where person_id = "
            "%(patient)s"
        ),
        "head",
    ),
    (
        "the head points nowhere",
        "update coverage set prev_msg_no = 5 where person_id = %(saver)s",
        "head",
    ),
    (
        "a row is slipped in",
        (
            "insert into ledger_entry select 10^6, person_id, at + interval '1 microsecond', "
            "'allocation', null, 'mine', kinds, owners, amounts, balance + amounts[1], entry_no, "
            "0, actor, details from ledger_entry where kind = 'allocation' and person_id = "
            "%(saver)s"
        ),
        "link",
    ),
    (
        "a row is dated back",
        "update settlement set at = at - interval '1 year' where msg_no = %(bill)s",
        "link",
    ),
    (
        "a row is dated into the future",
        "update settlement set at = at + interval '1 year' where msg_no = %(bill)s",
        "clock",
    ),
    (
        "the clock is set back",
        "update coverage set last_at = last_at - interval '10 days' where person_id = %(patient)s",
        "clock",
    ),
    (
        "a deductible is forgotten",
        "update coverage set op_deductible = 0 where person_id = %(patient)s",
        "accumulators",
    ),
    (
        "the pool's use is forgotten",
        "update coverage set pool_paid = pool_paid - 1 where person_id = %(patient)s",
        "accumulators",
    ),
    (
        "an admission is forgotten",
        "update coverage set admissions = 0 where person_id = %(patient)s",
        "accumulators",
    ),
    (
        "a year is turned back",
        "update coverage set year = 2025 where person_id = %(patient)s",
        "accumulators",
    ),
    (
        "what the person bore is forgotten",
        "update coverage set own_scope = 0 where person_id = %(patient)s",
        "accumulators",
    ),
    (
        "a stopped card is opened",
        "update coverage set open_from = '-infinity' where person_id = %(loser)s",
        "card_open",
    ),
    (
        "a good card is shut",
        "update coverage set open_from = 'infinity' where person_id = %(patient)s",
        "card_open",
    ),
    (
        "a card's time is shortened",
        "update coverage set open_until = '2027-01-01' where person_id = %(patient)s",
        "card_open",
    ),
    (
        "another card may settle",
        "update coverage set card_number = 'X' where person_id = %(patient)s",
        "card_open",
    ),
    (
        "a block is deleted",
        "delete from block where person_id = %(loser)s",
        "card_open",
    ),
    (
        "a card is brought back to life",
        "update card set status = 'cancelled' where person_id = %(patient)s",
        "card_status",
    ),
    (
        "a payment is dated into a stop",
        (
            "update settlement set at = (select max(from_at) from block) + interval '1 second' "
            "where person_id = %(loser)s"
        ),
        "stopped_card",
    ),
    (
        "a payment is older than its card",
        "update card_move set at = 'infinity' where person_id = %(loser)s",
        "stopped_card",
    ),
    (
        "a card had expired",
        "update card set expires_on = '2020-01-01' where person_id = %(patient)s",
        "stopped_card",
    ),
    (
        "a refund gives back more",
        "update settlement set account = account - 5, cash = cash + 5 where msg_no = %(refund)s",
        "undone",
    ),
    (
        "a refund names another row",
        "update settlement set of_msg_no = %(bill)s where msg_no = %(refund)s",
        "undone",
    ),
    (
        "a refund moves another year",
        "update settlement set year = 2025 where msg_no = %(refund)s",
        "undone",
    ),
    (
        "a refund comes before its bill",
        "update settlement set at = '2020-01-01' where msg_no = %(refund)s",
        "undone",
    ),
    (
        "a bill is refunded twice",
        (
            "update settlement set of_msg_no = %(refunded)s, of_origin_no = 1, kind = 3, nth = 1 "
            "where msg_no = %(stay)s"
        ),
        "undone_twice",
    ),
    (
        "a correction is changed",
        "update ledger_entry set amounts = array[-9, 9] where kind = 'correction'",
        "undone",
    ),
    (
        "an asserted balance is edited",
        "update account_assertion set balance = balance + 1 where kind = 14",
        "assertion",
    ),
    (
        "an assertion is deleted",
        (
            "delete from account_assertion where kind = 9 and at = (select min(at) from "
            "account_assertion)"
        ),
        "assertion",
    ),
    (
        "a posting is dated into a closed day",
        (
            "update settlement set at = (select min(at) from account_assertion) - interval '1 "
            "second' where msg_no = (select max(msg_no) from settlement)"
        ),
        "assertion",
    ),
    (
        "a hold is made smaller",
        "update coverage set held_fen = 1 where person_id = %(saver)s",
        "held",
    ),
    (
        "a hold is forgotten",
        "update coverage set held_fen = 0, held_until = '-infinity' where person_id = %(saver)s",
        "held",
    ),
    (
        "a hold is prolonged",
        "update coverage set held_until = 'infinity' where person_id = %(saver)s",
        "held",
    ),
    (
        "more was paid than was held",
        "update ledger_entry set amounts = array[-5001, 5001] where kind = 'post'",
        "hold_end",
    ),
    (
        "a hold is posted after its end",
        "update ledger_entry set at = '2100-01-01' where kind = 'post'",
        "hold_end",
    ),
    (
        "a posting ends no hold",
        "update ledger_entry set of_entry_no = 1 where kind = 'post'",
        "hold_end",
    ),
    (
        "a fee is deleted",
        "delete from fee_upload where visit_no = 1 and fee_no = 10",
        "fees",
    ),
    (
        "a fee is made dearer",
        "update fee_upload set total = total + 1, own_pay = own_pay + 1 where fee_no = 11",
        "fees",
    ),
    (
        "a visit was another person's",
        "update visit set person_id = %(loser)s where visit_no = 1",
        "fees",
    ),
    (
        "a visit was elsewhere",
        "update visit set provider_no = 2 where visit_no = 1",
        "fees",
    ),
    (
        "a bill is made dearer",
        (
            "update settlement set total = total + 9, own_pay = own_pay + 9, cash = cash + 9 "
            "where msg_no = %(bill)s"
        ),
        "fees",
    ),
    (
        "one message settles for two people",
        "update settlement set msg_no = %(bill)s, origin_no = 1 where person_id = %(loser)s",
        "keys",
    ),
    (
        "a second opening",
        (
            "update ledger_entry set kind = 'opening' where kind = 'allocation' and person_id = "
            "%(saver)s"
        ),
        "keys",
    ),
    (
        "the rule of a split is gone",
        "delete from benefit_rule",
        "rule",
    ),
    (
        "an adjustment without a request",
        "delete from request where act = 'Approve'",
        "signed",
    ),
    (
        "a signature is deleted",
        "delete from two_person_signature where part = 'approve'",
        "signed",
    ),
    (
        "another name stands on it",
        "update ledger_entry set actor = 'thief' where kind = 'close'",
        "signed",
    ),
    (
        "more from the pool than the trace says",
        "update settlement set pool = pool + 3, cash = cash - 3 where msg_no = %(bill)s",
        "trace",
    ),
    (
        "a trace is overwritten",
        "update settlement set trace = 'x' where msg_no = %(bill)s",
        "trace",
    ),
    (
        "a trace is emptied",
        "update settlement set trace = '' where msg_no = %(stay)s",
        "trace",
    ),
    (
        "a leg goes to another person",
        (
            "update ledger_entry set owners = array[%(loser)s, owners[2]] where kind = "
            "'allocation' and person_id = %(saver)s"
        ),
        "entry_sums",
    ),
    (
        "more is in scope than was charged",
        "update settlement set pool = pool + 6000, cash = cash - 6000 where msg_no = %(bill)s",
        "row_sums",
    ),
    (
        "an audit event says something else",
        "update audit_event set content = content || '{\"outcome\": 1}' where act <> 'Settle'",
        "audit",
    ),
    (
        "a settlement of a batch is edited under its event",
        (
            "with b as (insert into audit_event select 0, nextval('fact_id_seq'), s.at, 'Settle',"
            " 'switch', c.content, sha256(convert_to(c.content::text, 'UTF8')) from settlement s"
            " cross join lateral (select jsonb_build_object('first', s.msg_no, 'count', 1,"
            " 'digest', encode(sha256(s.content_hash || '!'), 'hex')) as content) c"
            " where s.msg_no = %(bill)s returning 1) select 1 from b"
        ),
        "audit",
    ),
    (
        "a PIN appears that nobody set",
        (
            "insert into pin (person_id, card_id, value, version) select person_id, card_id,"
            " decode(repeat('00', 16), 'hex'), 1 from card where person_id = %(patient)s limit 1"
        ),
        "pin",
    ),
]
