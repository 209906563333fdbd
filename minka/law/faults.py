"""What can be wrong in a rule file: the file, the key and the cure, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minka.kit.outcome import Reason
from minka.kit.words import Words


class Flaw(Reason):
    """Kinds of mistakes in rule files, in the order they are looked for."""

    NO_FILES = Words(
        "此文件夹里没有规则文件；请给出含有 <地区>/<主题>.yaml 的文件夹。",
        "此資料夾裡沒有規則檔；請給出含有 <地區>/<主題>.yaml 的資料夾。",
        "This folder holds no rule files; name one that holds <REGION>/<topic>.yaml.",
    )
    NOT_YAML = Words(
        "第 {line} 行不是有效的 YAML（{problem}）；请修正该行。",
        "第 {line} 行不是有效的 YAML（{problem}）；請修正該行。",
        "Line {line} is not valid YAML ({problem}); correct that line.",
    )
    TWICE = Words(
        "该键写了两次（第 {line} 行）；请只保留一次。",
        "該鍵寫了兩次（第 {line} 行）；請只保留一次。",
        "This key is written twice (line {line}); keep one of them.",
    )
    NO_REGION_FILE = Words(
        "该地区没有 region.yaml；请补上，写明 id、names 和 card_name。",
        "該地區沒有 region.yaml；請補上，寫明 id、names 和 card_name。",
        "The region has no region.yaml; add one with its id, names and card_name.",
    )
    MISSING_KEY = Words("缺少该键；请补上。", "缺少該鍵；請補上。", "This key is missing; add it.")
    UNKNOWN_KEY = Words(
        "没有这个键；请删除，或改为以下之一：{known}。",
        "沒有這個鍵；請刪除，或改為以下之一：{known}。",
        "There is no such key; remove it or write one of: {known}.",
    )
    WRONG_TYPE = Words(
        "该处的值类型不对（{problem}）；请按说明改写。",
        "該處的值類型不對（{problem}）；請按說明改寫。",
        "The value here has the wrong type ({problem}); rewrite it as asked.",
    )
    WRONG_VALUE = Words(
        "不能读作“{field}”：{value}；请写成例如：{example}。",
        "不能讀作「{field}」：{value}；請寫成例如：{example}。",
        "Cannot be read as `{field}`: {value}; write it like: {example}.",
    )
    UNKNOWN_TERM = Words(
        "词表里没有“{value}”（{kind}）；请改用词表里的词，或先在 terms.yaml 里加入它。",
        "詞表裡沒有「{value}」（{kind}）；請改用詞表裡的詞，或先在 terms.yaml 裡加入它。",
        "No term `{value}` of kind {kind}; use one of terms.yaml, or add it there first.",
    )
    NOT_OF_KIND = Words(
        "“{kind}”类条目没有这个字段；请移到合适的条目。",
        "「{kind}」類條目沒有這個欄位；請移到合適的條目。",
        "An entry of kind {kind} has no such field; move it to an entry that has.",
    )
    NEITHER = Words(
        "该字段既没有值，也没有列入 silent；请给出值，或写入 silent。",
        "該欄位既沒有值，也沒有列入 silent；請給出值，或寫入 silent。",
        "The field has no value and is not listed as silent; give one or list it.",
    )
    BOTH = Words(
        "该字段有值，却又列入 silent；请去掉其中之一。",
        "該欄位有值，卻又列入 silent；請去掉其中之一。",
        "The field has a value and is listed as silent too; remove one of the two.",
    )
    NO_VALUE = Words(
        "该字段没有值；请写 since（日期: 值）、see，或 unvalued。",
        "該欄位沒有值；請寫 since（日期: 值）、see，或 unvalued。",
        "The field has no value; write since (date: value), see, or unvalued.",
    )
    NO_PHRASE = Words(
        "该值没有出处；请在 cite 里写明原文词句。",
        "該值沒有出處；請在 cite 裡寫明原文詞句。",
        "The value names no source; write the exact phrase as cite.",
    )
    NO_TARGET = Words(
        "see 指向的“{target}”没有这个字段；请指向有该字段的条目。",
        "see 指向的「{target}」沒有這個欄位；請指向有該欄位的條目。",
        "`see` points to {target}, which has no such field; point to an entry that has.",
    )
    SAME_ID = Words(
        "条目编号“{id}”已用过；请换一个编号。",
        "條目編號「{id}」已用過；請換一個編號。",
        "The entry id {id} is used already; choose another.",
    )
    NOTHING_TO_ASSUME = Words(
        "原文在此有规定，不能另作假定；请删除这条假定。",
        "原文在此有規定，不能另作假定；請刪除這條假定。",
        "The text gives a value here, so none may be assumed; remove the assumption.",
    )
    NO_ENTRY = Words(
        "没有条目“{id}”；请改为本地区已有的编号。",
        "沒有條目「{id}」；請改為本地區已有的編號。",
        "There is no entry {id}; name one of this region.",
    )
    UNKNOWN_POINT = Words(
        "没有待定问题“{point}”；请改为 open.yaml 里的编号。",
        "沒有待定問題「{point}」；請改為 open.yaml 裡的編號。",
        "There is no open point {point}; name one of open.yaml.",
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: where it is and how it is cured."""

    file: str
    key: str
    flaw: Flaw
    facts: Mapping[str, Any] = field(default_factory=dict)

    def cure(self, language: str = "en") -> str:
        """What is wrong and what to write instead, in one sentence."""
        return self.flaw.words.say(language, **self.facts)

    def say(self, language: str = "en") -> str:
        """File, key and cure on one line."""
        return f"{self.file}: {self.key}: {self.cure(language)}"


class LawFault(Exception):
    """The rule files cannot be used; ``faults`` names every mistake, at least one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        self.file, self.key, self.cure = faults[0].file, faults[0].key, faults[0].cure()
        super().__init__("\n".join(fault.say() for fault in faults))
