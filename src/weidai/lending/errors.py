"""Refusals of lending: each says the fact, and what to do next."""

from __future__ import annotations

from weidai.kernel.errors import Conflict, Invalid, NotFound, Refused
from weidai.kernel.text import Text


class LoanNotFound(NotFound):
    """No such loan of this customer."""

    code = "lending.loan_not_found"
    text = Text("没有找到这笔借款。", "There is no such loan.")


class DrawdownNotFound(NotFound):
    """No such drawdown of this customer."""

    code = "lending.drawdown_not_found"
    text = Text("没有找到这次借款操作。", "There is no such drawdown.")
    next_step = Text("请从首页重新开始借款。", "Start the drawdown again from the home page.")


class DrawdownStateConflict(Conflict):
    """The drawdown is at another step than this one needs."""

    code = "lending.drawdown_state"
    text = Text("这次借款已进行到另一步骤。", "This drawdown is at another step.")
    next_step = Text("请查看当前步骤后继续。", "Look at the current step and go on from there.")


class LineNotActivated(Refused):
    """The line has to be activated first (R6.1)."""

    code = "lending.line_not_activated"
    text = Text("该额度尚未开通使用。", "This credit line has not been activated yet.")
    next_step = Text("请先完成开通：确认银行卡、设置支付密码、人脸核验。",
                     "Activate it first: confirm the card, set the payment password, face check.")


class AmountInvalid(Invalid):
    """Below the least amount, above what is available, or not whole yuan (R6.2)."""

    code = "lending.amount_invalid"
    text = Text("借款金额须为整元，且在 {least} 元至 {most} 元之间。",
                "The amount must be whole yuan between {least} and {most} yuan.")
    next_step = Text("请修改金额。", "Change the amount.")


class PurposeForbidden(Invalid):
    """Loans may not be used for this (R6.2)."""

    code = "lending.purpose_forbidden"
    text = Text("借款不得用于此用途。", "A loan may not be used for this purpose.")
    next_step = Text("请选择列表中的其他用途。", "Choose another purpose from the list.")


class PurposeUnknown(Invalid):
    """Not on the list."""

    code = "lending.purpose_unknown"
    text = Text("请选择借款用途。", "Choose a purpose from the list.")


class TermsInvalid(Invalid):
    """The product does not offer this term or repayment method."""

    code = "lending.terms_invalid"
    text = Text("该产品不提供所选的期限或还款方式。", "The product does not offer this term or repayment method.")
    next_step = Text("请选择列表中的期限和还款方式。", "Choose a term and method from the list.")


class NoDefaultCard(Refused):
    """There is no usable debit card to pay the loan to."""

    code = "lending.card_missing"
    text = Text("没有可用的收款银行卡。", "There is no debit card to receive the money.")
    next_step = Text("请先绑定本人借记卡。", "Bind your own debit card first.")


class PayoutCardUnbound(Conflict):
    """The card the money was to go to has been unbound since the drawdown began; money never goes to it."""

    code = "lending.payout_card_unbound"
    text = Text("本次借款的收款银行卡已解绑。", "The card this loan was to be paid to is no longer bound.")
    next_step = Text("请重新发起借款，并选择一张已绑定的银行卡。", "Start the drawdown again and choose a card that is bound.")


class ReadingTooShort(Refused):
    """The cost sheet must lie open for its reading time, measured by the server (R6.2, FACTS §2.1)."""

    code = "lending.cost_sheet_reading_too_short"
    text = Text("请再阅读 {seconds} 秒后确认。", "Please read for another {seconds} seconds before confirming.")


class CostSheetNotConfirmed(Refused):
    """Nothing is signed before the cost sheet has been confirmed."""

    code = "lending.cost_sheet_not_confirmed"
    text = Text("请先阅读并确认综合融资成本明示表。", "Read and confirm the cost sheet first.")


class DrawdownRefusedByRisk(Refused):
    """Risk control did not allow it; the reasons are in plain words elsewhere, never a secret score."""

    code = "lending.drawdown_blocked"
    text = Text("为保护您的资金安全，本次借款暂不能办理。", "To protect you, this drawdown cannot be made now.")
    next_step = Text("如有疑问，请联系客服人工处理。", "Contact customer service to have a person look at it.")


class TermsChanged(Conflict):
    """The line's price or the rules changed since the sheet was shown: what was read no longer holds."""

    code = "lending.terms_changed"
    text = Text("借款条件已变化，之前确认的内容不再有效。", "The terms changed; what you confirmed no longer holds.")
    next_step = Text("请重新发起借款。", "Start the drawdown again.")


class ActivationStepOutOfOrder(Conflict):
    """Card, then payment password, then face (R6.1)."""

    code = "lending.activation_order"
    text = Text("请按顺序完成：确认银行卡、设置支付密码、人脸核验。",
                "Complete the steps in order: card, payment password, face check.")


class FaceCheckMissing(Refused):
    """No fresh face check or staff video check for this activation."""

    code = "lending.face_check_missing"
    text = Text("请先完成人脸核验，或预约人工视频核验。", "Complete the face check, or ask for a staff video check.")


class StepUpRequired(Refused):
    """Risk control wants to be surer that it is you (R8.2)."""

    code = "lending.step_up_required"
    text = Text("为确认是您本人操作，请先完成一次人脸核验。", "To be sure that it is you, pass a face check first.")
    next_step = Text("完成人脸核验（或人工视频核验）后，在 30 分钟内再次提交。",
                     "Pass the face check (or a staff video check) and confirm again within 30 minutes.")


class CostSheetExpired(Refused):
    """What was read and confirmed is too long ago to sign on."""

    code = "lending.cost_sheet_expired"
    text = Text("成本明示表的确认已过期。", "Your confirmation of the cost sheet has expired.")
    next_step = Text("请重新发起借款。", "Start the drawdown again.")


class PayoutNotConfirmed(Conflict):
    """The bank's own query does not say that a payout was made: it cannot be booked after all."""

    code = "lending.payout_not_confirmed"
    text = Text("银行查询结果未确认该笔放款成功，不能补记。",
                "The bank's query does not confirm this payout; it cannot be booked.")
    next_step = Text("请与银行核实后再试。", "Settle it with the bank first, then try again.")


class DeviceTooFresh(Refused):
    """The device was bound a short while ago: the amount of one drawdown is held low for some hours (R6.2, R8.4)."""

    code = "lending.device_too_fresh"
    text = Text("本机绑定未满冷静期，{until} 之前每笔最多借 {most} 元。",
                "This device was bound recently: until {until} one loan is CNY {most} at most.")
    next_step = Text("请减少金额，或到时再借，或在原来绑定的设备上操作。",
                     "Borrow less, come back then, or use the device that was bound before.")


class DeviceNeeded(Refused):
    """More than may be borrowed without a bound device (R6.2, R8.4)."""

    code = "lending.device_needed"
    text = Text("不绑定设备时，每笔最多借 {most} 元。", "Without a bound device one loan is CNY {most} at most.")
    next_step = Text("请绑定本机，或减少金额。", "Bind this device, or borrow less.")
