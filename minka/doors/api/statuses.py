"""Every refusal and its HTTP status: the whole table, with no other way to a status.

| status | meaning |
|---|---|
| 400 | the bytes are not JSON |
| 401, 403 | who asks is not known, or may not |
| 404, 405, 413, 415 | the address, the method, the size, the type |
| 409 | the facts on record stand against it, however it is asked |
| 422 | what was sent is not enough, not right, or not allowed by the rule |
| 429, 503 | the same request may be sent again later |
"""

from __future__ import annotations

from collections.abc import Mapping

from minka.kit.words import Words

STATUSES: Mapping[str, int] = {
    code: int(status)
    for status, codes in {
        "400": "api.not_json",
        "401": "api.no_token",
        "403": "api.out_of_scope api.not_yours desk.not_allowed loss.confirmed_by_another"
        " issue.holder_only",
        "404": "api.no_such_address api.not_found desk.unknown_region desk.unknown_receipt"
        " issue.slip_unknown desk.no_account desk.no_such_movement",
        "405": "api.no_such_method",
        "409": "desk.key_reused desk.same_person desk.approval_expired desk.approval_changed"
        " desk.approval_done desk.fee_refunded desk.code_spent desk.nobody_waits desk.notice_known"
        " loss.document_used loss.already_formal loss.already_lost loss.card_cancelled"
        " loss.not_reported loss.formal_is_final loss.reissue_handled loss.not_frozen"
        " loss.already_confirmed loss.no_card loss.no_withdrawal_rule loss.renewal_not_allowed"
        " issue.no_card issue.application_open issue.slip_used issue.not_ready issue.fee_unpaid"
        " issue.fee_paid issue.no_fee issue.not_to_activate issue.too_late issue.not_due"
        " issue.not_at_this_step"
        " care.no_claim_rule care.no_loss_case care.already_reimbursed care.claim_pending"
        " care.settled_with_insurance care.invoice_paid care.later_expense care.nothing_due"
        " care.needs_two_people care.year_over care.claim_closed care.not_reviewed"
        " care.amount_moved"
        " care.sign_decided care.sign_not_confirmed care.sign_of_a_till care.no_coverage"
        " care.already_suspended care.not_suspended"
        " cards.cancelled cards.formal_loss cards.provisional_loss cards.frozen cards.not_active"
        " cards.expired"
        " desk.question_open desk.question_answered",
        "413": "api.too_large",
        "415": "api.wrong_type",
        "422": "api.not_valid desk.unknown_place desk.code_wrong desk.no_queue_here"
        " desk.notice_wrong"
        " loss.no_such_channel loss.kiosk_class loss.facts_missing loss.not_verified"
        " loss.reason_not_covered loss.papers_missing loss.document_unknown"
        " loss.document_not_stamped loss.withdraw_elsewhere"
        " issue.not_here issue.reason_not_covered issue.not_verified issue.papers_missing"
        " issue.photo_needed issue.photo_rejected issue.wrong_place"
        " care.claim_not_verified care.claim_papers_missing care.reason_not_claimed"
        " care.provider_unknown care.provider_not_designated care.not_covered_then"
        " care.outside_loss_period care.lines_differ care.suspension_length"
        " cards.unknown cards.amount_wrong"
        " desk.period_wrong desk.too_many_lines desk.record_papers",
        "429": "loss.too_many",
        "500": "api.fault",
        "503": "desk.away api.away api.busy",
    }.items()
    for code in codes.split()
}
"""Code of a refusal -> status; a test compares it with every ``Reason`` there is."""

TITLES: Mapping[int, Words] = {
    400: Words("内容无法读取", "內容無法讀取", "The content cannot be read"),
    401: Words("需要令牌", "需要權杖", "A token is needed"),
    403: Words("没有权限", "沒有權限", "Not allowed"),
    404: Words("没有查到", "沒有查到", "Not found"),
    405: Words("方法不对", "方法不對", "Wrong method"),
    409: Words("与现状不符，没有办理", "與現狀不符，沒有辦理", "Against the facts on record"),
    413: Words("内容太大", "內容太大", "Too large"),
    415: Words("类型不对", "類型不對", "Wrong type"),
    422: Words("没有办理", "沒有辦理", "Not done"),
    429: Words("请稍后再试", "請稍後再試", "Try again later"),
    500: Words("系统故障", "系統故障", "A fault of ours"),
    503: Words("暂时无法办理", "暫時無法辦理", "Away for the moment"),
}
"""The short name of a problem, by status."""
