"""Status words in words, and which command may answer which of them (card-chip §12.2)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from minka.kit.words import Words

OK = 0x9000
MEMORY = 0x6581
WRONG_LENGTH = 0x6700
INVALID_STATE = 0x6901
WRONG_STRUCTURE = 0x6981
SECURITY = 0x6982
METHOD_BLOCKED = 0x6983
NO_CHALLENGE = 0x6984
CONDITIONS = 0x6985
NO_CURRENT_FILE = 0x6986
MAC_MISSING = 0x6987
MESSAGE_WRONG = 0x6988
WRONG_DATA = 0x6A80
NOT_SUPPORTED = 0x6A81
NO_FILE = 0x6A82
NO_RECORD = 0x6A83
NO_SPACE = 0x6A84
LENGTH_AGAINST_TLV = 0x6A85
WRONG_PARAMETERS = 0x6A86
NO_KEY = 0x6A88
OUTSIDE = 0x6B00
UNKNOWN_INS = 0x6D00
UNKNOWN_CLA = 0x6E00
INVALID_DATA = 0x6F00
MAC_INVALID = 0x9302
APPLICATION_BLOCKED = 0x9303
TOO_LITTLE_MONEY = 0x9401
COUNTER_SPENT = 0x9402
KEY_INDEX = 0x9403
NO_PROOF = 0x9406

MORE, TRIES, LENGTH_IS = 0x61, 0x63C, 0x6C
"""61xx, 63Cx and 6Cxx carry a number in their last digits."""

_TABLE = f"""
{OK:04X}|成功|成功|done
6581|芯片写入失败|晶片寫入失敗|the chip could not write its memory
6700|长度不对|長度不對|wrong length
6901|现在不接受这条命令|現在不接受這條命令|the command is not accepted in this state
6981|命令与文件结构不符|命令與檔案結構不符|the command does not fit the file
6982|还没有验证密码或密钥|還沒有驗證密碼或密鑰|PIN or key not shown yet
6983|密码或密钥已锁定|密碼或密鑰已鎖定|the PIN or key is blocked
6984|没有取随机数|沒有取隨機數|no challenge was asked for
6985|不满足使用条件|不滿足使用條件|the conditions of use are not met
6986|没有选择文件|沒有選擇檔案|no file is selected
6987|缺少校验码|缺少校驗碼|the MAC is missing
6988|安全报文不正确|安全報文不正確|the secured data are wrong
6A80|数据内容不正确|資料內容不正確|wrong data
6A81|不支持此功能，或卡已锁定|不支援此功能，或卡已鎖定|not supported, or the card is blocked
6A82|没有这个文件|沒有這個檔案|no such file
6A83|没有这条记录|沒有這條記錄|no such record
6A84|文件空间不够|檔案空間不夠|no room left in the file
6A85|长度与数据项不符|長度與資料項不符|the length does not fit the item
6A86|参数不正确|參數不正確|wrong parameters
6A88|没有这个密钥|沒有這個密鑰|no such key
6B00|位置超出文件|位置超出檔案|outside the file
6D00|不认识的命令|不認識的命令|unknown command
6E00|不认识的命令类别|不認識的命令類別|unknown class of command
6F00|数据无效|資料無效|invalid data
9302|校验码不正确|校驗碼不正確|the MAC is wrong
9303|应用已永久锁定|應用已永久鎖定|the application is blocked for good
9401|卡内余额不足|卡內餘額不足|not enough money on the card
9402|交易计数已到上限|交易計數已到上限|the counter is at its end
9403|不支持这个密钥索引|不支援這個密鑰索引|this key index is not supported
9406|没有这笔交易的证明|沒有這筆交易的證明|no proof of this transaction
"""


def _read(table: str) -> Mapping[int, Words]:
    rows = (line.split("|") for line in table.split("\n") if line)
    return MappingProxyType({int(row[0], 16): Words(*row[1:]) for row in rows})


MEANINGS: Mapping[int, Words] = _read(_TABLE)
"""Every word without a number in it."""

_MORE = Words("还有{n}字节可取", "還有{n}位元組可取", "{n} more bytes to fetch")
_TRIES = Words(
    "验证不通过，还可以试{n}次", "驗證不通過，還可以試{n}次", "not verified, {n} tries left"
)
_LENGTH = Words("长度应为{n}", "長度應為{n}", "the length should be {n}")
_UNKNOWN = Words("卡返回{sw}", "卡返回{sw}", "the card answered {sw}")


def meaning(sw: int, language: str = "zh-hans") -> str:
    """A status word as a phrase in a language, with its number where it has one."""
    if sw in MEANINGS:
        return MEANINGS[sw].say(language)
    if sw >> 8 == MORE:
        return _MORE.say(language, n=sw & 0xFF or 256)
    if sw >> 4 == TRIES:
        return _TRIES.say(language, n=sw & 0xF)
    if sw >> 8 == LENGTH_IS:
        return _LENGTH.say(language, n=sw & 0xFF or 256)
    return _UNKNOWN.say(language, sw=f"{sw:04X}")


def tries_left(sw: int) -> int | None:
    """The tries a 63Cx names; 0 for 6983; None for any other word."""
    if sw == METHOD_BLOCKED:
        return 0
    return sw & 0xF if sw >> 4 == TRIES else None


def family(sw: int) -> int:
    """The word as the tables name it: 61xx, 63Cx and 6Cxx without their number."""
    if sw >> 8 in (MORE, LENGTH_IS):
        return sw & 0xFF00
    return sw & 0xFFF0 if sw >> 4 == TRIES else sw


_MAY = """
APPLICATION BLOCK: 6581 6700 6982 6984 6985 6988 6A81 6A86 6A88 6E00 9303
CARD BLOCK: 6581 6700 6982 6984 6985 6988 6A81 6A86 6A88 6E00
CHANGE PIN: 63C0 6581 6700 6983 6A80 6A81 6A86 6E00 9303
EXTERNAL AUTHENTICATION: 63C0 6581 6700 6983 6984 6A81 6A86 6A88 6E00 9303
GET CHALLENGE: 6700 6A81 6A86 6E00 9303
GET RESPONSE: 6100 6700 6A81 6A86 6C00 6E00 6F00 9303
INTERNAL AUTHENTICATION: 6700 6A81 6A86 6A88 6E00 9303
PIN CHANGE/UNBLOCK: 6581 6700 6982 6984 6985 6988 6A80 6A81 6A86 6A88 6E00 9303
READ BINARY: 6981 6982 6986 6A81 6A82 6A86 6B00 6C00 6E00 9303
READ RECORD: 6981 6982 6986 6A81 6A82 6A83 6A86 6C00 6E00 9303
SELECT: 6700 6A81 6A82 6A86 6E00 9303
UPDATE BINARY: 6581 6700 6981 6982 6984 6986 6988 6A81 6A82 6A86 6B00 6E00 9303
UPDATE RECORD: 6581 6700 6981 6982 6984 6986 6988 6A81 6A82 6A83 6A84 6A85 6A86 6E00 9303
VERIFY: 63C0 6700 6983 6984 6A81 6A86 6A88 6E00 9303
CREDIT FOR LOAD: 6581 6700 6901 6985 6A81 6A86 6E00 9302 9303
DEBIT FOR PURCHASE: 6581 6700 6901 6985 6A81 6A86 6E00 9302 9303
GET BALANCE: 6700 6982 6985 6A81 6A86 6E00 9303
GET TRANSACTION PROOF: 6700 6985 6A81 6A86 6E00 9303 9406
INITIALIZE FOR LOAD: 6581 6700 6982 6985 6A81 6A86 6E00 9303 9402 9403
INITIALIZE FOR PURCHASE: 6581 6700 6982 6985 6A81 6A86 6E00 9303 9401 9402 9403
UPDATE STARTING DAY: 6982 6985 6A81 6A86 6E00 9303
GET STARTING DAY: 6982 6985 6A81 6A86 6E00 9303
"""


def _read_may(table: str) -> Mapping[str, frozenset[int]]:
    rows = (line.split(": ") for line in table.split("\n") if line)
    always = (OK, UNKNOWN_INS)
    return MappingProxyType(
        {name: frozenset((*always, *(int(w, 16) for w in words.split()))) for name, words in rows}
    )


MAY_ANSWER: Mapping[str, frozenset[int]] = _read_may(_MAY)
"""The families of words each command may answer; 9000, and 6D00 where it is not known."""


def may_answer(command: str, sw: int) -> bool:
    """Whether the standard lets a command answer a word; 61xx is always let, being transport."""
    return sw >> 8 == MORE or family(sw) in MAY_ANSWER[command]
