"""A reviewer at work on the ID card: each side looked at, each field judged, under the case's lock (R1.4, R4.1, R4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from weidai.identity import services as identity
from weidai.identity.services import FieldWord
from weidai.origination.policy import current
from weidai.origination.selectors.id_sides import IdSideRow, id_side_get
from weidai.origination.services.paper_review import held_task_require
from weidai.origination.services.steps import application_locked
from weidai.platform import clock
from weidai.vision import services as vision


@transaction.atomic
def side_judge(
    customer_id: UUID, *, application_id: UUID, reading_id: UUID, staff_id: str, verdicts: Mapping[str, FieldWord],
) -> IdSideRow:
    """Keep a reviewer's word on the fields of one side of the verified card, and return it as it stands then.

    The verdicts belong to the card, not to the application: the next reviewer sees them with their name and may change
    them. A name or number that is not accepted keeps the case from being approved.
    """
    policy = current(clock.today()).paper_review
    held_task_require(customer_id, application_locked(customer_id, application_id), staff_id)
    side = id_side_get(customer_id, reading_id, staff_id=staff_id, policy=policy)
    identity.id_card_side_judge(customer_id, reading_id=reading_id, staff_id=staff_id, verdicts=verdicts,
                                codes={one.code for one in side.fields})
    return id_side_get(customer_id, reading_id, staff_id=staff_id, policy=policy)


def side_look(customer_id: UUID, *, reading_id: UUID, staff_id: str) -> IdSideRow:
    """Return one side for a member of staff to look at; that it was looked at is on record (R8.6)."""
    vision.paper_view(customer_id, reading_id)
    return id_side_get(customer_id, reading_id, staff_id=staff_id, policy=current(clock.today()).paper_review)
