"""The product's addresses plus the style guide and pages that refuse and break on purpose."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from weidai.kernel.errors import Refused, TooManyRequests
from weidai.kernel.text import Text
from weidai.web.urls import handler400, handler403, handler404, handler500
from weidai.web.urls import urlpatterns as product_urls

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class Frozen(Refused):
    """A refusal with a value that must be escaped."""

    code = "tests.frozen"
    text = Text("额度已冻结：{reason}", "The line is frozen: {reason}")
    next_step = Text("请联系客服。", "Contact us.")


class Hurried(TooManyRequests):
    """A refusal that knows when to come back."""

    code = "tests.hurried"


def refuse(_request: HttpRequest) -> HttpResponse:
    raise Frozen(reason="<b>x</b>")


def hurry(_request: HttpRequest) -> HttpResponse:
    raise Hurried(retry_after_seconds=30)


def broken(_request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    *product_urls,
    path("style-guide/", include("weidai.web.shared.style_guide_urls")),
    path("h5/test-refuse", refuse), path("console/account/test-refuse", refuse), path("api/test-refuse", refuse),
    path("h5/test-hurry", hurry), path("h5/test-broken", broken),
]
