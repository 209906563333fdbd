"""Some three hundred invented people: the same ones from the same seed, and nobody who exists.

Citizen numbers have a valid check character in area codes that no place has: ``11`` and the first
four digits of the region's invented code. Telephone numbers are all 1380000xxxx.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from minka.kit.identity import check_character
from minka.kit.secret import Clear

SEED = 7

HOW_MANY = {
    "R1": 90,
    "R1b": 24,
    "R2": 40,
    "R3": 40,
    "R4": 30,
    "R5": 30,
    "R6": 40,
    "V1": 12,
    "V2": 12,
}
"""People of each region."""

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
)
GIVEN = "禾晓岚青松云汀月溪安宁舟星河远知行若谷怀瑾子墨清和景明书言嘉木望舒乐天予初一诺思齐如意"

RARE = (
    *(
        "王㼆",
        "䶮小禾",
        "陈𬱟",
        "周𠅤",
        "李𪚥",
        "刘𫝀",
        "张𬺰",
        "赵𪜀",
        "吴𠮷安",
        "单于青",
        "𬭊云汀",
    ),
    *("阿依古丽·买买提", "古丽娜尔·吐尔逊", "艾力·肉孜", "ANNA LEE", "欧阳若谷", "司马知行"),
)
"""Names that try every screen, printer and sort order: extensions A to F, dots and letters."""

FIRSTS = {
    "R1": "陈晓岚",
    "R2": "李望舒",
    "R3": "周思齐",
    "R4": "郑怀瑾",
    "R5": "何景明",
    "R6": "孙如意",
}
"""The person each guided tour of a region is about."""


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person, before he is registered."""

    region: str
    serial: int
    number: Clear
    name: Clear
    phone: Clear
    member_number: str
    employer: int
    """Which of the region's employers; 0 for none."""
    bank: int
    """Which bank serves the card; 0 for a card without a bank part."""
    photo_code: str
    guardian: int
    """The serial of a minor's guardian in the same region; 0 for an adult."""


def invented_number(area: str, born: str, serial: int) -> str:
    """A citizen number with a valid check character; ``area`` and ``serial`` make it nobody's."""
    first = f"{area}{born}{serial:03d}"
    return first + check_character(first)


def area_of(administrative_code: str) -> str:
    """The area digits of a region's people, from the region's invented code."""
    return f"11{administrative_code[:4]}"


def invent(codes: dict[str, str], *, seed: int = SEED) -> Iterator[Invented]:
    """The people of every region of ``codes`` (region to administrative code), in order."""
    phones = iter(range(1, 10_000))
    for region, code in codes.items():
        yield from _of_region(region, area_of(code), phones, random.Random(f"{seed} {region}"))


def _of_region(
    region: str, area: str, phones: Iterator[int], rnd: random.Random
) -> Iterator[Invented]:
    names = _names(region, rnd)
    for serial in range(1, HOW_MANY[region] + 1):
        minor = serial > 8 and serial % 20 == 0
        born = _birthday(rnd, (2011, 2022) if minor else (1944, 2004))
        yield Invented(
            region=region,
            serial=serial,
            number=Clear(invented_number(area, born, serial)),
            name=Clear(next(names)),
            phone=Clear(f"1380000{next(phones):04d}"),
            member_number=f"{area[2:]}{serial:05d}",
            employer=0 if minor else rnd.randint(1, 3),
            bank=0 if minor else rnd.randint(1, 2),
            photo_code="" if serial % 15 == 14 else f"photo-{region}-{serial:03d}",
            guardian=serial - 1 if minor else 0,
        )


def _names(region: str, rnd: random.Random) -> Iterator[str]:
    """The name of the tour, then (in R1) every rare name, then plain ones without repetition."""
    given = set()
    if region in FIRSTS:
        given.add(FIRSTS[region])
        yield FIRSTS[region]
    if region == "R1":
        yield from RARE
    while True:
        name = rnd.choice(SURNAMES) + "".join(rnd.sample(GIVEN, rnd.choice((1, 2, 2, 2))))
        if name not in given:
            given.add(name)
            yield name


def _birthday(rnd: random.Random, years: tuple[int, int]) -> str:
    return f"{rnd.randint(*years)}{rnd.randint(1, 12):02d}{rnd.randint(1, 28):02d}"
