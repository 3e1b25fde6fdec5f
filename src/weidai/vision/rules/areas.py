"""Administrative areas (GB 2260): which six-digit codes are known, and what their areas are called (R1.4).

The list is the one of the statistics office of October 2018. A code that is not on it is *unknown*, not wrong: people
live today with numbers first issued in counties that were since abolished.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Area:
    """A county, district or city: `city` is empty where it belongs to the province directly."""

    code: str
    name: str
    city: str
    province: str

    @property
    def full_name(self) -> str:
        """Province, city and name, as an address begins."""
        return self.province + self.city + self.name


@cache
def _names() -> dict[str, str]:
    text = files(__package__).joinpath("areas.tsv").read_text(encoding="utf-8")
    return {line[:6]: line[7:] for line in text.splitlines()}


def is_known(code: str) -> bool:
    """Say whether six digits name an area of the list."""
    return code in _names()


def area_of(code: str) -> Area | None:
    """Return the area of a code, None when the list has none."""
    names = _names()
    if code not in names:
        return None
    city = names.get(code[:4] + "00", "") if not code.endswith("00") else ""
    return Area(code, names[code], city, names.get(code[:2] + "0000", ""))


@cache
def counties() -> tuple[Area, ...]:
    """Return every area of the mainland that issues ID numbers, in the order of its code."""
    codes = (code for code in _names() if not code.endswith("00") and code[:2] not in ("71", "81", "82"))
    return tuple(area for code in codes if (area := area_of(code)) is not None)


_SHORT = {"内蒙古自治区": "内蒙古", "广西壮族自治区": "广西", "西藏自治区": "西藏", "宁夏回族自治区": "宁夏",
          "新疆维吾尔自治区": "新疆"}


@cache
def beginnings() -> tuple[str, ...]:
    """Return every way an address may begin: province, city and name, without province or city, autonomous regions short."""
    found = set()
    for area in counties():
        for province in {area.province, _SHORT.get(area.province, area.province), ""}:
            found.add(province + area.city + area.name)
            if province:
                found.add(province + area.name)
    return tuple(sorted((text for text in found if len(text) >= 4 or text.endswith("县")), key=len, reverse=True))
