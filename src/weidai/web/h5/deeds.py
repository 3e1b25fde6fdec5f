"""Small things the borrower pages share: did a service do it, where to go on, is this a picture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.urls.exceptions import NoReverseMatch
from django.utils.http import url_has_allowed_host_and_scheme

from weidai.policy import selectors as policy_packs
from weidai.policy.pack import Head
from weidai.web.shared import pictures
from weidai.web.shared.forms import Form, form_with_refusal
from weidai.web.shared.language import lazy_text


def was_done(form: Form, action: Callable[[], Any]) -> bool:
    """Run a service that may return nothing; a refusal goes into the form and the answer is False."""
    return form_with_refusal(form, lambda: (action(),)) is not None


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, None when the page is only looked at; an empty form that was sent counts as sent."""
    return request.POST if request.method == "POST" else None


def with_query(address: str, **values: str) -> str:
    """An address with a query string, encoded."""
    return f"{address}?{urlencode(values)}" if values else address


def page_address(name: str, **kwargs: object) -> str:
    """The address of a borrower page by its name."""
    return reverse(f"h5:{name}", kwargs=kwargs or None)


def address_or_none(name: str, **kwargs: object) -> str:
    """The address of a page of another area, empty when this installation does not have it."""
    try:
        return page_address(name, **kwargs)
    except NoReverseMatch:
        return ""


def safe_address(request: HttpRequest, name: str, otherwise: str) -> str:
    """The address in the request's parameter `name` if it stays on this site, else `otherwise`."""
    wanted = request.POST.get(name) or request.GET.get(name) or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else otherwise


def lender(on: date) -> Head:
    """Who lends: legal name, licence number, service phone."""
    return policy_packs.pack(on).head


def picture_digest(upload: UploadedFile) -> str:
    """The SHA-256 of an uploaded picture, after its size and its first bytes were checked; nothing is stored."""
    try:
        return pictures.picture_digest(upload)
    except pictures.PictureTooLarge:
        raise ValidationError(lazy_text("照片须小于 8 MB。", "The picture must be smaller than 8 MB.")) from None
    except pictures.PictureUnknown:
        raise ValidationError(lazy_text("请上传 JPG、PNG 或 WebP 格式的照片。", "Upload a JPG, PNG or WebP picture.")) from None


def uuid_or_none(value: str) -> UUID | None:
    """A UUID from a form or a query, None when it is none."""
    try:
        return UUID(value)
    except ValueError:
        return None
