"""Events, seals and what verification finds (R8.3)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from weidai.audit import rules, selectors, services
from weidai.audit.models import Event, Seal
from weidai.platform import clock

pytestmark = pytest.mark.django_db


def record(count=3):
    return [services.event_record("test.thing.happened", subject_type="thing", subject_id=uuid4(),
                                  facts={"amount_fen": i, "on": date(2026, 1, 1)}) for i in range(count)]


def test_merkle_root_equals_the_published_rfc_6962_shape():
    digests = [rules.event_digest({"n": n}) for n in range(3)]
    import hashlib

    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(d)).digest() for d in digests]
    pair = hashlib.sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    assert rules.merkle_root(digests) == hashlib.sha256(b"\x01" + pair + leaves[2]).hexdigest()
    assert rules.merkle_root([]) == hashlib.sha256(b"").hexdigest()


def test_sealed_events_verify_and_nothing_is_sealed_twice():
    record(5)
    assert services.day_seal(clock.today()) == 5
    assert services.day_seal(clock.today()) == 0
    record(1)
    assert services.day_seal(clock.today() + timedelta(days=1)) == 1
    outcome = selectors.verify()
    assert outcome.is_sound
    assert (outcome.event_count, outcome.sealed_count, outcome.seal_count) == (6, 6, 2)


@pytest.mark.parametrize("change", [{"facts": {"amount_fen": 99}}, {"actor_id": "somebody else"}])
def test_an_altered_event_is_found(change):
    first = record(2)[0]
    services.day_seal(clock.today())
    Event.objects.filter(pk=first).update(**change)
    assert any(str(first) in fault for fault in selectors.verify().faults)


def test_an_altered_event_with_a_recomputed_digest_breaks_the_seal():
    first = record(2)[0]
    services.day_seal(clock.today())
    event = Event.objects.get(pk=first)
    event.facts = {"amount_fen": 99}
    event.digest = rules.event_digest(services.canonical(event))
    event.save()
    assert any("added, removed or altered" in fault for fault in selectors.verify().faults)


def test_a_missing_seal_breaks_the_chain():
    record(1)
    services.day_seal(clock.today())
    record(1)
    services.day_seal(clock.today() + timedelta(days=1))
    seal = Seal.objects.order_by("number").first()
    seal.sealedevent_set.all().delete()
    seal.delete()
    assert not selectors.verify().is_sound


def test_the_actor_of_the_block_is_recorded():
    with services.acting_as(services.Actor("staff", "s-1"), request_id="r-1"):
        event = Event.objects.get(pk=record(1)[0])
    assert (event.actor_kind, event.actor_id, event.request_id) == ("staff", "s-1", "r-1")
    assert Event.objects.get(pk=record(1)[0]).actor_kind == "system"
