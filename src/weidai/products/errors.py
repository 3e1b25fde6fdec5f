"""Refusals of the products room (R3)."""

from weidai.kernel.errors import Conflict, NotFound, Refused
from weidai.kernel.text import Text


class ProductNotFound(NotFound):
    """The pack in force does not offer this product."""

    code = "products.not_found"
    text = Text("没有该产品。", "There is no such product.")
    next_step = Text("请在产品页面选择。", "Choose one on the products page.")


class ProductNotByInvitation(Refused):
    """Invitations are only for products entered by invitation."""

    code = "products.not_by_invitation"
    text = Text("该产品不采用邀请制。", "This product is not by invitation.")


class InvitationRequired(Refused):
    """Without a valid invitation the product cannot be applied for, by any channel (R3.4)."""

    code = "products.invitation_required"
    text = Text("该产品采用邀请制，您目前没有有效邀请。", "By invitation only; you have no valid invitation.")
    next_step = Text("保持良好信用，系统会定期评估并发出邀请。",
                     "Keep a good record; invitations are sent after regular assessments.")


class InvitationNotFound(NotFound):
    """There is no such open invitation."""

    code = "products.invitation_not_found"
    text = Text("没有有效的邀请。", "There is no valid invitation.")


class InvitationExists(Conflict):
    """The customer has a valid invitation already."""

    code = "products.invitation_exists"
    text = Text("该客户已有有效邀请。", "This customer already has a valid invitation.")
