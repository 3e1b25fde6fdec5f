"""Refusals of the clock-driven runs."""

from __future__ import annotations

from weidai.kernel.errors import Conflict, NotFound
from weidai.kernel.text import Text


class DayNotOver(Conflict):
    """A business day is closed after its end, 24:00 Shanghai (R7.2)."""

    code = "jobs.day_not_over"
    text = Text("业务日 {day} 尚未结束，不能关闭。", "Business day {day} is not over yet and cannot be closed.")
    next_step = Text("请在次日 00:00（北京时间）之后再试。", "Try again after 00:00 Beijing time of the next day.")


class EodExceptionNotFound(NotFound):
    """No such open exception."""

    code = "jobs.eod_exception_not_found"
    text = Text("没有找到该条待处理记录。", "There is no such open exception.")


class MessageNotFound(NotFound):
    """There is no such message to try again."""

    code = "jobs.message_not_found"
    text = Text("没有这条待处理的消息。", "There is no such message waiting.")


class EodExceptionStays(Conflict):
    """Tried again by hand, the customer's loans fail as before; nothing was written."""

    code = "jobs.eod_exception_stays"
    text = Text("重试仍然失败：{why}", "It fails again: {why}")
    next_step = Text("请先排除原因，再重试；次日日终也会自动再试。",
                     "Remove the cause and try again; the next closing tries by itself, too.")
