"""What lending does, one file per kind of act. Lock order: drawdown being signed, credit line, loan, ledger account."""

from weidai.lending.services.activation import (
    FirstDevice,
    activation_card_confirm,
    activation_complete,
    activation_password_set,
    activation_start,
    device_to_sign,
)
from weidai.lending.services.confirmation import ConfirmedDrawdown, drawdown_confirm
from weidai.lending.services.drawdowns import (
    DrawdownQuote,
    agreement_open,
    agreement_sign,
    cost_sheet_confirm,
    cost_sheet_open,
    drawdown_cancel,
    drawdown_code_send,
    drawdown_quote,
    drawdown_start,
    drawdown_to_sign,
)
from weidai.lending.services.loans import LoanChange, loan_lock, loan_save, loans_lock
from weidai.lending.services.payouts import discrepancy_resolve, payout_post, payout_void
from weidai.lending.services.reinstatement import payout_reinstate
from weidai.lending.services.signing import device_bind, device_code_send

__all__ = [
    "ConfirmedDrawdown", "DrawdownQuote", "FirstDevice", "LoanChange", "activation_card_confirm", "activation_complete",
    "activation_password_set", "activation_start", "agreement_open", "agreement_sign", "cost_sheet_confirm",
    "cost_sheet_open", "device_bind", "device_code_send", "device_to_sign", "discrepancy_resolve", "drawdown_cancel",
    "drawdown_code_send", "drawdown_confirm", "drawdown_quote", "drawdown_start", "drawdown_to_sign", "loan_lock",
    "loan_save", "loans_lock", "payout_post", "payout_reinstate", "payout_void",
]
