"""Refusals of the API itself: who calls, how a request is written. What the rooms refuse comes from the rooms."""

from __future__ import annotations

from weidai.kernel.errors import Invalid, NotFound, Refusal
from weidai.kernel.text import Text


class NotSignedIn(Refusal):
    """No bearer token, or one that is unknown, ended or too old (401)."""

    code = "api.not_signed_in"
    text = Text("未登录，或登录已过期。", "Not signed in, or the session has ended.")
    next_step = Text("请重新登录。", "Sign in again.")
    http_status = 401


class AddressUnknown(NotFound):
    """No such address, or the record is not this person's (404)."""

    code = "api.not_found"
    text = Text("这个地址或记录不存在，或者不属于您。", "This address or record does not exist, or it is not yours.")


class MethodNotAllowed(Refusal):
    """The address exists, but not for this method (405)."""

    code = "api.method_not_allowed"
    text = Text("这个地址不支持此请求方法。", "This address does not take this method.")
    http_status = 405


class BodyUnreadable(Invalid):
    """The body is not the JSON object (or form) that is expected here (422)."""

    code = "api.body_unreadable"
    text = Text("请求内容无法读取。", "The body cannot be read.")
    next_step = Text("请发送 UTF-8 编码的 JSON 对象。", "Send a JSON object in UTF-8.")


class BodyTooLarge(Refusal):
    """More than any request of this API needs (413)."""

    code = "api.body_too_large"
    text = Text("请求内容过大。", "The body is too large.")
    http_status = 413


class IdempotencyKeyMissing(Invalid):
    """A call that moves money came without a key against doing it twice (422)."""

    code = "api.idempotency_key_missing"
    text = Text("缺少请求头 Idempotency-Key。", "The header Idempotency-Key is missing.")
    next_step = Text("请为每次操作生成一个编号（8 至 64 位字母、数字、“-”或“_”），重试时使用同一个编号。",
                     "Make one key for each operation (8 to 64 letters, digits, “-” or “_”) and repeat it on a retry.")


class CursorUnknown(Invalid):
    """The list has no such place to go on from (422)."""

    code = "api.cursor_unknown"
    text = Text("没有这个翻页位置。", "The list has no such cursor.")
    next_step = Text("请从第一页重新读取。", "Start from the first page again.")


class PictureRefused(Invalid):
    """Not a picture, or too large (422)."""

    code = "api.picture_refused"
    text = Text("请上传小于 8 MB 的 JPG、PNG 或 WebP 照片。", "Send a JPG, PNG or WebP picture smaller than 8 MB.")


class ConsentElsewhere(Invalid):
    """This consent belongs to an agreement and is given and ended with it (422)."""

    code = "api.consent_with_agreement"
    text = Text("此项授权与自动扣款协议一并签订、一并解除。",
                "This consent is given and ended together with the auto-debit agreement.")
    next_step = Text("请使用 /me/auto-debit。", "Use /me/auto-debit.")
