"""Overdue spells: begun by the end of day, ended by the payment that leaves nothing overdue (R7.3, R7.6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from weidai.audit.services import NewEvent, event_record, events_record
from weidai.kernel.days import due_instant, shanghai_date
from weidai.lending import selectors as lending_rows
from weidai.lending.services.end_of_day import OverdueLoan
from weidai.limits import services as limits
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing import policy
from weidai.servicing.models import OverdueSpell, Repayment, RepaymentLine

HOLD_KIND, HOLD_SOURCE = "overdue", "servicing"


def spell_end_if_paid(customer_id: UUID, *, at: datetime) -> bool:
    """End the open spell and its hold when nothing is overdue any more; lines are locked by the caller.

    It ended when the last late money came, whichever we are told of last. Was all of it received before its due instant
    and only told to us late, the spell is void: it never was.
    """
    spell = OverdueSpell.objects.select_for_update().filter(
        customer_id=customer_id, ended_at=None, is_void=False).first()
    if spell is None or lending_rows.has_overdue(customer_id):
        return False
    late_at = _late_money_at(customer_id, since=spell.first_due_on)
    is_void, ended_at = late_at is None, late_at or at
    hours = policy.current(shanghai_date(ended_at)).standing.quick_repayment_hours
    is_quick = ended_at - spell.started_at <= timedelta(hours=hours)
    OverdueSpell.objects.filter(pk=spell.pk).update(ended_at=ended_at, is_void=is_void, cured_within_72h=is_quick)
    limits.hold_release(customer_id, kind=HOLD_KIND, source=HOLD_SOURCE, reason="overdue_paid")
    event_record("servicing.overdue_spell.ended", customer_id=customer_id, subject_type="servicing.overdue_spell",
                 subject_id=spell.id, facts={"first_due_on": spell.first_due_on, "is_quick": is_quick,
                                             "is_void": is_void})
    return True


def _late_money_at(customer_id: UUID, *, since: date) -> datetime | None:
    """Return when money last came that paid a row after it was late, grace counted, among rows due from a day on."""
    accounts = lending_rows.accounts_for(customer_id, with_settled=True)
    due_at = {(account.id, row.number): due_instant(row.due_on + timedelta(days=account.state.terms.grace_days))
              for account in accounts for row in account.state.installments if row.due_on >= since}
    paid = RepaymentLine.objects.filter(customer_id=customer_id, share__repayment__state=Repayment.State.BOOKED)
    received = paid.values_list("share__loan_id", "installment_number", "share__repayment__received_at")
    return max((at for loan_id, number, at in received if (loan_id, number) in due_at and at >= due_at[loan_id, number]),
               default=None)


def spell_reopen_if_late(customer_id: UUID, *, book_id: int) -> bool:
    """Let being late go on after a repayment was reversed; lines are locked by the caller. False when nothing is late.

    The spell runs from the oldest due date unpaid now. One that had ended after that date runs again; further ones inside
    the same time become part of it, since one continuous time of being late is one event (R2.1).
    """
    late = lending_rows.late_from(customer_id)
    if late is None:
        return False
    since, started_at = late[0], due_instant(late[1])
    spells = OverdueSpell.objects.select_for_update().filter(customer_id=customer_id, is_void=False)
    within = [row for row in spells.order_by("started_at") if row.ended_at is None or row.ended_at > started_at]
    void = OverdueSpell.objects.filter(customer_id=customer_id, is_void=True, first_due_on=since).first()
    if not within and void is not None:
        within = [void]
    if within:
        first, *rest = within
        first_due_on = min(first.first_due_on, since)
        if first.ended_at is None and first.first_due_on == first_due_on:
            return True  # it never ended
        OverdueSpell.objects.filter(pk__in=[row.pk for row in rest]).update(is_void=True)
        OverdueSpell.objects.filter(pk=first.pk).update(
            first_due_on=first_due_on, started_at=min(first.started_at, started_at), ended_at=None, cured_within_72h=None,
            is_void=False)
        event_record("servicing.overdue_spell.reopened", customer_id=customer_id,
                     subject_type="servicing.overdue_spell", subject_id=first.id, facts={
                         "first_due_on": first_due_on, "merged_ids": [str(row.id) for row in rest]})
    else:
        spells_begin([OverdueLoan(customer_id, customer_id, 0, since, (late[1] - since).days)], book_id=book_id)
    limits.hold_place(customer_id, kind=HOLD_KIND, source=HOLD_SOURCE, reason="overdue")
    return True


def spells_begin(loans: Sequence[OverdueLoan], *, book_id: int) -> list[UUID]:
    """Begin a spell for every customer who is late and was not; one statement. Returns the customers of new ones.

    It starts with the end of the grace days, where the contract has some (R7.2).
    """
    since: dict[UUID, date] = {}
    until: dict[UUID, date] = {}
    for loan in loans:
        since[loan.customer_id] = min(since.get(loan.customer_id, loan.since), loan.since)
        last = loan.since + timedelta(days=loan.grace_days)
        until[loan.customer_id] = min(until.get(loan.customer_id, last), last)
    if not since:
        return []
    customers = sorted(since)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO servicing_overduespell (id, customer_id, book_id, first_due_on, started_at, is_void)
               SELECT s.id, s.customer_id, %s, s.first_due_on, s.started_at, false
                 FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::timestamptz[])
                   AS s(id, customer_id, first_due_on, started_at)
               ON CONFLICT DO NOTHING RETURNING customer_id, id, first_due_on""",
            [book_id, [uuid7() for _ in customers], customers, [since[c] for c in customers],
             [due_instant(until[c]) for c in customers]])
        begun = cursor.fetchall()
    events_record([NewEvent("servicing.overdue_spell.began", "servicing.overdue_spell", spell_id, customer_id,
                            {"first_due_on": first_due_on}) for customer_id, spell_id, first_due_on in begun],
                  at=clock.now())
    return [row[0] for row in begun]
