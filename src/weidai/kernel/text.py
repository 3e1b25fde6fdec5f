"""Text a person reads, in both languages at once, so that neither can be forgotten (ADR-0003)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """A Chinese sentence and its English counterpart with the same named placeholders."""

    zh: str
    en: str

    def format(self, **values: object) -> Text:
        """Fill the placeholders in both languages, a Text in its own; raises KeyError when one is missing."""
        english = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        return Text(zh=self.zh.format(**values), en=self.en.format(**english))

    def in_language(self, language: str) -> str:
        """Return the English text for any English locale, the Chinese one otherwise (R9.1: Chinese first)."""
        return self.en if language.lower().startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh
