"""What differs between two packs, key by key, in words a person can read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from typing import Any, Literal

from weidai.kernel.text import Text

ChangeKind = Literal["added", "removed", "changed"]
_NAMED_BY = ("code", "province_code", "name", "on", "product")  # what a row of a list is known by
_RATE = re.compile(r"rate|annual_cap")


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that differs. `before` and `after` read as people write them; empty on the side where it is not."""

    section: str
    key: str
    kind: ChangeKind
    before: Text
    after: Text


def differences(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> list[Difference]:
    """Return what differs between two packs (section → content), by section and key, in the order of the newer one."""
    found = []
    for section in [*after, *(one for one in before if one not in after)]:
        old, new = (dict(_flat(side.get(section, {}))) for side in (before, after))
        for key in [*new, *(one for one in old if one not in new)]:
            if key in old and key in new:
                if old[key] != new[key]:
                    found.append(Difference(section, key, "changed", _words(key, old[key]), _words(key, new[key])))
            elif key in new:
                found.append(Difference(section, key, "added", Text("", ""), _words(key, new[key])))
            else:
                found.append(Difference(section, key, "removed", _words(key, old[key]), Text("", "")))
    return found


def flat(section: Mapping[str, Any]) -> list[tuple[str, Text]]:
    """Return a section as rows of (key, value in words), for a page."""
    return [(key, _words(key, value)) for key, value in _flat(section)]


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Walk to the leaves; a row of a list is named by its code, so that a row that moved is no change of its numbers."""
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        yield key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and value and all(isinstance(one, Mapping) and set(one) != {"zh", "en"} for one in value):
        seen: set[str] = set()
        for place, inner in enumerate(value):
            name = _row_name(inner, place)
            name = name if name not in seen else f"{name}#{place}"
            seen.add(name)
            yield from _flat(inner, f"{key}[{name}]")
    else:
        yield key, value


def _row_name(row: Mapping[str, Any], place: int) -> str:
    for key in _NAMED_BY:
        if key in row:
            value = row[key]
            return str(value["zh"]) if isinstance(value, Mapping) and "zh" in value else str(value)
    return str(place)


def _words(key: str, value: Any) -> Text:
    name = key.rpartition(".")[2].partition("[")[0]
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return Text(str(value["zh"]), str(value["en"]))
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, int) and "_fen" in key:
        yuan = f"{value // 100:,}" + (f".{value % 100:02d}" if value % 100 else "")
        return Text(f"{yuan} 元", f"CNY {yuan}")
    if isinstance(value, str) and _RATE.search(key) and re.fullmatch(r"0(\.[0-9]+)?", value):
        return Text(*(f"{_percent(value)}% ({value})",) * 2)
    if isinstance(value, date | time):
        return Text(value.isoformat(), value.isoformat())
    if isinstance(value, list):
        parts = [_words(name, one) for one in value]
        return Text("、".join(one.zh for one in parts), ", ".join(one.en for one in parts))
    if isinstance(value, int) and not isinstance(value, bool):
        return Text(f"{value:,}", f"{value:,}")
    return Text(str(value), str(value))


def _percent(value: str) -> str:
    hundredth = Fraction(value) * 100
    text = f"{hundredth.numerator * 10**8 // hundredth.denominator:09d}"
    return f"{text[:-8]}.{text[-8:]}".rstrip("0").rstrip(".")
