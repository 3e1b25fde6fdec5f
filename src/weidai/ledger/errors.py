"""Refusals of the ledger."""

from weidai.kernel.errors import Conflict, NotFound
from weidai.kernel.text import Text


class AccountOverdrawn(Conflict):
    """A posting would take an account below zero that must not go there."""

    code = "ledger.account_overdrawn"
    text = Text("账户 {account} 余额不足，记账被拒绝。", "Account {account} would be overdrawn; the posting was refused.")


class JournalNotPending(Conflict):
    """Only a pending journal can be posted or voided; it was resolved before."""

    code = "ledger.journal_not_pending"
    text = Text("该笔待定记账已处理。", "This pending journal was already resolved.")


class JournalNotFound(NotFound):
    """No journal with this id."""

    code = "ledger.journal_not_found"
    text = Text("没有找到该笔记账。", "No such journal.")
