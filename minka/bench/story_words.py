"""The words of stories: facts, papers, places, roles and refusals as a clerk calls them."""

from __future__ import annotations

import re

from minka.bench.places import place_id
from minka.bench.story_text import StoryFault
from minka.law.papers import Copy, Owner, ShownPaper

FACTS = {
    "姓名": "name",
    "身份证号码": "id_number",
    "卡号": "card_number",
    "电脑号": "card_computer_number",
    "单位名称": "employer_name",
}

PAPERS = {
    "身份证": "resident_id",
    "户口簿": "household_book",
    "护照": "passport",
    "居住证": "residence_permit",
    "临时身份证": "temporary_id",
    "委托书": "mandate",
    "关系证明": "relation_proof",
    "电子照片": "e_photo",
    "一寸彩照": "photo_1inch_color",
    "领卡证明": "collection_certificate",
    "医保证": "medical_certificate",
}
THE_CARD = "原卡"
"""The found card itself: its number is read from it."""

DOCUMENTS = {
    "挂失单": "bank_loss_slip",
    "挂失通知单": "bank_loss_notice",
    "证明信": "employer_letter",
    "清户通知单": "closeout_notice",
}

PLACES = {
    "服务网点": "service_point",
    "经办机构": "agency",
    "服务中心": "service_centre",
    "市医保中心": "city_centre",
    "区医保中心": "district_centre",
    "街道中心": "street_centre",
    "社保分中心": "district_subcentre",
    "征收窗口": "contribution_counter",
    "医保处": "medical_office",
    "服务银行": "service_bank",
    "原服务银行": "old_service_bank",
    "中行储蓄所": "boc_savings_office",
    "银行大厅": "bank",
    "药店": "pharmacy",
}
_HOSPITALS = {"一级医院": 1, "二级医院": 2, "三级医院": 3, "医院": 3}

ROLES = {
    "坐席": "hotline_agent",
    "窗口": "counter_clerk",
    "医保人员": "medical_staff",
    "银行经办": "bank_clerk",
    "单位经办人": "employer_clerk",
    "语音": "",
}

ACTORS = {
    "亲属": "agent_relative",
    "他人": "agent_other",
    "代办": "agent",
    "监护人": "guardian",
    "单位经办人": "employer_clerk",
}

REASONS = {
    "遗失": "lost",
    "被盗": "stolen",
    "损坏": "damaged",
    "消磁": "demagnetised",
    "旧卡换制": "old_card_exchange",
}

STANDINGS = {
    "正常": "usable",
    "预挂失": "provisional_loss",
    "正式挂失": "formal_loss",
    "暂停": "frozen",
    "未启用": "not_active",
    "已注销": "cancelled",
}

NOTICES = {
    "已停用": "notice.stopped",
    "待确认": "notice.reported",
    "到期提醒": "notice.lapses_soon",
    "已到期": "notice.lapsed",
    "已恢复": "notice.released",
    "已受理补卡": "notice.applied",
    "改期": "notice.promise_moved",
    "可领取": "notice.ready",
    "已领取": "notice.collected",
    "已启用": "notice.activated",
    "已销毁": "notice.destroyed",
}

REFUSALS = {
    "材料不全": "papers_missing",
    "信息不全": "facts_missing",
    "核对不符": "not_verified",
    "已经挂失": "already_lost",
    "已经正式挂失": "already_formal",
    "正式挂失不能撤销": "formal_is_final",
    "没有挂失": "not_reported",
    "已在补办": "reissue_handled",
    "到别处撤销": "withdraw_elsewhere",
    "没有这个渠道": "no_such_channel",
    "医院等级不够": "kiosk_class",
    "原因不适用": "reason_not_covered",
    "卡已注销": "card_cancelled",
    "没有卡": "no_card",
    "没有暂停": "not_frozen",
    "已经确认": "already_confirmed",
    "由别人确认": "confirmed_by_another",
    "单据已用过": "document_used",
    "单据没盖章": "document_not_stamped",
    "单据查不到": "document_unknown",
    "这里不办": "not_here",
    "已有申请": "application_open",
    "缺照片": "photo_needed",
    "照片不合格": "photo_rejected",
    "没有这张领卡证明": "slip_unknown",
    "领卡证明已用过": "slip_used",
    "还不能领": "not_ready",
    "到别处领": "wrong_place",
    "还没缴费": "fee_unpaid",
    "已经缴费": "fee_paid",
    "不用缴费": "no_fee",
    "不能启用": "not_to_activate",
    "只能本人": "holder_only",
    "太晚": "too_late",
    "顺序不对": "not_at_this_step",
    "没有人等候": "nobody_waits",
    "这里不发号": "no_queue_here",
    "通知已公布": "notice_known",
    "试得太多": "too_many",
    "编号已用于别的内容": "key_reused",
}
"""A refusal as a clerk says it, and the last part of its code."""

USE_REFUSALS = {
    "预挂失": "provisional_loss",
    "正式挂失": "formal_loss",
    "已注销": "cancelled",
    "暂停": "frozen",
    "未启用": "not_active",
}

_PAPER = re.compile(r"(代办人)?(.+?)(?:[（(](原件和复印件|原件|仅复印件)[)）])?")
_COPIES = {
    "原件和复印件": Copy.ORIGINAL_AND_COPY,
    "原件": Copy.ORIGINAL,
    "仅复印件": Copy.UNSTATED,
    None: Copy.ORIGINAL,
}


def word(table: dict[str, str], said: str, what: str) -> str:
    """The code of a word; ``StoryFault`` names the words there are."""
    if said not in table:
        raise StoryFault(f"没有这个{what}：{said}。有：{'、'.join(table)}")
    return table[said]


def paper(said: str) -> ShownPaper:
    """A paper shown: ``身份证``, ``代办人身份证``, ``身份证(原件和复印件)``."""
    match = _PAPER.fullmatch(said)
    assert match is not None, "the pattern takes any text"
    owner = Owner.AGENT if match[1] else Owner.HOLDER
    return ShownPaper(word(PAPERS, match[2], "材料"), _COPIES[match[3]], owner)


def place(region: str, said: str) -> str:
    """The number of a place: ``服务网点``, ``服务网点2``, ``二级医院``, or the number itself."""
    if said.startswith(f"{region.upper()}-"):
        return said
    name, nth = (said[:-1], int(said[-1])) if said[-1:].isdigit() else (said, 1)
    if name in _HOSPITALS:
        return place_id(region, "hospital", _HOSPITALS[name])
    return place_id(region, word(PLACES, name, "地点"), nth)
