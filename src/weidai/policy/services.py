"""Checking a whole pack before it is published: every section, against its schema and against dated law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.errors import PolicyRefused
from weidai.policy.pack import Pack
from weidai.policy.rules.law import LegalLimits

SectionParser = Callable[[Pack, LegalLimits], object]


def pack_check(pack: Pack, *, on: date, parsers: Mapping[str, SectionParser]) -> None:
    """Raise the first fault of a pack for use on a day; `parsers` maps section names to the rooms' `of_pack`.

    A section that no room reads is refused as well: a mistyped file name must not silently change nothing.
    """
    law = selectors.law(on, pack.licence_type)
    for name in sorted(set(parsers) | set(pack.sections)):
        if name not in parsers:
            raise PolicyRefused(
                file=f"{name}.toml",
                key="(file)",
                line=None,
                rule="policy.schema",
                problem=Text("没有任何模块读取该文件。", "is read by no room."),
            )
        parsers[name](pack, law)
