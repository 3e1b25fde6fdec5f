"""Each fault mode does what the protocol page says, and nothing else."""

import time
from typing import Any

import httpx
import pytest

from tests.sandbox_world.client import Client
from tests.sandbox_world.conftest import Listener, wait_until


def switch(client: Client, mode: str, call: str = "payouts", *, partner: str = "bank", **fields: Any) -> str:
    body = {"partner": partner, "call": call, "mode": mode, "count": 1, **fields}
    return str(client.post("/v1/control/faults", body)["fault_id"])


def truth(client: Client, request_id: str = "po-1") -> str:
    return str(client.get(f"/v1/bank/requests/{request_id}")["state"])


def test_by_default_the_event_follows_the_answer(client: Client, listener: Listener, payout: dict[str, Any]) -> None:
    answer = client.post("/v1/bank/payouts", payout)
    event = listener.wait_for(1)[0]
    assert event == {
        "event_id": event["event_id"],
        "type": "bank.payout.updated",
        "occurred_at": "2026-11-23T02:00:00Z",
        "sequence": 2,
        **{
            name: answer[name]
            for name in ("request_id", "kind", "state", "reason", "amount_fen", "booked_at", "entry_id")
        },
    }
    wait_until(lambda: client.get("/v1/control/callbacks")["callbacks"][0]["state"] == "delivered")


def test_a_transfer_is_announced_to_the_lender(client: Client, listener: Listener, person: dict[str, Any]) -> None:
    number = person["cards"][0]["card_number"]
    body = {"request_id": "tr-1", "card_number": number, "amount_fen": 800, "memo": "还款 W1"}
    answer = client.post("/v1/bank/transfers", body)
    event = listener.wait_for(1)[0]
    assert event == {
        "event_id": event["event_id"],
        "type": "bank.transfer.received",
        "occurred_at": "2026-11-23T02:00:00Z",
        "sequence": 2,
        "transfer_id": "tr-1",
        "amount_fen": 800,
        "payer_name": person["name"],
        "payer_masked": answer["masked"],
        "payer_card_number": number,
        "account": "collection",
        "memo": "还款 W1",
        "booked_at": answer["booked_at"],
        "entry_id": answer["entry_id"],
    }
    failed = client.post("/v1/bank/transfers", {**body, "request_id": "tr-2", "amount_fen": 9_999_999_999})
    assert failed["reason"] == "insufficient_funds"
    assert client.post("/v1/control/callbacks/flush") == {"settled": 0, "sent": 0, "failed": 0}


def test_delay_adds_up_and_count_runs_out(client: Client) -> None:
    switch(client, "delay", "banks", partner="cards", delay_ms=120)
    switch(client, "delay", "*", partner="*", delay_ms=100)
    started = time.monotonic()
    client.get("/v1/cards/banks")
    slow, started = time.monotonic() - started, time.monotonic()
    client.get("/v1/cards/banks")
    assert slow >= 0.22
    assert time.monotonic() - started < 0.1
    assert [row["hits"] for row in client.get("/v1/control/faults")["faults"]] == [1, 1]


def test_timeout_before_effect_does_nothing(client: Client, payout: dict[str, Any]) -> None:
    switch(client, "timeout_before_effect", hold_ms=30)
    answer = client.send("POST", "/v1/bank/payouts", payout)
    assert (answer.status_code, answer.json()["code"]) == (504, "world.timeout")
    assert truth(client) == "not_found"
    assert client.post("/v1/bank/payouts", payout)["state"] == "succeeded"


def test_timeout_after_effect_has_done_it(client: Client, listener: Listener, payout: dict[str, Any]) -> None:
    switch(client, "timeout_after_effect", hold_ms=400)
    with pytest.raises(httpx.ReadTimeout):
        client.send("POST", "/v1/bank/payouts", payout, timeout=0.1)
    assert truth(client) == "succeeded"
    assert listener.wait_for(1)[0]["state"] == "succeeded"
    assert client.post("/v1/bank/payouts", payout)["state"] == "succeeded"
    assert client.get("/v1/bank/statement?date=2026-11-23")["row_count"] == 1


def test_error_5xx_does_nothing(client: Client, payout: dict[str, Any]) -> None:
    switch(client, "error_5xx", status=502)
    answer = client.send("POST", "/v1/bank/payouts", payout)
    assert (answer.status_code, answer.json()["code"]) == (502, "world.fault_injected")
    assert truth(client) == "not_found"


def test_reject_by_each_kind_of_partner(client: Client, person: dict[str, Any], payout: dict[str, Any]) -> None:
    for partner, call in (("bank", "payouts"), ("registry", "check"), ("operator", "*"), ("cards", "four-elements")):
        switch(client, "reject", call, partner=partner, reason="mismatch")
    switch(client, "reject", "send", partner="sms", reason="blocked")
    switch(client, "reject", "reports", partner="bureau", reason="no_authority")
    rejected = client.post("/v1/bank/payouts", payout)
    assert (rejected["state"], rejected["reason"], truth(client)) == ("failed", "mismatch", "failed")
    identity = {"name": person["name"], "id_number": person["id_number"]}
    registry = client.post("/v1/registry/check", identity)
    assert (registry["result"], registry["id_card"]) == ("mismatch", None)
    assert client.post("/v1/operator/three-elements", {**identity, "mobile": person["mobile"]})["result"] == "mismatch"
    card = {**identity, "mobile": person["mobile"], "card_number": payout["card_number"]}
    assert client.post("/v1/cards/four-elements", card)["result"] == "mismatch"
    sms = client.post("/v1/sms", {"message_id": "m", "mobile": person["mobile"], "text": "x"})
    assert (sms["state"], sms["reason"], client.get("/v1/sms")["messages"]) == ("failed", "blocked", [])
    report = client.send("POST", "/v1/bureau/reports", {**identity, "authorization_id": "a", "reason": "post_loan"})
    assert (report.status_code, report.json()["code"]) == (422, "world.rejected")


def test_async_accept_settles_later(client: Client, listener: Listener, payout: dict[str, Any]) -> None:
    switch(client, "async_accept", delay_ms=60)
    answer = client.post("/v1/bank/payouts", payout)
    assert (answer["state"], answer["booked_at"], answer["entry_id"]) == ("accepted", None, None)
    event = listener.wait_for(1)[0]
    assert (event["state"], event["sequence"], truth(client)) == ("succeeded", 2, "succeeded")
    assert client.post("/v1/bank/payouts", payout) == answer


def test_async_accept_can_wait_for_flush_and_book_the_next_day(client: Client, payout: dict[str, Any]) -> None:
    switch(client, "async_accept", hold=True, book_next_day=True)
    client.business_time = "2026-11-23T15:30:00Z"  # 23:30 in Shanghai
    client.post("/v1/bank/payouts", payout)
    time.sleep(0.05)
    assert truth(client) == "accepted"
    assert client.post("/v1/control/callbacks/flush") == {"settled": 1, "sent": 0, "failed": 0}
    found = client.get("/v1/bank/requests/po-1")
    assert (found["state"], found["booked_at"]) == ("succeeded", "2026-11-24T00:00:00Z")
    assert client.get("/v1/bank/statement?date=2026-11-24")["row_count"] == 1
    switch(client, "async_accept", hold=True)
    client.post("/v1/bank/payouts", {**payout, "request_id": "po-2"})
    client.business_time = "2026-11-26T01:00:00Z"
    client.post("/v1/control/callbacks/flush")
    assert client.get("/v1/bank/requests/po-2")["booked_at"] == "2026-11-26T01:00:00Z"


@pytest.mark.parametrize(
    ("variant", "answered", "announced", "true_state", "rows"),
    [
        ("failed_but_done", "failed", "succeeded", "succeeded", 1),
        ("succeeded_but_not_done", "succeeded", "failed", "failed", 0),
        ("accepted_then_opposite", "accepted", "failed", "succeeded", 1),
    ],
)
def test_contradictory_answers(
    client: Client,
    listener: Listener,
    payout: dict[str, Any],
    variant: str,
    answered: str,
    announced: str,
    true_state: str,
    rows: int,
) -> None:
    switch(client, "contradictory", variant=variant, reason="card_closed")
    answer = client.post("/v1/bank/payouts", payout)
    assert answer["state"] == answered
    assert listener.wait_for(1)[0]["state"] == announced
    assert truth(client) == true_state
    assert client.get("/v1/bank/statement?date=2026-11-23")["row_count"] == rows
    assert client.post("/v1/bank/payouts", payout) == answer


def test_duplicate_callback_repeats_the_event(client: Client, listener: Listener, payout: dict[str, Any]) -> None:
    switch(client, "duplicate_callback", copies=2)
    client.post("/v1/bank/payouts", payout)
    events = listener.wait_for(3)
    assert events[0] == events[1] == events[2]


def test_out_of_order_callback_sends_the_old_state_last(
    client: Client, listener: Listener, payout: dict[str, Any]
) -> None:
    switch(client, "out_of_order_callback", delay_ms=80)
    client.post("/v1/bank/payouts", payout)
    final, stale = listener.wait_for(2)
    assert (final["sequence"], final["state"]) == (2, "succeeded")
    assert (stale["sequence"], stale["state"], stale["booked_at"]) == (1, "accepted", None)
    assert final["event_id"] != stale["event_id"]


def test_lost_callback_is_only_written_down(client: Client, listener: Listener, payout: dict[str, Any]) -> None:
    switch(client, "lost_callback")
    client.post("/v1/bank/payouts", payout)
    assert client.post("/v1/control/callbacks/flush")["sent"] == 0
    row = client.get("/v1/control/callbacks?state=lost")["callbacks"][0]
    assert listener.events == []
    assert client.post(f"/v1/control/callbacks/{row['callback_id']}/retry")["state"] == "delivered"
    assert len(listener.events) == 1


def test_a_refused_event_is_tried_again(client: Client, listener: Listener, payout: dict[str, Any]) -> None:
    listener.status = 500
    client.post("/v1/bank/payouts", payout)
    listener.wait_for(1)
    wait_until(lambda: client.get("/v1/control/callbacks")["callbacks"][0]["attempts"] == 1)
    row = client.get("/v1/control/callbacks")["callbacks"][0]
    assert (row["state"], row["last_error"]) == ("waiting", "HTTP 500")
    listener.status = 200
    assert client.post("/v1/control/callbacks/flush") == {"settled": 0, "sent": 1, "failed": 0}
    assert listener.events[0] == listener.events[1]


def test_an_unreachable_lender_loses_nothing(client: Client, listener: Listener, payout: dict[str, Any]) -> None:
    client.post("/v1/control/callback-url", {"url": "http://127.0.0.1:9/nobody"})
    client.post("/v1/bank/payouts", payout)
    wait_until(lambda: client.get("/v1/control/callbacks")["callbacks"][0]["attempts"] >= 1)
    assert client.get("/v1/control/callbacks")["callbacks"][0]["state"] == "waiting"
    client.post("/v1/control/callback-url", {"url": listener.url})
    client.post("/v1/control/callbacks/flush")
    assert len(listener.wait_for(1)) == 1


def test_probability_is_the_same_every_time(client: Client) -> None:
    def fates() -> list[int]:
        fault = {"partner": "cards", "call": "banks", "mode": "error_5xx", "probability": 0.5, "seed": 11}
        client.post("/v1/control/faults", fault)
        seen = [client.send("GET", "/v1/cards/banks").status_code for _ in range(20)]
        client.send("DELETE", "/v1/control/faults")
        return seen

    first = fates()
    assert first == fates()
    assert set(first) == {200, 503}


def test_faults_can_be_cleared_one_by_one(client: Client, payout: dict[str, Any]) -> None:
    kept, dropped = switch(client, "delay", delay_ms=0), switch(client, "error_5xx")
    assert client.send("DELETE", f"/v1/control/faults/{dropped}").json() == {"cleared": 1}
    assert [row["fault_id"] for row in client.get("/v1/control/faults")["faults"]] == [kept]
    assert client.post("/v1/bank/payouts", payout)["state"] == "succeeded"
    assert client.send("DELETE", "/v1/control/faults/f-999999").json()["code"] == "fault.not_found"
    assert client.send("DELETE", "/v1/control/faults").json() == {"cleared": 1}
