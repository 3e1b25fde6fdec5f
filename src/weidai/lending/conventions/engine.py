"""The convention engine: a loan's schedule as a pure fold of its dated events over its rows, exact until named roundings.

Each row is filled in the same four steps: interest accrues over the stretches between events; the row is closed with its
principal; money of the due date is received; and what is unpaid is either taken as paid or becomes overdue.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from weidai.lending.conventions.day_count import Span
from weidai.lending.conventions.exact import ZERO
from weidai.lending.conventions.installment import (
    LevelProblem,
    equal_factor_installment,
    level_installment,
    spread_residue,
)
from weidai.lending.conventions.money_in import MoneyIn
from weidai.lending.conventions.overdue import Headroom, cap_penalties
from weidai.lending.conventions.periods import (
    MOST_PERIODS,
    Period,
    PeriodUnit,
    broken_part,
    build_periods,
    periods_after_due_day_change,
)
from weidai.lending.conventions.rates import rate_line
from weidai.lending.conventions.rows import Outcome, Row, Segment
from weidai.lending.conventions.terms import (
    BrokenInterest,
    Case,
    EarlyTakesEffect,
    Event,
    EventKind,
    InstallmentBasis,
    InterestRoundedAt,
    LastRow,
    Method,
    OnChange,
    PaymentAt,
    PrincipalBasis,
    WhenRepaid,
)

_ORDER = {kind: index for index, kind in enumerate(EventKind)}
_MONEY_IN = (EventKind.REPAYMENT, EventKind.PREPAYMENT, EventKind.SETTLEMENT)


def compute(case: Case) -> Outcome:
    """Return the schedule of a case as it stands after its events. ValueError when the case contradicts itself."""
    return _Fold(case).run()


class _Fold(MoneyIn):
    """The loan while its rows are being filled; `MoneyIn` holds what it owes and how payments change that."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.periods = list(_periods(case))
        self.count = len(self.periods) if case.count is not None else None
        self.events = sorted(case.events, key=lambda event: (event.on, _ORDER[event.kind]))
        self.needs_installment = True
        self.deferred = self.cumulative = self.billed = ZERO
        self.broken_fen: Fraction | None = None
        term_days = (self.periods[-1].ends_on - case.starts_on).days
        self.line = rate_line(case.rate, rule=self.conventions.interest, starts_on=case.starts_on, term_days=term_days,
                              events=self.events)

    def run(self) -> Outcome:
        """Fill every row; the plan ends early with the row that repays the loan."""
        self._start()
        for index in range(len(self.periods)):
            self._fill(index)
            if self._is_over(index):
                break
        else:
            if self.count is None:
                raise ValueError("the installment does not repay the loan")
        self._penalties_at_the_end()
        return Outcome(tuple(self.rows), self.first_installment, self.first_exact, self.settlement, self.broken_fen,
                       self.overpaid)

    def _start(self) -> None:
        """Pay the loan out: the disbursements of the start date, or the whole principal when no event says otherwise."""
        tranches = [event for event in self.events if event.kind is EventKind.DISBURSEMENT]
        if not tranches:
            self._draw(self.case.principal_fen)
        for event in tranches:
            if event.on < self.case.starts_on or event.on >= self.periods[-1].ends_on:
                raise ValueError(f"a disbursement on {event.on} lies outside the loan's periods")
            if event.on == self.case.starts_on:
                self._draw(event.amount_fen)
        self._broken_interest()

    def _broken_interest(self) -> None:
        """Take the days before the first whole period out of the first row, where the convention says so."""
        rule, first = self.conventions.periods, self.periods[0]
        broken = broken_part(rule, starts_on=first.starts_on, first=first)
        if broken is None or rule.dates or rule.lengths or first.days == 0:
            return
        span = Span(*broken, first)
        self.broken_fen = self.conventions.interest.rounding(self.outstanding * self.line.factor(span, known_on=broken[0]))
        if self.conventions.broken_interest is BrokenInterest.IN_FIRST_ROW:
            return
        self.periods[0] = replace(first, starts_on=broken[1], months=_whole_months(rule.every, rule.unit))
        if self.conventions.broken_interest is BrokenInterest.IN_ADVANCE:
            at_start = Period(0, broken[0], broken[0], broken[0], first.unit, None)
            row = Row(0, at_start, interest_fen=self.broken_fen, balance_after_fen=self.scheduled)
            row.outstanding_after_fen = self.outstanding
            self.rows.append(row)

    def _draw(self, amount_fen: Fraction) -> None:
        self.outstanding += amount_fen
        self.scheduled += amount_fen
        self.disbursed += amount_fen
        is_approved = self.conventions.installment.principal_basis is PrincipalBasis.APPROVED
        if self.conventions.on_disbursement is OnChange.RECOMPUTE and not is_approved:
            self.needs_installment = True

    def _fill(self, index: int) -> None:
        self._move_due_days(index)
        period, row = self.periods[index], Row(index + 1, self.periods[index])
        self._open(row, is_last=self._is_last(index))
        if self.line.borders(period) and self.conventions.on_rate_change is OnChange.RECOMPUTE:
            self.needs_installment = True
        self._refresh(index, row=row, on=period.starts_on)
        since = period.starts_on
        for day in self._moments(period):
            self._accrue(row, since=since, until=day)
            since = day
            self._happen(index, row=row, on=day)
        self._accrue(row, since=since, until=period.ends_on)
        self._close(index, row=row)
        self._happen_on_due_date(row)
        self._settle_or_leave_overdue(row)

    def _move_due_days(self, index: int) -> None:
        for event in self.events:
            period = self.periods[index]
            if event.kind is EventKind.DUE_DAY_CHANGE and period.starts_on <= event.on < period.ends_on and event.due_day:
                moved = periods_after_due_day_change(self.periods, on=event.on, due_day=event.due_day, is_longer=event.is_longer)
                self.periods = list(moved)
                self.needs_installment = True

    def _is_over(self, index: int) -> bool:
        """Whether the row repays the loan and the plan ends with it."""
        keeps = self.count is not None and (self.conventions.when_repaid is WhenRepaid.KEEPS_ROWS or self._pays_next_rows)
        return self.scheduled == 0 and not keeps and not self._tranche_after(self.periods[index].ends_on)

    def _is_last(self, index: int) -> bool:
        return self.count is not None and index == self.count - 1

    def _tranche_after(self, day: date) -> bool:
        return any(event.kind is EventKind.DISBURSEMENT and event.on > day for event in self.events)

    def _takes_effect_later(self, event: Event) -> bool:
        return event.kind in _MONEY_IN and self.conventions.early.takes_effect is EarlyTakesEffect.DUE_DATE

    def _moments(self, period: Period) -> list[date]:
        """Return the dates inside a period on which balance or rate may change."""
        kinds = (EventKind.DISBURSEMENT, *_MONEY_IN)
        days = {event.on for event in self.events if event.kind in kinds and not self._takes_effect_later(event)}
        days.update(self.line.borders(period))
        if self.case.as_of is not None:
            days.add(self.case.as_of)
        return sorted(day for day in days if period.starts_on < day < period.ends_on)

    def _happen(self, index: int, *, row: Row, on: date) -> None:
        """Let the events of a day inside a period happen."""
        for event in self.events:
            if event.on != on or self._takes_effect_later(event):
                continue
            if event.kind is EventKind.DISBURSEMENT:
                self._draw(event.amount_fen)
            elif event.kind in _MONEY_IN:
                self._receive_early(event, row=row, accrued_fen=self._accrued(row))
        if on == self.case.as_of:
            self._assume_overdue_paid()
        self._refresh(index, row=row, on=on)

    def _happen_on_due_date(self, row: Row) -> None:
        """Let the events of the due date happen, and those that take effect only then."""
        period = row.period
        for event in self.events:
            is_held_back = self._takes_effect_later(event) and period.starts_on < event.on < period.ends_on
            if event.kind is EventKind.FEE and period.starts_on < event.on <= period.ends_on:
                row.fee_fen += event.amount_fen
            elif event.on != period.ends_on and not is_held_back:
                continue
            elif event.kind is EventKind.DISBURSEMENT and event.on > self.case.starts_on:
                self._draw(event.amount_fen)
            elif event.kind in _MONEY_IN:
                self._receive_due(event, row=row)
        row.balance_after_fen = self.scheduled

    def _accrue(self, row: Row, *, since: date, until: date) -> None:
        """Let interest run over a stretch of unchanged balance and rate."""
        if since >= until:
            return
        span, rule = Span(since, until, row.period), self.conventions.interest
        factor = self.line.factor(span, known_on=until)
        self.principal_days += self.outstanding * span.days
        bearing = self.disbursed if self.conventions.method is Method.FLAT else self._bearing(row)
        amount = ZERO if row.number <= self.conventions.grace.interest_free_rows else bearing * factor
        if rule.rounded_at is InterestRoundedAt.SEGMENT:
            amount = rule.rounding(amount)
        row.segments.append(Segment(since, until, factor, amount))
        if self._is_fully_paid(row):
            row.raw_carried_fen += amount
        else:
            row.raw_interest_fen += amount

    def _accrued(self, row: Row, *, further_fen: Fraction = ZERO) -> Fraction:
        """Return the row's interest so far, and what accrued further, as money."""
        rule, raw = self.conventions.interest, row.raw_interest_fen + further_fen
        if rule.rounded_at is InterestRoundedAt.CUMULATIVE:
            return rule.rounding(self.cumulative + raw) - self.billed
        return rule.rounding(raw)

    def _close(self, index: int, *, row: Row) -> None:
        """Fix the row's interest and principal."""
        interest = self._accrued(row)
        self.carried += self._accrued(row, further_fen=row.raw_carried_fen) - interest
        self.cumulative += row.raw_interest_fen
        self.billed += interest
        interest -= row.prepaid_interest_fen
        if index < self.conventions.grace.interest_payment_rows and not self._is_last(index):
            self.deferred, interest = self.deferred + interest, ZERO
        elif self.deferred:
            self.deferred, interest = ZERO, interest + self.deferred
        row.interest_fen = interest
        row.principal_fen = self._principal(index, row=row)
        if self._is_last(index) and self.conventions.last_row is LastRow.INTEREST_TAKES_RESIDUE and self.installment is not None:
            row.interest_fen = max(self.installment - row.principal_fen, ZERO)
        self._count_early_principal(row)
        self.scheduled -= row.principal_fen
        self.rows.append(row)

    def _principal(self, index: int, *, row: Row) -> Fraction:
        """Return the row's planned principal: by method, within grace none, the last row the rest."""
        conventions = self.conventions
        balloon = conventions.installment.balloon_fen
        if self._is_last(index) and conventions.last_row is not LastRow.AS_COMPUTED:
            return self.scheduled
        if index < conventions.grace.principal_rows or conventions.method is Method.INTEREST_ONLY:
            return ZERO
        if conventions.method is Method.REVOLVING_MINIMUM:
            return self._minimum()
        size = self.installment if self.installment is not None else ZERO
        part = size if conventions.method is Method.EQUAL_PRINCIPAL else max(size - row.interest_fen, ZERO)
        if self.credit > 0:
            taken = min(part, self.credit)
            part, self.credit = part - taken, self.credit - taken
        if self._is_first_with_principal(index) and conventions.last_row is LastRow.FIRST_TAKES_RESIDUE and self.count:
            part = self.scheduled - balloon - size * (self.count - index - 1)
        return min(part, self.scheduled)

    def _is_first_with_principal(self, index: int) -> bool:
        return index == self.conventions.grace.principal_rows

    def _minimum(self) -> Fraction:
        rule, used = self.conventions.minimum, self.scheduled
        if used <= rule.all_up_to_fen:
            return used
        return min(max(rule.rounding(used * rule.share), rule.at_least_fen), used)

    def _refresh(self, index: int, *, row: Row, on: date) -> None:
        """Solve the installment again where something changed it: the start, a tranche, a rate, smaller installments."""
        method, rule = self.conventions.method, self.conventions.installment
        has_size = method in (Method.LEVEL_PAYMENT, Method.FLAT, Method.EQUAL_PRINCIPAL)
        if not self.needs_installment or not has_size or index < self.conventions.grace.principal_rows:
            return
        if self.scheduled == 0 and rule.principal_basis is PrincipalBasis.OUTSTANDING:
            return  # the first money has not arrived yet
        self.needs_installment = False
        if rule.amount_fen is not None:
            exact = rule.amount_fen
        elif self.count is None:
            raise ValueError("without a number of installments their amount must be given")
        elif method is Method.EQUAL_PRINCIPAL:
            exact = (self.scheduled - rule.balloon_fen) / (self.count - index)
        elif method is Method.FLAT:
            factors = [self._planned_factor(other, period=self.periods[index]) for other in self.periods[index:]]
            exact = (self.scheduled - rule.balloon_fen + self.disbursed * sum(factors, ZERO)) / len(factors)
        else:
            exact = self._level(index, row=row, on=on)
        self.installment = rule.rounding(exact)
        if rule.spreads_residue and method is Method.LEVEL_PAYMENT and rule.amount_fen is None:
            self.installment = spread_residue(self._problem(index, row=row, on=on), installment_fen=self.installment,
                                              rounding=rule.rounding, interest_rounding=self.conventions.interest.rounding)
        if self.first_installment is None:
            self.first_installment, self.first_exact = self.installment, exact

    def _planned_factor(self, other: Period, *, period: Period) -> Fraction:
        """Return a whole period's factor as far as rates are known in the current period."""
        known_on = max([period.starts_on, *self.line.borders(period)])
        return self.line.factor(Span(other.starts_on, other.ends_on, other), known_on=known_on)

    def _problem(self, index: int, *, row: Row, on: date) -> LevelProblem:
        period, rule = self.periods[index], self.conventions.installment
        known_on = max([on, *self.line.borders(period)])
        rest = self.line.factor(Span(on, period.ends_on, period), known_on=known_on)
        planned = self.case.principal_fen if rule.principal_basis is PrincipalBasis.APPROVED else self.scheduled
        debt = planned * (1 + rest) + (row.raw_interest_fen if on > period.starts_on else ZERO)
        later = [self._planned_factor(other, period=period) for other in self.periods[index + 1 :]]
        return LevelProblem(debt, later, rule.balloon_fen)

    def _level(self, index: int, *, row: Row, on: date) -> Fraction:
        rule, rows = self.conventions.installment, len(self.periods) - index
        if rule.basis is InstallmentBasis.ACTUAL_PERIODS:
            return level_installment(self._problem(index, row=row, on=on))
        periods, planned = self.conventions.periods, self.scheduled
        if rule.principal_basis is PrincipalBasis.APPROVED:
            planned = self.case.principal_fen
        known_on = max([on, *self.line.borders(self.periods[index])])
        factor = self.line.nominal_factor(unit=periods.unit, every=periods.every, known_on=known_on)
        return equal_factor_installment(planned, factor=factor, rows=rows, balloon_fen=rule.balloon_fen)

    def _penalties_at_the_end(self) -> None:
        """Fix penalties at the as-of date, capped over the whole loan."""
        rule, as_of = self.conventions.arrears.penalty, self.case.as_of
        if rule is None or as_of is None or not self.rows:
            return
        self._fix_penalties(on=as_of)
        tail = max((as_of - self.rows[-1].period.ends_on).days, 0)
        days = self.principal_days + self.outstanding * tail
        charged = sum((row.interest_fen + row.fee_fen for row in self.rows if row.period.starts_on < as_of), ZERO)
        cap_penalties(self.rows, rule=rule, headroom=Headroom(days, charged))


def _whole_months(every: int, unit: PeriodUnit) -> Fraction | None:
    return Fraction(every) if unit is PeriodUnit.MONTHS else None


def _periods(case: Case) -> tuple[Period, ...]:
    """Return the periods payment follows: one for a bullet, shifted to their starts for an annuity in advance."""
    rule = case.conventions.periods
    count = case.count or MOST_PERIODS
    periods = build_periods(rule, starts_on=case.starts_on, count=count)
    if case.conventions.method is Method.BULLET:
        months = None if any(period.months is None for period in periods) else sum((p.months or ZERO for p in periods), ZERO)
        return (replace(periods[-1], number=1, starts_on=case.starts_on, months=months),)
    if case.conventions.payment_at is PaymentAt.PERIOD_START:
        first = Period(1, case.starts_on, case.starts_on, case.starts_on, rule.unit, None)
        return (first, *(replace(period, number=period.number + 1) for period in periods[:-1]))
    return periods


