"""Invented banks, employers, and places of every kind that the law of a region names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from minka.kit.words import Words
from minka.law.region import RegionLaw

BANKS = (
    ("BANK1", "示例第一银行", "Example First Bank", "000-96001", None),
    ("BANK2", "示例第二银行", "Example Second Bank", "000-96002", 5),
    ("BOC", "示例中行", "Example BOC", "000-96003", None),
)
"""Number, name, English name, telephone, and days after which the bank's own stop lapses."""

_TRADES = ("禾丰纺织有限公司", "云汀软件有限公司", "松石机械厂")
_DISTRICTS = (
    Words("青禾区", "青禾區", "Qinghe District"),
    Words("云汀区", "雲汀區", "Yunting District"),
    Words("松石区", "松石區", "Songshi District"),
)
_STREETS = ("禾风路", "汀月街", "松涛巷", "书塾路", "望舒街")
_NOT_A_PLACE = {"employer", "employer_filing_site", "bureau_site"}
_OF_BANKS = {
    "service_bank": "BANK1",
    "old_service_bank": "BANK2",
    "bank": "BOC",
    "boc_savings_office": "BOC",
    "boc_retail_dept": "BOC",
}
_NAMES = {
    "service_point": ("社保卡服务网点", "card service point", "挂失 补卡 领卡 咨询"),
    "agency": ("社保经办机构", "social insurance agency", "挂失 换卡 补卡 领卡"),
    "service_centre": ("社保服务中心", "social insurance service centre", "补卡 当场取卡"),
    "city_centre": ("市医保中心", "city medical insurance centre", "挂失 撤销挂失"),
    "district_centre": ("区医保中心", "district medical insurance centre", "挂失 补卡 当场办结"),
    "street_centre": ("街道劳动保障服务中心", "street labour security centre", "申领 领卡"),
    "district_subcentre": ("社保分中心", "social insurance sub-centre", "开具清户通知单"),
    "contribution_counter": ("社保征收窗口", "contribution counter", "单位经办人挂失"),
    "medical_office": ("医保处", "medical insurance office", "证明信盖章"),
    "hospital": ("医院", "hospital", "就医结算 自助挂失"),
    "pharmacy": ("大药房", "pharmacy", "购药结算"),
    "service_bank": ("第一银行支行", "First Bank branch", "医疗保险卡挂失"),
    "old_service_bank": ("第二银行支行", "Second Bank branch", "医疗保险卡清户"),
    "boc_savings_office": ("中行储蓄所", "BOC savings office", "挂失 补卡 领卡"),
    "boc_retail_dept": ("中行零售业务部", "BOC retail department", "交易查询"),
    "bank": ("银行营业厅", "bank hall", "取号 社保卡业务"),
}
_LEVELS = {1: ("一级", "class one"), 2: ("二级", "class two"), 3: ("三级", "class three")}
_OPENED = date(2015, 3, 1)


@dataclass(frozen=True, slots=True)
class InventedPlace:
    """One invented place with what a visitor needs to know."""

    place_id: str
    region: str
    kind: str
    name: str
    name_en: str
    district: str
    address: str
    phone: str
    services: str
    directions: str
    hours: str
    hospital_class: int | None
    bank_id: str | None
    longitude: str
    latitude: str
    open_from: date = _OPENED


@dataclass(frozen=True, slots=True)
class InventedEmployer:
    """One invented employer."""

    employer_id: str
    region: str
    name: str


def kinds_of(law: RegionLaw) -> tuple[str, ...]:
    """The kinds of place that a region's rules name, and hospitals and pharmacies everywhere."""
    named = [e.value("place") for e in law.entries() if e.value("place") is not None]
    kinds = [kind for places in named for kind in places.kinds]
    kept = (kind for kind in (*kinds, "hospital", "pharmacy") if kind not in _NOT_A_PLACE)
    return tuple(dict.fromkeys(kept))


def places(law: RegionLaw) -> Iterator[InventedPlace]:
    """Two or three places of each kind, in different districts of the invented map."""
    column = int(law.administrative_code[2:4])
    number = 0
    for kind in kinds_of(law):
        for nth in range(3 if kind in ("service_point", "agency", "hospital") else 2):
            number += 1
            yield _place(law, kind, nth, (column, number))


def _place(law: RegionLaw, kind: str, nth: int, at: tuple[int, int]) -> InventedPlace:
    word, english, services = _NAMES[kind]
    level = nth + 1 if kind == "hospital" else None
    grade, grade_en = _LEVELS[level] if level else ("", "")
    district, street = _DISTRICTS[nth % 3], _STREETS[at[1] % len(_STREETS)]
    public = kind in ("hospital", "pharmacy")
    return InventedPlace(
        place_id=place_id(law.id, kind, nth + 1),
        region=law.id,
        kind=kind,
        name=f"{law.names.zh_hans}{district.zh_hans}{grade}{word}",
        name_en=" ".join(part for part in (district.en, grade_en, english) if part),
        district=district.zh_hans,
        address=f"{district.zh_hans}{street}{at[1] * 7}号",
        phone=f"000-{at[0]:02d}{at[1]:02d}",
        services=services,
        directions=f"公交{at[1]}路{street}站下车即到",
        hours="每天 全天" if public else "周一至周五 9:00-17:00，周六 9:00-12:00",
        hospital_class=level,
        bank_id=_OF_BANKS.get(kind),
        longitude=f"{at[0] / 10 + nth / 50:.6f}",
        latitude=f"{at[0] / 10 + at[1] / 200:.6f}",
    )


def place_id(region: str, kind: str, nth: int = 1) -> str:
    """The number of the nth place of a kind in a region, at most twenty characters."""
    return f"{region}-{kind[:13].replace('_', '')}-{nth}".upper()


def has_kiosk(place: InventedPlace) -> bool:
    """Whether a self-service terminal stands there."""
    return place.kind in ("service_point", "hospital", "bank")


def kiosk_id(place_id: str) -> str:
    """The number of the terminal at a place."""
    return f"K-{place_id}"[:20]


def employers(law: RegionLaw) -> Iterator[InventedEmployer]:
    """Three employers of a region."""
    for nth, trade in enumerate(_TRADES, start=1):
        yield InventedEmployer(f"{law.id}-E{nth}", law.id, f"{law.names.zh_hans}{trade}")
