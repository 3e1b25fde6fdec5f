"""One version of a policy pack as read from its folder, and its identity."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import TypeVar

from weidai.kernel.text import Text
from weidai.policy.errors import PolicyNotFound, PolicyRefused
from weidai.policy.rules.law import LegalLimits, LicenceType
from weidai.policy.rules.parsing import Fault, Source, key_path, parse

T = TypeVar("T")


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
class _Section:
    source: Source
    raw: Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Pack:
    """A pack version. Two loads of the same folder are two objects with the same `version`."""

    head: Head
    digest: str  # SHA-256 (hex) of the canonical content: comments and layout do not change it
    sections: Mapping[str, _Section]

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

    def _section(self, name: str) -> _Section:
        if name not in self.sections:
            raise PolicyNotFound(wanted=f"{self.version}/{name}.toml")
        return self.sections[name]


def pack_read(folder: Path) -> Pack:
    """Read every TOML file of a folder named after its effective date; raise PolicyRefused on the first fault."""
    sections = {path.stem: _section_read(path) for path in sorted(folder.glob("*.toml"))}
    if "pack" not in sections:
        raise PolicyRefused(
            file=f"{folder.name}/pack.toml",
            key="(file)",
            line=None,
            rule="policy.schema",
            problem=Text("缺少该文件。", "is missing."),
        )
    head_section = sections.pop("pack")
    head = parse(Head, head_section.raw, source=head_section.source)
    if head.effective_from.isoformat() != folder.name:
        raise PolicyRefused(
            file=head_section.source.file,
            key="effective_from",
            rule="policy.schema",
            line=head_section.source.line_of(("effective_from",)),
            problem=Text("必须与文件夹名称一致。", "must equal the name of the folder."),
        )
    content = {"pack": head_section.raw, **{name: section.raw for name, section in sections.items()}}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_iso)
    return Pack(head=head, digest=hashlib.sha256(canonical.encode()).hexdigest(), sections=sections)


def _section_read(path: Path) -> _Section:
    file = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        return _Section(Source(file=file, text=text), tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyRefused(
            file=file,
            key="(file)",
            line=None,
            rule="policy.schema",
            problem=Text(zh=f"不是有效的 TOML:{error}", en=f"is not valid TOML: {error}"),
        ) from None


def _iso(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into a policy file")
