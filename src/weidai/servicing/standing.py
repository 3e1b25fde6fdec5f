"""The standing overlay: each overdue spell lowers it, good months restore it; internal only (R7.6). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from weidai.kernel.days import months_later, shanghai_date
from weidai.servicing.policy import StandingPolicy


@dataclass(frozen=True, slots=True)
class Spell:
    """One overdue spell; `cured_quickly` is paid in full within the policy's hours, None while it lasts."""

    started_at: datetime
    ended_at: datetime | None
    cured_quickly: bool | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Notches below the grade on a day, and the day on which the next one is restored if nothing happens."""

    notches: int
    next_restored_on: date | None


def standing_on(spells: Sequence[Spell], *, policy: StandingPolicy, on: date) -> Standing:
    """Return the overlay on a day. Good months count from the end of the latest spell; a new spell starts them again.

    Notches come back one after the other, the oldest spell's first; each asks for its own number of good months.
    """
    begun = sorted((spell for spell in spells if shanghai_date(spell.started_at) <= on), key=lambda s: s.started_at)
    waiting: list[bool] = []
    since: date | None = None
    for spell in begun:
        if since is not None:
            waiting, since = _restored(waiting, policy=policy, since=since, on=shanghai_date(spell.started_at))
        waiting += [spell.cured_quickly is True] * policy.notches_per_spell
        since = shanghai_date(spell.ended_at) if spell.ended_at and shanghai_date(spell.ended_at) <= on else None
    if since is None:
        return Standing(len(waiting), None)
    waiting, since = _restored(waiting, policy=policy, since=since, on=on)
    return Standing(len(waiting), months_later(since, _months(waiting[0], policy)) if waiting else None)


def _restored(
    waiting: list[bool], *, policy: StandingPolicy, since: date, on: date,
) -> tuple[list[bool], date]:
    """Return the notches still down on a day, and from when the good months of the next one count."""
    left = list(waiting)
    while left and months_later(since, _months(left[0], policy)) <= on:
        since = months_later(since, _months(left[0], policy))
        left = left[policy.notches_restored:]
    return left, since


def _months(is_quick: bool, policy: StandingPolicy) -> int:
    return policy.good_months_after_quick if is_quick else policy.good_months_after_late
