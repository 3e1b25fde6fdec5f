"""ID cards that end: told before, held after, freed when renewed; files whose time is over go with the same run (R5.5)."""

from datetime import date, timedelta

import pytest

from weidai.identity.deliveries import card_ending_tell
from weidai.identity.models import Customer, Verification
from weidai.jobs import dates, identity_watch
from weidai.limits import selectors as limits
from weidai.messaging.models import Notice
from weidai.platform import clock, outbox
from weidai.platform.ids import uuid7
from weidai.platform.models import OutboxMessage

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 10)


@pytest.fixture(autouse=True)
def _fresh_watch():
    identity_watch._watched.clear()
    yield
    identity_watch._watched.clear()


def customer(valid_to, *, state="passed", status="active"):
    customer_id = uuid7()
    Customer.objects.create(id=customer_id, customer_id=customer_id, mobile="13800000000", registered_at=clock.now(),
                            status=status)
    checked(customer_id, valid_to, state=state)
    return customer_id


def checked(customer_id, valid_to, *, state="passed"):
    return Verification.objects.create(customer_id=customer_id, item="id_card", state=state, method="id_registry",
                                       valid_to=valid_to, checked_at=clock.now())


def kinds(customer_id):
    return limits.hold_kinds(customer_id)


def test_a_card_holds_from_the_day_after_its_last_and_is_freed_by_a_new_one():
    last_day, over = customer(ON), customer(ON - timedelta(days=1))
    endless, closed = customer(None), customer(ON - timedelta(days=400), status="closed")
    assert identity_watch.identity_watch_run(ON) == {"freed": 0, "held": 1, "reminded": 1}
    assert [kinds(one) for one in (last_day, over, endless, closed)] == [[], ["identity_expired"], [], []]
    assert identity_watch.identity_watch_run(ON) == {"freed": 0, "held": 0, "reminded": 0}
    identity_watch._watched.clear()
    assert identity_watch.identity_watch_run(ON)["held"] == 0  # another process the same day
    assert [row.template for row in Notice.objects.filter(customer_id=over)] == ["identity.id_card_ended"]
    assert identity_watch.identity_watch_run(ON + timedelta(days=1))["held"] == 1
    checked(over, date(2046, 1, 1))
    assert identity_watch.identity_watch_run(ON + timedelta(days=1)) == {"freed": 1, "held": 0, "reminded": 0}
    assert (kinds(over), kinds(last_day)) == ([], ["identity_expired"])


def test_a_failed_renewal_frees_nobody():
    over = customer(ON - timedelta(days=1))
    identity_watch.identity_watch_run(ON)
    checked(over, date(2046, 1, 1), state="failed")
    assert identity_watch.identity_watch_run(ON)["freed"] == 0
    assert kinds(over) == ["identity_expired"]


def test_who_is_warned_is_warned_once_for_each_card():
    soon, later = customer(ON + timedelta(days=30)), customer(ON + timedelta(days=31))
    identity_watch.identity_watch_run(ON)
    identity_watch._watched.clear()
    identity_watch.identity_watch_run(ON + timedelta(days=1))
    assert sorted(OutboxMessage.objects.filter(kind="identity.card_ending").values_list("customer_id", flat=True)) == sorted(
        [soon, later])
    message = OutboxMessage.objects.get(kind="identity.card_ending", customer_id=soon)
    card_ending_tell(outbox.Delivery(message.id, soon, message.kind, message.subject_id, 1))
    assert [row.template for row in Notice.objects.filter(customer_id=soon)] == ["identity.id_card_ending"]
    assert Notice.objects.get(customer_id=soon).values == {"day": (ON + timedelta(days=30)).isoformat()}


def test_the_days_dates_watch_cards_and_delete_files(monkeypatch):
    over = customer(clock.today() - timedelta(days=3))
    monkeypatch.setattr(dates, "assessments_run", lambda: 0)
    dates.dates_run()
    assert kinds(over) == ["identity_expired"]
