"""Refusals of the risk room (R8.2)."""

from weidai.kernel.errors import Invalid, NotFound, Refused
from weidai.kernel.text import Text


class RiskBlocked(Refused):
    """The event was blocked. The sentence tells no rule, so that nobody can probe for it; staff see every reason."""

    code = "risk.blocked"
    text = Text("出于账户安全考虑，本次操作未能通过。", "For the safety of the account this was not let through.")
    next_step = Text("您的资金没有变动。如非本人操作请冻结账户；如有疑问请联系客服人工核实。",
                     "No money has moved. Freeze the account if this was not you; customer service can check by hand.")


class RiskSignalUnknown(Invalid):
    """A list was given a kind of value or an effect it does not know."""

    code = "risk.list_value_invalid"
    text = Text("名单类型或处置方式无效。", "The kind of value or the effect is not known.")


class RiskListEntryNotFound(NotFound):
    """There is no such standing list entry."""

    code = "risk.list_entry_not_found"
    text = Text("名单中没有该记录。", "There is no such entry on the list.")
