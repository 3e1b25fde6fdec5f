"""Checking a whole pack: every section against its schema and the law of a day, then its golden cases (R8.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from weidai.kernel.text import Text
from weidai.policy import registry, selectors
from weidai.policy.errors import PolicyNotFound, PolicyRefused
from weidai.policy.pack import DECIDES_NOTHING, Pack, pack_from_files
from weidai.policy.registry import SectionParser
from weidai.policy.rules import LegalLimits
from weidai.policy.rules.cases import Case, Cases
from weidai.policy.rules.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that holds today but will not: the pack breaks a row of law that begins later."""

    begins_on: date
    refused: PolicyRefused


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check: no fault means the pack may be used on the day it was checked for."""

    pack: Pack | None  # None when the files are not even TOML with a head
    faults: tuple[PolicyRefused, ...]
    warnings: tuple[Warned, ...] = ()
    case_count: int = 0

    @property
    def is_sound(self) -> bool:
        """Nothing stands against it."""
        return not self.faults


def pack_check(pack: Pack, *, on: date, parsers: Mapping[str, SectionParser] | None = None) -> None:
    """Raise the faults of a pack for use on a day (the first one; it carries the others)."""
    if faults := pack_faults(pack, on=on, parsers=parsers):
        faults[0].others = tuple(faults[1:])
        raise faults[0]


def pack_faults(pack: Pack, *, on: date, parsers: Mapping[str, SectionParser] | None = None) -> list[PolicyRefused]:
    """Return every fault of a pack for use on a day: sections in the order of their names, then golden cases.

    A section that no room reads is refused as well: a mistyped file name must not silently change nothing.
    """
    known = registry.section_parsers() if parsers is None else parsers
    law = selectors.law(on, pack.licence_type)
    faults = _section_faults(pack, known, law)
    return faults or _case_faults(pack, law)


def files_check(files: Mapping[str, str], *, label: str, on: date | None = None) -> Checked:
    """Check texts that may be anything: as they would be used from their own first day on, or on `on` if that is later.

    Known later changes of law are tried too; what would break then is a warning.
    """
    try:
        pack = pack_from_files(files, label=label)
    except PolicyRefused as refused:
        return Checked(None, refused.all)
    first = max(pack.head.effective_from, on) if on else pack.head.effective_from
    faults = tuple(pack_faults(pack, on=first))
    if faults:
        return Checked(pack, faults)
    warnings = [Warned(day, fault) for day in selectors.law_changes(pack.licence_type, after=first)
                for fault in _section_faults(pack, registry.section_parsers(), selectors.law(day, pack.licence_type))]
    return Checked(pack, (), tuple(warnings), case_count=len(cases_of(pack)))


def cases_of(pack: Pack) -> tuple[Case, ...]:
    """Return a pack's golden cases; none when it carries none."""
    return pack.parse("cases", Cases).cases if "cases" in pack.sections else ()


def simulation_of(pack: Pack) -> Simulation:
    """Return the assumptions a replay under this pack uses; the built-in ones when it carries none."""
    return pack.parse("replay", Simulation) if "replay" in pack.sections else Simulation()


def _section_faults(pack: Pack, parsers: Mapping[str, SectionParser], law: LegalLimits) -> list[PolicyRefused]:
    own = {"cases": lambda pack, _law: cases_of(pack), "replay": lambda pack, _law: simulation_of(pack)}
    assert set(own) == set(DECIDES_NOTHING), "what decides nothing is read here"
    found: dict[tuple[str, str, str], PolicyRefused] = {}
    label = pack.head_source.file.rpartition("/")[0]
    for name in sorted(set(parsers) | set(pack.sections)):
        parser = parsers.get(name) or own.get(name)
        if parser is None:
            fault = _whole(f"{label}/{name}.toml", Text("没有任何模块读取该文件。", "is read by no room."))
            found.setdefault((fault.file, fault.key, fault.rule), fault)
            continue
        if name not in pack.sections:
            fault = _whole(f"{label}/{name}.toml", Text("缺少该文件。", "is missing."))
            found.setdefault((fault.file, fault.key, fault.rule), fault)
            continue
        try:
            parser(pack, law)
        except PolicyRefused as refused:
            for fault in refused.all:  # one section may be read again for another; what is wrong is told once
                found.setdefault((fault.file, fault.key, fault.rule), fault)
        except PolicyNotFound:
            continue  # a section it leans on is missing, which is told in its own place
    return list(found.values())


def _case_faults(pack: Pack, law: LegalLimits) -> list[PolicyRefused]:
    faults = []
    for place, case in enumerate(cases_of(pack)):
        found = registry.case_runner()(case.facts, case.on, pack, law)
        for name, wanted, got in case.differences(found):
            key = f"cases[{place}].expected.{name}"
            source = pack.sections["cases"].source
            faults.append(PolicyRefused(
                file=source.file, key=key, line=source.line_of(("cases", place, "expected", name)),
                rule="policy.golden_case",
                problem=Text(zh=f"用例“{case.name.zh}”期望 {wanted}，该规则包给出 {got}。",
                             en=f"the case “{case.name.en}” expects {wanted}, this pack decides {got}.")))
    return faults


def _whole(file: str, problem: Text) -> PolicyRefused:
    return PolicyRefused(file=file, key="(file)", line=None, rule="policy.schema", problem=problem)
