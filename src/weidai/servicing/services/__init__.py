"""What servicing does, one file per kind of act. Lock order: credit lines by id, loans by id, ledger accounts."""

from weidai.servicing.services.adjustments import (
    adjustment_approve,
    adjustment_reject,
    payout_propose,
    suspense_propose,
)
from weidai.servicing.services.certificates import certificate_issue
from weidai.servicing.services.debits import (
    auto_debit_authorize,
    auto_debit_revoke,
    debit_fail,
    debit_succeed,
    debits_release,
    repayment_request,
)
from weidai.servicing.services.discrepancies import money_discrepancy_resolve
from weidai.servicing.services.quotes import SettleQuote, settle_quote
from weidai.servicing.services.refunds import refund_retry
from weidai.servicing.services.reminders import reminders_send
from weidai.servicing.services.repayments import BookedRepayment, Intent, repayment_receive
from weidai.servicing.services.reversals import REVERSAL_REASONS, repayment_reverse
from weidai.servicing.services.suspense import IncomingTransfer, suspense_assign, transfer_receive

__all__ = [
    "REVERSAL_REASONS", "BookedRepayment", "IncomingTransfer", "Intent", "SettleQuote", "adjustment_approve",
    "adjustment_reject", "auto_debit_authorize", "auto_debit_revoke", "certificate_issue", "debit_fail",
    "debit_succeed", "debits_release", "money_discrepancy_resolve", "payout_propose", "refund_retry",
    "reminders_send", "repayment_receive", "repayment_request", "repayment_reverse", "settle_quote",
    "suspense_assign", "suspense_propose", "transfer_receive",
]
