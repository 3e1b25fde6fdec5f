"""Idempotency, outbox, inbox, clock, encryption: what every room relies on (R9.2, R9.5, R9.6)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.db import transaction

from weidai.kernel.errors import Conflict, PartnerUnavailable
from weidai.platform import clock, crypto, idempotency, inbox, outbox
from weidai.platform.models import IdempotencyKey, InboxMessage, OutboxMessage

pytestmark = pytest.mark.django_db


def test_the_same_key_and_body_runs_once_and_another_body_is_refused():
    customer, calls = uuid4(), []

    def act():
        calls.append(1)
        return {"n": len(calls)}

    ask = {"scope": "pay", "key": "k1", "request": {"amount_fen": 5}, "action": act}
    assert idempotency.once(customer, **ask) == {"n": 1}
    assert idempotency.once(customer, **ask) == {"n": 1}
    with pytest.raises(idempotency.IdempotencyKeyReused):
        idempotency.once(customer, **ask | {"request": {"amount_fen": 6}})
    assert idempotency.once(uuid4(), **ask) == {"n": 2}


def test_a_refused_action_leaves_no_key_behind():
    def refuse():
        raise PartnerUnavailable

    with pytest.raises(PartnerUnavailable):
        idempotency.once(uuid4(), scope="pay", key="k1", request={}, action=refuse)
    assert not IdempotencyKey.objects.exists()


@pytest.fixture
def handler(monkeypatch):
    calls = []
    outcomes = []

    def handle(delivery):
        calls.append(delivery)
        if outcomes:
            raise outcomes.pop(0)

    monkeypatch.setitem(outbox._handlers, "test.call", handle)
    handle.calls, handle.outcomes = calls, outcomes
    return handle


def enqueue(customer, subject):
    with transaction.atomic():
        outbox.enqueue(customer, kind="test.call", subject_id=subject)
        outbox.enqueue(customer, kind="test.call", subject_id=subject)


def test_a_message_is_delivered_until_answered_and_only_once(handler):
    customer, subject = uuid4(), uuid4()
    handler.outcomes += [outbox.TryAgain("time-out"), PartnerUnavailable()]
    enqueue(customer, subject)
    assert outbox.deliver_due(customer_id=customer) == 0
    row = OutboxMessage.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "time-out")
    for expected in (0, 1, 0):
        OutboxMessage.objects.update(not_before=clock.wall_now())
        assert outbox.deliver_due(customer_id=customer) == expected
    assert [d.attempt for d in handler.calls] == [1, 2, 3]


def test_a_broken_handler_keeps_the_message_and_says_so(handler):
    handler.outcomes.append(ZeroDivisionError())
    customer = uuid4()
    enqueue(customer, uuid4())
    assert outbox.deliver_due(customer_id=customer) == 0
    assert OutboxMessage.objects.get().last_error == "bug: ZeroDivisionError"


def test_a_typed_no_is_tried_again_with_its_code_and_then_waits_for_a_person(handler):
    customer = uuid4()
    enqueue(customer, uuid4())
    for attempt in range(1, outbox.REFUSED_ATTEMPTS + 1):
        handler.outcomes.append(Conflict())
        OutboxMessage.objects.update(not_before=clock.wall_now())
        assert outbox.deliver_due(customer_id=customer) == 0
        row = OutboxMessage.objects.get()
        state = "parked" if attempt == outbox.REFUSED_ATTEMPTS else "pending"
        assert (row.state, row.attempts, row.last_error) == (state, attempt, "kernel.conflict")
    assert outbox.deliver_due(customer_id=customer) == 0
    assert len(handler.calls) == outbox.REFUSED_ATTEMPTS


def test_a_leased_message_is_left_to_its_worker_until_the_lease_ends(handler):
    customer = uuid4()
    enqueue(customer, uuid4())
    OutboxMessage.objects.update(leased_until=clock.wall_now() + timedelta(seconds=30))
    assert outbox.deliver_due(customer_id=customer) == 0
    OutboxMessage.objects.update(leased_until=clock.wall_now() - timedelta(seconds=1))
    assert outbox.deliver_due(customer_id=customer) == 1


def test_inbox_applies_once_and_parks_what_comes_early(monkeypatch):
    known, applied = set(), []

    def handle(payload):
        if payload["id"] not in known:
            raise inbox.Park("subject unknown")
        applied.append(payload["id"])

    monkeypatch.setitem(inbox._handlers, "test.event", handle)
    message = {"event_id": "e1", "kind": "test.event", "payload": {"id": "x"}}
    assert inbox.receive("bank", **message) == InboxMessage.State.PARKED
    known.add("x")
    assert inbox.apply_parked() == 1
    assert inbox.receive("bank", **message) == InboxMessage.State.APPLIED
    assert applied == ["x"]


def test_a_broken_message_is_kept_and_does_not_stop_the_others(monkeypatch):
    known = set()

    def handle(payload):
        if payload["id"] == "broken":
            raise KeyError("amount_fen")
        if payload["id"] not in known:
            raise inbox.Park("subject unknown")

    monkeypatch.setitem(inbox._handlers, "test.event", handle)
    for word in ("broken", "early"):
        state = inbox.receive("bank", event_id=word, kind="test.event", payload={"id": word})
        assert state == InboxMessage.State.PARKED
    assert InboxMessage.objects.get(partner_event_id="broken").note == "bug: KeyError"
    known.add("early")
    assert inbox.apply_parked() == 1
    assert dict(InboxMessage.objects.values_list("partner_event_id", "state")) == {"broken": "parked", "early": "applied"}


def test_the_business_clock_only_moves_forward():
    before = clock.now()
    clock.move_forward(timedelta(days=3))
    assert timedelta(days=3) <= clock.now() - before < timedelta(days=3, seconds=5)
    with pytest.raises(ValueError, match="forward"):
        clock.move_forward(timedelta(days=-1))
    with clock.travel_to(datetime(2025, 1, 1, 20, tzinfo=UTC)):
        assert clock.today().isoformat() == "2025-01-02"


def test_a_sealed_value_opens_only_for_its_purpose():
    sealed = crypto.encrypt_text("11010519491231002X", "id_number")
    assert "110105" not in sealed
    assert crypto.decrypt_text(sealed, "id_number") == "11010519491231002X"
    with pytest.raises(InvalidTag):
        crypto.decrypt_text(sealed, "mobile")
    assert crypto.digest_text("a", "x") == crypto.digest_text("a", "x") != crypto.digest_text("a", "y")
