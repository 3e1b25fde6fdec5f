"""One version of a policy pack as read from its files, and its identity.

What decides is the head and the rooms' sections; `cases.toml` (golden cases) and `replay.toml` (loss rates of
simulations) decide nothing and are no part of the version's digest.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from weidai.kernel.text import Text
from weidai.policy.errors import PolicyNotFound, PolicyRefused
from weidai.policy.rules.law import LegalLimits, LicenceType
from weidai.policy.rules.parsing import Fault, Source, key_path, parse

T = TypeVar("T")
HEAD = "pack"
DECIDES_NOTHING = ("cases", "replay")  # sections the policy room itself reads
MAX_FILE_BYTES = 1_000_000
_AT_LINE = re.compile(r"at line ([0-9]+)")


@dataclass(frozen=True, slots=True)
class Head:
    """`pack.toml`: what the pack is, whose licence it is written for, since when it holds."""

    code: str
    name: Text
    licence_type: LicenceType
    effective_from: date
    lender_name: Text
    lender_licence_number: str
    service_phone: str


@dataclass(frozen=True, slots=True)
class Section:
    """One file: its text with its name, and what tomllib read."""

    source: Source
    raw: Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Pack:
    """A pack version. Two loads of the same folder are two objects with the same `version`."""

    head: Head
    digest: str  # SHA-256 (hex) of the canonical content: comments and layout do not change it
    sections: Mapping[str, Section]  # without the head
    head_source: Source
    files: Mapping[str, str]  # file name → text, all of them

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the files byte for byte, comments and layout included: what was approved."""
        whole = json.dumps(dict(self.files), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(whole.encode()).hexdigest()

    @property
    def version(self) -> str:
        """The identifier stored with every decision: code@effective_from+digest."""
        return f"{self.head.code}@{self.head.effective_from.isoformat()}+{self.digest[:16]}"

    @property
    def licence_type(self) -> LicenceType:
        """The lender's licence."""
        return self.head.licence_type

    def section(self, name: str) -> Mapping[str, object]:
        """Return a room's section as read from TOML; raise PolicyNotFound when the pack has none."""
        return self._section(name).raw

    def parse(self, name: str, schema: type[T]) -> T:
        """Read a room's section strictly into its schema; raise PolicyRefused when it does not fit."""
        section = self._section(name)
        return parse(schema, section.raw, source=section.source)

    def checked(self, name: str, policy: T, law: LegalLimits, check: Callable[[T, LegalLimits], None]) -> T:
        """Return the policy if `check` finds it legal; raise PolicyRefused with the place and rule otherwise."""
        try:
            check(policy, law)
        except Fault as fault:
            source = self._section(name).source
            raise PolicyRefused(
                file=source.file,
                key=fault.key,
                line=source.line_of(key_path(fault.key)),
                problem=fault.problem,
                rule=fault.rule,
            ) from None
        return policy

    def _section(self, name: str) -> Section:
        if name not in self.sections:
            raise PolicyNotFound(wanted=f"{self.version}/{name}.toml")
        return self.sections[name]


def pack_read(folder: Path) -> Pack:
    """Read every TOML file of a folder named after its effective date; raise PolicyRefused on the first fault."""
    pack = pack_from_files(files_read(folder), label=folder.name)
    if pack.head.effective_from.isoformat() != folder.name:
        source = pack.head_source
        raise PolicyRefused(
            file=source.file,
            key="effective_from",
            rule="policy.schema",
            line=source.line_of(("effective_from",)),
            problem=Text("必须与文件夹名称一致。", "must equal the name of the folder."),
        )
    return pack


def files_read(folder: Path) -> dict[str, str]:
    """Return the texts of a folder's TOML files by file name; raise PolicyRefused for one that is not text."""
    texts = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _unreadable(f"{folder.name}/{path.name}", None, Text("文件过大。", "is too large."))
        try:
            text = texts[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise _unreadable(f"{folder.name}/{path.name}", None,
                              Text(zh=f"不是 UTF-8 文本：{error}", en=f"is not UTF-8 text: {error}")) from None
        if "\0" in text:
            raise _unreadable(f"{folder.name}/{path.name}", None, Text("不是文本文件。", "is not a text file."))
    return texts


def pack_from_files(files: Mapping[str, str], *, label: str) -> Pack:
    """Return the pack that these texts (by file name) make up; `label` stands before the file name in refusals.

    Every file that is not TOML is told, not only the first; then the head's faults.
    """
    sections, faults = {}, []
    for name in sorted(files):
        try:
            sections[name.removesuffix(".toml")] = section_read(f"{label}/{name}", files[name])
        except PolicyRefused as refused:
            faults.append(refused)
    if HEAD not in sections and not faults:
        faults.append(_unreadable(f"{label}/{HEAD}.toml", None, Text("缺少该文件。", "is missing.")))
    if faults:
        faults[0].others = tuple(faults[1:])
        raise faults[0]
    head_section = sections.pop(HEAD)
    head = parse(Head, head_section.raw, source=head_section.source)
    decides = {name: section.raw for name, section in sections.items() if name not in DECIDES_NOTHING}
    canonical = json.dumps({HEAD: head_section.raw, **decides}, sort_keys=True, ensure_ascii=False,
                           separators=(",", ":"), default=_iso)
    return Pack(head=head, digest=hashlib.sha256(canonical.encode()).hexdigest(), sections=sections,
                head_source=head_section.source, files=MappingProxyType(dict(files)))


def section_read(file: str, text: str) -> Section:
    """Read one file; raise PolicyRefused with the line where it stops being TOML."""
    try:
        return Section(Source(file=file, text=text), tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        place = _AT_LINE.search(str(error))
        line = int(place[1]) if place else len(text.splitlines()) or 1
        raise _unreadable(file, line, Text(zh=f"不是有效的 TOML:{error}", en=f"is not valid TOML: {error}")) from None


def _unreadable(file: str, line: int | None, problem: Text) -> PolicyRefused:
    return PolicyRefused(file=file, key="(file)", line=line, rule="policy.toml", problem=problem)


def _iso(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into a policy file")
