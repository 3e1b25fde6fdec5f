"""Which pack and which law held on a day.

The folder's packs are read once a process; what was published is asked for every two seconds (`timeline`). A version is
parsed once, however many decisions use it.
"""

from __future__ import annotations

import os
import tomllib
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from weidai.kernel.text import Text
from weidai.policy import timeline
from weidai.policy.errors import PolicyNotFound, PolicyRefused
from weidai.policy.pack import Pack, pack_read
from weidai.policy.rules.law import LegalLimits, LegalRule, LegalRules, LicenceType, limits_on
from weidai.policy.rules.parsing import Source, parse

__all__ = ["Pack", "law", "law_changes", "pack", "pack_by_version", "pack_list", "policy_folder", "shadow_pack"]

_REFERENCE = Path(__file__).resolve().parents[3] / "policies" / "reference"
_LAW = Path(__file__).with_name("law.toml")


def policy_folder() -> Path:
    """Return the folder of the pack's versions: WEIDAI_POLICY_DIR, or the reference pack of the repository."""
    named = os.environ.get("WEIDAI_POLICY_DIR")
    return Path(named) if named else _REFERENCE


def pack_list() -> tuple[Pack, ...]:
    """Return every version in the policy folder, oldest first; refuse the folder if one version is malformed."""
    return _packs(policy_folder())


def pack(on: date) -> Pack:
    """Return the version in force on a day: the latest that has begun, a published one before the folder's."""
    state, folder = timeline.snapshot(), policy_folder()
    if not state.terms:
        return _in_force(_packs(folder), on)
    found = state.by_day.get(on)
    if found is None:
        found = state.by_day[on] = _in_force_with(state.terms, _packs(folder), on)
    return found


def pack_by_version(version: str) -> Pack:
    """Return the pack a stored decision was made with, so that it can be re-run."""
    for candidate in pack_list():
        if candidate.version == version:
            return candidate
    drafted = timeline.published_pack(version)
    if drafted is None:
        raise PolicyNotFound(wanted=version)
    return drafted


def shadow_pack() -> Pack | None:
    """Return the version that decides beside the live one without effect; None most of the time."""
    version = timeline.snapshot().shadow
    try:
        return pack_by_version(version) if version else None
    except PolicyNotFound:  # returned to draft a moment ago, which this process is told within two seconds
        return None


def _in_force(packs: tuple[Pack, ...], on: date) -> Pack:
    for version in reversed(packs):
        if version.head.effective_from <= on:
            return version
    raise PolicyNotFound(wanted=on.isoformat())


def _in_force_with(terms: tuple[timeline.Term, ...], packs: tuple[Pack, ...], on: date) -> Pack:
    begun = [(term.effective_from, place, term.version) for place, term in enumerate(terms) if term.effective_from <= on]
    if not begun:
        return _in_force(packs, on)
    since, _, version = max(begun)
    later = [one for one in packs if since < one.head.effective_from <= on]
    return later[-1] if later else pack_by_version(version)


@lru_cache(maxsize=4096)
def law(on: date, licence_type: LicenceType) -> LegalLimits:
    """Return the hard legal limits for a licence type on a day; the same object while the same rows bind."""
    found = limits_on(_legal_rules(), on=on, licence_type=licence_type)
    return _laws.setdefault((licence_type, tuple(rule.id for rule in found.rules)), found)


def law_changes(licence_type: LicenceType, *, after: date) -> list[date]:
    """Return the later days on which known law changes for a licence type, soonest first."""
    rows = [rule for rule in _legal_rules() if licence_type in rule.licence_types]
    ends = {rule.effective_to + timedelta(days=1) for rule in rows if rule.effective_to}
    return sorted(day for day in {rule.effective_from for rule in rows} | ends if day > after)


_laws: dict[tuple[LicenceType, tuple[str, ...]], LegalLimits] = {}


@lru_cache(maxsize=8)
def _packs(folder: Path) -> tuple[Pack, ...]:
    packs = sorted(
        (pack_read(path) for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")),
        key=lambda version: version.head.effective_from,
    )
    if len({version.head.code for version in packs}) > 1:
        raise PolicyRefused(
            file=folder.name,
            key="code",
            line=None,
            rule="policy.schema",
            problem=Text("同一目录下的版本必须属于同一规则包。", "versions in one folder must belong to one pack."),
        )
    return tuple(packs)


@lru_cache(maxsize=1)
def _legal_rules() -> tuple[LegalRule, ...]:
    text = _LAW.read_text(encoding="utf-8")
    return parse(LegalRules, tomllib.loads(text), source=Source(file=_LAW.name, text=text)).rules
