"""Pages for everything that did not work: what is the matter, what to do next, and a number to quote (R9.3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from weidai.kernel.errors import Forbidden, NotFound, Refusal, TooManyRequests
from weidai.kernel.text import Text

PROBLEM = Text(
    "系统出现故障，您的操作可能没有完成。",
    "Something broke on our side; what you did may not have been completed.",
)
PROBLEM_NEXT = Text(
    "请先查看记录确认结果，再决定是否重试；联系客服时请提供下方编号。",
    "Check your records for the result before trying again. Quote the number below when you contact us.",
)
NO_PAGE = Text("这个页面或记录不存在，或者不属于您。", "This page or record does not exist, or it is not yours.")
NO_PERMISSION = Text("您的账号没有查看或办理此项的权限。", "Your account may not see or do this.")
PAGE_EXPIRED = Text(
    "页面已过期，出于安全考虑没有提交。", "This page has expired. For your safety nothing was submitted.")
PAGE_EXPIRED_NEXT = Text("请返回上一页，刷新后重新提交。", "Go back, reload the page and submit again.")
NOT_FOUND_NEXT = Text("请检查网址，或从首页重新进入。", "Check the address, or start again from the home page.")
FORBIDDEN_NEXT = Text("如工作需要此权限，请联系系统管理员。", "If your work needs it, ask an administrator.")
HEADINGS: dict[int, Text] = {
    400: Text("请求无效", "Bad request"),
    403: Text("没有权限", "No permission"),
    404: Text("没有找到", "Not found"),
    409: Text("暂时无法办理", "Not possible now"),
    422: Text("请检查填写内容", "Please check what you entered"),
    429: Text("操作过于频繁", "Too many attempts"),
    500: Text("系统故障", "Something broke"),
    503: Text("服务暂时不可用", "Temporarily unavailable"),
}


def area_of(request: HttpRequest) -> str:
    """Which face of the product a request belongs to: api, console or h5."""
    for area in ("api", "console"):
        if request.path.startswith(f"/{area}/"):
            return area
    return "h5"


def problem_response(
    request: HttpRequest, *, status: int, message: Text, next_step: Text | None, code: str,
) -> HttpResponse:
    """The error page of the area, or problem+json below /api/ (R9.2)."""
    area = area_of(request)
    if area == "api":
        content = {
            "type": f"urn:weidai:error:{code}", "title": HEADINGS.get(status, HEADINGS[409]).en, "status": status,
            "code": code, "detail": message.zh, "detail_en": message.en,
            "request_id": getattr(request, "request_id", ""),
        }
        return JsonResponse(content, status=status, content_type="application/problem+json")
    context = {
        "heading": HEADINGS.get(status, HEADINGS[409]), "message": message, "next_step": next_step,
        "status": status, "code": code, "is_error_page": True,
    }
    return render(request, f"{area}/error.html", context, status=status)


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal; a 429 also says when to come back, if the refusal knows."""
    response = problem_response(
        request, status=refusal.http_status, message=refusal.message, next_step=refusal.advice, code=refusal.code)
    retry_after = refusal.values.get("retry_after_seconds")
    if isinstance(refusal, TooManyRequests) and isinstance(retry_after, int):
        response["Retry-After"] = str(retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django calls by this name
    """400: the request itself is broken."""
    message = Text("无法理解这个请求。", "The request could not be understood.")
    return problem_response(request, status=400, message=message, next_step=NOT_FOUND_NEXT, code="web.bad_request")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django calls by this name
    """403: known, but may not."""
    return problem_response(
        request, status=403, message=NO_PERMISSION, next_step=FORBIDDEN_NEXT, code=Forbidden.code)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django calls by this name
    """404: no such page or record."""
    return problem_response(request, status=404, message=NO_PAGE, next_step=NOT_FOUND_NEXT, code=NotFound.code)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a bug. The result is unknown to the reader, so the page never invites a blind second try."""
    return problem_response(request, status=500, message=PROBLEM, next_step=PROBLEM_NEXT, code="web.server_error")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403: the form came from an expired or foreign page."""
    return problem_response(
        request, status=403, message=PAGE_EXPIRED, next_step=PAGE_EXPIRED_NEXT, code="web.page_expired")
