"""The return codes of the driver functions, with their sentences (card-chip §15.1).

0 is done. A card's own refusal is minus its status word as a number: 6A82 is -27266. The sentence
of a code that nobody listed names the status word.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from minka.kit.words import Words


class Code(IntEnum):
    """Codes that are not a card's status word."""

    DONE = 0
    WRONG_CARD_KIND = -1
    NO_CARD = -2
    NOT_POWERED = -3
    NO_ANSWER = -4
    NO_LIBRARY = -5
    NO_READER = -11
    NOT_OPENED = -12
    NOT_SUPPORTED = -13
    WRONG_ARGUMENT = -14
    WRONG_CHECKSUM = -15
    BAD_IDENTIFICATION = -20
    CARD_NOT_GENUINE = -21
    NOT_THIS_CARD = -22
    NOT_LAWFUL = -23
    SAM_LEVEL = -24
    HSM_DIFFERS = -25
    PIN_CANCELLED = -31
    PIN_TIMED_OUT = -32
    PIN_LENGTH = -33
    PINS_DIFFER = -34
    INITIAL_PIN = -35
    BACK_TO_INITIAL_PIN = -36
    BAD_CHARACTER = -41
    BAD_LENGTH = -42
    PIN_WRONG = -51
    PIN_LOCKED = -52
    NO_SAM = -2201
    SAM_ALGORITHM = -2202
    SAM_WITHOUT_KEY = -2203
    NO_HSM_NEEDED = -2204
    KEY_NOT_FOUND = -0x6A88
    UNKNOWN = -999


CONTINUE_WITH_HSM = frozenset(
    {Code.NO_SAM, Code.SAM_ALGORITHM, Code.SAM_WITHOUT_KEY, Code.KEY_NOT_FOUND, Code.SAM_LEVEL}
)
"""The five codes after which a caller goes on with the functions of an encryption machine."""

_TABLE = f"""
0|成功|成功|done
-1|卡类型不对|卡類型不對|this is not the right kind of card
-2|无卡|無卡|no card
-3|有卡未上电|有卡未上電|the card is not powered
-4|卡无应答|卡無應答|the card does not answer
-5|加载动态库错|載入動態庫錯|a library could not be loaded
-11|读卡器连接错|讀卡器連接錯|the reader or its service is not there
-12|未建立连接|未建立連接|nothing was opened, or the step before is missing
-13|不支持该命令|不支援該命令|this is not supported
-14|命令参数错|命令參數錯|an argument is wrong
-15|信息校验和出错|資訊校驗和出錯|a checksum is wrong
-20|卡识别码格式错|卡識別碼格式錯|the identification code has the wrong form
-21|内部认证失败（用户卡不合法）|內部認證失敗（用戶卡不合法）|the card did not prove itself
-22|传入数据与卡内不符|傳入資料與卡內不符|another card is in the reader
-23|传入数据不合法|傳入資料不合法|what was given is not lawful
-24|PSAM 卡密钥级别不够|PSAM 卡密鑰級別不夠|the PSAM has no key of the right level
-25|内部认证与加密机不一致|內部認證與加密機不一致|card and encryption machine do not agree
-31|用户取消密码输入|用戶取消密碼輸入|the PIN was cancelled
-32|密码输入操作超时|密碼輸入操作逾時|no PIN was entered in time
-33|输入密码长度错|輸入密碼長度錯|the PIN has the wrong length
-34|两次输入密码不一致|兩次輸入密碼不一致|the two PINs differ
-35|初始密码不能交易|初始密碼不能交易|the initial PIN does not pay
-36|不能改为初始密码|不能改為初始密碼|the initial PIN cannot be chosen
-41|运算数据含非法字符|運算資料含非法字元|a character does not belong there
-42|运算数据长度错|運算資料長度錯|the length is wrong
-51|PIN 校验失败|PIN 校驗失敗|wrong PIN
-52|PIN 锁定|PIN 鎖定|the PIN is blocked
-2201|无 PSAM 卡|無 PSAM 卡|no PSAM
-2202|PSAM 卡算法不支持|PSAM 卡演算法不支援|the PSAM does not compute this algorithm
-2203|PSAM 卡内没有 RKSSSE|PSAM 卡內沒有 RKSSSE|the PSAM has no RKSSSE
-2204|不需要加密机认证|不需要加密機認證|no encryption machine is needed
{-0x6700}|Lc/Le 不正确|Lc/Le 不正確|wrong length
{-0x6901}|命令不接受（无效状态）|命令不接受（無效狀態）|not accepted in this state
{-0x6981}|命令与文件结构不相符|命令與檔案結構不相符|the command does not fit the file
{-0x6982}|不满足安全条件|不滿足安全條件|PIN or key not shown
{-0x6983}|密钥锁定（鉴别方法锁定）|密鑰鎖定（鑑別方法鎖定）|the key is blocked
{-0x6984}|引用数据无效、随机数无效|引用資料無效、隨機數無效|no valid challenge
{-0x6985}|不满足使用条件、应用未选择、余额上溢|不滿足使用條件、應用未選擇、餘額上溢|conditions unmet
{-0x6988}|安全报文数据项不正确、MAC 不正确|安全報文資料項不正確、MAC 不正確|secured data wrong
{-0x6A80}|数据域参数不正确|資料域參數不正確|wrong data
{-0x6A81}|不支持该功能、卡被锁定、应用锁定|不支援該功能、卡被鎖定、應用鎖定|unsupported or blocked
{-0x6A82}|未找到文件、文件标识相重、SFI 不正确|未找到檔案、檔案標識相重、SFI 不正確|no such file
{-0x6A83}|未找到记录|未找到記錄|no such record
{-0x6A88}|未找到引用数据、未找到密钥|未找到引用資料、未找到密鑰|no such key
{-0x9302}|MAC 无效|MAC 無效|the MAC is wrong
{-0x9303}|应用已被永久锁定、卡片锁定|應用已被永久鎖定、卡片鎖定|application or card blocked for good
{-0x9403}|PSAM 卡不支持消费交易|PSAM 卡不支援消費交易|the PSAM does not do purchases
{-0x9406}|所需 MAC/TAC 不可用|所需 MAC/TAC 不可用|no MAC or TAC to give
"""


def _read(table: str) -> dict[int, Words]:
    rows = (line.split("|") for line in table.strip().split("\n"))
    return {int(row[0]): Words(*row[1:]) for row in rows}


SENTENCES: Mapping[int, Words] = _read(_TABLE)
"""What each code says to a person; the Chinese is the drivers' own."""

_TRIES = Words(
    "外部认证失败，剩余 {n} 次", "外部認證失敗，剩餘 {n} 次", "a proof was refused, {n} tries left"
)
_STATUS = Words("未知错误（{sw}）", "未知錯誤（{sw}）", "unknown error ({sw})")
_UNKNOWN = Words("未知错误", "未知錯誤", "unknown error")


class Stop(Exception):
    """A driver function ends with a code, and sometimes with words for its output."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(code)
        self.code, self.words = int(code), words


def of_status(word: int) -> int:
    """The code of a status word: 9000 is 0, any other its number made negative."""
    return 0 if word == 0x9000 else -word


def sentence(code: int, language: str = "zh-hans") -> str:
    """What a code says to a person; never what was on the card."""
    if -0x63CF <= code <= -0x63C0:
        return _TRIES.say(language, n=-code & 0xF)
    if code in SENTENCES:
        return SENTENCES[code].say(language)
    if -0xFFFF <= code <= -0x6000:
        return _STATUS.say(language, sw=f"{-code:04X}")
    return _UNKNOWN.say(language)
