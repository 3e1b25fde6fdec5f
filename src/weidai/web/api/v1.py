"""The JSON API, version 1: what a mini-program does for its borrower (R9.2). Bearer tokens only, cookies are ignored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from weidai.audit.services import Actor, acting_as
from weidai.web.api.bearer import Bearer, language_asked, session_of
from weidai.web.api.endpoints import applications, credit, devices, drawdowns, face, lines, loans, me, notices, papers, sessions
from weidai.web.api.errors import AddressUnknown, MethodNotAllowed
from weidai.web.api.problems import CONTENT_TYPE, Problem, handlers_install, refusal_problem
from weidai.web.shared.language import HTML_LANGUAGE, language_activate

View = Callable[..., HttpResponse]
DESCRIPTION = (
    "微贷借款人接口。金额为整数分，利率为每日 1e-8 的整数。错误一律为 application/problem+json,`code` 固定不变。\n\n"
    "The borrower's API. Amounts are integer fen, rates integers of 1e-8 a day. Every error is application/problem+json "
    "with a stable `code`. Send `Accept-Language: en` for English texts.\n\n"
    "每个安装生成一个随机名称并始终以 `X-Device` 发送，即视为同一设备。借款须由已绑定设备的 P-256 密钥签名：对返回的 `to_sign` "
    "(UTF-8)做 ECDSA/SHA-256 签名，r‖s 各 32 字节，base64。\n\n"
    "An installation makes up a random name and sends it as `X-Device` each time: it is one device then. A loan is signed by "
    "the P-256 key of a bound device: ECDSA/SHA-256 over the `to_sign` that was returned (UTF-8), r and s of 32 bytes each, "
    "base64.")


class BorrowerApi(NinjaAPI):
    """Adds to the schema what holds for every operation: the shape of an error and its languages."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the schema with the problem answer on every operation."""
        schema = super().get_openapi_schema(**options)
        shapes = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"].update({**shapes.pop("$defs", {}), "Problem": shapes})
        content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        language = {"name": "Accept-Language", "in": "header", "required": False,
                    "schema": {"type": "string", "default": "zh"}, "description": "zh or en"}
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = {"description": "Not done, and why", "content": content}
                operation.setdefault("parameters", []).append(language)
        return schema

    def get_openapi_operation_id(self, operation: Any) -> str:
        """Name an operation by its view, after its part of the product."""
        return f"{operation.view_func.__module__.rsplit('.', 1)[-1]}_{operation.view_func.__name__}"


api = BorrowerApi(title="weidai", version="1", description=DESCRIPTION, docs_url=None, openapi_url=None,
                  urls_namespace="api-v1")
handlers_install(api)
api.add_router("", sessions.router)
api.add_router("/me", me.router, auth=Bearer())
api.add_router("/me", devices.router, auth=Bearer())
api.add_router("/me/face", face.router, auth=Bearer())
api.add_router("", credit.router)
api.add_router("/applications", applications.router, auth=Bearer())
api.add_router("/applications", papers.router, auth=Bearer())
api.add_router("/lines", lines.router, auth=Bearer())
api.add_router("/drawdowns", drawdowns.router, auth=Bearer())
api.add_router("", loans.router, auth=Bearer())
api.add_router("/notices", notices.router, auth=Bearer())


def _for_machines(view: View) -> View:
    """Around every view: the caller's language, who acts, nothing kept by caches, and 405 in the one shape."""

    @wraps(view)
    def outer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = language_asked(request)
        language_activate(language)  # the middleware around us puts the old one back
        session = session_of(request)
        acting = acting_as(Actor("customer", str(session.customer_id)), request_id=getattr(
            request, "request_id", "")) if session else nullcontext()
        with acting:
            response = view(request, *args, **kwargs)
        if response.status_code == MethodNotAllowed.http_status:
            allowed = response.headers.get("Allow", "")
            response = refusal_problem(request, MethodNotAllowed())
            response["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Language"] = HTML_LANGUAGE[language]
        patch_vary_headers(response, ("Accept-Language", "Authorization"))
        return response

    return outer


@csrf_exempt
def _unknown(request: HttpRequest) -> HttpResponse:
    return refusal_problem(request, AddressUnknown())


unknown = _for_machines(_unknown)


def patterns() -> list[URLPattern]:
    """Return the addresses of the API, each view inside `_for_machines`."""
    found: list[URLPattern] = []
    for pattern in api.urls[0]:
        if pattern.name in ("api-root",):
            continue
        pattern.callback = _for_machines(pattern.callback)
        found.append(pattern)
    return found
