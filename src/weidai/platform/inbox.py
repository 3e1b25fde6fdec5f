"""Messages partners send us: each kept once, applied once, parked when early or contradictory, never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.platform.models import InboxMessage

log = structlog.get_logger(__name__)


class Park(Exception):
    """Raised by a handler when the message cannot be applied yet; `args[0]` says why in a few words."""


Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register who applies messages of a kind."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def receive(partner: str, *, event_id: str, kind: str, payload: dict[str, Any]) -> InboxMessage.State:
    """Keep a verified message and apply it; a duplicate changes nothing and reports the first one's state."""
    message, _ = InboxMessage.objects.get_or_create(
        partner=partner, partner_event_id=event_id,
        defaults={"id": uuid7(), "kind": kind, "payload": payload, "received_at": clock.wall_now()},
    )
    return _apply(message)


def _apply(message: InboxMessage) -> InboxMessage.State:
    handler = _handlers.get(message.kind)
    try:
        with transaction.atomic():
            locked = InboxMessage.objects.select_for_update().get(pk=message.pk)
            if locked.state == InboxMessage.State.APPLIED:
                return InboxMessage.State.APPLIED
            if handler is None:
                raise Park("no handler for this kind")
            handler(locked.payload)
            InboxMessage.objects.filter(pk=locked.pk).update(state=InboxMessage.State.APPLIED, note="")
    except Park as reason:
        return _park(message, str(reason))
    except Exception as error:  # one broken message must not stop the others; it stays and is shown to operations
        note = f"bug: {type(error).__name__}"
        if message.note != note:
            log.exception("inbox.apply_failed", kind=message.kind, message_id=str(message.id))
        return _park(message, note)
    return InboxMessage.State.APPLIED


def _park(message: InboxMessage, note: str) -> InboxMessage.State:
    InboxMessage.objects.filter(pk=message.pk).update(state=InboxMessage.State.PARKED, note=note[:200])
    return InboxMessage.State.PARKED


def apply_parked(limit: int = 100) -> int:
    """Try parked messages again and return how many found their subject.

    Any of those waiting, by lot: a hundred that never find theirs must not keep the others from their turn.
    """
    waiting = InboxMessage.objects.exclude(state=InboxMessage.State.APPLIED).order_by("?")[:limit]
    return sum(_apply(message) == InboxMessage.State.APPLIED for message in waiting)


def retry(message_id: UUID) -> InboxMessage.State | None:
    """Try one kept message again (operations' retry button); None when there is no such message."""
    message = InboxMessage.objects.filter(pk=message_id).first()
    return _apply(message) if message else None
