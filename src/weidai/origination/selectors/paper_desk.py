"""One page of a paper as a reviewer judges it: what speaks for and against it, its months, who may look (R4.1, R8.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from weidai.audit import selectors as audit
from weidai.origination import rules
from weidai.origination.policy import current
from weidai.origination.selectors.papers import ApplicationPaperRow
from weidai.platform import clock
from weidai.vision.rules.fields import Check

REVEALED = "origination.paper.revealed"  # the event that `services.paper_reveal` records
REVEAL_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class MonthSum:
    """A calendar month of a statement page; fen. Rows whose amount or date was not read are in no sum."""

    month: str
    in_fen: int
    out_fen: int
    salary_fen: int
    salary_rows: int


def month_sums(row: ApplicationPaperRow, words: Sequence[str]) -> tuple[MonthSum, ...]:
    """Return what came in, went out and came as salary, by month, oldest first."""
    found: dict[str, list[int]] = {}
    for booking in row.bookings:
        if booking.amount_fen is None or not booking.booked_on:
            continue
        sums = found.setdefault(booking.booked_on[:7], [0, 0, 0, 0])
        sums[0 if booking.amount_fen > 0 else 1] += booking.amount_fen
        if rules.is_salary(booking.summary, booking.amount_fen, words):
            sums[2] += booking.amount_fen
            sums[3] += 1
    return tuple(MonthSum(month, *sums) for month, sums in sorted(found.items()))


def salary_words() -> tuple[str, ...]:
    """Return the words of the pack in force that mark a salary."""
    return current(clock.today()).papers.salary_words


def page_checks(row: ApplicationPaperRow, findings: Sequence[rules.Finding]) -> tuple[Check, ...]:
    """Return the checks between fields, and whether name and dates fit what is known; None where it cannot be told."""
    if not row.fields and not row.bookings:
        return row.checks
    codes = {one.code for one in findings if one.kind == row.kind and one.page in (0, row.page)}
    values = {one.code: one.value for one in row.fields}
    has_dates = any(values.get(code) for code in ("pay_month", "period")) or bool(row.bookings)
    late = {"in_the_future", "too_old"} & codes or any(one > clock.today() for one in _days(row))
    holder = next((code for code in ("legal_representative", "name") if code in values), None)
    named = [Check("name_is_verified", "name_differs" not in codes if values[holder] else None)] if holder else []
    return (*row.checks, *named, *((Check("dates_fit", not late),) if has_dates else ()))


def paper_revealed(customer_id: UUID, paper_id: UUID, *, reveal_id: UUID, staff_id: str) -> bool:
    """Say whether this person's recorded reason still opens the page: for five minutes (R8.6)."""
    event = audit.event_find(reveal_id)
    return (event is not None and event.name == REVEALED and event.customer_id == customer_id
            and event.subject_id == paper_id and event.actor_kind == "staff" and event.actor_id == staff_id
            and clock.wall_now() - event.recorded_at <= REVEAL_LASTS)


def _days(row: ApplicationPaperRow) -> list[date]:
    found = []
    for booking in row.bookings:
        try:
            found.append(date.fromisoformat(booking.booked_on))
        except ValueError:
            continue
    return found
