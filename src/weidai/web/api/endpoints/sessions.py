"""Signing in by text message, and out (R1.1). The bearer token is the security room's session token."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from weidai.identity import services as identity
from weidai.identity.legal_texts import LEGAL_TEXTS
from weidai.platform import clock
from weidai.security import services as security
from weidai.security.rules import SESSION_LIFE
from weidai.web.api.bearer import Bearer, token_of
from weidai.web.api.fields import Code, CodeSent, Input, Mobile, Schema, Word, Words
from weidai.web.shared.client import client_ip

router = Router(tags=["session"])


class Paragraph(Schema):
    """A numbered part of a document."""

    heading: Words
    words: Words


class LegalDocument(Schema):
    """A document that is agreed to when signing in: terms of service, privacy notice."""

    code: str
    version: str
    title: Words
    paragraphs: list[Paragraph]


class CodeWish(Input):
    """Which number to send a code to."""

    mobile: Mobile


class Proof(Input):
    """The code, and the versions of the documents that were shown and agreed to."""

    challenge_id: UUID
    mobile: Mobile
    code: Code
    agreed: dict[Word, Word]


class SignedIn(Schema):
    """The token to send as `Authorization: Bearer …`."""

    token: str
    token_type: str
    customer_id: UUID
    expires_at: datetime


@router.get("/legal-documents", response=list[LegalDocument])
def legal_documents(request: HttpRequest) -> Any:  # noqa: ARG001 (every view takes the request)
    """Terms and privacy notice with their versions, to be shown before signing in."""
    return [
        {"code": text.code, "version": text.version, "title": text.title,
         "paragraphs": [{"heading": heading, "words": words} for heading, words in text.paragraphs]}
        for text in LEGAL_TEXTS.values()]


@router.post("/sign-in/code", response=CodeSent)
def sign_in_code(request: HttpRequest, wish: CodeWish) -> Any:
    """Send a code by text message: one a minute and ten a day for a number; the same answer for new and known numbers."""
    return identity.registration_start(mobile=wish.mobile, ip=client_ip(request))


@router.post("/sign-in", response=SignedIn)
def sign_in(request: HttpRequest, proof: Proof) -> Any:
    """Check the code and open a session of seven days; a number without an account gets one."""
    customer_id = identity.registration_complete(
        challenge_id=proof.challenge_id, mobile=proof.mobile, code=proof.code, agreed=proof.agreed)
    token = security.session_start(customer_id, user_agent=request.headers.get("User-Agent", ""),
                                   ip=client_ip(request))
    return {"token": token, "token_type": "Bearer", "customer_id": customer_id,
            "expires_at": clock.wall_now() + SESSION_LIFE}


@router.delete("/session", auth=Bearer(), response={204: None})
def sign_out(request: HttpRequest) -> Any:
    """End this session; the token is worthless afterwards."""
    security.session_end(token_of(request))
    return Status(204, None)
