"""A loan's conventions as typed values: what a contract has to say before anybody can compute it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from weidai.lending.conventions.day_count import CountedDay, DayCount
from weidai.lending.conventions.exact import ZERO, Rounding, SignificantDigits
from weidai.lending.conventions.periods import PeriodRule

FEN = Rounding()


class Method(StrEnum):
    """How principal comes back."""

    LEVEL_PAYMENT = "level_payment"
    EQUAL_PRINCIPAL = "equal_principal"
    INTEREST_ONLY = "interest_only"
    BULLET = "bullet"
    FLAT = "flat"
    REVOLVING_MINIMUM = "revolving_minimum"


class RatePer(StrEnum):
    """The time a rate is stated for. It is never turned into another basis and back."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    PERIOD = "period"
    TERM = "term"


class PaymentAt(StrEnum):
    """Whether installments are due at the end of their period or at its start (annuity in advance)."""

    PERIOD_END = "period_end"
    PERIOD_START = "period_start"


class InstallmentBasis(StrEnum):
    """Which period factors the level installment is solved on."""

    ACTUAL_PERIODS = "actual_periods"  # each period's own factor: repays exactly on the actual due dates
    NOMINAL_PERIODS = "nominal_periods"  # equal periods of thirty days a month (or of so many weeks or days)


class PrincipalBasis(StrEnum):
    """Which principal the installment is solved on."""

    OUTSTANDING = "outstanding"
    APPROVED = "approved"  # the whole line, once, although it is drawn in tranches


class InterestRoundedAt(StrEnum):
    """Where interest becomes money."""

    SEGMENT = "segment"  # each stretch of unchanged balance and rate inside a row
    ROW = "row"
    CUMULATIVE = "cumulative"  # rounded running total less what was billed


class LastRow(StrEnum):
    """Who takes what rounding leaves."""

    TAKES_RESIDUE = "takes_residue"
    AS_COMPUTED = "as_computed"
    FIRST_TAKES_RESIDUE = "first_takes_residue"
    INTEREST_TAKES_RESIDUE = "interest_takes_residue"  # the last row is as large as the others; its interest gives way


class EarlyTakesEffect(StrEnum):
    """From when money paid ahead lowers the interest."""

    PAYMENT_DATE = "payment_date"
    DUE_DATE = "due_date"


class EarlyCovers(StrEnum):
    """What money paid before a due date pays first."""

    PRINCIPAL = "principal"
    ACCRUED_INTEREST = "accrued_interest"


class ExcessRule(StrEnum):
    """What principal paid beyond a row's own part does to the rows after it."""

    SMALLER_INSTALLMENTS = "smaller_installments"
    SHORTER_TERM = "shorter_term"
    REDUCES_NEXT_ROWS = "reduces_next_rows"
    PAYS_NEXT_ROWS = "pays_next_rows"


class ArrearsInterest(StrEnum):
    """Whether overdue principal bears the contract rate."""

    ON_OUTSTANDING = "on_outstanding"
    FROM_CURRENT_ROW = "from_current_row"  # rows due before the as-of date stay as billed
    NONE = "none"  # contract interest stops on it; a penalty may run instead


class ArrearsBase(StrEnum):
    """What overdue money bears interest."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_INTEREST = "principal_and_interest"


class OnChange(StrEnum):
    """What a tranche, a new rate or a new due day does to the installment."""

    RECOMPUTE = "recompute"
    KEEP = "keep"


class WhenRepaid(StrEnum):
    """What becomes of the rows after the one that repays the loan before its term."""

    ENDS = "ends"
    KEEPS_ROWS = "keeps_rows"  # rows of zero, so that rows always equal the term


class BrokenInterest(StrEnum):
    """Where interest for the days before the first whole period goes."""

    IN_FIRST_ROW = "in_first_row"
    IN_ADVANCE = "in_advance"  # a row 0 at the start
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as stated: a fraction (12 % is 12/100) for a length of time."""

    value: Fraction
    per: RatePer = RatePer.YEAR


@dataclass(frozen=True, slots=True)
class InstallmentRule:
    """How large the regular installment (level, flat) or principal part (equal principal) is."""

    amount_fen: Fraction | None = None
    basis: InstallmentBasis = InstallmentBasis.ACTUAL_PERIODS
    principal_basis: PrincipalBasis = PrincipalBasis.OUTSTANDING
    rounding: Rounding = FEN
    spreads_residue: bool = False
    balloon_fen: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class InterestRule:
    """How interest is measured and rounded."""

    day_count: DayCount = DayCount.ACT_365F
    counted_day: CountedDay = CountedDay.FIRST
    rounding: Rounding = FEN
    rounded_at: InterestRoundedAt = InterestRoundedAt.ROW
    factor_rounding: SignificantDigits | None = None


@dataclass(frozen=True, slots=True)
class GraceRule:
    """Rows at the start without principal, with deferred interest, or without interest at all."""

    principal_rows: int = 0
    interest_payment_rows: int = 0
    interest_free_rows: int = 0


@dataclass(frozen=True, slots=True)
class EarlyRule:
    """What a repayment before its due date does."""

    takes_effect: EarlyTakesEffect = EarlyTakesEffect.PAYMENT_DATE
    covers: EarlyCovers = EarlyCovers.ACCRUED_INTEREST
    excess: ExcessRule = ExcessRule.SMALLER_INSTALLMENTS


@dataclass(frozen=True, slots=True)
class PenaltyRule:
    """What overdue principal bears as a penalty, after grace days, never above the annual cap on everything (R7.3)."""

    rate: Rate
    day_count: DayCount
    grace_days: int = 0
    annual_cap: Fraction | None = None
    rounding: Rounding = FEN


@dataclass(frozen=True, slots=True)
class ArrearsRule:
    """What happens to rows that are due and unpaid at the as-of date."""

    interest: ArrearsInterest = ArrearsInterest.ON_OUTSTANDING
    base: ArrearsBase = ArrearsBase.PRINCIPAL
    penalty: PenaltyRule | None = None


@dataclass(frozen=True, slots=True)
class MinimumRule:
    """The principal part of a revolving minimum: a share of what is used, all of a small balance."""

    share: Fraction = Fraction(1, 10)
    all_up_to_fen: Fraction = Fraction(10_000)
    at_least_fen: Fraction = ZERO
    rounding: Rounding = FEN


@dataclass(frozen=True, slots=True)
class Conventions:
    """Everything a schedule depends on besides amounts, dates and the rate."""

    method: Method = Method.LEVEL_PAYMENT
    periods: PeriodRule = field(default_factory=PeriodRule)
    payment_at: PaymentAt = PaymentAt.PERIOD_END
    interest: InterestRule = field(default_factory=InterestRule)
    installment: InstallmentRule = field(default_factory=InstallmentRule)
    last_row: LastRow = LastRow.TAKES_RESIDUE
    grace: GraceRule = field(default_factory=GraceRule)
    early: EarlyRule = field(default_factory=EarlyRule)
    arrears: ArrearsRule = field(default_factory=ArrearsRule)
    minimum: MinimumRule = field(default_factory=MinimumRule)
    on_disbursement: OnChange = OnChange.RECOMPUTE
    on_rate_change: OnChange = OnChange.RECOMPUTE
    broken_interest: BrokenInterest = BrokenInterest.IN_FIRST_ROW
    when_repaid: WhenRepaid = WhenRepaid.ENDS


class EventKind(StrEnum):
    """What can happen to a loan. Same-day events are taken in this order, then in the order given."""

    DISBURSEMENT = "disbursement"
    RATE_CHANGE = "rate_change"
    DUE_DAY_CHANGE = "due_day_change"
    FEE = "fee"
    REPAYMENT = "repayment"
    PREPAYMENT = "prepayment"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class Event:
    """One dated event. `on` is the value date; money that was booked later counts from its value date all the same."""

    kind: EventKind
    on: date
    amount_fen: Fraction = ZERO
    principal_fen: Fraction | None = None  # a repayment whose parts the parties stated
    interest_fen: Fraction | None = None
    rate: Rate | None = None
    due_day: int | None = None
    is_longer: bool = True
    rule: ExcessRule | None = None  # a prepayment's own choice


@dataclass(frozen=True, slots=True)
class Case:
    """One loan to compute: amounts, dates, conventions and what happened to it by the as-of date."""

    principal_fen: Fraction
    rate: Rate
    starts_on: date
    count: int | None
    conventions: Conventions
    events: tuple[Event, ...] = ()
    as_of: date | None = None
    has_dates: bool = True
