"""Types of what comes in and goes out: bounded, strict, and texts in the language of the caller."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema as Schema
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from weidai.security.services import DeviceProof
from weidai.web.shared.language import say

LARGEST_FEN = 10**13  # a hundred billion yuan: nothing here is larger, and it fits a bigint many times
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Input(BaseModel):
    """A request body: a field that is not known is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid")


def _printable(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("control characters")
    return value


def _words_or_none(value: Any) -> str | None:
    return None if value is None else say(value)


Fen = Annotated[int, Field(strict=True, ge=1, le=LARGEST_FEN)]
FenOrZero = Annotated[int, Field(strict=True, ge=0, le=LARGEST_FEN)]
Months = Annotated[int, Field(strict=True, ge=1, le=360)]
Flag = Annotated[bool, Field(strict=True)]
Mobile = Annotated[str, Field(pattern=r"^1[3-9][0-9]{9}$")]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Line = Annotated[str, Field(max_length=500), AfterValidator(_printable)]
ShortLine = Annotated[str, Field(max_length=60), AfterValidator(_printable)]

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
SignatureText = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{86}==$")]
SignedNonce = Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_:.=-]+$")]
PublicKeyText = Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9+/=]+$")]

Words = Annotated[str, BeforeValidator(say)]
WordsOrNone = Annotated[str | None, BeforeValidator(_words_or_none)]


class CodeSent(Schema):
    """Where the code went and how long it lives."""

    id: UUID
    masked_mobile: str
    expires_at: datetime
    resend_after_seconds: int


class KeyOfferIn(Input):
    """A P-256 key to be bound: SPKI in base64, and its ECDSA/SHA-256 signature (r and s, base64) over `to_sign`."""

    public_key: PublicKeyText
    signature: SignatureText


def device_proof(key: str | None, signature: str | None) -> DeviceProof | None:
    """Return key and signature of a bound device, None unless both were sent."""
    return DeviceProof(key, signature) if key and signature else None
