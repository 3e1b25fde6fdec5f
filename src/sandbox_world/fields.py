"""Reading bodies and queries: every field is checked for presence, type and size before anything happens."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NoReturn

from sandbox_world.problems import Problem, field_invalid

IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
CARD_NUMBER = re.compile(r"[0-9]{12,24}")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MAX_AMOUNT_FEN = 10_000_000_000
FIRST_AS_OF, LAST_AS_OF = date(2023, 1, 1), date(2030, 12, 31)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def json_object(raw: bytes) -> dict[str, object]:
    """Parse a body into an object, or refuse it."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # lone surrogates stop here
    except (ValueError, RecursionError):
        raise Problem(400, "request.json_invalid", "Send one JSON object in UTF-8.") from None
    if not isinstance(value, dict):
        raise Problem(400, "request.json_invalid", "Send one JSON object in UTF-8.")
    return value


class Fields:
    """The fields of one body or query; `done` refuses what nobody asked for."""

    def __init__(self, values: Mapping[str, object], *, from_query: bool = False) -> None:
        """Wrap the values as they came in."""
        self._values, self._from_query = values, from_query
        self._asked: set[str] = set()

    def has(self, name: str) -> bool:
        """Tell whether a field was sent with a value."""
        self._asked.add(name)
        return self._values.get(name) not in (None, "") if self._from_query else self._values.get(name) is not None

    def raw(self, name: str) -> object:
        """Return a required field of any type."""
        if not self.has(name):
            raise Problem(400, "request.field_missing", f"Send the field {name}.", field=name)
        return self._values[name]

    def text(self, name: str, *, longest: int, may_be_empty: bool = False) -> str:
        """Return a required text."""
        value = self.raw(name)
        if not isinstance(value, str) or len(value) > longest or CONTROL_CHARACTERS.search(value):
            raise field_invalid(name, f"{name} is text of at most {longest} characters.")
        if not value.strip() and not may_be_empty:
            raise field_invalid(name, f"{name} must not be empty.")
        return value

    def pattern(self, name: str, pattern: re.Pattern[str], *, what: str) -> str:
        """Return a required text that fits a pattern as a whole."""
        value = self.raw(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise field_invalid(name, f"{name} must be {what}.")
        return value

    def identifier(self, name: str) -> str:
        """Return an identifier chosen by the client."""
        return self.pattern(name, IDENTIFIER, what="1 to 64 letters, digits or _ . : -")

    def name(self, name: str = "name") -> str:
        """Return a person's or a business's name."""
        return self.text(name, longest=100).strip()

    def id_number(self, name: str = "id_number") -> str:
        """Return a number of 18 characters (the check digit is the registry's business)."""
        return self.pattern(name, ID_NUMBER, what="17 digits and a digit or X")

    def card_number(self, name: str = "card_number") -> str:
        """Return a card or account number."""
        return self.pattern(name, CARD_NUMBER, what="12 to 24 digits")

    def mobile(self, name: str = "mobile") -> str:
        """Return a mobile number of 11 digits."""
        return self.pattern(name, MOBILE, what="a mobile number of 11 digits")

    def month(self, name: str = "month") -> str:
        """Return a month between 2023 and 2030."""
        month = self.pattern(name, MONTH, what="a month as YYYY-MM")
        if not "2021-01" <= month <= "2030-12":
            raise field_invalid(name, f"{name} lies between 2021-01 and 2030-12.")
        return month

    def whole(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number within bounds."""
        if default is not None and not self.has(name):
            return default
        value = self.raw(name)
        if self._from_query and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise field_invalid(name, f"{name} is a whole number from {low} to {high}.")
        return value

    def amount_fen(self, name: str = "amount_fen") -> int:
        """Return a positive amount of money."""
        return self.whole(name, low=1, high=MAX_AMOUNT_FEN)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        if not self.has(name):
            return default
        value = self.raw(name)
        if not isinstance(value, bool):
            raise field_invalid(name, f"{name} is true or false.")
        return value

    def one_of(self, name: str, choices: tuple[str, ...], *, default: str | None = None) -> str:
        """Return one of the allowed words."""
        if default is not None and not self.has(name):
            return default
        value = self.raw(name)
        if not isinstance(value, str) or value not in choices:
            raise field_invalid(name, f"{name} is one of {', '.join(choices)}.")
        return value

    def day(self, name: str, *, default: date) -> date:
        """Return a date."""
        if not self.has(name):
            return default
        text = self.pattern(name, DAY, what="a date as YYYY-MM-DD")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise field_invalid(name, f"{name} is not a day of the calendar.") from None

    def as_of(self, *, business_on: date) -> date:
        """Return the as-of day for which the data sources can answer."""
        day = self.day("as_of", default=business_on)
        if not FIRST_AS_OF <= day <= LAST_AS_OF:
            raise field_invalid("as_of", f"as_of lies between {FIRST_AS_OF} and {LAST_AS_OF}.")
        return day

    def done(self) -> None:
        """Refuse fields that this call does not know."""
        unknown = sorted(set(self._values) - self._asked)
        if unknown:
            raise Problem(
                400, "request.field_unknown", f"This call has no field {unknown[0][:64]}.", field=unknown[0][:64]
            )


def instant(text: str) -> datetime:
    """Read an instant with its zone (the business-time header)."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None or not 2000 <= at.year <= 2100:
            raise ValueError("no zone, or no sensible year")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise field_invalid(
            "Sandbox-Business-Time", "Send an instant with its zone, such as 2026-11-23T07:02:58Z."
        ) from None
