"""Whose ID card is over, or soon will be: set-based reads for the daily watch (R1.4, R5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

CHUNK = 5_000
_LEAST_ID = UUID(int=0)

# The newest final outcome of the item decides; a later failed check leaves no card that could be over.
_NEWEST = """
SELECT v.customer_id, v.id, v.valid_to FROM identity_verification v
  JOIN identity_customer c ON c.id = v.customer_id AND c.status = 'active'
 WHERE v.item = 'id_card' AND v.state = 'passed' AND v.valid_to >= %s AND v.valid_to < %s AND v.customer_id > %s
   AND NOT EXISTS (SELECT 1 FROM identity_verification n WHERE n.customer_id = v.customer_id AND n.item = 'id_card'
                      AND n.state IN ('passed', 'failed') AND (n.checked_at, n.id) > (v.checked_at, v.id))
 ORDER BY v.customer_id LIMIT %s"""


@dataclass(frozen=True, slots=True)
class EndingCard:
    """A verified ID card and its last valid day."""

    customer_id: UUID
    verification_id: UUID
    valid_to: date


def id_cards_ending(
    *, first: date, before: date, after: UUID = _LEAST_ID, limit: int = CHUNK,
) -> list[EndingCard]:
    """Return cards whose last valid day lies in [first, before), in customer order; `after` continues."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [first, before, after, min(limit, CHUNK)])
        return [EndingCard(*row) for row in cursor.fetchall()]


def id_cards_in_force(customer_ids: Sequence[UUID], *, on: date) -> set[UUID]:
    """Return which of these customers have a verified card that counts on a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (customer_id) customer_id, state = 'passed' AND (valid_to IS NULL OR valid_to >= %s)
                 FROM identity_verification
                WHERE customer_id = ANY(%s) AND item = 'id_card' AND state IN ('passed', 'failed')
                ORDER BY customer_id, checked_at DESC, id DESC""", [on, list(customer_ids)])
        return {customer_id for customer_id, counts in cursor.fetchall() if counts}
