"""An invented catalogue of care: drugs, services and consumables with dated limits and ratios.

Codes begin with M, as no code of the national catalogue does; the names are nobody's. Prices are in
fen for one unit; limits in millionths of a yuan, ratios in ten-thousandths, as the register has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_ROOTS = "安禾 清汀 松宁 云舒 望和 月溪 知远 晓青 嘉木 怀瑾 若谷 天初 行舟 墨言 书明 星野".split()
_FORMS = "片 胶囊 颗粒 口服液 注射液 软膏 滴眼液 丸".split()
_SERVICES = (
    "普通门诊诊察 副高诊察 正高诊察 急诊诊察 住院诊察 床位甲等 床位乙等 一级护理 二级护理 三级护理 "
    "静脉输液 肌肉注射 换药 血液常规 尿液常规 肝功能 肾功能 血脂 血糖 心电图 胸部摄片 腹部超声 "
    "心脏超声 头部断层 腹部断层 关节共振 胃镜 肠镜 针刺 推拿 理疗 缝合 阑尾手术 胆囊手术 "
    "关节手术 麻醉 病理 吸氧 雾化 康复评定"
).split()
_GOODS = (
    "输液器 注射器 导管 敷料 缝线 引流袋 夹板 骨钉 支架 人工晶体 关节头 补片 吻合器 滤器 "
    "球囊 导丝 血糖试纸 护腰 绷带 面罩"
).split()
_DRUGS = 60
GROUPS = (("drug", "MD"), ("service", "MS"), ("consumable", "MC"))


@dataclass(frozen=True, slots=True)
class Item:
    """One invented entry of the catalogue."""

    code: str
    name: str
    kind: str
    """``drug``, ``service`` or ``consumable``."""
    category: int
    """1 for 甲, 2 for 乙, 3 for 丙."""
    price_fen: int
    """What a hospital usually asks for one unit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A price limit of an item in one area, at one level of hospital (0 for all), in its time."""

    code: str
    level: int
    from_on: date
    until_on: date
    limit_e6: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a person pays first of an item of class 乙, by type of person (0 for all)."""

    code: str
    psn_type: int
    from_on: date
    until_on: date
    ratio_e4: int


def items() -> list[Item]:
    """The whole catalogue, the same in every area and every run: some 120 entries."""
    rnd = random.Random("catalogue")
    named = [("drug", name) for name in _drug_names()]
    named += [("service", f"{name}费") for name in _SERVICES]
    named += [("consumable", f"一次性{name}") for name in _GOODS]
    prefixes = dict(GROUPS)
    return [
        Item(f"{prefixes[kind]}{n:05d}", name, kind, _category(n, kind), _price(rnd, kind))
        for n, (kind, name) in enumerate(named, start=1)
    ]


def _drug_names() -> list[str]:
    names = [f"{root}{form}" for form in _FORMS for root in _ROOTS]
    return names[:_DRUGS]


def _category(n: int, kind: str) -> int:
    """Of ten drugs five are 甲, four 乙 and one 丙; of ten services seven are 甲."""
    turn = n % 10
    if turn == 9:
        return 3
    return 1 if turn < (7 if kind == "service" else 5) else 2


def _price(rnd: random.Random, kind: str) -> int:
    low, high = {"drug": (180, 9_600), "service": (500, 68_000), "consumable": (90, 420_000)}[kind]
    return rnd.randint(low, low + (high - low) // rnd.choice((1, 3, 9)))


def limits(area: int, year: int) -> Iterator[Limit]:
    """The price limits of an area: last year's, and this year's that took their place."""
    rnd = random.Random(f"limits {area}")
    for item in items():
        if item.category == 3 or rnd.random() < 0.3:
            continue
        levels = (1, 2, 3) if item.kind == "service" else (0,)
        for level in levels:
            now = item.price_fen * rnd.randint(80, 115) // 100 + level
            before = now * rnd.randint(101, 112) // 100
            first = date(year, 1, 1)
            yield Limit(item.code, level, date(year - 2, 1, 1), first, before * 10_000)
            yield Limit(item.code, level, first, date.max, now * 10_000)


def ratios(area: int, year: int) -> Iterator[Ratio]:
    """What is paid first in an area: one ratio for all, and for some items a lower for retired."""
    rnd = random.Random(f"ratios {area}")
    for item in items():
        if item.category != 2:
            continue
        first = rnd.choice((500, 1_000, 1_500, 2_000))
        yield Ratio(item.code, 0, date(year - 2, 1, 1), date(year, 1, 1), first + 500)
        yield Ratio(item.code, 0, date(year, 1, 1), date.max, first)
        if rnd.random() < 0.25:
            yield Ratio(item.code, 12, date(year, 1, 1), date.max, first // 2)
