"""Strict reading of a policy section into a frozen dataclass: what is not exactly right is refused, with its place.

The dataclass is the schema. Conventions, so that a schema needs no annotations beyond its types:
- every field is required, except those with a default;
- a field `*_e8` is written without the suffix as a decimal string: `daily_rate = "0.0005"` → `daily_rate_e8 = 50_000`;
- a `Fraction` is a string ("0.30", "1/3"), a `time` is "HH:MM", a `Text` is `{ zh = "…", en = "…" }`;
- integers are never negative, floats are never accepted;
- checks between fields stand in `__post_init__` and raise `Fault`.

Each refusal names its rule: `policy.unknown_field`, `policy.missing_field`, `policy.unit` (an amount that is not whole
fen, a rate that is not a string, a key with another unit), `policy.wrong_type`, `policy.choice`, `policy.both_languages`;
or, from a `Fault`, the rule of the specification or of law that the value breaks. All faults of a file are found in one
reading; the first is raised and carries the rest.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from fractions import Fraction
from string import Formatter
from types import MappingProxyType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from weidai.kernel.text import Text
from weidai.policy.errors import PolicyRefused
from weidai.policy.rules.lines import Path, line_index

T = TypeVar("T")

_RATIO = re.compile(r"[0-9]+(\.[0-9]+|/[1-9][0-9]*)?", re.ASCII)
_RATE = re.compile(r"0(\.[0-9]{1,8})?", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_UNITS = ("_fen", "_yuan", "_cny", "_rmb", "_ppm", "_percent", "_pct", "_bp", "_e8", "_days", "_hours", "_minutes",
          "_seconds", "_months", "_count", "_ratio", "_score", "_share")


class Fault(Exception):
    """A value breaks a rule; `key` is relative to the table being read, the reader adds file and line."""

    def __init__(self, key: str, problem: Text, *, rule: str) -> None:
        super().__init__(f"{key}: {problem.zh}")
        self.key, self.problem, self.rule = key, problem, rule


@dataclass(frozen=True, slots=True)
class Source:
    """Where a section was read from."""

    file: str
    text: str

    def line_of(self, path: Path) -> int | None:
        """Return the line (from 1) that sets `path`, or its nearest enclosing table; None when neither is found."""
        lines = line_index(self.text)
        while path:
            if path in lines:
                return lines[path]
            path = path[:-1]
        return 1 if self.text else None


def parse(schema: type[T], raw: object, *, source: Source) -> T:
    """Read `raw` (as tomllib gives it) into `schema`; raise PolicyRefused with file, key, line and rule."""
    try:
        return _table(schema, raw, ())
    except _Located as located:
        found = [
            PolicyRefused(file=source.file, key=_dotted(one.path), line=source.line_of(one.path), problem=one.problem,
                          rule=one.rule)
            for one in located.all()]
        found[0].others = tuple(found[1:])
        raise found[0] from None


class _Located(Exception):
    """A fault with its place; `others` are the further faults of the same file."""

    def __init__(self, path: Path, problem: Text, rule: str, others: Sequence[_Located] = ()) -> None:
        super().__init__(_dotted(path))
        self.path, self.problem, self.rule, self.others = path, problem, rule, tuple(others)

    def all(self) -> list[_Located]:
        return [self, *(inner for other in self.others for inner in other.all())]


class _Faults:
    """Gathers the faults of sibling values, so that one reading finds them all."""

    def __init__(self) -> None:
        self.found: list[_Located] = []

    def add(self, fault: _Located) -> None:
        self.found.append(fault)

    def read(self, hint: Any, raw: object, name: str, path: Path) -> Any:
        """Return the value, or None after noting why it cannot be read."""
        try:
            return _value(hint, raw, name, path)
        except _Located as located:
            self.add(located)
            return None

    def raise_any(self) -> None:
        """Raise what was gathered as one."""
        if self.found:
            first, *rest = self.found
            raise _Located(first.path, first.problem, first.rule, (*first.others, *rest))


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "(file)"


def key_path(key: str) -> Path:
    parts: list[str | int] = []
    for part in key.split("."):
        name, *indexes = part.replace("]", "").split("[")
        parts += [name, *(int(index) for index in indexes)]
    return tuple(parts)


def _table(schema: type[T], raw: object, path: Path) -> T:
    if not isinstance(raw, Mapping):
        raise _Located(path, Text("应为一个表。", "must be a table."), "policy.wrong_type")
    hints = get_type_hints(schema)
    faults, known = _Faults(), {}
    names = {field.name.removesuffix("_e8"): field for field in fields(schema)}  # type: ignore[arg-type]
    unknown = [key for key in raw if key not in names]
    missing = [key for key, field in names.items()
               if key not in raw and field.default is MISSING and field.default_factory is MISSING]
    for key in unknown:
        faults.add(_unknown(key, (*path, key), candidates=sorted(set(names) - set(raw)) or sorted(names)))
    meant = {_meant(key, missing) for key in unknown}
    for key in missing:
        if key not in meant:  # a key that was only misspelled is told once
            faults.add(_Located((*path, key), Text("缺少该项。", "is missing."), "policy.missing_field"))
    for key, field in names.items():
        if key in raw:
            known[field.name] = faults.read(hints[field.name], raw[key], field.name, (*path, key))
    faults.raise_any()
    try:
        return schema(**known)
    except Fault as fault:
        raise _Located((*path, *key_path(fault.key)) if fault.key else path, fault.problem, fault.rule) from None


def _meant(key: str, candidates: Sequence[str]) -> str | None:
    """Return the known key that an unknown one most likely stands for: another unit of it, or a misspelling."""
    same = [one for one in candidates if _stem(one) == _stem(key)]
    near = same or get_close_matches(key, candidates, n=1, cutoff=0.75)
    return near[0] if near else None


def _stem(key: str) -> str:
    return next((key.removesuffix(unit) for unit in _UNITS if key.endswith(unit)), key)


def _unknown(key: str, path: Path, *, candidates: Sequence[str]) -> _Located:
    near = _meant(key, candidates)
    if near is None:
        return _Located(path, Text("未知的项。", "is not a known key."), "policy.unknown_field")
    if _stem(near) == _stem(key):
        return _Located(
            path, Text("单位不符，应为 {near}。", "has another unit; the key is {near}.").format(near=near), "policy.unit")
    return _Located(path, Text("未知的项，是否指 {near}?", "is not a known key; did you mean {near}?").format(near=near),
                    "policy.unknown_field")


def _value(hint: Any, raw: object, name: str, path: Path) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _value(inner, raw, name, path)
    if origin is tuple:
        if not isinstance(raw, list):
            raise _Located(path, Text("应为一个列表。", "must be a list."), "policy.wrong_type")
        faults = _Faults()
        read = tuple(faults.read(arguments[0], item, name, (*path, place)) for place, item in enumerate(raw))
        faults.raise_any()
        return read
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(arguments, raw, name, path)
    if origin is Literal:
        if raw not in arguments or isinstance(raw, bool):
            allowed = ", ".join(str(argument) for argument in arguments)
            raise _Located(path, Text("只能是 {allowed} 之一。", "must be one of {allowed}.").format(allowed=allowed),
                           "policy.choice")
        return raw
    if isinstance(hint, type) and is_dataclass(hint) and hint is not Text:
        return _table(hint, raw, path)
    return _scalar(hint, raw, name, path)


def _mapping(arguments: tuple[Any, ...], raw: object, name: str, path: Path) -> Mapping[Any, Any]:
    if not isinstance(raw, Mapping):
        raise _Located(path, Text("应为一个表。", "must be a table."), "policy.wrong_type")
    faults, read = _Faults(), {}
    allowed = [str(one) for one in get_args(arguments[0])] if get_origin(arguments[0]) is Literal else None
    for key, item in raw.items():
        if allowed is not None and key not in allowed:
            faults.add(_unknown(key, (*path, key), candidates=allowed))
        else:
            read[key] = faults.read(arguments[1], item, name, (*path, key))
    faults.raise_any()
    return MappingProxyType(read)


_WHOLE = Text("应为不小于 0 的整数。", "must be a whole number of 0 or more.")
_WHOLE_FEN = Text("金额应为不小于 0 的整数（分），例如 500_000 表示 5,000 元。",
                  "is an amount: a whole number of fen, for example 500_000 for 5,000 yuan.")
_RATE_TEXT = Text('利率应为文本，例如 "0.0005"(万分之五)，最多 8 位小数。',
                  'is a rate: a text such as "0.0005" (0.05 %), at most eight decimals.')
_RATIO_TEXT = Text('比例应为文本，例如 "0.30" 或 "1/3"。', 'is a ratio: a text such as "0.30" or "1/3".')


def _scalar(hint: Any, raw: object, name: str, path: Path) -> Any:
    if hint is Text:
        return _text(raw, path)
    if hint is int and name.endswith("_e8"):
        return int(Fraction(_matching(_RATE, raw, path, _RATE_TEXT, "policy.unit")) * 10**8)
    if hint is int:
        if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
            is_money = name.endswith("_fen")
            raise _Located(path, _WHOLE_FEN if is_money else _WHOLE, "policy.unit" if is_money else "policy.wrong_type")
        return raw
    if hint is Fraction:
        return Fraction(_matching(_RATIO, raw, path, _RATIO_TEXT, "policy.unit"))
    if hint is time:
        return time.fromisoformat(_matching(
            _TIME, raw, path, Text('应为时间文本，例如 "09:00"。', 'must be a time such as "09:00".'), "policy.wrong_type"))
    if hint is date and (not isinstance(raw, date) or isinstance(raw, datetime)):
        raise _Located(path, Text("应为日期，例如 2025-01-01。", "must be a date such as 2025-01-01."), "policy.wrong_type")
    if hint is bool and not isinstance(raw, bool):
        raise _Located(path, Text("应为 true 或 false。", "must be true or false."), "policy.wrong_type")
    if hint is str and (not isinstance(raw, str) or not raw):
        raise _Located(path, Text("应为非空文本。", "must be a text that is not empty."), "policy.wrong_type")
    if hint not in (date, bool, str):
        raise TypeError(f"a policy schema cannot hold {hint!r}")
    return raw


def _matching(shape: re.Pattern[str], raw: object, path: Path, problem: Text, rule: str) -> str:
    if not isinstance(raw, str) or not shape.fullmatch(raw):
        raise _Located(path, problem, rule)
    return raw


def _text(raw: object, path: Path) -> Text:
    rule = "policy.both_languages"
    if (
        not isinstance(raw, Mapping)
        or set(raw) != {"zh", "en"}
        or not all(isinstance(words, str) and words.strip() for words in raw.values())
    ):
        raise _Located(path, Text("应同时有中文 zh 与英文 en。", "needs both zh and en."), rule)
    try:
        zh, en = (
            {name for _, name, _, _ in Formatter().parse(raw[language]) if name is not None}
            for language in ("zh", "en"))
    except ValueError:
        raise _Located(path, Text("占位符的花括号不成对。", "has a brace without its partner."), rule) from None
    if zh != en:
        raise _Located(path, Text("中英文的占位符不一致。", "has different placeholders in zh and en."), rule)
    return Text(zh=raw["zh"], en=raw["en"])
