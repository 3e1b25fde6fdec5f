"""Money moves once, both sides of every booking agree, and the statement adds up."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox_world.testing import RunningWorld, start
from tests.sandbox_world.client import Client


def balance(client: Client, number: str) -> int:
    return int(client.get(f"/v1/bank/accounts/{number}")["balance_fen"])


def lender(client: Client) -> dict[str, int]:
    return {row["account"]: row["balance_fen"] for row in client.get("/v1/bank/lender-accounts")["accounts"]}


def books_hold(running: RunningWorld) -> None:
    """Every balance equals its entries, and all balances together are nothing."""
    store = running.world.store
    assert store.number("SELECT sum(balance_fen) FROM account") == 0
    entries = "coalesce((SELECT sum(amount_fen) FROM entry WHERE {} = number), 0)"
    change = f"{entries.format('credit_account')} - {entries.format('debit_account')}"
    wrong = store.rows(f"SELECT number FROM account WHERE balance_fen <> {change}")  # noqa: S608 - fixed words
    assert [row["number"] for row in wrong] == []


def test_a_payout_is_booked_once(client: Client, running: RunningWorld, payout: dict[str, Any]) -> None:
    before, own = balance(client, payout["card_number"]), lender(client)
    answer = client.post("/v1/bank/payouts", payout)
    assert (answer["state"], answer["reason"], answer["booked_at"]) == ("succeeded", None, "2026-11-23T02:00:00Z")
    client.business_time = "2026-11-24T02:00:00Z"
    assert client.post("/v1/bank/payouts", payout) == answer == client.get("/v1/bank/requests/po-1")
    assert balance(client, payout["card_number"]) == before + 500_000
    assert lender(client) == {"settlement": own["settlement"] - 500_000, "collection": own["collection"]}
    assert len(client.get("/v1/control/callbacks")["callbacks"]) == 1
    books_hold(running)


def test_many_senders_of_one_request_book_once(client: Client, payout: dict[str, Any]) -> None:
    before = balance(client, payout["card_number"])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/bank/payouts", payout), range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert balance(client, payout["card_number"]) == before + 500_000


@pytest.mark.parametrize("change", [{"amount_fen": 1}, {"memo": "x"}, {"name": "某人"}])
def test_the_same_id_with_another_body_is_refused(
    client: Client, payout: dict[str, Any], change: dict[str, Any]
) -> None:
    client.post("/v1/bank/payouts", payout)
    answer = client.send("POST", "/v1/bank/payouts", {**payout, **change})
    assert (answer.status_code, answer.json()["code"]) == (409, "request.id_conflict")
    assert client.get("/v1/bank/requests/po-1")["amount_fen"] == 500_000


def test_a_payout_that_cannot_be_paid_fails_with_its_reason(
    client: Client, person: dict[str, Any], payout: dict[str, Any]
) -> None:
    def reason(**change: Any) -> str:
        answer = client.post("/v1/bank/payouts", {**payout, **change})
        assert (answer["state"], answer["booked_at"], answer["entry_id"]) == ("failed", None, None)
        return str(answer["reason"])

    assert reason(request_id="a", card_number="6222021234567890128") == "card_not_found"
    assert reason(request_id="b", name="某人") == "name_mismatch"
    credit = next(card for card in person["cards"] if card["card_type"] == "credit")
    assert reason(request_id="c", card_number=credit["card_number"]) == "card_type_refused"
    client.post(f"/v1/control/people/{person['id_number']}/facts", {"closed_card": payout["card_number"]})
    assert reason(request_id="d") == "card_closed"
    client.post(f"/v1/control/people/{person['id_number']}/facts", {"reopened_card": payout["card_number"]})
    client.post("/v1/control/accounts/settlement/balance", {"balance_fen": 499_999})
    assert reason(request_id="e") == "lender_funds_insufficient"
    assert client.get("/v1/bank/requests/nobody") == {"request_id": "nobody", "state": "not_found"}


def test_a_debit_needs_the_money(client: Client, running: RunningWorld, debit: dict[str, Any]) -> None:
    number = debit["card_number"]
    client.post(f"/v1/control/accounts/{number}/balance", {"balance_fen": 12_344})
    answer = client.post("/v1/bank/debits", debit)
    assert (answer["state"], answer["reason"]) == ("failed", "insufficient_funds")
    client.post(f"/v1/control/accounts/{number}/balance", {"balance_fen": 12_345})
    assert client.post("/v1/bank/debits", debit) == answer
    assert client.post("/v1/bank/debits", {**debit, "request_id": "de-2"})["state"] == "succeeded"
    assert balance(client, number) == 0
    assert lender(client)["collection"] == 12_345
    books_hold(running)


def test_a_type_ii_account_pays_ten_thousand_yuan_a_day(client: Client) -> None:
    people = client.get("/v1/control/people?persona=high_net_worth&limit=100")["people"]
    person, card = next((row, card) for row in people for card in row["cards"] if card["account_class"] == "II")
    client.post(f"/v1/control/accounts/{card['card_number']}/balance", {"balance_fen": 5_000_000})
    body = {"card_number": card["card_number"], "name": person["name"], "agreement_id": "a", "memo": ""}
    assert client.post("/v1/bank/debits", {**body, "request_id": "1", "amount_fen": 600_000})["state"] == "succeeded"
    assert (
        client.post("/v1/bank/debits", {**body, "request_id": "2", "amount_fen": 400_001})["reason"] == "account_limit"
    )
    assert client.post("/v1/bank/debits", {**body, "request_id": "3", "amount_fen": 400_000})["state"] == "succeeded"
    client.business_time = "2026-11-24T02:00:00Z"
    assert client.post("/v1/bank/debits", {**body, "request_id": "4", "amount_fen": 400_001})["state"] == "succeeded"


def test_refunds_never_exceed_the_original(client: Client, running: RunningWorld, debit: dict[str, Any]) -> None:
    def refund(request_id: str, original: str, amount_fen: int) -> str:
        body = {"request_id": request_id, "original_request_id": original, "amount_fen": amount_fen, "memo": ""}
        answer = client.post("/v1/bank/refunds", body)
        return str(answer["reason"] or answer["state"])

    assert refund("re-0", "de-1", 1) == "original_not_found"
    client.post("/v1/bank/debits", debit)
    before = balance(client, debit["card_number"])
    assert refund("re-1", "de-1", 12_000) == "succeeded"
    assert refund("re-2", "de-1", 346) == "refund_exceeds_original"
    assert refund("re-3", "de-1", 345) == "succeeded"
    assert refund("re-4", "de-1", 1) == "refund_exceeds_original"
    assert balance(client, debit["card_number"]) == before + 12_345
    assert client.get("/v1/bank/requests/re-1")["masked"] == client.get("/v1/bank/requests/de-1")["masked"]
    books_hold(running)


def test_salary_arrives_on_the_tenth_and_can_be_stopped(
    client: Client, running: RunningWorld, person: dict[str, Any]
) -> None:
    number = person["cards"][0]["card_number"]
    client.post(f"/v1/control/accounts/{number}/balance", {"balance_fen": 0})
    client.business_time = "2026-12-09T15:59:59Z"  # the 9th in Shanghai
    assert balance(client, number) == 0
    client.business_time = "2026-12-09T16:00:00Z"  # the 10th
    once = balance(client, number)
    assert 0 < once < person["monthly_income_fen"]
    client.business_time = "2027-03-15T02:00:00Z"
    assert balance(client, number) > 3 * once
    client.business_time = "2026-11-23T02:00:00Z"  # the clock may go back; nothing is paid twice
    later = balance(client, number)
    client.post(f"/v1/control/accounts/{number}/balance", {"balance_fen": 7, "freeze_income": True})
    client.business_time = "2027-12-15T02:00:00Z"
    assert (later > 3 * once, balance(client, number)) == (True, 7)
    books_hold(running)


def test_the_statement_of_each_day_adds_up(
    client: Client, running: RunningWorld, payout: dict[str, Any], debit: dict[str, Any]
) -> None:
    client.business_time = "2026-11-23T15:59:59Z"  # 23:59:59 in Shanghai
    client.post("/v1/bank/payouts", payout)
    client.business_time = "2026-11-23T16:00:00Z"  # the next day
    client.post("/v1/bank/debits", debit)
    client.post(
        "/v1/bank/refunds", {"request_id": "re-1", "original_request_id": "de-1", "amount_fen": 45, "memo": "多收"}
    )
    client.post(
        "/v1/bank/transfers",
        {"request_id": "tr-1", "card_number": debit["card_number"], "amount_fen": 800, "memo": "还款"},
    )
    first, second = (client.get(f"/v1/bank/statement?date=2026-11-{day}") for day in (23, 24))
    assert [row["request_id"] for row in first["rows"]] == ["po-1"]
    assert [(row["kind"], row["direction"], row["amount_fen"]) for row in second["rows"]] == [
        ("debit", "in", 12_345),
        ("refund", "out", 45),
        ("transfer", "in", 800),
    ]
    assert second["rows"][1]["original_request_id"] == "de-1"
    for statement in (first, second):
        for account in statement["accounts"]:
            rows = [row for row in statement["rows"] if row["account"] == account["account"]]
            assert account["in_fen"] == sum(row["amount_fen"] for row in rows if row["direction"] == "in")
            assert account["out_fen"] == sum(row["amount_fen"] for row in rows if row["direction"] == "out")
            assert account["closing_fen"] == account["opening_fen"] + account["in_fen"] - account["out_fen"]
    assert {row["account"]: row["closing_fen"] for row in second["accounts"]} == lender(client)
    assert [row["opening_fen"] for row in second["accounts"]] == [row["closing_fen"] for row in first["accounts"]]
    page = client.get("/v1/bank/statement?date=2026-11-24&limit=2")
    rest = client.get(f"/v1/bank/statement?date=2026-11-24&limit=2&cursor={page['next_cursor']}")
    assert page["rows"] + rest["rows"] == second["rows"]
    assert (page["row_count"], rest["next_cursor"]) == (3, None)
    books_hold(running)


def test_what_was_answered_survives_a_restart(tmp_path: Any, payout: dict[str, Any]) -> None:
    world = start(tmp_path)
    client = Client(world.base_url, world.keys_folder)
    client.post(
        "/v1/control/faults", {"partner": "bank", "call": "payouts", "mode": "delay", "delay_ms": 1, "count": 5}
    )
    answer = client.post("/v1/bank/payouts", payout)
    client.http.close()
    world.stop()
    again = start(tmp_path)
    client = Client(again.base_url, again.keys_folder)
    assert client.get("/v1/bank/requests/po-1") == answer == client.post("/v1/bank/payouts", payout)
    fault = client.get("/v1/control/faults")["faults"][0]
    assert (fault["hits"], fault["left_over"]) == (2, 3)
    assert [row["state"] for row in client.get("/v1/control/callbacks")["callbacks"]] == ["waiting"]
    client.http.close()
    again.stop()
