"""Refusals of the limits room (R5)."""

from __future__ import annotations

from collections.abc import Sequence

from weidai.kernel.errors import Conflict, Invalid, NotFound, Refused
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text

HOLD_TEXTS: dict[str, Text] = {
    "overdue": Text("有逾期未还的借款", "a loan is overdue"),
    "inactivity": Text("连续两个月支付活跃度不足", "too few payments in two consecutive months"),
    "over_indebted": Text("负债比率超过上限", "the debt-to-income ratio is above the limit"),
    "fraud": Text("存在风险核查", "a fraud check is open"),
    "aml": Text("正在进行合规核查", "a compliance check is open"),
    "customer_lock": Text("您本人已锁定额度", "you locked the line yourself"),
    "dispute": Text("有正在处理的争议", "a dispute is being handled"),
    "identity_expired": Text("身份证件已过有效期", "the ID card has expired"),
}
RELEASE_TEXTS: dict[str, Text] = {
    "overdue": Text("还清逾期款项后自动恢复。", "It ends by itself once the overdue amount is paid."),
    "inactivity": Text("任意一个自然月支付满三笔后自动恢复。", "It ends after one month with at least three payments."),
    "over_indebted": Text("负债下降后自动恢复,也可联系客服。", "It ends when your debt has come down; customer service can help."),
    "fraud": Text("请联系客服完成核查。", "Please contact customer service to finish the check."),
    "aml": Text("核查完成后恢复,如有异议可联系客服。", "It ends after the check; customer service takes objections."),
    "customer_lock": Text("可在安全中心解除锁定。", "You can unlock it in the security center."),
    "dispute": Text("争议处理完成后恢复。", "It ends when the dispute is settled."),
    "identity_expired": Text("请更新身份证件。", "Please renew your ID card."),
}


class CreditLineNotFound(NotFound):
    """There is no such line of this customer."""

    code = "limits.credit_line_not_found"
    text = Text("没有找到该额度。", "There is no such credit line.")
    next_step = Text("请返回首页查看您的额度。", "Go to the home page to see your credit lines.")


class CreditLineFrozen(Refused):
    """At least one hold stands; `kinds` names them all (R5.5)."""

    code = "limits.credit_line_frozen"
    text = Text("额度暂时不能使用:{why}。", "The credit line cannot be used now: {why}.")

    def __init__(self, *, kinds: Sequence[str]) -> None:
        self.kinds = tuple(kinds)
        super().__init__(why=", ".join(self.kinds))

    @property
    def message(self) -> Text:
        """The sentence with each hold in words."""
        whys = [HOLD_TEXTS[kind] for kind in self.kinds]
        return Text(zh=self.text.zh.format(why=";".join(why.zh for why in whys)),
                    en=self.text.en.format(why="; ".join(why.en for why in whys)))

    @property
    def advice(self) -> Text | None:
        """What ends each hold."""
        steps = [RELEASE_TEXTS[kind] for kind in self.kinds]
        return Text(zh="".join(step.zh for step in steps), en=" ".join(step.en for step in steps))


class CreditLineNotActivated(Refused):
    """The line was granted but its activation is not finished (R6.1)."""

    code = "limits.credit_line_not_activated"
    text = Text("额度尚未开通。", "The credit line is not activated yet.")
    next_step = Text("请先完成开通:确认银行卡、设置支付密码、人脸或视频核验。",
                     "Finish the activation first: bank card, payment password, face or video check.")


class CreditLineClosed(Refused):
    """The line is closed."""

    code = "limits.credit_line_closed"
    text = Text("额度已关闭。", "The credit line is closed.")
    next_step = Text("如需再次使用,请重新申请。", "Apply again if you need it.")


class LimitExceeded(Refused):
    """More was asked than is available."""

    code = "limits.limit_exceeded"
    text = Text("可用额度为 {available} 元,不足 {wanted} 元。", "Only {available} yuan are available, less than {wanted} yuan.")
    next_step = Text("请减少金额,或先还款恢复额度。", "Ask for less, or repay first to free some of the limit.")

    def __init__(self, *, available_fen: int, wanted_fen: int) -> None:
        self.available_fen, self.wanted_fen = available_fen, wanted_fen
        super().__init__(available=yuan_text(available_fen), wanted=yuan_text(wanted_fen), field="amount")


class LimitAmountInvalid(Invalid):
    """An amount is not above zero."""

    code = "limits.amount_invalid"
    text = Text("金额必须大于零。", "The amount must be above zero.")


class LimitMovementConflict(Conflict):
    """The same cause came with another amount, or more is moved than the cause reserved or the line has used."""

    code = "limits.movement_conflict"
    text = Text("额度变动与已登记的记录不一致。", "This limit movement does not agree with what is already booked.")
    next_step = Text("没有任何变动,请联系客服核对。", "Nothing was changed; please contact customer service.")


class CreditLineExists(Conflict):
    """There is an open line of that product already."""

    code = "limits.credit_line_exists"
    text = Text("您已有该产品的额度。", "You already have a credit line of this product.")
    next_step = Text("可在额度页面查看或申请调整。", "See the limit page to look at it or ask for a change.")


class LimitNotGranted(Refused):
    """The amount is below the least line or above the product's cap (R5.2)."""

    code = "limits.amount_outside_product"
    text = Text("额度 {amount} 元不在该产品允许的范围内。", "A limit of {amount} yuan is outside the product's range.")
    next_step = Text("请重新评估。", "Run the review again.")


class HoldKindUnknown(Invalid):
    """There is no such kind of hold."""

    code = "limits.hold_kind_unknown"
    text = Text("没有这种冻结类型。", "There is no such kind of hold.")


class LimitOfferNotFound(NotFound):
    """There is no open increase offer with that id."""

    code = "limits.offer_not_found"
    text = Text("没有可接受的提额。", "There is no increase to accept.")
    next_step = Text("该提额可能已过期或已处理。", "It may have expired or been answered already.")
