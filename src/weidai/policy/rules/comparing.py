"""Comparing a decision with the same decision made again, and adding many of them up. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weidai.policy.rules.simulation import ExpectedLoss


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision means for the book, for the totals of a replay; None where it says nothing about it."""

    is_approved: bool | None = None
    grade: str | None = None
    amount_fen: int | None = None


def canonical(outcome: Mapping[str, Any]) -> str:
    """Return the one text of an outcome; two outcomes are the same bit for bit when their texts are."""
    return json.dumps(outcome, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[list[Any]]:
    """Return [key, before, after] for every key that differs, in order; empty exactly when they are the same."""
    keys = sorted(set(before) | set(after))
    return [[key, before.get(key), after.get(key)] for key in keys
            if key not in before or key not in after or canonical({"": before[key]}) != canonical({"": after[key]})]


@dataclass(slots=True)
class Totals:
    """What a replay adds up for one kind of decision. Amounts in fen; expected loss is a simple estimate of a year."""

    count: int = 0
    same_count: int = 0
    not_decided_count: int = 0  # the version is gone, or the pack no longer has what was asked about
    decided_before: int = 0  # decisions that say approved or not
    decided_after: int = 0
    approved_before: int = 0
    approved_after: int = 0
    newly_approved: int = 0
    newly_declined: int = 0
    amount_before_fen: int = 0
    amount_after_fen: int = 0
    loss_before_fen: int = 0
    loss_after_fen: int = 0
    grades_before: dict[str, int] | None = None
    grades_after: dict[str, int] | None = None

    def add(self, before: Effect, after: Effect, *, is_same: bool, loss: ExpectedLoss) -> None:
        """Count one decision and its remake."""
        self.count += 1
        self.same_count += is_same
        self.decided_before += before.is_approved is not None
        self.decided_after += after.is_approved is not None
        self.approved_before += bool(before.is_approved)
        self.approved_after += bool(after.is_approved)
        self.newly_approved += bool(after.is_approved) and before.is_approved is False
        self.newly_declined += bool(before.is_approved) and after.is_approved is False
        self.amount_before_fen += before.amount_fen or 0
        self.amount_after_fen += after.amount_fen or 0
        self.loss_before_fen += loss.loss_fen(before.amount_fen or 0, before.grade)
        self.loss_after_fen += loss.loss_fen(after.amount_fen or 0, after.grade)
        self.grades_before = _counted(self.grades_before, before.grade)
        self.grades_after = _counted(self.grades_after, after.grade)


def _counted(grades: dict[str, int] | None, grade: str | None) -> dict[str, int]:
    found = grades or {}
    if grade is not None:
        found[grade] = found.get(grade, 0) + 1
    return found
