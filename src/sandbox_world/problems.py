"""Refusals with stable codes, written as application/problem+json."""

from http import HTTPStatus


class Problem(Exception):
    """A refusal: HTTP status, stable code, what to do next."""

    def __init__(self, status: int, code: str, detail: str, *, field: str | None = None) -> None:
        """Remember what is refused and why."""
        super().__init__(f"{code}: {detail}")
        self.status, self.code, self.detail, self.field = status, code, detail, field

    def to_body(self) -> dict[str, object]:
        """Return the JSON body."""
        try:
            title = HTTPStatus(self.status).phrase
        except ValueError:
            title = "Error"
        return {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "field": self.field,
        }


def field_invalid(field: str, detail: str) -> Problem:
    """Return the refusal of one field."""
    return Problem(400, "request.field_invalid", detail, field=field)
