"""The return codes of the driver functions, with their sentences (card-chip §15.1).

0 is done. A card's own refusal is minus its status word as a number: 6A82 is -27266. The sentence
of a code that nobody listed names the status word.
"""

from __future__ import annotations

from enum import IntEnum


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

SENTENCES: dict[int, str] = {
    Code.DONE: "成功",
    Code.WRONG_CARD_KIND: "卡类型不对",
    Code.NO_CARD: "无卡",
    Code.NOT_POWERED: "有卡未上电",
    Code.NO_ANSWER: "卡无应答",
    Code.NO_LIBRARY: "加载动态库错",
    Code.NO_READER: "读卡器连接错",
    Code.NOT_OPENED: "未建立连接",
    Code.NOT_SUPPORTED: "不支持该命令",
    Code.WRONG_ARGUMENT: "命令参数错",
    Code.WRONG_CHECKSUM: "信息校验和出错",
    Code.BAD_IDENTIFICATION: "卡识别码格式错",
    Code.CARD_NOT_GENUINE: "内部认证失败（用户卡不合法）",
    Code.NOT_THIS_CARD: "传入数据与卡内不符",
    Code.NOT_LAWFUL: "传入数据不合法",
    Code.SAM_LEVEL: "PSAM 卡密钥级别不够",
    Code.HSM_DIFFERS: "内部认证与加密机不一致",
    Code.PIN_CANCELLED: "用户取消密码输入",
    Code.PIN_TIMED_OUT: "密码输入操作超时",
    Code.PIN_LENGTH: "输入密码长度错",
    Code.PINS_DIFFER: "两次输入密码不一致",
    Code.INITIAL_PIN: "初始密码不能交易",
    Code.BACK_TO_INITIAL_PIN: "不能改为初始密码",
    Code.BAD_CHARACTER: "运算数据含非法字符",
    Code.BAD_LENGTH: "运算数据长度错",
    Code.PIN_WRONG: "PIN 校验失败",
    Code.PIN_LOCKED: "PIN 锁定",
    Code.NO_SAM: "无 PSAM 卡",
    Code.SAM_ALGORITHM: "PSAM 卡算法不支持",
    Code.SAM_WITHOUT_KEY: "PSAM 卡内没有 RKSSSE",
    Code.NO_HSM_NEEDED: "不需要加密机认证",
    -0x6700: "Lc/Le 不正确",
    -0x6901: "命令不接受（无效状态）",
    -0x6981: "命令与文件结构不相符",
    -0x6982: "不满足安全条件",
    -0x6983: "密钥锁定（鉴别方法锁定）",
    -0x6984: "引用数据无效、随机数无效",
    -0x6985: "不满足使用条件、应用被锁定、应用未选择、余额上溢",
    -0x6988: "安全报文数据项不正确、MAC 不正确",
    -0x6A80: "数据域参数不正确",
    -0x6A81: "不支持该功能、卡中无 MF、卡被锁定、应用锁定",
    -0x6A82: "未找到文件、文件标识相重、SFI 不正确",
    -0x6A83: "未找到记录",
    Code.KEY_NOT_FOUND: "未找到引用数据、未找到密钥",
    -0x9302: "MAC 无效",
    -0x9303: "应用已被永久锁定、卡片锁定",
    -0x9403: "PSAM 卡不支持消费交易",
    -0x9406: "所需 MAC/TAC 不可用",
}


class Stop(Exception):
    """A driver function ends with a code, and sometimes with words for its output."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(code)
        self.code, self.words = int(code), words


def of_status(word: int) -> int:
    """The code of a status word: 9000 is 0, any other its number made negative."""
    return 0 if word == 0x9000 else -word


def sentence(code: int) -> str:
    """What a code says to a person; never what was on the card."""
    if -0x63CF <= code <= -0x63C0:
        return f"外部认证失败，剩余 {-code & 0xF} 次"
    if code in SENTENCES:
        return SENTENCES[code]
    return f"未知错误（{-code:04X}）" if -0xFFFF <= code <= -0x6000 else "未知错误"
