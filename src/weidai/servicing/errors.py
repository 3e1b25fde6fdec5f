"""Refusals of servicing: each says the fact, and what to do next."""

from __future__ import annotations

from weidai.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from weidai.kernel.text import Text


class RepaymentNotFound(NotFound):
    """No such repayment of this customer."""

    code = "servicing.repayment_not_found"
    text = Text("没有找到这笔还款。", "There is no such repayment.")


class ReversalReasonInvalid(Invalid):
    """A repayment is reversed for one of the known reasons only."""

    code = "servicing.reversal_reason_invalid"
    text = Text("请选择撤销还款的原因。", "Choose the reason for reversing this repayment.")


class RepaymentRefunded(Conflict):
    """Part of this money was given back to the customer, or is on its way: both books have to be looked at first."""

    code = "servicing.repayment_refunded"
    text = Text("这笔还款中有 {amount} 元已退回或正在退回客户，不能直接撤销。",
                "{amount} yuan of this repayment were or are being given back; it cannot simply be reversed.")
    next_step = Text("请先与银行核对该退款，再人工处理。", "Clear the refund with the bank first, then handle it by hand.")


class RefundNotFound(NotFound):
    """No such refund of this customer."""

    code = "servicing.refund_not_found"
    text = Text("没有找到这笔退款。", "There is no such refund.")


class RefundNotRetryable(Conflict):
    """Only a refund that failed for good is tried again, while its money is still owed."""

    code = "servicing.refund_not_retryable"
    text = Text("这笔退款没有失败，或其款项已不再欠客户，不能重试。",
                "This refund has not failed, or its money is no longer owed to the customer; it cannot be tried again.")


class DebitNotFound(NotFound):
    """No such debit of this customer."""

    code = "servicing.debit_not_found"
    text = Text("没有找到这笔扣款。", "There is no such debit.")


class NothingOwed(Refused):
    """There is nothing to pay."""

    code = "servicing.nothing_owed"
    text = Text("当前没有需要偿还的款项。", "There is nothing to repay now.")


class AmountAboveSettlement(Invalid):
    """More than it costs to settle everything: it would only have to be sent back."""

    code = "servicing.amount_above_settlement"
    text = Text("还款金额不能超过结清金额 {most} 元。", "At most {most} yuan, which settles the loan.")
    next_step = Text("请修改金额。", "Change the amount.")


class AmountInvalid(Invalid):
    """Not a positive amount."""

    code = "servicing.amount_invalid"
    text = Text("请输入大于 0 的还款金额。", "Enter an amount above 0.")


class BackupCardsInvalid(Invalid):
    """Backup cards that repeat each other or the first card, or too many of them."""

    code = "servicing.backup_cards_invalid"
    text = Text("备用扣款卡不能重复，且最多 {most} 张。", "Backup cards must be different ones, at most {most}.")
    next_step = Text("请重新选择备用卡及其顺序。", "Choose the backup cards and their order again.")


class DebitInProgress(Conflict):
    """Only one debit per loan at a time, so that nobody pays twice."""

    code = "servicing.debit_in_progress"
    text = Text("该笔借款有一笔扣款正在处理中。", "A debit for this loan is still being processed.")
    next_step = Text("请等待结果后再试。", "Wait for its result, then try again.")


class CardMissing(Refused):
    """There is no usable debit card."""

    code = "servicing.card_missing"
    text = Text("没有可用于还款的银行卡。", "There is no debit card to repay from.")
    next_step = Text("请先绑定本人借记卡。", "Bind your own debit card first.")


class LoanNotSettled(Conflict):
    """A settlement certificate is for settled loans."""

    code = "servicing.loan_not_settled"
    text = Text("该笔借款尚未结清，不能开具结清证明。", "This loan is not settled yet; no certificate can be issued.")
    next_step = Text("结清后可随时下载。", "You can download it any time once the loan is settled.")


class SuspenseNotFound(NotFound):
    """No such item, or it has been assigned already."""

    code = "servicing.suspense_not_found"
    text = Text("没有找到该笔待认领款项。", "There is no such unidentified receipt.")


class AgreementNotFound(NotFound):
    """No auto-debit agreement in force."""

    code = "servicing.auto_debit_not_found"
    text = Text("您没有有效的自动扣款授权。", "You have no auto-debit authorization in force.")


class DayNotOverAtBank(Conflict):
    """The bank's file of a day is whole once the day is over."""

    code = "servicing.bank_day_not_over"
    text = Text("{day} 尚未结束，银行对账单不完整。", "{day} is not over yet; the bank's file is not whole.")
    next_step = Text("请在次日零点后再对账。", "Reconcile after midnight.")


class AdjustmentNotFound(NotFound):
    """No open proposal with this id: decided before, or never made."""

    code = "servicing.adjustment_not_found"
    text = Text("没有找到待复核的调账。", "No such proposal is open.")


class AdjustmentSamePerson(Forbidden):
    """Whoever proposed it does not approve it."""

    code = "servicing.adjustment_same_person"
    text = Text("不能复核自己提出的调账。", "You proposed this yourself.")
    next_step = Text("请由另一位有权限的同事复核。", "Another person with the permission has to approve it.")


class AlreadyProposed(Conflict):
    """A proposal about the same money is open."""

    code = "servicing.already_proposed"
    text = Text("已有人提交，正在等待复核。", "Somebody has proposed it already; it waits for a second person.")


class PayoutNotReinstatable(Conflict):
    """Only a payout booked as failed that the bank says it made can be booked after all."""

    code = "servicing.payout_not_reinstatable"
    text = Text("该差异不是“我方记失败、银行称成功”，不能补记放款。",
                "This is not a payout booked as failed that the bank says it made.")
