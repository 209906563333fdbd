"""Every return code of card-chip §15.1: its sentence, and the way it comes about (J4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from minka.bench.card_image import KEYS, LEFT_AT, LIFE, Life
from minka.bench.card_plan import plan
from minka.bench.card_tree import BLOCKED_AT
from minka.devices.pcsc_reader import (
    CardBusy,
    MuteCard,
    NoCard,
    NotInstalled,
    ReaderFault,
    ReaderGone,
)
from minka.doors.reader.card import code_of
from minka.doors.reader.codes import SENTENCES, Code, of_status, sentence
from minka.doors.reader.terminal import Terminal
from tests.card.world import SM4, new_card
from tests.reader.world import CONTACT, WHICH, Counter, InProcess, SlotCard

TABLE = """
-1,卡类型不对
-2,无卡
-3,有卡未上电
-4,卡无应答
-5,加载动态库错
-11,读卡器连接错
-12,未建立连接
-13,不支持该命令
-14,命令参数错
-15,信息校验和出错
-20,卡识别码格式错
-21,内部认证失败
-22,传入数据与卡内不符
-23,传入数据不合法
-24,密钥级别不够
-25,内部认证与加密机不一致
-31,用户取消密码输入
-32,密码输入操作超时
-33,输入密码长度错
-34,两次输入密码不一致
-35,初始密码不能交易
-36,不能改为初始密码
-41,运算数据含非法字符
-42,运算数据长度错
-51,校验失败
-52,锁定
-2201,无 PSAM 卡
-2202,算法不支持
-2203,没有 RKSSSE
-2204,不需要加密机认证
-25536,剩余 0 次
-25537,剩余 1 次
-25538,剩余 2 次
-26368,Lc/Le 不正确
-26881,命令不接受
-27009,命令与文件结构不相符
-27010,不满足安全条件
-27011,锁定
-27012,随机数无效
-27013,不满足使用条件
-27016,MAC 不正确
-27264,数据域参数不正确
-27265,卡被锁定
-27266,未找到文件
-27267,未找到记录
-27272,未找到密钥
-37634,MAC 无效
-37635,应用已被永久锁定
-37891,不支持消费交易
-37894,TAC 不可用
-999,未知错误
"""


@pytest.mark.parametrize(
    ("code", "words"), [line.split(",") for line in TABLE.strip().split("\n")], ids=str
)
def test_every_code_has_its_sentence(code: str, words: str) -> None:
    """J4: the table of the reference, by number."""
    assert words in sentence(int(code))


def test_the_table_is_whole() -> None:
    """J4: no code of ours stands outside the table, and none of it is missing."""
    listed = {int(line.split(",")[0]) for line in TABLE.split("\n") if line}
    tries = {-25536, -25537, -25538}
    assert listed - tries - {-999} == set(SENTENCES) - {0}


def test_a_cards_refusal_is_minus_its_word() -> None:
    """J4: 9000 is 0, any other word its number made negative, also one that nobody listed."""
    assert [of_status(word) for word in (0x9000, 0x63C2, 0x6700)] == [0, -25538, -26368]
    assert "6F42" in sentence(of_status(0x6F42))


class Saying(SlotCard):
    """A card that answers one word to one command, and nothing else amiss."""

    def __init__(self, counter: Counter, ins: int, word: int) -> None:
        super().__init__(counter.slot)
        self.ins, self.word = ins, word

    def transmit(self, command: bytes) -> bytes:
        if command[1] == self.ins:
            return self.word.to_bytes(2)
        return super().transmit(command)


WORDS = [-int(line.split(",")[0]) for line in TABLE.split("\n") if line]
WORDS = [word for word in WORDS if word > 0x6000 and word != 0x6A83]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{word:04X}")
@pytest.mark.parametrize("ins", [0x84, 0x88], ids=["challenge", "internal"])
def test_any_word_of_the_card_comes_through(ins: int, word: int) -> None:
    """J4: whatever command is refused, the function ends with minus the word and lets go."""
    counter = Counter()
    counter.driver.terminal = _terminal(counter, lambda: Saying(counter, ins, word))
    assert counter.code("iReadCardBas_HSM_Step1", "3") == -word
    assert not counter.driver.holds_a_card


def _terminal(counter: Counter, connect: Callable[[], SlotCard]) -> Terminal:
    class One(InProcess):
        def connect(self, reader: str) -> SlotCard:
            assert reader == CONTACT
            return connect()

    return replace(counter.driver.terminal, readers=One({CONTACT: counter.slot}))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NoCard(), Code.NO_CARD),
        (MuteCard(), Code.NO_ANSWER),
        (CardBusy(), Code.NO_ANSWER),
        (ReaderGone(), Code.NO_READER),
        (NotInstalled(), Code.NO_LIBRARY),
    ],
)
def test_what_is_wrong_with_a_reader(fault: ReaderFault, code: int) -> None:
    """J4: the slot is empty, the card says nothing, the reader or its library is not there."""
    counter = Counter()

    def refuse() -> SlotCard:
        raise fault

    counter.driver.terminal = _terminal(counter, refuse)
    assert counter.code("iReadCardBas", "3") == code
    assert code_of(fault) == code


def test_a_card_that_is_none_of_ours() -> None:
    """J4: no environment of that name (6A82), or historical bytes of another card: -1."""
    counter = Counter()
    counter.driver.terminal = _terminal(counter, lambda: Saying(counter, 0xA4, 0x6A82))
    assert counter.code("iReadCardBas", "3") == Code.WRONG_CARD_KIND
    card = new_card()
    card.atr = bytes.fromhex("3B020000")
    assert Counter(card).code("iReadCardBas", "3") == Code.WRONG_CARD_KIND


def test_a_blocked_card_and_a_blocked_application() -> None:
    """J4: 6A81 from everything, 9303 from the application; both are for good."""
    card = new_card()
    folder = card.tree.folders[0xDF04]
    card.memory.cells[card.entry_place(folder) + BLOCKED_AT] = 1
    counter = Counter(card)
    assert counter.code("iReadDebitRecord", "3", pins=["123456"]) == -37635
    assert counter.code("iGetCardType", "3") == 0
    card.memory.cells[LIFE] = Life.BLOCKED
    assert counter.code("iGetCardType", "3") == -27265


def test_a_locked_key() -> None:
    """J4: PUK without tries left answers 6983."""
    card = new_card()
    place = plan(SM4).key("PUK").place
    assert place >= KEYS
    card.memory.cells[place + LEFT_AT] = 0
    counter = Counter(card)
    counter.out("iUnblockPIN_HSM_Step1", "3", WHICH)
    assert counter.code("iUnblockPIN_HSM_Step2", "0" * 32) == -27011


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("iNothing", (), Code.NOT_SUPPORTED),
        ("iReadCardBas", (), Code.WRONG_ARGUMENT),
        ("iReadCardBas", ("3", "4"), Code.WRONG_ARGUMENT),
        ("iReadCardBas", ("0",), Code.WRONG_ARGUMENT),
        ("iReadCardBas", ("5",), Code.WRONG_ARGUMENT),
        ("iReadCardBas", ("three",), Code.WRONG_ARGUMENT),
        ("iReadCardBas", ("²",), Code.WRONG_ARGUMENT),
        ("iReadCardBas", ("2",), Code.NO_READER),
        ("iReadCard", ("3", "3", WHICH, "SSSEEF05|07|$"), Code.WRONG_ARGUMENT),
        ("iReadCard", ("3", "1", "x", "SSSEEF05|07|$"), Code.WRONG_ARGUMENT),
        ("iReadCard", ("3", "1", "x|y|", "SSSEEF05|07|$"), Code.BAD_IDENTIFICATION),
        ("iReadCardBas_HSM_Step2", ("",), Code.NOT_OPENED),
        ("iDoDebit_HSM_Step2", ("",), Code.NOT_OPENED),
        ("iReloadPIN_HSM_Step3", ("",), Code.NOT_OPENED),
    ],
)
def test_what_a_caller_does_wrong(name: str, arguments: tuple[str, ...], code: int) -> None:
    """J4: unknown names, arguments that are none, steps out of order."""
    assert Counter().code(name, *arguments) == code


def test_contactless_is_its_own_reader() -> None:
    """J4: iType 2 asks the contactless reader, 4 asks it first and then the other."""
    counter = Counter(contactless_reader="Air 00")
    counter.readers.slots["Air 00"] = None
    assert counter.code("iGetCardType", "2") == Code.NO_CARD
    assert counter.code("iGetCardType", "4") == 0
    counter.readers.slots["Air 00"], counter.readers.slots[CONTACT] = counter.slot, None
    assert counter.code("iGetCardType", "1") == Code.NO_CARD
    assert [counter.code("iGetCardType", kind) for kind in "234"] == [0, 0, 0]


def test_every_function_begins_with_the_master_file() -> None:
    """J4: one maker's cards want 3F00 before the name; its status is ignored (card-chip §20)."""
    counter = Counter()
    seen: list[bytes] = []

    class Listening(SlotCard):
        def transmit(self, command: bytes) -> bytes:
            seen.append(command)
            answer = super().transmit(command)
            return b"\x6a\x82" if len(seen) == 1 else answer

    counter.driver.terminal = _terminal(counter, lambda: Listening(counter.slot))
    assert counter.code("iGetCardType", "3") == 0
    assert [command.hex().upper() for command in seen[:2]] == [
        "00A40000023F00",
        "00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
    ]
