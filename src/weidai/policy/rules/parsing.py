"""Strict reading of a policy section into a frozen dataclass: what is not exactly right is refused, with its place.

The dataclass is the schema. Conventions, so that a schema needs no annotations beyond its types:
- every field is required, except those with a default;
- a field `*_e8` is written without the suffix as a decimal string: `daily_rate = "0.0005"` → `daily_rate_e8 = 50_000`;
- a `Fraction` is a string ("0.30", "1/3"), a `time` is "HH:MM", a `Text` is `{ zh = "…", en = "…" }`;
- integers are never negative, floats are never accepted;
- checks between fields stand in `__post_init__` and raise `Fault`.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, time
from fractions import Fraction
from string import Formatter
from types import MappingProxyType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from weidai.kernel.text import Text
from weidai.policy.errors import PolicyRefused

T = TypeVar("T")
Path = tuple[str | int, ...]

_RATIO = re.compile(r"[0-9]+(\.[0-9]+|/[1-9][0-9]*)?", re.ASCII)
_RATE = re.compile(r"0(\.[0-9]{1,8})?", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


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
        lines = _line_numbers(self.text)
        while path:
            if path in lines:
                return lines[path]
            path = path[:-1]
        return None


def _line_numbers(text: str) -> dict[Path, int]:
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            here = ()
            names = header[2].split(".")
            for place, name in enumerate(names):
                here = (*here, name)
                if header[1] == "[[" and place == len(names) - 1:
                    counts[here] = counts.get(here, -1) + 1
                if here in counts:
                    here = (*here, counts[here])
            found.setdefault(here, number)
        elif key := _KEY.match(line):
            found.setdefault((*here, key[1]), number)
    return found


def parse(schema: type[T], raw: object, *, source: Source) -> T:
    """Read `raw` (as tomllib gives it) into `schema`; raise PolicyRefused with file, key, line and rule."""
    try:
        return _table(schema, raw, ())
    except _Located as located:
        raise PolicyRefused(
            file=source.file,
            key=_dotted(located.path),
            line=source.line_of(located.path),
            problem=located.problem,
            rule=located.rule,
        ) from None


class _Located(Exception):
    def __init__(self, path: Path, problem: Text, rule: str = "policy.schema") -> None:
        super().__init__(_dotted(path))
        self.path, self.problem, self.rule = path, problem, rule


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
        raise _Located(path, Text("应为一个表。", "must be a table."))
    hints = get_type_hints(schema)
    known: dict[str, Any] = {}
    read: set[str] = set()
    for field in fields(schema):  # type: ignore[arg-type]
        key = field.name.removesuffix("_e8")
        read.add(key)
        if key in raw:
            known[field.name] = _value(hints[field.name], raw[key], field.name, (*path, key))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise _Located((*path, key), Text("缺少该项。", "is missing."))
    if unknown := sorted(set(raw) - read):
        raise _Located((*path, unknown[0]), Text("未知的项。", "is not a known key."))
    try:
        return schema(**known)
    except Fault as fault:
        raise _Located((*path, *key_path(fault.key)) if fault.key else path, fault.problem, fault.rule) from None


def _value(hint: Any, raw: object, name: str, path: Path) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _value(inner, raw, name, path)
    if origin is tuple:
        if not isinstance(raw, list):
            raise _Located(path, Text("应为一个列表。", "must be a list."))
        return tuple(_value(arguments[0], item, name, (*path, place)) for place, item in enumerate(raw))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(raw, Mapping):
            raise _Located(path, Text("应为一个表。", "must be a table."))
        return MappingProxyType(
            {
                key: _value(arguments[1], item, name, (*path, key))
                for key, item in raw.items()
                if _value(arguments[0], key, "", (*path, key)) is not None
            }
        )
    if origin is Literal:
        if raw not in arguments or isinstance(raw, bool):
            allowed = ", ".join(str(argument) for argument in arguments)
            raise _Located(path, Text("只能是 {allowed} 之一。", "must be one of {allowed}.").format(allowed=allowed))
        return raw
    if isinstance(hint, type) and is_dataclass(hint) and hint is not Text:
        return _table(hint, raw, path)
    return _scalar(hint, raw, name, path)


def _scalar(hint: Any, raw: object, name: str, path: Path) -> Any:
    if hint is Text:
        return _text(raw, path)
    if hint is int and name.endswith("_e8"):
        return int(Fraction(_matching(_RATE, raw, path, '"0.0005"')) * 10**8)
    if hint is int:
        if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
            raise _Located(
                path,
                Text(
                    "应为不小于 0 的整数(金额以分为单位)。", "must be a whole number of 0 or more (amounts are in fen)."
                ),
            )
        return raw
    if hint is Fraction:
        return Fraction(_matching(_RATIO, raw, path, '"0.30"'))
    if hint is time:
        return time.fromisoformat(_matching(_TIME, raw, path, '"09:00"'))
    if hint is date and (not isinstance(raw, date) or isinstance(raw, datetime)):
        raise _Located(path, Text("应为日期,例如 2025-01-01。", "must be a date such as 2025-01-01."))
    if hint is bool and not isinstance(raw, bool):
        raise _Located(path, Text("应为 true 或 false。", "must be true or false."))
    if hint is str and (not isinstance(raw, str) or not raw):
        raise _Located(path, Text("应为非空文本。", "must be a text that is not empty."))
    if hint not in (date, bool, str):
        raise TypeError(f"a policy schema cannot hold {hint!r}")
    return raw


def _matching(shape: re.Pattern[str], raw: object, path: Path, example: str) -> str:
    if not isinstance(raw, str) or not shape.fullmatch(raw):
        raise _Located(
            path, Text("应为文本,例如 {example}。", "must be a text such as {example}.").format(example=example)
        )
    return raw


def _text(raw: object, path: Path) -> Text:
    if (
        not isinstance(raw, Mapping)
        or set(raw) != {"zh", "en"}
        or not all(isinstance(words, str) and words.strip() for words in raw.values())
    ):
        raise _Located(path, Text("应同时有中文 zh 与英文 en。", "needs both zh and en."))
    zh, en = (
        {name for _, name, _, _ in Formatter().parse(raw[language]) if name is not None} for language in ("zh", "en")
    )
    if zh != en:
        raise _Located(path, Text("中英文的占位符不一致。", "has different placeholders in zh and en."))
    return Text(zh=raw["zh"], en=raw["en"])
