"""ID cards that end: a reminder before, a hold from the first day without one, released when it is renewed (R1.4, R5.5)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from weidai.identity import policy
from weidai.identity import selectors as identity
from weidai.identity.deliveries import CARD_ENDING_KIND
from weidai.limits import selectors as limits
from weidai.limits import services as limit_services
from weidai.limits.services import BulkHold
from weidai.messaging import services as messaging
from weidai.messaging.services import NewNotice
from weidai.platform import outbox

KIND, SOURCE = "identity_expired", "identity_watch"
_LONG_AGO = date(1900, 1, 1)
_LEAST_ID = UUID(int=0)
_watched: dict[str, date] = {}  # cards end by the day: one look a day and process is enough


def identity_watch_run(on: date) -> dict[str, int]:
    """Do the day's watch and return how many were reminded, held and freed; running it again changes nothing."""
    counts = {"freed": _free_renewed(on), "held": 0, "reminded": 0}
    if _watched.get("on") != on:
        counts["held"], counts["reminded"] = _hold_ended(on), _remind(on)
        _watched["on"] = on
    return counts


def _hold_ended(on: date) -> int:
    held, after = 0, _LEAST_ID
    while found := identity.id_cards_ending(first=_LONG_AGO, before=on, after=after):
        after = found[-1].customer_id
        with transaction.atomic():
            new = limit_services.holds_bulk_place(
                [BulkHold(card.customer_id, KIND, SOURCE, "id_card_expired") for card in found])
            messaging.notices_send_bulk(
                [NewNotice(customer_id, "identity.id_card_ended", {}) for customer_id, _ in new])
        held += len(new)
    return held


def _remind(on: date) -> int:
    warned, after = 0, _LEAST_ID
    before = on + timedelta(days=policy.current(on).id_card_warning_days + 1)
    while found := identity.id_cards_ending(first=on, before=before, after=after):
        after = found[-1].customer_id
        with transaction.atomic():
            outbox.enqueue_many([(card.customer_id, card.verification_id) for card in found], kind=CARD_ENDING_KIND)
        warned += len(found)
    return warned


def _free_renewed(on: date) -> int:
    freed, after = 0, _LEAST_ID
    while held := limits.customers_held(KIND, source=SOURCE, after=after):
        after = held[-1]
        renewed = identity.id_cards_in_force(held, on=on)
        freed += len(limit_services.holds_bulk_release(
            [BulkHold(customer_id, KIND, SOURCE, "id_card_renewed") for customer_id in held if customer_id in renewed]))
    return freed
