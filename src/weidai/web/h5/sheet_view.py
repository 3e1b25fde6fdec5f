"""A stored document cut into what the eye expects: headings, items with their parts, rows. No character is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"^(?:[一二三四五六七八九十]+、|\d\. )")
_ROW = re.compile(r"^(?:第 \d+ 期|No\. \d+) {2}")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an item: its name and what is said about it."""

    label: str
    value: str


@dataclass(slots=True)
class Block:
    """A piece of a document; `kind` is title, heading, item, row or line."""

    kind: str
    text: str
    parts: list[Part] = field(default_factory=list)


def document_blocks(content: str) -> list[Block]:
    """Return the lines of a stored text as blocks, in order."""
    return [_block(line, is_first=number == 0) for number, line in enumerate(content.strip().split("\n"))]


def _block(line: str, *, is_first: bool) -> Block:
    if is_first:
        return Block("title", line)
    if _HEADING.match(line):
        return Block("heading", line)
    if _ROW.match(line):
        return Block("row", line, [Part("", cell) for cell in line.split("  ")])
    if " | " in line:
        return Block("item", line, [_part(piece) for piece in line.split(" | ")])
    return Block("line", line)


def _part(piece: str) -> Part:
    """A part of an item; the label is what stands before the first colon."""
    found = re.match(r"^([^:：]{1,20})[:：]\s*(.*)$", piece)
    return Part(found[1], found[2]) if found else Part("", piece)
