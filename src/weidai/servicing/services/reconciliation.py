"""Three sides, one day: the bank's file, our requests, the ledger's clearing accounts (R7.11).

A run fetches the file, lets it decide what is still open, compares every request and proves the sums. Run again it
writes the same; the run of a later day closes what it explains of earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from weidai.audit.services import event_record
from weidai.kernel.bank import BankDay
from weidai.kernel.days import shanghai_instant
from weidai.kernel.errors import PartnerUnavailable
from weidai.ledger.movements import CauseMovement, day_total_fen, movements_of, movements_on
from weidai.platform import clock
from weidai.servicing.errors import DayNotOverAtBank
from weidai.servicing.models import ReconciliationItem, ReconciliationRun, ReconciliationTotal
from weidai.servicing.ports import bank_statement
from weidai.servicing.rules.reconciliation import AccountProof, Outcome, Sides, outcome_of
from weidai.servicing.services.reconciliation_requests import (
    ACCOUNTS,
    CLEARING,
    Decided,
    causes_named,
    causes_of,
    requests_decide,
    unnamed,
)

Key = tuple[str, str]  # account at the bank, reference
_State = ReconciliationRun.State


@dataclass(slots=True)
class _Line:
    """One request while it is compared."""

    kind: str = "other"
    bank_fen: int = 0
    ledger_fen: int = 0
    entries: list[str] = field(default_factory=list)
    customer_id: UUID | None = None
    expected_on: date | None = None
    is_outside: bool = False


def day_reconcile(day: date) -> ReconciliationRun:
    """Compare one bank day that is over and return its run; `waiting` when the bank gave no file (asked again later).

    Raises DayNotOverAtBank before the end of the day. Asks the bank, so outside any transaction.
    """
    if clock.now() < shanghai_instant(day + timedelta(days=1)):
        raise DayNotOverAtBank(day=day.isoformat())
    try:
        file = bank_statement().statement(day)
    except PartnerUnavailable as error:
        return _waiting(day, type(error).__name__)
    decided = requests_decide(file)
    return _compare(file, decided)


@transaction.atomic
def _waiting(day: date, reason: str) -> ReconciliationRun:
    run, _ = ReconciliationRun.objects.select_for_update().get_or_create(day=day, defaults={"tried_at": clock.now()})
    run.attempts, run.last_error, run.tried_at = run.attempts + 1, reason, clock.now()
    run.save()
    return run


@transaction.atomic
def _compare(file: BankDay, decided: Decided) -> ReconciliationRun:
    run, _ = ReconciliationRun.objects.select_for_update().get_or_create(day=file.day, defaults={"tried_at": clock.now()})
    before = dict(run.items.exclude(advice="").values_list("reference", "advice"))
    run.items.all().delete()
    run.totals.all().delete()
    lines = _lines(file)
    items = _items(run, lines, advice={**before, **decided.advice})
    items += _open_items(run, decided, known=set(lines))
    ReconciliationItem.objects.bulk_create(items, batch_size=5000)
    run.is_proven = _prove(run, file, items)
    run.attempts, run.last_error, run.tried_at, run.finished_at = run.attempts + 1, "", clock.now(), clock.now()
    run.bank_row_count, run.resolved_count = len(file.rows), run.resolved_count + decided.resolved
    run.state = _state(run)
    run.save()
    _earlier_close(run)
    event_record("servicing.reconciliation.completed", subject_type="servicing.reconciliation", subject_id=run.id, facts={
        "day": run.day, "state": str(run.state), "rows": run.bank_row_count, "resolved": decided.resolved,
        "is_proven": run.is_proven})
    return run


def _lines(file: BankDay) -> dict[Key, _Line]:
    """Return every request that moved money on the day at the bank or in the ledger."""
    lines: dict[Key, _Line] = {}
    for row in file.rows:
        line = lines.setdefault((row.account, row.request_id), _Line(row.kind))
        line.bank_fen += row.signed_fen
        line.entries.append(row.entry_id)
    movements = movements_on(file.day, codes=CLEARING)
    named = causes_named(movements)
    for moved in movements:
        cause = named.get(moved.cause_id)
        reference = cause.reference if cause else unnamed(moved)
        line = lines.setdefault((_account(moved), reference), _Line(cause.kind if cause else "other"))
        line.ledger_fen += moved.net_debit_fen
        if cause:
            line.customer_id, line.expected_on, line.is_outside = cause.customer_id, cause.expected_on, cause.is_outside
    return {key: line for key, line in lines.items() if line.bank_fen or line.ledger_fen}


def _account(moved: CauseMovement) -> str:
    return next(account for code, account in ACCOUNTS.items() if str(code) == moved.code)


def _items(run: ReconciliationRun, lines: dict[Key, _Line], *, advice: dict[str, str]) -> list[ReconciliationItem]:
    unequal = [key for key, line in lines.items() if line.bank_fen != line.ledger_fen]
    totals = _totals(unequal, run=run, today={key: lines[key].bank_fen for key in unequal})
    items = []
    for (account, reference), line in lines.items():
        bank_total_fen, ledger_total_fen = totals.get((account, reference), (line.bank_fen, line.ledger_fen))
        sides = Sides(line.bank_fen, line.ledger_fen, bank_total_fen, ledger_total_fen, line.expected_on)
        outcome = outcome_of(sides, on=run.day)
        is_open = outcome is not Outcome.MATCHED and not sides.is_level
        items.append(ReconciliationItem(
            run=run, day=run.day, account=account, reference=reference, kind=line.kind, outcome=outcome,
            advice=_advice(outcome, line, sides, advice.get(reference, "")), bank_fen=line.bank_fen,
            ledger_fen=line.ledger_fen, entry_ids=" ".join(line.entries), customer_id=line.customer_id,
            expected_on=line.expected_on if line.expected_on != run.day else None,
            settled_on=None if is_open or outcome is Outcome.MATCHED else run.day))
    return items


def _advice(outcome: Outcome, line: _Line, sides: Sides, done: str) -> str:
    """Return what was done, or what is to be done."""
    if done:
        return done
    if outcome is Outcome.TIMING:
        return "booked_other_day" if sides.is_level else "expected_next_day"
    if outcome is Outcome.MISSING_AT_BANK:
        return "bring_to_bank" if line.is_outside else "ask_bank"
    return {Outcome.MISSING_HERE: "unknown_request", Outcome.AMOUNT_DIFFERS: "look_into_amount"}.get(outcome, "")


def _open_items(run: ReconciliationRun, decided: Decided, *, known: set[Key]) -> list[ReconciliationItem]:
    """Requests the bank still decides, or that were voided: no money on either side, but on record."""
    return [
        ReconciliationItem(run=run, day=run.day, account=account, reference=reference, kind=kind, outcome=Outcome.TIMING,
                           advice=decided.advice[reference], bank_fen=0, ledger_fen=0, customer_id=customer_id,
                           settled_on=None if decided.advice[reference].startswith("bank_") else run.day)
        for account, reference, kind, customer_id in decided.waiting if (account, reference) not in known]


def _totals(keys: Iterable[Key], *, run: ReconciliationRun, today: dict[Key, int]) -> dict[Key, tuple[int, int]]:
    """Return per request the bank's sum over all reconciled days and the ledger's over all days."""
    wanted = set(keys)
    if not wanted:
        return {}
    references = {reference for _, reference in wanted}
    causes = causes_of(references)
    ledger_fen: dict[Key, int] = {}
    for moved in movements_of(list(causes), codes=CLEARING):
        key = (_account(moved), causes[moved.cause_id])
        ledger_fen[key] = ledger_fen.get(key, 0) + moved.net_debit_fen
    others = ReconciliationItem.objects.filter(reference__in=references).exclude(run=run)
    bank_fen = {(row[0], row[1]): int(row[2]) for row in others.values_list("account", "reference").annotate(
        fen=Sum("bank_fen"))}
    return {key: (bank_fen.get(key, 0) + today.get(key, 0), ledger_fen.get(key, 0)) for key in wanted}


def _prove(run: ReconciliationRun, file: BankDay, items: Iterable[ReconciliationItem]) -> bool:
    """Write the sums of each account and return whether they prove the day."""
    code_of = {account: code for code, account in ACCOUNTS.items()}
    previous = dict(ReconciliationTotal.objects.filter(
        run__day=run.day - timedelta(days=1), run__finished_at__isnull=False).values_list("account", "closing_fen"))
    listed, is_proven = list(items), True
    for row in file.accounts:
        mine = [item for item in listed if item.account == row.account]
        proof = AccountProof(
            row.opening_fen, row.in_fen, row.out_fen, row.closing_fen,
            rows_fen=sum(r.signed_fen for r in file.rows if r.account == row.account),
            ledger_fen=day_total_fen(run.day, code=code_of[row.account]),
            timing_fen=sum(i.bank_fen - i.ledger_fen for i in mine if i.outcome == Outcome.TIMING),
            difference_fen=sum(i.bank_fen - i.ledger_fen for i in mine if i.outcome != Outcome.TIMING),
            previous_closing_fen=previous.get(row.account))
        ReconciliationTotal.objects.create(
            run=run, account=row.account, opening_fen=proof.opening_fen, in_fen=proof.in_fen, out_fen=proof.out_fen,
            closing_fen=proof.closing_fen, previous_closing_fen=proof.previous_closing_fen, ledger_fen=proof.ledger_fen,
            timing_fen=proof.timing_fen, difference_fen=proof.difference_fen)
        is_proven = is_proven and proof.is_proven
    return is_proven


def _state(run: ReconciliationRun) -> str:
    open_differences = run.items.exclude(outcome__in=[Outcome.MATCHED, Outcome.TIMING]).filter(settled_on=None)
    return _State.BALANCED if run.is_proven and not open_differences.exists() else _State.DIFFERENT


def _earlier_close(run: ReconciliationRun) -> None:
    """Close items of other days that have come level by now; timing whose day has passed unlevel becomes a difference."""
    waiting = list(ReconciliationItem.objects.exclude(run=run).exclude(outcome=Outcome.MATCHED).filter(
        settled_on=None).select_related("run"))
    totals = _totals({(item.account, item.reference) for item in waiting}, run=run, today={
        (row.account, row.reference): row.bank_fen for row in run.items.filter(
            reference__in=[item.reference for item in waiting])})
    touched: dict[UUID, ReconciliationRun] = {}
    for item in waiting:
        bank_fen, ledger_fen = totals[item.account, item.reference]
        if bank_fen == ledger_fen:
            item.settled_on = max(run.day, item.day)
        elif item.outcome == Outcome.TIMING and item.expected_on and item.expected_on <= run.day:
            item.outcome, item.advice = Outcome.MISSING_AT_BANK, "ask_bank"
        else:
            continue
        item.save(update_fields=["settled_on", "outcome", "advice"])
        touched[item.run.id] = item.run
    for other in touched.values():
        other.state = _state(other)
        other.save(update_fields=["state"])
