"""The Idempotency-Key header that every call that moves money must carry (R9.2)."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest

from weidai.web.api.errors import IdempotencyKeyMissing

HEADER = "Idempotency-Key"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)

# For the schema: the header is read by hand so that a missing one has its own stable code.
DOCUMENTED: dict[str, Any] = {"parameters": [{
    "name": HEADER, "in": "header", "required": True, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
    "description": "One key for each operation; the same key again returns the first answer and does nothing twice."}]}


def idempotency_key(request: HttpRequest) -> str:
    """Return the key of the request; without a well-formed one nothing is done."""
    key = request.headers.get(HEADER, "")
    if not _SHAPE.fullmatch(key):
        raise IdempotencyKeyMissing(field=HEADER)
    return key
