"""Which of the two languages the reader sees (R9.1). Rooms return `Text`; only pages pick."""

from __future__ import annotations

from django.utils import translation
from django.utils.functional import Promise, lazystr

from weidai.kernel.text import Language, Text

COOKIE = "weidai_lang"
PARAMETER = "lang"
DJANGO_LANGUAGE: dict[Language, str] = {"zh": "zh-hans", "en": "en"}
HTML_LANGUAGE: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


def language_chosen(parameter: str | None, cookie: str | None) -> Language:
    """The explicit choice in the address wins, then the remembered one, then Chinese."""
    for choice in (parameter, cookie):
        if choice == "en":
            return "en"
        if choice == "zh":
            return "zh"
    return "zh"


def language_activate(language: Language) -> None:
    """Make `language` the current one for this request's thread."""
    translation.activate(DJANGO_LANGUAGE[language])


def current_language() -> Language:
    """The language of the page being written."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh"


def say(text: Text | str | Promise | None) -> str:
    """The text in the current language; plain strings pass, nothing becomes an empty string."""
    if text is None:
        return ""
    return text.in_language(current_language()) if isinstance(text, Text) else str(text)


class _Sentence:
    """A pair of sentences whose `str()` is the one for the language of the moment."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __str__(self) -> str:
        return say(self._text)


def lazy_text(zh: str, en: str) -> Promise:
    """A label for form fields and choices: reads in the language of the page each time it is shown."""
    return lazystr(_Sentence(Text(zh, en)))  # type: ignore[return-value]
