"""What changed in the rules of the assessment, version by version, ready to show (R2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from weidai.assessment.models import RulesAnnouncement
from weidai.assessment.rules import RuleChange
from weidai.assessment.services.announcing import changes_between
from weidai.platform import clock
from weidai.policy.errors import PolicyNotFound

SHOWN = 12


@dataclass(frozen=True, slots=True)
class AnnouncedRow:
    """One change of the rules: from which day, how many were told, and each difference."""

    pack_version: str
    effective_on: date
    is_in_force: bool
    told_count: int
    changes: tuple[RuleChange, ...]


def announced_changes() -> tuple[AnnouncedRow, ...]:
    """Return the newest SHOWN announcements that changed something, the newest first."""
    today, found = clock.today(), []
    for row in RulesAnnouncement.objects.filter(change_count__gt=0).order_by("-id")[:SHOWN]:
        try:
            changes = changes_between(row.replaces, row.pack_version)
        except PolicyNotFound:  # a version whose folder was taken away: what it said can no longer be shown
            continue
        found.append(AnnouncedRow(row.pack_version, row.effective_on, row.effective_on <= today, row.told_count, changes))
    return tuple(found)
