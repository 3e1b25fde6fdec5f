"""Refusals: a typed "no" with a stable code, a sentence in two languages and what to do next (R9.3).

A refusal is for people and machines; a bug is an assertion. Services raise refusals, `web` shows them.
"""

from __future__ import annotations

from typing import ClassVar

from weidai.kernel.text import Text


class Refusal(Exception):
    """Base of every typed "no". Subclasses live in each room's `errors.py` and set `code` and `text`.

    `code`      stable, `room.reason`, never reused for another meaning;
    `text`      what is the matter, with named placeholders filled from the keyword arguments;
    `next_step` what the reader can do about it;
    `http_status` what the JSON API answers;
    `field`     the form field it belongs to, if one.
    """

    code: ClassVar[str] = "kernel.refused"
    text: ClassVar[Text] = Text("请求被拒绝。", "The request was refused.")
    next_step: ClassVar[Text | None] = None
    http_status: ClassVar[int] = 409

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        self.values = values
        self.field = field
        super().__init__(self.code)

    @property
    def message(self) -> Text:
        """The sentence with its values filled in."""
        return self.text.format(**self.values)

    @property
    def advice(self) -> Text | None:
        """What to do next, with values filled in, if the refusal has one."""
        return self.next_step.format(**self.values) if self.next_step else None

    def __str__(self) -> str:
        return f"{self.code}: {self.message.zh}"


class Refused(Refusal):
    """The rules say no (409)."""


class Invalid(Refusal):
    """The input itself cannot be right (422); `field` names the one to correct."""

    code = "kernel.invalid"
    text = Text("输入有误。", "The input is not valid.")
    http_status = 422


class NotFound(Refusal):
    """There is no such thing, or it is not this person's (404): the two are not told apart on purpose."""

    code = "kernel.not_found"
    text = Text("没有找到。", "Not found.")
    http_status = 404


class Conflict(Refusal):
    """The thing is in another state than the request needs (409)."""

    code = "kernel.conflict"
    text = Text("当前状态不能进行此操作。", "This is not possible in the current state.")


class Forbidden(Refusal):
    """The person is known but may not (403)."""

    code = "kernel.forbidden"
    text = Text("没有权限。", "You do not have the permission.")
    http_status = 403


class TooManyRequests(Refusal):
    """Too often; the text says when to try again (429)."""

    code = "kernel.too_many_requests"
    text = Text("操作过于频繁，请稍后再试。", "Too many attempts. Please try again later.")
    http_status = 429


class PartnerUnavailable(Refusal):
    """An outside system gave no usable answer; nothing was changed and the same call may be tried again (503)."""

    code = "kernel.partner_unavailable"
    text = Text("外部服务暂时不可用，您的资料没有变化，请稍后重试。",
                "An outside service is unavailable. Nothing was changed; please try again later.")
    http_status = 503
