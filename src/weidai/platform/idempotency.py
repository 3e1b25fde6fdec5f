"""Do it once: key, request digest and reply live in the same transaction as the effect (R9.2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from weidai.kernel.errors import Invalid
from weidai.kernel.text import Text
from weidai.platform import clock, statements
from weidai.platform.ids import uuid7
from weidai.platform.models import IdempotencyKey


class IdempotencyKeyReused(Invalid):
    """The same key came with another request (422)."""

    code = "platform.idempotency_key_reused"
    text = Text("同一个请求编号已用于另一项内容不同的请求。", "This idempotency key was already used for a different request.")
    next_step = Text("请返回上一页重新操作。", "Go back and start the operation again.")


def request_digest(request: dict[str, Any]) -> str:
    """Return the canonical digest of a request body."""
    canonical = json.dumps(request, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction.atomic
def once(
    customer_id: UUID, *, scope: str, key: str, request: dict[str, Any], action: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Run `action` and keep its JSON reply, or return the reply kept for the same key.

    A concurrent twin waits on the key's row until the first one commits, then gets its reply. A refusal raised by
    `action` rolls the key back with everything else, so the same key may be tried again.
    """
    digest, key_id = request_digest(request), uuid7()
    is_first = statements.count(
        "INSERT INTO platform_idempotencykey (id, customer_id, scope, key, request_digest, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (customer_id, scope, key) DO NOTHING",
        [key_id, customer_id, scope, key, digest, clock.wall_now()])
    if not is_first:
        kept = IdempotencyKey.objects.select_for_update().get(customer_id=customer_id, scope=scope, key=key)
        if kept.request_digest != digest:
            raise IdempotencyKeyReused
        return dict(kept.reply or {})
    reply = action()
    statements.count("UPDATE platform_idempotencykey SET reply = %s::jsonb WHERE customer_id = %s AND id = %s",
                     [json.dumps(reply), customer_id, key_id])
    return reply
