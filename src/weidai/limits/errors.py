"""Refusals of the limits room (R5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from weidai.kernel.errors import Conflict, Invalid, NotFound, Refused
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text
from weidai.limits.rules import HOLD_KINDS, HoldKind


class CreditLineNotFound(NotFound):
    """There is no such line of this customer."""

    code = "limits.credit_line_not_found"
    text = Text("没有找到该额度。", "There is no such credit line.")
    next_step = Text("请返回首页查看您的额度。", "Go to the home page to see your credit lines.")


class CreditLineFrozen(Refused):
    """At least one hold stands; `kinds` names them all, the words never tell fraud from aml (R5.5, R8.8)."""

    code = "limits.credit_line_frozen"
    text = Text("额度暂时不能使用：{why}。", "The credit line cannot be used now: {why}.")

    def __init__(self, *, kinds: Sequence[str]) -> None:
        self.kinds = tuple(kinds)
        words = [HOLD_KINDS[cast(HoldKind, kind)] for kind in kinds]
        self._names = list(dict.fromkeys(word.name for word in words))
        self._releases = list(dict.fromkeys(word.release for word in words))
        super().__init__()

    @property
    def message(self) -> Text:
        """The sentence with each hold in words."""
        return Text(zh=self.text.zh.format(why=";".join(name.zh for name in self._names)),
                    en=self.text.en.format(why="; ".join(name.en for name in self._names)))

    @property
    def advice(self) -> Text | None:
        """What ends each hold."""
        return Text(zh="".join(step.zh for step in self._releases), en=" ".join(step.en for step in self._releases))


class CreditLineNotActivated(Refused):
    """The line was granted but its activation is not finished (R6.1)."""

    code = "limits.credit_line_not_activated"
    text = Text("额度尚未开通。", "The credit line is not activated yet.")
    next_step = Text("请先完成开通：确认银行卡、设置支付密码、人脸或视频核验。",
                     "Finish the activation first: bank card, payment password, face or video check.")


class CreditLineClosed(Refused):
    """The line is closed."""

    code = "limits.credit_line_closed"
    text = Text("额度已关闭。", "The credit line is closed.")
    next_step = Text("如需再次使用，请重新申请。", "Apply again if you need it.")


class LimitExceeded(Refused):
    """More was asked than is available."""

    code = "limits.limit_exceeded"
    text = Text("可用额度为 {available} 元，不足 {wanted} 元。",
                "Only {available} yuan are available, less than {wanted} yuan.")
    next_step = Text("请减少金额，或先还款恢复额度。", "Ask for less, or repay first to free some of the limit.")

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
    next_step = Text("没有任何变动，请联系客服核对。", "Nothing was changed; please contact customer service.")


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
