"""Bookings of a statement held against each other: each balance follows from the one before it (R4.1). Pure.

A statement is its own check: an amount and two balances that fit were read right. What does not fit is put right only where
the neighbours leave one possibility, and shown at no more than UNCONFIRMED; all else is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from weidai.vision.rules.fields import StatementRow

UNCONFIRMED = 0.85  # confidence of what was put right, or what nothing confirms
DOUBTED = 0.5  # … of what something speaks against
_PAGE_DAYS = 300  # from the middle booking of a page to its others
_CLEAR_PERCENT = 70  # of the rows must follow for a page to be worth relying on


@dataclass(frozen=True, slots=True)
class Booked:
    """One row as it stands on the paper, with how surely its words (day, summary) and its amounts were read."""

    row: StatementRow
    words_sure: float
    money_sure: float

    @property
    def is_whole(self) -> bool:
        """Say whether day, amount and balance were read."""
        return bool(self.row.booked_on) and self.row.amount_fen is not None and self.row.balance_fen is not None


@dataclass(slots=True)
class _Link:
    """A booking in the order of time, while it is compared."""

    booked: Booked
    amount: int | None
    balance: int | None
    is_mended: bool = False


def followed(booked: Sequence[Booked]) -> tuple[StatementRow, ...]:
    """Return the bookings compared with the balance before them, in the order that fits better, and by their days."""
    forward, backward = _compared(booked), _compared(booked[::-1])[::-1]
    days = [one.row.booked_on for one in booked if one.row.booked_on]
    newest_first = sum(one > other for one, other in pairwise(days)) > sum(one < other for one, other in pairwise(days))
    fits = running(forward), running(backward)
    return _dated(backward if fits[1] > fits[0] or (fits[0] == fits[1] and newest_first) else forward)


def running(rows: Sequence[StatementRow]) -> int:
    """Count the rows whose balance follows."""
    return sum(row.adds_up is True for row in rows)


def is_clear(rows: Sequence[StatementRow], *, unread: int) -> bool | None:
    """Say whether enough rows of a page follow, those counted that could not be read at all; None for a page of one row."""
    count = len(rows) + unread
    return running(rows) * 100 >= _CLEAR_PERCENT * (count - 1) if count > 1 else None


def _compared(booked: Sequence[Booked]) -> list[StatementRow]:
    """Compare every row with the one before it in time; a lost sign is put back when only it is missing."""
    links = [_Link(one, one.row.amount_fen, one.row.balance_fen) for one in booked]
    _mend_balances(links)
    _mend_amounts(links)
    found = []
    for place, link in enumerate(links):
        follows = _follows(links, place)
        moved = link.amount
        if follows:
            before = links[place - 1].balance
            assert link.balance is not None, "it follows"
            assert before is not None, "from something"
            moved = link.balance - before
        found.append(replace(link.booked.row, amount_fen=moved, balance_fen=link.balance, adds_up=follows,
                             confidence=round(_sure(links, place, follows), 3)))
    return found


def _follows(links: Sequence[_Link], place: int) -> bool | None:
    """Say whether a balance follows from the one before; None where there is none before it."""
    link = links[place]
    if link.amount is None or link.balance is None or not link.booked.row.booked_on:
        return False
    before = links[place - 1].balance if place else None
    return None if before is None else abs(link.balance - before) == abs(link.amount)


def _sure(links: Sequence[_Link], place: int, follows: bool | None) -> float:
    """Return how sure a row is: amounts that fit need no other witness, the first of a page has the row after it."""
    booked = links[place].booked
    if follows:
        return min(booked.words_sure, UNCONFIRMED if links[place].is_mended else 1.0)
    is_witnessed = follows is None and place == 0 and (len(links) == 1 or bool(_follows(links, 1)))
    return min(booked.words_sure, booked.money_sure, UNCONFIRMED if is_witnessed else DOUBTED)


def _mend_balances(links: Sequence[_Link]) -> None:
    """Put a balance right that the rows before and after it agree on."""
    for place in range(1, len(links) - 1):
        before, link, after = links[place - 1], links[place], links[place + 1]
        if before.balance is None or link.amount is None or after.amount is None or after.balance is None:
            continue
        if _follows(links, place) or _follows(links, place + 1):
            continue
        agreed = {before.balance + link.amount, before.balance - link.amount} & {
            after.balance - after.amount, after.balance + after.amount}
        if len(agreed) == 1:
            link.balance, link.is_mended = agreed.pop(), True


def _mend_amounts(links: Sequence[_Link]) -> None:
    """Put one wrong digit of an amount right between two balances that the rows around it confirm."""
    for place in range(2, len(links) - 1):
        before, link = links[place - 1], links[place]
        if link.amount is None or link.balance is None or before.balance is None or _follows(links, place):
            continue
        moved = link.balance - before.balance
        if _follows(links, place - 1) and _follows(links, place + 1) and _one_digit_apart(moved, link.amount):
            link.amount, link.is_mended = moved, True


def _one_digit_apart(one: int, other: int) -> bool:
    first, second = str(abs(one)), str(abs(other))
    return len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=True)) == 1


def _dated(rows: Sequence[StatementRow]) -> tuple[StatementRow, ...]:
    """Doubt rows whose day breaks the order the others keep, or lies far from them: one digit of the year misread."""
    days = [row.booked_on for row in rows if row.booked_on]
    if len(days) < 3:
        return tuple(rows)
    middle = date.fromisoformat(sorted(days)[len(days) // 2])
    falls = sum(one > other for one, other in pairwise(days))
    rises = sum(one < other for one, other in pairwise(days))
    found, place = [], -1
    for row in rows:
        if not row.booked_on:
            found.append(row)
            continue
        place += 1
        before, after = days[max(place - 1, 0)], days[min(place + 1, len(days) - 1)]
        low, high = (before, after) if rises >= falls else (after, before)
        is_near = abs((date.fromisoformat(row.booked_on) - middle).days) <= _PAGE_DAYS
        fits = is_near and (low <= row.booked_on <= high or low > high)
        found.append(row if fits else replace(row, confidence=min(row.confidence, DOUBTED)))
    return tuple(found)
