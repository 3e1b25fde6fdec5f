"""Pure rules of repayment and lateness. No I/O, no clock: time is an argument."""

from weidai.servicing.rules.allocation import AllocationOrder, AllocationResult, allocate, cooling_off_settle
from weidai.servicing.rules.folding import Allocated, allocated
from weidai.servicing.rules.history import (
    CooledOff,
    Disbursed,
    LoanEvent,
    Paid,
    Repaid,
    Replay,
    apply_event,
    fold,
    history_with,
    history_without,
    replay,
)
from weidai.servicing.rules.lateness import (
    ClassThresholds,
    LoanClass,
    NextDue,
    Punctuality,
    bucket,
    five_category,
    next_due,
    punctuality,
)
from weidai.servicing.rules.loans import LoansAllocation, LoanShare, allocate_across_loans
from weidai.servicing.rules.prepayment import NO_INSTALLMENT, AllocationLine, Component, PrepaymentChoice

__all__ = [
    "NO_INSTALLMENT",
    "Allocated",
    "AllocationLine",
    "AllocationOrder",
    "AllocationResult",
    "ClassThresholds",
    "Component",
    "CooledOff",
    "Disbursed",
    "LoanClass",
    "LoanEvent",
    "LoanShare",
    "LoansAllocation",
    "NextDue",
    "Paid",
    "PrepaymentChoice",
    "Punctuality",
    "Repaid",
    "Replay",
    "allocate",
    "allocate_across_loans",
    "allocated",
    "apply_event",
    "bucket",
    "cooling_off_settle",
    "five_category",
    "fold",
    "history_with",
    "history_without",
    "next_due",
    "punctuality",
    "replay",
]
