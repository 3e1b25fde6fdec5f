"""The schema as JSON, and the same as one plain page: no script, nothing from elsewhere, as the CSP demands (R9.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from weidai.web.api.v1 import api

PREFIX = "/api/v1/"


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the OpenAPI schema; it changes only with the code."""
    return dict(api.get_openapi_schema(path_prefix=PREFIX))


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (a view)
    """The OpenAPI document."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False, "default": str})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (a view)
    """Every operation and every shape on one page."""
    known = schema()
    operations = [(method.upper(), path, operation) for path, found in known["paths"].items()
                  for method, operation in found.items()]
    rows = format_html_join("", "{}", ((_operation(*one),) for one in operations))
    shapes = format_html_join("", "{}", ((_shape(name, shape),) for name, shape in sorted(
        known["components"]["schemas"].items())))
    return HttpResponse(format_html(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>weidai API v1</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{}"></head>'
        '<body><main class="container-xl py-4"><h1>微贷 weidai · API v1</h1>{}<p><a href="openapi.json">openapi.json</a>'
        "</p><h2>接口 / Operations</h2>{}<h2>数据结构 / Shapes</h2>{}</main></body></html>",
        static("vendor/tabler/tabler.min.css"), format_html_join("", "<p>{}</p>", (
            (line,) for line in known["info"]["description"].split("\n\n"))), rows, shapes))


def _operation(method: str, path: str, operation: dict[str, Any]) -> SafeString:
    """One operation: method and path, what it does, what it takes and gives."""
    takes = [_reference(shape["schema"]) for shape in operation.get("requestBody", {}).get("content", {}).values()]
    gives = [(status, _reference(next(iter(answer["content"].values()))["schema"]) if answer.get("content") else "—")
             for status, answer in operation["responses"].items() if status != "default"]
    needs = [f"{one['name']} ({one['in']}{'' if one.get('required') else '?'})"
             for one in operation.get("parameters", []) if one["name"] != "Accept-Language"]
    return format_html(
        '<section class="card mb-3"><div class="card-body"><h3 class="card-title"><code>{} {}</code></h3><p>{}</p>'
        "<p>{}{}{}</p><p>{}</p></div></section>",
        method, path, operation.get("description", ""),
        "" if operation.get("security") else "无需登录 / no sign-in. ",
        format_html_join("", "{} ", ((need,) for need in needs)),
        format_html_join("", "← {} ", ((one,) for one in takes)),
        format_html_join("", "{} → {} ", gives))


def _shape(name: str, shape: dict[str, Any]) -> SafeString:
    required = set(shape.get("required", []))
    rows = format_html_join("", "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>", (
        (field, _reference(kind), "必填 / required" if field in required else "") for field, kind in shape.get(
            "properties", {}).items()))
    return format_html('<section class="card mb-3" id="{}"><div class="card-body"><h3 class="card-title">{}</h3><p>{}</p>'
                       '<table class="table table-sm">{}</table></div></section>', name, name,
                       shape.get("description", ""), rows)


def _reference(kind: dict[str, Any]) -> SafeString | str:
    """A shape in words, as a link when it has a section of its own."""
    if "$ref" in kind:
        name = kind["$ref"].rsplit("/", 1)[-1]
        return format_html('<a href="#{}">{}</a>', name, name)
    if "anyOf" in kind:
        return mark_safe(" | ".join(str(_reference(one)) for one in kind["anyOf"]))  # noqa: S308 (each part is escaped)
    if "enum" in kind:
        return " | ".join(str(value) for value in kind["enum"])
    if kind.get("type") == "array":
        return format_html("[{}]", _reference(kind.get("items", {})))
    words = [str(kind.get("format") or kind.get("const") or kind.get("type", "any"))]
    words += [f"{sign}{kind[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("pattern", "")) if key in kind]
    return " ".join(words)
