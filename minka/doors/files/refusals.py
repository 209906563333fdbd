"""Why a row or a whole file was refused: what is wrong, where, and what to do next.

No sentence and no fact of one ever holds a value from the file, only its column and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minka.kit.identity import Fault
from minka.kit.outcome import Reason, Refused
from minka.kit.words import Words


class RowRefusal(Reason):
    """Refusals of one row, in order of precedence."""

    CELLS = Words(
        "这一行有 {found} 格，表头有 {expected} 格。请补齐或去掉多余的格。",
        "這一行有 {found} 格，表頭有 {expected} 格。請補齊或去掉多餘的格。",
        "The row has {found} cells and the head {expected}. Complete the row or remove the excess.",
    )
    BROKEN_TEXT = Words(
        "“{column}”里有损坏的字符。请改成正确的字。",
        "「{column}」裡有損壞的字元。請改成正確的字。",
        "“{column}” holds a broken character. Type the true character.",
    )
    DIGITS_LOST = Words(
        "“{column}”存成了数值，末尾几位已丢失。请把这一列设为文本后重新填写。",
        "「{column}」存成了數值，末尾幾位已遺失。請把這一欄設為文字後重新填寫。",
        "“{column}” was stored as a figure and lost its last digits. Make the column text and type"
        " the number again.",
    )
    EMPTY = Words(
        "“{column}”是空的。请补填。",
        "「{column}」是空的。請補填。",
        "“{column}” is empty. Fill it in.",
    )
    NUMBER_LENGTH = Words(
        "身份号码不是 18 位。请核对证件。",
        "身分號碼不是 18 位。請核對證件。",
        "The citizen number does not have 18 characters. Check it against the document.",
    )
    NUMBER_CHARACTERS = Words(
        "身份号码里有数字和末位 X 以外的字符。请核对证件。",
        "身分號碼裡有數字和末位 X 以外的字元。請核對證件。",
        "The citizen number holds something other than digits and a last X. Check the document.",
    )
    NUMBER_AREA = Words(
        "身份号码开头的地区码不存在。请核对前两位。",
        "身分號碼開頭的地區碼不存在。請核對前兩位。",
        "The area at the head of the citizen number does not exist. Check the first two digits.",
    )
    NUMBER_BIRTH_DATE = Words(
        "身份号码里的出生日期不是一个日期。请核对第 7 至 14 位。",
        "身分號碼裡的出生日期不是一個日期。請核對第 7 至 14 位。",
        "The date of birth in the citizen number is no date. Check digits 7 to 14.",
    )
    NUMBER_CHECK = Words(
        "身份号码的校验位不符，其中有一位写错了。请核对证件。",
        "身分號碼的校驗位不符，其中有一位寫錯了。請核對證件。",
        "The check character of the citizen number does not agree: one character is wrong. Check"
        " the document.",
    )
    NAME = Words(
        "姓名里有不是文字的符号（例如代替生僻字的问号）。请填写真正的字。",
        "姓名裡有不是文字的符號（例如代替罕用字的問號）。請填寫真正的字。",
        "The name holds a sign that is no letter (such as a question mark for a rare character)."
        " Type the true character.",
    )
    BIRTH_DIFFERS = Words(
        "“{column}”与身份号码里的出生日期不同。请核对两处。",
        "「{column}」與身分號碼裡的出生日期不同。請核對兩處。",
        "“{column}” differs from the date of birth in the citizen number. Check both.",
    )
    PHONE = Words(
        "“{column}”不是电话号码。请填写数字，或留空。",
        "「{column}」不是電話號碼。請填寫數字，或留空。",
        "“{column}” is no telephone number. Write its digits or leave it empty.",
    )
    CODE = Words(
        "“{column}”的代码不在对照表里。请改正代码，或在对照表里补上。",
        "「{column}」的代碼不在對照表裡。請改正代碼，或在對照表裡補上。",
        "The code in “{column}” is not in the mapping. Correct it, or add it to the mapping.",
    )
    DATE = Words(
        "“{column}”不是日期或时间。请写成 2026-01-31。",
        "「{column}」不是日期或時間。請寫成 2026-01-31。",
        "“{column}” is no date or time. Write it as 2026-01-31.",
    )
    FIGURE = Words(
        "“{column}”不是数字。请只写数字，或留空。",
        "「{column}」不是數字。請只寫數字，或留空。",
        "“{column}” is no figure. Write digits only or leave it empty.",
    )
    TOO_LONG = Words(
        "“{column}”超过 {most} 个字。请缩短。",
        "「{column}」超過 {most} 個字。請縮短。",
        "“{column}” is longer than {most} characters. Shorten it.",
    )
    REGION = Words(
        "没有这个统筹区的规则，或没有写统筹区。请改正，或用 --region 指定。",
        "沒有這個統籌區的規則，或沒有寫統籌區。請改正，或用 --region 指定。",
        "The region is missing or has no rules here. Correct it, or name one with --region.",
    )
    EMPLOYER_UNKNOWN = Words(
        "没有这个单位编号，行里也没有单位名称。请补上单位名称，或先在后台登记单位。",
        "沒有這個單位編號，行裡也沒有單位名稱。請補上單位名稱，或先在後台登記單位。",
        "The employer is not known and the row does not name it. Add the employer's name, or"
        " register the employer in the back office first.",
    )
    GUARDIAN_NUMBER = Words(
        "监护人的身份号码写错了。请核对证件。",
        "監護人的身分號碼寫錯了。請核對證件。",
        "The guardian's citizen number is wrong. Check it against the document.",
    )
    GUARDIAN_UNKNOWN = Words(
        "登记册里没有监护人，前面的行里也没有。请把监护人的行放到前面，或先导入监护人。",
        "登記冊裡沒有監護人，前面的行裡也沒有。請把監護人的行放到前面，或先匯入監護人。",
        "The guardian is neither in the register nor in an earlier row. Put the guardian's row"
        " first, or import the guardian first.",
    )
    PERSON_UNKNOWN = Words(
        "登记册里没有这个人。请先导入人员，再导入卡。",
        "登記冊裡沒有這個人。請先匯入人員，再匯入卡。",
        "This person is not in the register. Import the people first, then the cards.",
    )
    NAME_DIFFERS = Words(
        "姓名与登记册里这个身份号码的姓名不同。请核对是不是同一个人。",
        "姓名與登記冊裡這個身分號碼的姓名不同。請核對是不是同一個人。",
        "The name differs from the registered name of this citizen number. Check that it is the"
        " same person.",
    )
    CARD_NUMBER = Words(
        "社保卡号不是 9 位大写字母和数字。请核对卡面。",
        "社保卡號不是 9 位大寫字母和數字。請核對卡面。",
        "The card number is not nine capital letters and digits. Check it against the card.",
    )
    BANK_UNKNOWN = Words(
        "没有这家银行。请先在后台登记银行，或在对照表里换成它的编号。",
        "沒有這家銀行。請先在後台登記銀行，或在對照表裡換成它的編號。",
        "The bank is not known. Register it in the back office first, or map its code.",
    )
    STOP_OVER = Words(
        "卡写着停用，停用的截止时间却已过去。请改卡状态，或把截止时间留空。",
        "卡寫著停用，停用的截止時間卻已過去。請改卡狀態，或把截止時間留空。",
        "The card is said to be stopped, but the end of the stop is past. Correct the state, or"
        " leave the end empty.",
    )
    STOP_AHEAD = Words(
        "停用的开始时间在以后。请核对时间。",
        "停用的開始時間在以後。請核對時間。",
        "The stop begins in the future. Check the time.",
    )
    REPLACES_UNKNOWN = Words(
        "这个人没有被替换的那张卡，前面的行里也没有。请把旧卡的行放到前面。",
        "這個人沒有被替換的那張卡，前面的行裡也沒有。請把舊卡的行放到前面。",
        "The person has no such old card, nor does an earlier row. Put the old card's row first.",
    )
    SECOND_SUCCESSOR = Words(
        "那张旧卡已经有一张新卡了。请核对哪一张是对的。",
        "那張舊卡已經有一張新卡了。請核對哪一張是對的。",
        "That old card has a successor already. Check which one is right.",
    )
    SECOND_ACTIVE = Words(
        "这个人已有一张同类的启用卡。一人一类只能有一张，请核对卡状态。",
        "這個人已有一張同類的啟用卡。一人一類只能有一張，請核對卡狀態。",
        "The person has an active card of this kind, and there can be only one. Check the state.",
    )
    CARD_OF_ANOTHER = Words(
        "这个卡号在登记册里属于另一个人。请核对卡号。",
        "這個卡號在登記冊裡屬於另一個人。請核對卡號。",
        "The register has this card number for another person. Check the card number.",
    )
    REPEATED = Words(
        "第 {line} 行是同一个编号，内容却不同。请留下对的一行。",
        "第 {line} 行是同一個編號，內容卻不同。請留下對的一行。",
        "Line {line} has the same number with another content. Keep the one that is right.",
    )
    REGISTER_DIFFERS = Words(
        "登记册里已有，但这些项不同：{fields}。登记册没有改动；要改请在柜台或后台办理。",
        "登記冊裡已有，但這些項不同：{fields}。登記冊沒有改動；要改請在櫃檯或後台辦理。",
        "The register has it already, but these differ: {fields}. The register was not changed; a"
        " change is made at a counter or in the back office.",
    )


class FileRefusal(Reason):
    """Refusals of a whole file or of the command about it."""

    NOT_READABLE = Words(
        "打不开文件 {file}。请核对路径和权限。",
        "打不開檔案 {file}。請核對路徑和權限。",
        "The file {file} cannot be opened. Check its path and your right to read it.",
    )
    NOT_A_TABLE = Words(
        "{file} 不是 csv 或 xlsx 表格，或已损坏。请另存为 csv（UTF-8）或 xlsx。",
        "{file} 不是 csv 或 xlsx 表格，或已損壞。請另存為 csv（UTF-8）或 xlsx。",
        "{file} is no csv or xlsx table, or it is damaged. Save it as csv (UTF-8) or xlsx.",
    )
    ENCODING = Words(
        "第 {line} 行的字节既不是 UTF-8 也不是 GB18030，什么都没有读入。请另存为 UTF-8 再导入。",
        "第 {line} 行的位元組既不是 UTF-8 也不是 GB18030，什麼都沒有讀入。請另存為 UTF-8 再匯入。",
        "The bytes of line {line} are neither UTF-8 nor GB18030; nothing was read. Save the file as"
        " UTF-8 and import it again.",
    )
    UTF16 = Words(
        "文件是 UTF-16。请另存为“CSV UTF-8”再导入。",
        "檔案是 UTF-16。請另存為「CSV UTF-8」再匯入。",
        "The file is UTF-16. Save it as “CSV UTF-8” and import it again.",
    )
    QUOTES = Words(
        "第 {line} 行附近的引号没有成对。请改正这一行。",
        "第 {line} 行附近的引號沒有成對。請改正這一行。",
        "Near line {line} a quotation mark has no partner. Correct that line.",
    )
    EMPTY_FILE = Words(
        "文件里没有表头和数据。请核对文件。",
        "檔案裡沒有表頭和資料。請核對檔案。",
        "The file has no head and no rows. Check the file.",
    )
    COLUMNS = Words(
        "对照表“{mapping}”需要的列没有找到：{columns}。请改表头，或用 --mapping 换一个对照表。",
        "對照表「{mapping}」需要的欄沒有找到：{columns}。請改表頭，或用 --mapping 換一個對照表。",
        "The mapping “{mapping}” needs columns that are not there: {columns}. Correct the head, or"
        " choose another mapping with --mapping.",
    )
    TWICE = Words(
        "表头里有两列都叫“{column}”。请去掉一列。",
        "表頭裡有兩欄都叫「{column}」。請去掉一欄。",
        "Two columns are called “{column}”. Remove one.",
    )
    NO_MAPPING = Words(
        "没有叫“{mapping}”的对照表。可选：{known}，或一个 YAML 文件。",
        "沒有叫「{mapping}」的對照表。可選：{known}，或一個 YAML 檔案。",
        "There is no mapping “{mapping}”. There are {known}, or a YAML file of your own.",
    )
    BAD_MAPPING = Words(
        "对照表 {mapping} 的 {key} 写错了：{wrong}。请照 minka.yaml 改正。",
        "對照表 {mapping} 的 {key} 寫錯了：{wrong}。請照 minka.yaml 改正。",
        "In the mapping {mapping}, {key} is wrong: {wrong}. Correct it after minka.yaml.",
    )
    NO_REGION = Words(
        "没有统筹区 {region}。可选：{known}。",
        "沒有統籌區 {region}。可選：{known}。",
        "There is no region {region}. There are {known}.",
    )
    BEGUN = Words(
        "这个文件的导入已开始（{started}），已完成 {rows} 行，还没有结束。请加 --resume 接着导入。",
        "這個檔案的匯入已開始（{started}），已完成 {rows} 行，還沒有結束。請加 --resume 接著匯入。",
        "This file's import began at {started}; {rows} rows are in and it has not ended. Add"
        " --resume to go on with it.",
    )
    EXISTS = Words(
        "文件 {file} 已经存在，没有覆盖。请换一个文件名。",
        "檔案 {file} 已經存在，沒有覆寫。請換一個檔名。",
        "The file {file} exists and was not overwritten. Choose another name.",
    )
    TOO_MANY = Words(
        "xlsx 放不下这么多行。请导出为 csv。",
        "xlsx 放不下這麼多行。請匯出為 csv。",
        "An xlsx sheet cannot hold so many rows. Export to csv.",
    )
    AWAY = Words(
        "登记册暂时连不上，已导入 {rows} 行，没有做到一半的行。恢复后请加 --resume 接着导入。",
        "登記冊暫時連不上，已匯入 {rows} 行，沒有做到一半的行。恢復後請加 --resume 接著匯入。",
        "The register cannot be reached; {rows} rows are in and none is half done. When it is back,"
        " add --resume to go on.",
    )
    WORKER_GONE = Words(
        "一个导入进程被中止，已导入 {rows} 行，没有做到一半的行。请加 --resume 接着导入。",
        "一個匯入程序被中止，已匯入 {rows} 行，沒有做到一半的行。請加 --resume 接著匯入。",
        "A process of the import was ended; {rows} rows are in and none is half done. Add --resume"
        " to go on.",
    )


NUMBER_FAULTS: Mapping[Fault, RowRefusal] = {
    Fault.LENGTH: RowRefusal.NUMBER_LENGTH,
    Fault.CHARACTERS: RowRefusal.NUMBER_CHARACTERS,
    Fault.AREA: RowRefusal.NUMBER_AREA,
    Fault.BIRTH_DATE: RowRefusal.NUMBER_BIRTH_DATE,
    Fault.CHECK: RowRefusal.NUMBER_CHECK,
}


class RowFault(Exception):
    """One row cannot be taken."""

    def __init__(self, reason: RowRefusal, **facts: Any) -> None:
        super().__init__(reason.name)
        self.reason, self.facts = reason, facts


class FileFault(Exception):
    """The whole file, or the command about it, cannot be taken."""

    def __init__(self, reason: FileRefusal, **facts: Any) -> None:
        super().__init__(reason.name)
        self.refused = Refused(reason, facts)


def say(code: str, facts: Mapping[str, Any], language: str) -> str:
    """The sentence of a row's refusal code."""
    return RowRefusal[code.upper()].words.say(language, **facts)
