"""Where a TOML file says what: the line of every key, table and array element.

`tomllib` reads values without their places. This index walks the same text and notes, for each path, the line (from 1)
that sets it, so that a refusal can name the line to correct. It assumes text that tomllib has accepted.
"""

from __future__ import annotations

import json
import re

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_QUOTES = ('"""', "'''", '"', "'")


def line_index(text: str) -> dict[Path, int]:
    """Return the line of every path; a table's line is its header, an implied table's the first line that needs it."""
    return _Walk(text).run()


class _Walk:
    """One pass over the text; `at` is the position, `counts` the newest element of each array of tables."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.line, self.counted = 1, 0

    def run(self) -> dict[Path, int]:
        here: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                here = self._header()
            else:
                self._pair(here)
        return self.found

    def _header(self) -> Path:
        is_array = self.text.startswith("[[", self.at)
        line = self._line()
        self.at += 2 if is_array else 1
        parts = self._key()
        here: Path = ()
        for place, part in enumerate(parts):
            here = (*here, part)
            is_last = place == len(parts) - 1
            if is_last and is_array:
                self.counts[here] = self.counts.get(here, -1) + 1
            self.found.setdefault(here, line)
            if here in self.counts:
                here = (*here, self.counts[here])
            if is_last and not is_array:
                self.found[here] = line  # a header of its own wins over being implied
            self.found.setdefault(here, line)
        self._skip(_SPACE)
        self.at += 2 if is_array else 1
        return here

    def _pair(self, here: Path) -> None:
        line, path = self._line(), here
        for part in self._key():
            path = (*path, part)
            self.found.setdefault(path, line)
        self._skip(_SPACE)
        self.at += 1  # =
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        parts = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                start = self.at
                self._string()
                parts.append(_unquoted(self.text[start:self.at]))
            else:
                bare = _BARE.match(self.text, self.at)
                assert bare is not None, "tomllib has accepted the text"
                parts.append(bare[0])
                self.at = bare.end()
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._sequence("]", path)
        elif opening == "{":
            self._sequence("}", path)
        else:
            plain = re.compile(r"[^,\]}#\r\n]*").match(self.text, self.at)
            self.at = plain.end() if plain else self.at + 1

    def _sequence(self, closing: str, path: Path) -> None:
        """An array notes each element under its place, an inline table each key under its name."""
        self.at += 1
        place = 0
        while self.text[self._skip(_BLANK)] != closing:
            if closing == "]":
                self.found.setdefault((*path, place), self._line())
                self._value((*path, place))
            else:
                self._pair(path)
            place += 1
            if self.text[self._skip(_BLANK)] == ",":
                self.at += 1
        self.at += 1

    def _string(self) -> None:
        quote = next(one for one in _QUOTES if self.text.startswith(one, self.at))
        self.at += len(quote)
        while not self.text.startswith(quote, self.at):
            self.at += 2 if self.text[self.at] == "\\" and quote[0] == '"' else 1
        self.at += len(quote)
        while len(quote) == 3 and self.text.startswith(quote[0], self.at):
            self.at += 1  # up to two quotes may belong to the text before the closing three

    def _skip(self, shape: re.Pattern[str]) -> int:
        match = shape.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _line(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line


def _unquoted(quoted: str) -> str:
    return str(json.loads(quoted)) if quoted[0] == '"' else quoted[1:-1]  # a basic string without line breaks is JSON
