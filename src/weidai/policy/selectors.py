"""Which pack and which law held on a day. Reads are cached: a running process keeps the packs it started with."""

from __future__ import annotations

import os
import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path

from weidai.kernel.text import Text
from weidai.policy.errors import PolicyNotFound, PolicyRefused
from weidai.policy.pack import Pack, pack_read
from weidai.policy.rules.law import LegalLimits, LegalRule, LegalRules, LicenceType, limits_on
from weidai.policy.rules.parsing import Source, parse

__all__ = ["Pack", "law", "pack", "pack_by_version", "pack_list", "policy_folder"]

_REFERENCE = Path(__file__).resolve().parents[3] / "policies" / "reference"
_LAW = Path(__file__).with_name("law.toml")


def policy_folder() -> Path:
    """Return the folder of the pack's versions: WEIDAI_POLICY_DIR, or the reference pack of the repository."""
    return Path(os.environ.get("WEIDAI_POLICY_DIR") or _REFERENCE)


def pack_list() -> tuple[Pack, ...]:
    """Return every version in the policy folder, oldest first; refuse the folder if one version is malformed."""
    return _packs(policy_folder())


def pack(on: date) -> Pack:
    """Return the version in force on a day: the latest whose `effective_from` has come."""
    in_force = [version for version in pack_list() if version.head.effective_from <= on]
    if not in_force:
        raise PolicyNotFound(wanted=on.isoformat())
    return in_force[-1]


def pack_by_version(version: str) -> Pack:
    """Return the pack a stored decision was made with, so that it can be re-run."""
    for candidate in pack_list():
        if candidate.version == version:
            return candidate
    raise PolicyNotFound(wanted=version)


@lru_cache(maxsize=4096)
def law(on: date, licence_type: LicenceType) -> LegalLimits:
    """Return the hard legal limits for a licence type on a day."""
    return limits_on(_legal_rules(), on=on, licence_type=licence_type)


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
