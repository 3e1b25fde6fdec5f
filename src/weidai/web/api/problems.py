"""problem+json: every "no" of the API in one shape, with a stable code and both titles (R9.2, R9.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from weidai.kernel.errors import Refusal, TooManyRequests
from weidai.kernel.text import Text
from weidai.web.api.errors import AddressUnknown, BodyTooLarge, BodyUnreadable, NotSignedIn
from weidai.web.shared.language import say

CONTENT_TYPE = "application/problem+json"
FieldCode = Literal["api.field_missing", "api.field_unknown", "api.field_length", "api.field_range", "api.field_choice",
                    "api.field_invalid"]
_TITLES: dict[int, Text] = {
    401: Text("请先登录", "Sign in first"),
    403: Text("没有权限", "No permission"),
    404: Text("没有找到", "Not found"),
    405: Text("不支持的方法", "Method not allowed"),
    409: Text("暂时无法办理", "Not possible now"),
    413: Text("内容过大", "Too large"),
    422: Text("请检查填写内容", "Please check what you entered"),
    429: Text("操作过于频繁", "Too many attempts"),
    503: Text("服务暂时不可用", "Temporarily unavailable"),
}
_FIELD_TEXTS: dict[str, Text] = {
    "api.field_missing": Text("缺少 {field}。", "{field} is missing."),
    "api.field_unknown": Text("不认识的字段 {field}。", "{field} is not a known field."),
    "api.field_length": Text("{field} 的长度不对。", "{field} has the wrong length."),
    "api.field_range": Text("{field} 超出允许范围。", "{field} is out of range."),
    "api.field_choice": Text("{field} 不在可选值中。", "{field} is not one of the allowed values."),
    "api.field_invalid": Text("{field} 的格式不对。", "{field} is not in the right form."),
}
_FIELD_NEXT = Text("请对照接口文档更正后重试。", "Correct it by the reference and try again.")
_CODE_OF: dict[str, FieldCode] = {
    "missing": "api.field_missing", "extra_forbidden": "api.field_unknown",
    "string_too_long": "api.field_length", "string_too_short": "api.field_length",
    "too_long": "api.field_length", "too_short": "api.field_length",
    "greater_than": "api.field_range", "greater_than_equal": "api.field_range",
    "less_than": "api.field_range", "less_than_equal": "api.field_range",
    "enum": "api.field_choice", "literal_error": "api.field_choice",
}


class FieldProblem(Schema):
    """One field that cannot be right."""

    field: str
    code: FieldCode
    detail: str


class Problem(Schema):
    """Why a request was not done. `code` is stable; `title` is Chinese, `title_en` English; `detail` and `next_step` are
    in the language asked for. `errors` lists every field of a request that failed validation."""

    type: str
    title: str
    title_en: str
    status: int
    code: str
    detail: str
    next_step: str | None = None
    field: str | None = None
    request_id: str = ""
    errors: list[FieldProblem] | None = None


def problem(
    request: HttpRequest, *, status: int, code: str, detail: str, next_step: str | None = None, field: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """Return the answer that says why not."""
    title = _TITLES.get(status, _TITLES[409])
    body: dict[str, Any] = {
        "type": f"urn:weidai:error:{code}", "title": title.zh, "title_en": title.en, "status": status, "code": code,
        "detail": detail, "next_step": next_step, "field": field, "request_id": getattr(request, "request_id", "")}
    if errors is not None:
        body["errors"] = errors
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="weidai"'
    return response


def refusal_problem(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return a room's typed "no"; a 429 also says when to come back, if it is known."""
    response = problem(request, status=refusal.http_status, code=refusal.code, detail=say(refusal.message),
                       next_step=say(refusal.advice) or None, field=refusal.field)
    seconds = refusal.values.get("retry_after_seconds", refusal.values.get("seconds"))
    if isinstance(refusal, TooManyRequests) and isinstance(seconds, int):
        response["Retry-After"] = str(seconds)
    return response


def validation_problem(request: HttpRequest, found: Iterable[dict[str, Any]]) -> HttpResponse:
    """Return every wrong field with its stable code; the first one stands for all. Values are not repeated."""
    errors = []
    for one in found:
        names = [str(part) for part in one["loc"][1:]]
        if len(names) > 1 and one["loc"][0] in ("body", "form"):
            names = names[1:]  # the name of the view's own parameter
        field, code = ".".join(names) or "body", _CODE_OF.get(one["type"], "api.field_invalid")
        errors.append({"field": field, "code": code, "detail": say(_FIELD_TEXTS[code].format(field=field))})
    first = errors[0]
    return problem(request, status=422, code=first["code"], detail=first["detail"], next_step=say(_FIELD_NEXT),
                   field=first["field"], errors=errors)


def handlers_install(api: NinjaAPI) -> None:
    """Answer every expected exception in this one shape; a bug goes on to the 500 page of the API and the log."""

    def refused(kind: type[Exception], refusal: type[Refusal] | None) -> None:
        def answer(request: HttpRequest, error: Any) -> HttpResponse:
            return refusal_problem(request, refusal() if refusal else error)

        api.add_exception_handler(kind, answer)

    refused(Refusal, None)
    refused(Http404, AddressUnknown)
    refused(AuthenticationError, NotSignedIn)
    refused(HttpError, BodyUnreadable)
    refused(MultiPartParserError, BodyUnreadable)
    refused(BadRequest, BodyUnreadable)
    refused(SuspiciousOperation, BodyUnreadable)
    refused(RequestDataTooBig, BodyTooLarge)
    api.add_exception_handler(
        ValidationError, lambda request, error: validation_problem(request, error.errors))
