"""Server cases, first part: sessions, persons, the envelope and its fields."""

from __future__ import annotations

import re
from datetime import datetime

from minka.bench.kit_case import Cases, Skipped, equal, expect
from minka.bench.kit_probe import Holder, Probe, Seen, dump
from minka.kit.clock import CHINA

case: Cases[Probe] = Cases()
QUICK_MS = 2_000


def asked(p: Probe) -> dict[str, object]:
    return {"data": {**p.shown(), "card_sn": "", "psn_cert_type": "01"}}


def _card(who: Holder) -> dict[str, str]:
    """A card as a credential; where no code was given, one that no chip has."""
    code = who.card_sn or "0" * 20
    return {"mdtrt_cert_type": "03", "mdtrt_cert_no": who.card_number, "card_sn": code}


def refused(seen: Seen, *words: str) -> None:
    """A no with its reason, and, where asked, a word of it."""
    expect("拒绝并说明原因 · refused with a reason", seen.short(), seen.is_no)
    expect(f"说明里有 {words} · the reason names it", seen.error, _names(seen.error, words))


def turned_away(seen: Seen) -> None:
    """Not a yes, whatever the form."""
    expect("不受理 · not taken", seen.short(), not seen.is_yes)


def _names(text: str, words: tuple[str, ...]) -> object:
    return not words or any(word in text for word in words)


@case(
    "签到得到签到编号，之后每笔报文都要带上。",
    "簽到得到簽到編號，之後每筆報文都要帶上。",
    "Signing in gives a number that every later message carries.",
)
def sign_in_gives_a_number(p: Probe) -> None:
    seen = p.sign_in()
    node = seen.output.get("signinoutb") or {}
    expect("signinoutb.sign_no, sign_time", seen.short(), node.get("sign_no"))
    expect("sign_time yyyy-MM-dd HH:mm:ss", node.get("sign_time"), _is_time(node.get("sign_time")))


@case(
    "签退以后的会话不能再用，否则别人可以冒用收费窗口。",
    "簽退以後的會話不能再用，否則別人可以冒用收費視窗。",
    "A session that was signed out serves nobody, or anybody could act as the till.",
)
def a_session_ends_with_signing_out(p: Probe) -> None:
    seen = p.sign_in()
    if p.session is None or p.session.mac is None:
        raise Skipped("平台不用会话密封 · the platform does not seal sessions")
    number = seen.output["signinoutb"]["sign_no"]
    p.must("9002", {"signOut": {"sign_no": number, "opter_no": "1"}})
    turned_away(p.say("1101", asked(p)))


@case(
    "身份证件能查到人，才能开始就诊。",
    "身分證件能查到人，才能開始就診。",
    "A person is found by the identity card; every visit begins so.",
)
def a_person_is_found(p: Probe) -> None:
    seen = p.person()
    told = seen.output.get("baseinfo") or {}
    for name in ("psn_no", "psn_cert_type", "certno", "psn_name", "gend"):
        expect(f"baseinfo.{name}", sorted(told), told.get(name))
    expect("insuinfo[]", sorted(seen.output), seen.output.get("insuinfo"))


@case(
    "社保卡加卡识别码能查到人，识别码区分旧卡和新卡。",
    "社保卡加卡識別碼能查到人，識別碼區分舊卡和新卡。",
    "A card with its identification code finds the person; the code tells old card from new.",
)
def a_person_is_found_by_card(p: Probe) -> None:
    who = p.holder()
    if not who.card_number:
        raise Skipped("没有给测试卡号 · no test card given")
    shown = _card(who)
    seen = p.must("1101", {"data": shown})
    equal("psn_no 同一人 · the same person", seen.output["baseinfo"]["psn_no"], p.psn_no())


@case(
    "卡识别码不符的卡是旧卡或伪卡，不能用。",
    "卡識別碼不符的卡是舊卡或偽卡，不能用。",
    "A card with another identification code is an old or a false one.",
)
def a_wrong_card_sn_is_refused(p: Probe) -> None:
    who = p.holder()
    if not who.card_sn:
        raise Skipped("没有给卡识别码 · no identification code given")
    wrong = who.card_sn[:-1] + ("0" if who.card_sn[-1] != "0" else "1")
    shown = {"mdtrt_cert_type": "03", "mdtrt_cert_no": who.card_number, "card_sn": wrong}
    refused(p.say("1101", {"data": shown}))


@case(
    "已挂失的卡在查人时就要拒绝。",
    "已掛失的卡在查人時就要拒絕。",
    "A card reported lost is refused as early as 1101.",
)
def a_blocked_card_is_refused(p: Probe) -> None:
    who = p.target.blocked
    if who is None:
        raise Skipped("没有给已挂失的测试卡 · no blocked test card given")
    refused(p.say("1101", {"data": _card(who)}))


@case(
    "卡挂失不影响用身份证件就医。",
    "卡掛失不影響用身分證件就醫。",
    "Losing the card does not stop care on the identity card.",
)
def a_blocked_holder_has_other_credentials(p: Probe) -> None:
    who = p.target.blocked
    if who is None:
        raise Skipped("没有给已挂失的测试卡 · no blocked test card given")
    shown = {"mdtrt_cert_type": "02", "mdtrt_cert_no": who.id_number, "psn_cert_type": "01"}
    p.must("1101", {"data": {**shown, "card_sn": ""}})


@case(
    "不存在的人要拒绝，不能给空结果。",
    "不存在的人要拒絕，不能給空結果。",
    "Somebody unknown is refused; an empty yes would be booked.",
)
def a_stranger_is_refused(p: Probe) -> None:
    shown = {"mdtrt_cert_type": "02", "mdtrt_cert_no": "110000190001010000"}
    refused(p.say("1101", {"data": {**shown, "card_sn": "", "psn_cert_type": "01"}}))


@case(
    "应答的每个时间和编号都有固定格式，医院按它们对账。",
    "應答的每個時間和編號都有固定格式，醫院按它們對帳。",
    "Times and numbers of the answer have a fixed form; hospitals reconcile by them.",
)
def the_answer_has_its_envelope(p: Probe) -> None:
    said = p.person().said
    for name in ("infcode", "inf_refmsgid", "refmsg_time", "respond_time", "output"):
        expect(f"{name} 在应答里 · is in the answer", sorted(said), name in said)
    for name in ("refmsg_time", "respond_time"):
        text = str(said[name])
        expect(f"{name} yyyyMMddHHmmssSSS", text, re.fullmatch(r"20\d{15}", text))
    number = str(said["inf_refmsgid"])
    expect("inf_refmsgid 6+14+10", number, re.fullmatch(r"\w{6}20\d{12}\d{10}", number))


@case(
    "接收方报文编号不重复，否则两笔交易分不开。",
    "接收方報文編號不重複，否則兩筆交易分不開。",
    "The receiver's message id never repeats, or two transactions cannot be told apart.",
)
def every_answer_has_its_own_id(p: Probe) -> None:
    ids = [str(p.person().said["inf_refmsgid"]) for _ in range(5)]
    equal("五个不同的编号 · five different ids", len(set(ids)), 5)


@case(
    "缺必填项要拒绝并指出是哪一项，厂商才能改。",
    "缺必填項要拒絕並指出是哪一項，廠商才能改。",
    "A missing mandatory field is refused by name, so that the vendor can mend it.",
)
def a_missing_field_is_named(p: Probe) -> None:
    shown = {"mdtrt_cert_type": "02", "card_sn": ""}
    refused(p.say("1101", {"data": shown}), "mdtrt_cert_no", "就诊凭证编号")


@case(
    "信封缺必填项也要拒绝并指出。",
    "信封缺必填項也要拒絕並指出。",
    "A missing field of the envelope is refused by name too.",
)
def a_missing_envelope_field_is_named(p: Probe) -> None:
    refused(p.say("1101", asked(p), opter_name=None), "opter_name", "经办人姓名", "操作员")


@case(
    "超长的值要拒绝，截断会让两边记录不同。",
    "超長的值要拒絕，截斷會讓兩邊紀錄不同。",
    "A value too long is refused; cutting it would make the two records differ.",
)
def a_long_value_is_named(p: Probe) -> None:
    shown = {"mdtrt_cert_type": "02", "mdtrt_cert_no": "9" * 51, "card_sn": ""}
    refused(p.say("1101", {"data": shown}), "mdtrt_cert_no", "就诊凭证编号")


@case(
    "字典以外的代码要拒绝。",
    "字典以外的代碼要拒絕。",
    "A code that is in no dictionary is refused.",
)
def a_strange_code_is_named(p: Probe) -> None:
    shown = {"mdtrt_cert_type": "77", "mdtrt_cert_no": "1", "card_sn": ""}
    refused(p.say("1101", {"data": shown}))


@case(
    "时间格式不对要拒绝。",
    "時間格式不對要拒絕。",
    "A time in another form is refused.",
)
def a_bad_time_is_named(p: Probe) -> None:
    refused(p.say("1101", asked(p), inf_time="2026/01/01 8:00"), "inf_time", "交易时间")


@case(
    "金额不是数字要拒绝。",
    "金額不是數字要拒絕。",
    "An amount that is no number is refused.",
)
def a_bad_amount_is_named(p: Probe) -> None:
    visit = p.visit()
    node = p.bill(visit, medfee_sumamt="壹佰")
    refused(p.say("2206", {"data": node}), "medfee_sumamt", "医疗费总额")


@case(
    "不存在的交易编号要拒绝，不能崩溃。",
    "不存在的交易編號要拒絕，不能崩潰。",
    "A transaction code that does not exist is refused.",
)
def an_unknown_transaction_is_refused(p: Probe) -> None:
    refused(p.say("9998", {"data": {}}))


@case(
    "多出来的字段要容忍，各省扩展不一。",
    "多出來的欄位要容忍，各省擴充不一。",
    "Extra fields are tolerated: every province adds its own.",
)
def extra_fields_are_tolerated(p: Probe) -> None:
    node = {**p.shown(), "card_sn": "", "psn_cert_type": "01", "local_extra": "x"}
    seen = p.say("1101", {"data": node}, serv_code="x")
    expect("成功 · a yes", seen.short(), seen.is_yes)


@case(
    "扩展字段两种写法、对象或文本都要收。",
    "擴充欄位兩種寫法、物件或文字都要收。",
    "The extension is taken under both names, as an object and as text.",
)
def both_spellings_of_the_extension_are_taken(p: Probe) -> None:
    ways: list[dict[str, object]] = [{"expContent": {}}, {"exp_content": "{}"}, {"expContent": ""}]
    for more in ways:
        visit = p.register()
        given = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id, "chrg_bchno": "0000"}
        seen = p.data("2205", **given, **more)
        expect(f"{more} 成功 · a yes", seen.short(), seen.is_yes)


@case(
    "不是JSON的报文要有回答，平台不能倒下。",
    "不是JSON的報文要有回答，平台不能倒下。",
    "What is no JSON is answered, and the platform goes on.",
)
def broken_json_is_survived(p: Probe) -> None:
    for body in (b"", b"{", b"[]", b"null", b"\xff\xfe{}", dump(p.envelope("1101", {}))[:-7]):
        turned_away(p.post(body))
    p.person()


@case(
    "套得很深或很大的报文不能拖慢别人。",
    "套得很深或很大的報文不能拖慢別人。",
    "A deep or a huge message does not hold up the others.",
)
def huge_messages_are_answered_quickly(p: Probe) -> None:
    deep = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    for body in (deep, dump(p.envelope("1101", {"data": {"x": "9" * 2_000_000}}))):
        seen = p.post(body)
        turned_away(seen)
        expect(f"{QUICK_MS} ms 内 · within", seen.ms, seen.ms <= QUICK_MS)


@case(
    "报文编号要按机构、时间、序号的格式。",
    "報文編號要按機構、時間、序號的格式。",
    "A message id is institution, time and sequence.",
)
def a_malformed_msgid_is_refused(p: Probe) -> None:
    for msgid in ("", "1", p.target.code + "X" * 18, "9" * 31):
        refused(p.say("1101", asked(p), msgid=msgid))


@case(
    "别的机构的报文编号不能用，否则可以冲正别人的交易。",
    "別的機構的報文編號不能用，否則可以沖正別人的交易。",
    "A message id of another institution is refused, or it could reverse another's settlement.",
)
def anothers_msgid_is_refused(p: Probe) -> None:
    other = "H99999999999" + p.msgid()[12:]
    turned_away(p.say("1101", asked(p), msgid=other))


@case(
    "报文里的机构必须是接入的机构。",
    "報文裡的機構必須是接入的機構。",
    "The institution in the message is the one that is connected.",
)
def anothers_institution_is_refused(p: Probe) -> None:
    turned_away(p.say("1101", asked(p), fixmedins_code="H99999999999"))


def _is_time(text: object) -> object:
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
