"""Borrower sessions: a random token in a cookie, its digest in the table, on a device the customer can see (R8.4)."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.platform import clock
from weidai.platform.crypto import secret_digest
from weidai.platform.ids import uuid7
from weidai.security import errors, rules
from weidai.security.models import BorrowerSession
from weidai.security.selectors import token_parts
from weidai.security.services.devices import device_seen


@transaction.atomic
def session_start(customer_id: UUID, *, user_agent: str, ip: str) -> str:
    """Sign a browser in for seven days and return the token for its cookie; refused on a device its owner locked."""
    token = f"{customer_id.hex}.{secrets.token_urlsafe(32)}"
    device_id = device_seen(customer_id, user_agent=user_agent)
    session = BorrowerSession.objects.create(
        id=uuid7(), customer_id=customer_id, token_digest=secret_digest(token, "security.session"),
        device=rules.device_label(user_agent), device_id=device_id, ip=ip[:45], started_at=clock.now(),
        expires_at=clock.wall_now() + rules.SESSION_LIFE,
    )
    audit.event_record("security.session.started", customer_id=customer_id, subject_type="session",
                       subject_id=session.id, facts={"device_id": str(device_id) if device_id else None})
    return token


@transaction.atomic
def session_end(token: str) -> None:
    """Sign a browser out; an unknown or ended token is already signed out."""
    parts = token_parts(token)
    if parts is None:
        return
    customer_id, digests = parts
    session = BorrowerSession.objects.filter(customer_id=customer_id, token_digest__in=digests, ended_at=None).first()
    if session is not None:
        _end(session)


@transaction.atomic
def session_revoke(customer_id: UUID, *, session_id: UUID) -> None:
    """Sign out one browser of the list; one that is out already stays so, another customer's is not found."""
    session = BorrowerSession.objects.select_for_update().filter(customer_id=customer_id, id=session_id).first()
    if session is None:
        raise errors.SessionNotFound
    if session.ended_at is None:
        _end(session)


@transaction.atomic
def session_end_others(customer_id: UUID, *, keep: UUID | None = None) -> int:
    """Sign out every browser but one and return how many were signed in (R8.4)."""
    open_sessions = BorrowerSession.objects.filter(customer_id=customer_id, ended_at=None)
    ended = [session for session in open_sessions if session.id != keep]
    for session in ended:
        _end(session)
    return len(ended)


def sessions_end_on(customer_id: UUID, device_id: UUID) -> int:
    """Sign out every browser session of a device in the caller's transaction."""
    ended = list(BorrowerSession.objects.filter(customer_id=customer_id, device_id=device_id, ended_at=None))
    for session in ended:
        _end(session)
    return len(ended)


def _end(session: BorrowerSession) -> None:
    session.ended_at = clock.now()
    session.save(update_fields=["ended_at"])
    audit.event_record("security.session.ended", customer_id=session.customer_id, subject_type="session",
                       subject_id=session.id)
