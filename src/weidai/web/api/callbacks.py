"""Events partners send us: checked, kept once, applied or parked, answered with 200 once they are kept (R9.4)."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from weidai.audit.services import Actor, acting_as
from weidai.platform import inbox
from weidai.platform.crypto import encrypt_text
from weidai.web.api.ports import sandbox_callbacks

log = structlog.get_logger(__name__)

BODY_LIMIT = 65_536
_WORD_LIMIT = 128
PERSONAL = ("payer_name", "payer_card_number", "memo")
SEAL_PURPOSE = "inbox.payload"


@csrf_exempt
@require_POST
def sandbox_callback(request: HttpRequest) -> JsonResponse:
    """Take one event of the sandbox world; anything but a 2xx makes it send the event again."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        return _problem(413, "callback.too_large")
    body = request.body
    if not sandbox_callbacks().verify_callback(path=request.get_full_path(), headers=request.headers, body=body):
        log.warning("callback.signature_refused")
        return _problem(401, "callback.signature_invalid")
    event = _event(body)
    if event is None:
        return _problem(400, "callback.body_invalid")
    kind = event["type"]
    with acting_as(Actor("partner", kind.split(".")[0])):
        state = inbox.receive(kind.split(".")[0], event_id=event["event_id"], kind=kind,
                              payload=_without_personal_data(event))
    return JsonResponse({"state": str(state)})


def _event(body: bytes) -> dict[str, Any] | None:
    """Return the event when it is an object that says which one it is and of what kind."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    words = (event.get("event_id"), event.get("type"))
    if not all(isinstance(word, str) and 0 < len(word) <= _WORD_LIMIT for word in words):
        return None
    return event


def _without_personal_data(event: dict[str, Any]) -> dict[str, Any]:
    """Seal a payer's name, card number and memo as `…_sealed`, so that what is kept names nobody (R9.6)."""
    kept = {key: value for key, value in event.items() if key not in PERSONAL}
    sealed = {f"{key}_sealed": encrypt_text(value, SEAL_PURPOSE) for key in PERSONAL
              if isinstance(value := event.get(key), str)}
    return {**kept, **sealed}


def _problem(status: int, code: str) -> JsonResponse:
    return JsonResponse({"type": "about:blank", "status": status, "code": code}, status=status,
                        content_type="application/problem+json")
