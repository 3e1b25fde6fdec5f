"""What a loan owes while its rows are being filled, and how money received changes it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from weidai.lending.conventions.exact import ZERO
from weidai.lending.conventions.overdue import penalty_fen
from weidai.lending.conventions.rows import Piece, Row
from weidai.lending.conventions.terms import (
    ArrearsBase,
    ArrearsInterest,
    Case,
    EarlyCovers,
    Event,
    EventKind,
    ExcessRule,
)


class MoneyIn:
    """Balances in fen. `outstanding` is what is owed, `scheduled` what no row has taken yet."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.conventions = case.conventions
        self.rows: list[Row] = []
        self.overdue: list[Row] = []
        self.ahead: dict[int, list[Piece]] = {}  # money already received for rows to come, by number
        self.outstanding = self.scheduled = self.disbursed = ZERO
        self.carried = self.credit = self.overpaid = self.principal_days = ZERO
        self.installment: Fraction | None = None
        self.first_installment: Fraction | None = None
        self.first_exact: Fraction | None = None
        self.settlement: Fraction | None = None
        self.needs_installment = True
        self.count: int | None = None

    @property
    def _pays_next_rows(self) -> bool:
        return self.conventions.early.excess is ExcessRule.PAYS_NEXT_ROWS

    def _open(self, row: Row, *, is_last: bool) -> None:
        """Give a row what was received for it before and, if it is still open, interest carried from rows before it."""
        row.pieces.extend(self.ahead.pop(row.number, []))
        if self.carried and (is_last or not self._is_fully_paid(row)):
            row.raw_interest_fen, self.carried = self.carried, ZERO

    def _is_fully_paid(self, row: Row) -> bool:
        """Whether a row has received its whole installment before falling due, so that later interest moves on."""
        if not self._pays_next_rows or self.installment is None or row.number == self.count:
            return False
        return row.paid_fen >= self.installment

    def _overdue_principal(self) -> Fraction:
        return sum((row.principal_unpaid_fen for row in self.overdue), ZERO)

    def _bearing(self, row: Row) -> Fraction:
        """Return the principal (or money) that bears contract interest in a row."""
        rule, as_of = self.conventions.arrears, self.case.as_of
        is_billed = as_of is not None and row.period.ends_on < as_of
        stays_out = rule.interest is ArrearsInterest.NONE or (rule.interest is ArrearsInterest.FROM_CURRENT_ROW and is_billed)
        if stays_out:
            return self.outstanding - self._overdue_principal()
        if rule.base is ArrearsBase.PRINCIPAL_AND_INTEREST:
            return self.outstanding + sum((other.interest_unpaid_fen for other in self.overdue), ZERO)
        return self.outstanding

    def _receive_early(self, event: Event, *, row: Row, accrued_fen: Fraction) -> None:
        """Receive money inside a period: overdue rows first, then ahead of the row's due date."""
        if event.kind is EventKind.PREPAYMENT:
            self._prepay(event, row=row, accrued_fen=accrued_fen)
            return
        is_settlement = event.kind is EventKind.SETTLEMENT
        rest = self._settlement_amount(row, interest_fen=accrued_fen) if is_settlement else event.amount_fen
        rest = self._pay_overdue(rest, on=event.on)
        unpaid = max(accrued_fen - row.interest_paid_fen, ZERO)
        pays_interest = is_settlement or self.conventions.early.covers is EarlyCovers.ACCRUED_INTEREST
        interest = min(rest, unpaid) if pays_interest else ZERO
        if event.interest_fen is not None:
            interest = event.interest_fen
        principal = min(rest - interest, self.outstanding)
        if self._pays_next_rows and self.installment is not None and row.number != self.count:
            principal = min(principal, max(self.installment - accrued_fen - row.principal_paid_fen, ZERO))
        self._take(row, Piece(event.on, interest_fen=interest, principal_fen=principal))
        self._excess(rest - interest - principal, row=row, event=event)

    def _receive_due(self, event: Event, *, row: Row) -> None:
        """Receive money on a row's due date, or held back until then: overdue rows, the row, then what is beyond it."""
        if event.kind is EventKind.PREPAYMENT:
            self._prepay(event, row=row, accrued_fen=ZERO)
            return
        if event.kind is EventKind.SETTLEMENT:
            rest = self._settlement_amount(row, interest_fen=row.interest_fen)
        else:
            rest = event.amount_fen
        rest = self._pay_overdue(rest, on=event.on)
        other = min(rest, row.fee_fen - row.other_paid_fen)
        interest = min(rest - other, max(row.interest_unpaid_fen, ZERO))
        principal = min(rest - other - interest, max(row.principal_unpaid_fen, ZERO))
        if event.interest_fen is not None and event.principal_fen is not None:
            interest = min(interest, event.interest_fen)
            principal = min(max(row.principal_unpaid_fen, ZERO), event.principal_fen)
        self._take(row, Piece(event.on, interest, principal, other))
        rest -= other + interest + principal
        if event.interest_fen is not None and rest > 0:
            self._take_ahead(row.number + 1, Piece(event.on, interest_fen=event.interest_fen - interest))
            rest -= event.interest_fen - interest
        self._excess(rest, row=row, event=event, is_due=True)

    def _settlement_amount(self, row: Row, *, interest_fen: Fraction) -> Fraction:
        """Return what ends the loan: overdue interest and penalty, the row's interest, and all principal."""
        overdue = sum((other.interest_unpaid_fen + self._other_unpaid(other) for other in self.overdue), ZERO)
        self.settlement = overdue + max(interest_fen - row.interest_paid_fen, ZERO) + self.outstanding
        return self.settlement

    def _take(self, row: Row, piece: Piece) -> None:
        if piece.total_fen:
            row.pieces.append(piece)
            self.outstanding -= piece.principal_fen

    def _take_ahead(self, number: int, piece: Piece) -> None:
        if piece.total_fen:
            self.ahead.setdefault(number, []).append(piece)
            self.outstanding -= piece.principal_fen

    def _excess(self, rest: Fraction, *, row: Row, event: Event, is_due: bool = False) -> None:
        """Use what is beyond the row: for rows to come, or as principal of this row with the agreed effect on the others."""
        applied = min(rest, self.outstanding)
        self.overpaid += rest - applied
        if applied <= 0:
            return
        if self._pays_next_rows:
            self._pay_rows_ahead(applied, row=row, event=event)
        elif is_due:
            self._take(row, Piece(event.on, principal_fen=applied))
            row.principal_fen += applied
            self.scheduled -= applied
            self._apply_rule(self.conventions.early.excess, excess_fen=applied)

    def _pay_rows_ahead(self, rest: Fraction, *, row: Row, event: Event) -> None:
        number = row.number + 1
        while rest > 0 and self.installment is not None:
            room = self.installment - sum((piece.total_fen for piece in self.ahead.get(number, [])), ZERO)
            part = rest if number == self.count else min(rest, max(room, ZERO))
            self._take_ahead(number, Piece(event.on, principal_fen=part))
            rest -= part
            number += 1

    def _apply_rule(self, rule: ExcessRule, *, excess_fen: Fraction) -> None:
        if rule is ExcessRule.SMALLER_INSTALLMENTS:
            self.needs_installment = True
        elif rule is ExcessRule.REDUCES_NEXT_ROWS:
            self.credit += excess_fen

    def _count_early_principal(self, row: Row) -> None:
        """Let principal received early be the row's principal when it is more than the planned part."""
        received = row.principal_paid_fen
        if self._pays_next_rows or received <= row.principal_fen:
            return
        self._apply_rule(self.conventions.early.excess, excess_fen=received - row.principal_fen)
        row.principal_fen = received

    def _prepay(self, event: Event, *, row: Row, accrued_fen: Fraction) -> None:
        """Take extra principal outside the rows, with interest accrued on the way when it covers that first."""
        unpaid = max(accrued_fen - row.prepaid_interest_fen, ZERO)
        covers = self.conventions.early.covers is EarlyCovers.ACCRUED_INTEREST
        interest = min(event.amount_fen, unpaid) if covers else ZERO
        principal = min(event.amount_fen - interest, self.scheduled, self.outstanding - self._overdue_principal())
        self.overpaid += event.amount_fen - interest - principal
        row.prepaid_interest_fen += interest
        row.prepaid_fen += principal
        self.outstanding -= principal
        self.scheduled -= principal
        self._apply_rule(event.rule or self.conventions.early.excess, excess_fen=principal)

    def _other_unpaid(self, row: Row) -> Fraction:
        return row.fee_fen + row.penalty_fen - row.other_paid_fen

    def _fix_penalties(self, *, on: date) -> None:
        """Bring the penalty of every row that has been overdue up to a day."""
        rule = self.conventions.arrears.penalty
        if rule is None:
            return
        for row in self.rows:
            if row.due_on < on and row.number > 0 and not row.is_assumed_paid:
                row.penalty_fen = penalty_fen(row, rule=rule, on=on)

    def _pay_overdue(self, rest: Fraction, *, on: date) -> Fraction:
        """Pay overdue rows, oldest first: fee and penalty, interest, principal; return what is left."""
        self._fix_penalties(on=on)
        for row in self.overdue:
            other = min(rest, max(self._other_unpaid(row), ZERO))
            interest = min(rest - other, row.interest_unpaid_fen)
            principal = min(rest - other - interest, row.principal_unpaid_fen)
            self._take(row, Piece(on, interest, principal, other))
            rest -= other + interest + principal
        self.overdue = [row for row in self.overdue if row.principal_unpaid_fen + row.interest_unpaid_fen > 0]
        return rest

    def _assume_overdue_paid(self) -> None:
        """From the as-of date on, plan as if everything overdue were paid that day; nothing is booked as received."""
        for row in self.overdue:
            self.outstanding -= row.principal_unpaid_fen
        self.overdue = []

    def _settle_or_leave_overdue(self, row: Row) -> None:
        """Take an unpaid row as paid on its due date, unless that date has passed at the as-of date: then it is overdue."""
        as_of = self.case.as_of
        if as_of is None or row.period.ends_on > as_of:
            # Money ahead may have repaid everything before this row took its own interest out of it: never below zero.
            self.outstanding = max(self.outstanding - row.principal_unpaid_fen, ZERO)
            row.is_assumed_paid = True
        elif row.principal_unpaid_fen + row.interest_unpaid_fen > 0:
            self.overdue.append(row)
        if as_of == row.period.ends_on:
            self._assume_overdue_paid()
        row.outstanding_after_fen = self.outstanding
