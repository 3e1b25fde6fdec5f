"""How values become words, and when a message may go out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Literal

from weidai.kernel.days import SHANGHAI
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Language, Text

Kind = Literal["transaction", "reminder", "marketing"]

QUIET_FROM = time(22, 0)
QUIET_UNTIL = time(8, 0)


def value_words(name: str, value: object, language: Language) -> str:
    """Return one stored value as the reader sees it: `*_fen` in yuan, a pair of texts in its language, others as is."""
    if name.endswith("_fen"):
        assert isinstance(value, int), name
        return yuan_text(value)
    if isinstance(value, Mapping):
        return str(value[language])
    return str(value)


def filled(text: Text, values: Mapping[str, object]) -> Text:
    """Fill a template's text with stored values, each in its own language."""
    return Text(
        zh=text.zh.format(**{name: value_words(name, value, "zh") for name, value in values.items()}),
        en=text.en.format(**{name: value_words(name, value, "en") for name, value in values.items()}),
    )


def storable(values: Mapping[str, object]) -> dict[str, object]:
    """Return values as JSON keeps them: a Text as its two languages, dates and ids as text."""
    return {name: {"zh": value.zh, "en": value.en} if isinstance(value, Text)
            else value if isinstance(value, int | str | dict) else str(value)
            for name, value in values.items()}


def quiet_for(kind: Kind, at: datetime) -> timedelta | None:
    """Return how long a message must still wait, None when it may go now.

    Reminders and marketing are never sent between 22:00 and 08:00 in Shanghai (R6.5, R7.7); what the customer just did
    themselves is answered at any hour.
    """
    local = at.astimezone(SHANGHAI)
    if kind == "transaction" or QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    morning = datetime.combine(local.date(), QUIET_UNTIL, SHANGHAI)
    return (morning if local.time() < QUIET_UNTIL else morning + timedelta(days=1)) - local
