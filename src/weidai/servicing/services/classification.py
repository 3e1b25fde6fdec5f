"""Categories and non-accrual at the end of a day: set-based per chunk, only loans that are, or were, late (R7.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from weidai.audit.services import NewEvent, events_record
from weidai.ledger import services as ledger
from weidai.ledger.services import AccountCode, AccountRef, BulkTransfer, Transfer
from weidai.lending.services import non_accrual as lending
from weidai.lending.services.end_of_day import BilledInstallment, Chunk
from weidai.lending.services.non_accrual import Standing
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing import policy
from weidai.servicing.models import LoanClassification, NonAccrualSpell
from weidai.servicing.rules import ClassThresholds, LoanClass
from weidai.servicing.rules.classification import Category, category_after


@dataclass(frozen=True, slots=True)
class _Change:
    """A loan whose category changed; `row` is the present row that ends, `after` None: the loan is settled."""

    loan: Standing
    days: int
    row: LoanClassification | None
    after: Category | None


def loans_classify(chunk: Chunk) -> int:
    """Give every late loan its category and let interest above the policy's days wait for its payment.

    Returns how many loans changed their category, began or ended non-accrual. Run again it changes nothing.
    """
    present = {row.loan_id: row for row in _of_chunk(LoanClassification, chunk, until_on=None)}
    spells = {row.loan_id: row for row in _of_chunk(NonAccrualSpell, chunk, ended_on=None)}
    loans = lending.loans_standing(chunk, also=sorted({*present, *spells}))
    changed = _categories(chunk, loans, present)
    began = _non_accrual_begin(chunk, [loan for loan in loans if loan.loan_id not in spells])
    by_id = {loan.loan_id: loan for loan in loans}
    ended = [row for row in spells.values() if by_id[row.loan_id].overdue_since is None]
    _non_accrual_end(chunk, ended)
    going_on = [(row.customer_id, row.loan_id, row.began_on) for row in spells.values() if row not in ended]
    _post(chunk, lending.interest_suspend(chunk, [*began, *going_on]), is_suspended=True)
    return len({*changed, *(loan_id for _, loan_id, _ in began), *(row.loan_id for row in ended)})


def _of_chunk(model: Any, chunk: Chunk, **more: Any) -> list[Any]:
    return list(model.objects.filter(book_id=chunk.book_id, customer_id__gt=chunk.after, customer_id__lte=chunk.until,
                                     **more).exclude(customer_id__in=chunk.skip))


def _days(loan: Standing, day: date) -> int:
    return max((day - loan.overdue_since).days, 0) if loan.overdue_since else 0


def _categories(chunk: Chunk, loans: Sequence[Standing], present: dict[UUID, LoanClassification]) -> list[UUID]:
    rules = policy.current(chunk.day).delinquency
    thresholds = ClassThresholds(rules.special_mention_from_day, rules.substandard_from_day, rules.doubtful_from_day,
                                 rules.loss_from_day)
    changes, observed = [], []
    for loan in loans:
        row, days = present.get(loan.loan_id), _days(loan, chunk.day)
        before = Category(LoanClass(row.category), row.observed_from) if row else Category(LoanClass.NORMAL)
        after = None if loan.is_settled else category_after(
            before, days_past_due=days, on=chunk.day, thresholds=thresholds, observation_months=rules.observation_months)
        if after is None or after.category is not before.category:
            if row is not None or (after is not None and after.category is not LoanClass.NORMAL):
                changes.append(_Change(loan, days, row, after))
        elif row is not None and after.observed_from != before.observed_from:
            observed.append((row, after.observed_from))
    _observe(observed)
    _write(chunk, changes)
    return [change.loan.loan_id for change in changes]


def _observe(rows: Sequence[tuple[LoanClassification, date | None]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE servicing_loanclassification AS c SET observed_from = o.observed_from
                     FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS o(customer_id, id, observed_from)
                    WHERE c.customer_id = o.customer_id AND c.id = o.id""",
                [[row.customer_id for row, _ in rows], [row.id for row, _ in rows], [on for _, on in rows]])


def _write(chunk: Chunk, changes: Sequence[_Change]) -> None:
    """End the rows that were, begin those that are, and record one event each; three statements."""
    ended = [change.row for change in changes if change.row is not None]
    if ended:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE servicing_loanclassification AS c SET until_on = %s
                     FROM unnest(%s::uuid[], %s::uuid[]) AS e(customer_id, id)
                    WHERE c.customer_id = e.customer_id AND c.id = e.id""",
                [chunk.day, [row.customer_id for row in ended], [row.id for row in ended]])
    LoanClassification.objects.bulk_create([
        LoanClassification(customer_id=change.loan.customer_id, loan_id=change.loan.loan_id, book_id=chunk.book_id,
                           category=change.after.category, from_on=chunk.day, days_past_due=change.days,
                           observed_from=change.after.observed_from)
        for change in changes if change.after is not None and change.after.category is not LoanClass.NORMAL])
    events_record([
        NewEvent("servicing.loan.reclassified", "lending.loan", change.loan.loan_id, change.loan.customer_id, {
            "day": chunk.day, "days_past_due": change.days,
            "before": change.row.category if change.row else str(LoanClass.NORMAL),
            "after": str(change.after.category) if change.after else "settled"})
        for change in changes], at=clock.now())


def _non_accrual_begin(chunk: Chunk, loans: Sequence[Standing]) -> list[tuple[UUID, UUID, date]]:
    """Begin a spell for loans past the policy's days; returns customer, loan and first day without accrual."""
    above = policy.current(chunk.day).delinquency.non_accrual_above_days
    began = [(loan.customer_id, loan.loan_id, loan.overdue_since + timedelta(days=above + 1))
             for loan in loans if loan.overdue_since and _days(loan, chunk.day) > above]
    NonAccrualSpell.objects.bulk_create([
        NonAccrualSpell(customer_id=customer_id, loan_id=loan_id, book_id=chunk.book_id, began_on=began_on,
                        noted_on=chunk.day) for customer_id, loan_id, began_on in began])
    events_record([NewEvent("servicing.non_accrual.began", "lending.loan", loan_id, customer_id, {"began_on": began_on})
                   for customer_id, loan_id, began_on in began], at=clock.now())
    return began


def _non_accrual_end(chunk: Chunk, spells: Sequence[NonAccrualSpell]) -> None:
    """End spells of loans of which nothing is overdue any more; interest still set aside becomes income (R7.7)."""
    if not spells:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE servicing_nonaccrualspell AS s SET ended_on = %s
                 FROM unnest(%s::uuid[], %s::uuid[]) AS e(customer_id, id)
                WHERE s.customer_id = e.customer_id AND s.id = e.id""",
            [chunk.day, [row.customer_id for row in spells], [row.id for row in spells]])
    _post(chunk, lending.interest_resume([(row.customer_id, row.loan_id) for row in spells]), is_suspended=False)
    events_record([NewEvent("servicing.non_accrual.ended", "lending.loan", row.loan_id, row.customer_id,
                            {"began_on": row.began_on, "ended_on": chunk.day}) for row in spells], at=clock.now())


def _post(chunk: Chunk, rows: Sequence[BilledInstallment], *, is_suspended: bool) -> None:
    """Move interest out of income, or back into it."""
    journals: dict[UUID, UUID] = defaultdict(uuid7)
    ledger.journals_post_bulk(
        [BulkTransfer(row.customer_id, journals[row.loan_id], _transfer(row, is_suspended=is_suspended), "lending.loan",
                      row.loan_id, chunk.book_id) for row in rows], booked_on=chunk.posted_on, at=clock.now())


def _transfer(row: BilledInstallment, *, is_suspended: bool) -> Transfer:
    income = AccountRef(AccountCode.INTEREST_INCOME, row.loan_id)
    suspended = AccountRef(AccountCode.SUSPENDED_INTEREST, row.loan_id)
    if is_suspended:
        return Transfer(income, suspended, row.amount_fen, "interest.suspended")
    return Transfer(suspended, income, row.amount_fen, "interest.resumed")
