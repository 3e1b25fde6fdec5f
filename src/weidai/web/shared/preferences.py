"""What the reader likes: language, type size, light or dark. Kept in cookies of this browser, never on the account."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from weidai.kernel.text import Language
from weidai.web.shared import language

THEME_COOKIE = "weidai_theme"
CARE_COOKIE = "weidai_care"
THEMES = ("auto", "light", "dark")
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """How this page is shown."""

    language: Language = "zh"
    theme: str = "auto"
    is_care: bool = False

    @property
    def html_language(self) -> str:
        """The value of `<html lang>`."""
        return language.HTML_LANGUAGE[self.language]


def language_named(request: HttpRequest) -> bool:
    """Whether the address itself names a language."""
    return request.GET.get(language.PARAMETER) in ("zh", "en")


def preferences_of(request: HttpRequest) -> Preferences:
    """The preferences of this request; unknown values fall back to the defaults."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return Preferences(
        language=language.language_chosen(request.GET.get(language.PARAMETER), request.COOKIES.get(language.COOKIE)),
        theme=theme if theme in THEMES else "auto",
        is_care=request.COOKIES.get(CARE_COOKIE) == "1",
    )


def cookies_are_secure(request: HttpRequest) -> bool:
    """Whether cookies are for HTTPS only: this request came by it, or the installation stands behind it (WEIDAI_HTTPS)."""
    return request.is_secure() or bool(settings.SESSION_COOKIE_SECURE)


def remember(response: HttpResponse, chosen: Preferences, *, secure: bool) -> None:
    """Keep the preferences for a year."""
    values = {
        language.COOKIE: chosen.language,
        THEME_COOKIE: chosen.theme,
        CARE_COOKIE: "1" if chosen.is_care else "0",
    }
    for name, value in values.items():
        response.set_cookie(name, value, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure)
