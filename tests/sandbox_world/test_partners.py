"""Registry, card network, operator, face vendor, SMS, bureau and data sources answer as the protocol says."""

from typing import Any

import pytest

from sandbox_world.population.people import other_holder_name
from sandbox_world.testing import RunningWorld
from tests.sandbox_world.client import Client


def trapped(client: Client, trap: str) -> dict[str, Any]:
    people = client.get("/v1/control/people?persona=fraudster&limit=200")["people"]
    return next(row for row in people if row["trap"] == trap)


def identity(person: dict[str, Any]) -> dict[str, str]:
    return {"name": person["name"], "id_number": person["id_number"]}


def test_registry_match_shows_the_id_card(client: Client, person: dict[str, Any]) -> None:
    answer = client.post("/v1/registry/check", identity(person))
    assert answer == {
        "result": "match",
        "id_number": person["id_number"],
        "sex": person["sex"],
        "birth_on": person["birth_on"],
        "id_card": person["id_card"],
        "as_of": "2026-11-23",
    }


def test_registry_says_no_without_facts(client: Client, person: dict[str, Any]) -> None:
    wrong = client.post("/v1/registry/check", {**identity(person), "name": "某人"})
    assert (wrong["result"], wrong["id_card"], wrong["birth_on"]) == ("mismatch", None, None)
    assert (
        client.post("/v1/registry/check", {"name": "某人", "id_number": "110105194912310021"})["result"] == "not_found"
    )
    assert client.post("/v1/registry/check", identity(trapped(client, "registry_unknown")))["result"] == "not_found"


def test_an_id_card_expires_with_business_time_and_is_renewed(client: Client, person: dict[str, Any]) -> None:
    people = [
        row
        for page in range(0, 800, 200)
        for row in client.get(f"/v1/control/people?limit=200&cursor={page}")["people"]
    ]
    forgetful = next(
        row for row in people if (row["id_card"]["valid_to"] or "").startswith("2027-0") and not row["trap"]
    )
    client.business_time = "2027-08-01T02:00:00Z"
    assert client.post("/v1/registry/check", identity(forgetful))["id_card"]["status"] == "expired"
    client.post(f"/v1/control/people/{forgetful['id_number']}/facts", {"id_card_renewed_on": "2027-08-01"})
    renewed = client.post("/v1/registry/check", identity(forgetful))["id_card"]
    assert (renewed["status"], renewed["valid_from"]) == ("valid", "2027-08-01")
    lost = client.post("/v1/registry/check", identity(trapped(client, "id_card_lost")))
    assert (lost["result"], lost["id_card"]["status"]) == ("match", "lost")


def test_business_check(client: Client) -> None:
    owner = client.get("/v1/control/people?persona=shop_owner&limit=1")["people"][0]
    business = owner["business"]
    body = {"business_name": business["business_name"], "uscc": business["uscc"], "legal_person_name": owner["name"]}
    answer = client.post("/v1/registry/business-check", body)
    assert (answer["result"], answer["corporate_account"]) == ("match", business["corporate_account"])
    assert client.post("/v1/registry/business-check", {**body, "legal_person_name": "某人"})["result"] == "mismatch"
    paid = client.post(
        "/v1/bank/payouts",
        {
            "request_id": "po-b",
            "card_number": business["corporate_account"],
            "name": business["business_name"],
            "amount_fen": 100,
            "memo": "",
        },
    )
    assert paid["state"] == "succeeded"


def test_four_elements_name_what_does_not_fit(client: Client, person: dict[str, Any]) -> None:
    card = person["cards"][0]
    body = {**identity(person), "card_number": card["card_number"], "mobile": person["mobile"]}
    answer = client.post("/v1/cards/four-elements", body)
    assert (answer["result"], answer["account_class"], answer["card_type"]) == ("match", "I", "debit")
    assert (answer["bank_code"], answer["mismatched"], answer["card_status"]) == (card["bank_code"], [], "active")
    wrong = client.post("/v1/cards/four-elements", {**body, "name": "某人", "mobile": "13800000000"})
    assert (wrong["result"], wrong["mismatched"]) == ("mismatch", ["name", "mobile"])
    missing = client.post("/v1/cards/four-elements", {**body, "card_number": "6222021234567890128"})
    assert (missing["result"], missing["bank_code"]) == ("not_found", None)
    other = trapped(client, "card_name_mismatch")
    body = {**identity(other), "card_number": other["cards"][0]["card_number"], "mobile": other["mobile"]}
    assert client.post("/v1/cards/four-elements", body)["mismatched"] == ["name"]


def test_three_elements(client: Client, person: dict[str, Any], running: RunningWorld) -> None:
    body = {**identity(person), "mobile": person["mobile"]}
    answer = client.post("/v1/operator/three-elements", body)
    assert (answer["result"], answer["number_status"], answer["mismatched"]) == ("match", "in_use", [])
    assert answer["months_in_use"] > 0
    client.post(f"/v1/control/people/{person['id_number']}/facts", {"number_status": "recycled"})
    assert client.post("/v1/operator/three-elements", body)["number_status"] == "recycled"
    other = trapped(client, "mobile_name_mismatch")
    answer = client.post("/v1/operator/three-elements", {**identity(other), "mobile": other["mobile"]})
    assert (answer["result"], answer["mismatched"], answer["months_in_use"]) == ("mismatch", ["name"], None)
    holder = other_holder_name(running.world.population.by_id_number[other["id_number"]])
    assert (
        client.post("/v1/operator/three-elements", {**identity(other), "name": holder, "mobile": other["mobile"]})[
            "result"
        ]
        == "match"
    )


def test_face_vendor_answers_from_facts_and_repeats_itself(client: Client, person: dict[str, Any]) -> None:
    body = {
        "request_id": "fv-1",
        **identity(person),
        "image_sha256": "ab" * 32,
        "liveness_actions": ["turn_left", "nod"],
    }
    answer = client.post("/v1/face/verifications", body)
    assert (answer["result"], answer["liveness"], answer["assurance"]) == ("match", "passed", "certified")
    client.business_time = "2026-12-01T00:00:00Z"
    assert client.post("/v1/face/verifications", body) == answer == client.get("/v1/face/verifications/fv-1")
    conflict = client.send("POST", "/v1/face/verifications", {**body, "image_sha256": "cd" * 32})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "request.id_conflict")
    assert client.get("/v1/face/verifications/fv-2") == {"request_id": "fv-2", "result": "unknown_request"}
    other = {**body, "request_id": "fv-3", **identity(trapped(client, "face_mismatch"))}
    answer = client.post("/v1/face/verifications", other)
    assert answer["result"] == "mismatch"
    assert answer["score"] < 80


def test_sms_lands_in_the_inbox_once(client: Client) -> None:
    body = {"message_id": "m-1", "mobile": "13800000000", "text": "【微贷】验证码 123456"}
    first = client.post("/v1/sms", body)
    assert first == {"message_id": "m-1", "state": "delivered", "reason": None, "delivered_at": "2026-11-23T02:00:00Z"}
    assert client.post("/v1/sms", body) == first
    assert client.send("POST", "/v1/sms", {**body, "text": "another"}).status_code == 409
    client.post("/v1/sms", {**body, "message_id": "m-2", "text": "second"})
    texts = [row["text"] for row in client.get("/v1/sms?mobile=13800000000")["messages"]]
    assert texts == ["second", "【微贷】验证码 123456"]
    assert client.get("/v1/sms?mobile=13800000001") == {"messages": []}


def test_bureau_reports_are_stable_and_need_an_authorization(client: Client, person: dict[str, Any]) -> None:
    body = {**identity(person), "authorization_id": "au-1", "reason": "loan_approval"}
    report = client.post("/v1/bureau/reports", body)
    assert report["found"] is True
    assert 0 <= report["score"] <= 1000
    assert client.post("/v1/bureau/reports", body) == report
    assert client.post("/v1/bureau/reports", {**body, "authorization_id": "au-2"})["report_id"] != report["report_id"]
    nobody = client.post("/v1/bureau/reports", {**body, "name": "某人"})
    assert (nobody["found"], nobody["report_id"], nobody["total_debt_fen"]) == (False, None, None)
    del body["authorization_id"]
    assert client.send("POST", "/v1/bureau/reports", body).json()["field"] == "authorization_id"


def test_bureau_records_count_once(client: Client, person: dict[str, Any]) -> None:
    record = {
        "record_id": "r-1",
        "id_number": person["id_number"],
        "kind": "account_month",
        "period": "2026-11",
        "content": {"余额": 1},
    }
    unknown = {**record, "record_id": "r-2", "id_number": "110105194912310021"}
    answer = client.post("/v1/bureau/records", {"records": [record, unknown]})
    assert [row["state"] for row in answer["results"]] == ["accepted", "rejected"]
    assert (answer["accepted"], answer["duplicate"]) == (1, 0)
    again = client.post("/v1/bureau/records", {"records": [record, {**record, "content": {}}]})
    assert [row["state"] for row in again["results"]] == ["duplicate", "rejected"]
    assert again["results"][1]["reason"] == "content_conflict"
    listed = client.get(f"/v1/bureau/records?id_number={person['id_number']}")["records"]
    assert listed == [{**record, "accepted_at": "2026-11-23T02:00:00Z"}]


def test_profile_holds_what_the_single_queries_hold(client: Client, person: dict[str, Any]) -> None:
    number = person["id_number"]
    whole = client.post("/v1/data/profile", {"id_number": number, "as_of": "2026-11-23"})
    assert len(whole["payments"]) == 12
    assert whole["payments"][-1]["month"] == "2026-10"
    where = f"id_number={number}&as_of=2026-11-23"
    assert client.get(f"/v1/data/payments/summary?{where}&months=12")["payments"] == whole["payments"]
    assert client.get(f"/v1/data/balances?{where}")["balances"] == whole["balances"]
    contacts = client.get(f"/v1/data/contacts?{where}")
    assert {name: contacts[name] for name in ("contacts", "effective_contacts")} == whole["contacts"]
    assert client.get(f"/v1/data/card-limits?{where}")["card_limits"] == whole["card_limits"]
    batch = client.post("/v1/data/profiles", {"id_numbers": [number, "110105194912310021"], "as_of": "2026-11-23"})
    assert batch["profiles"] == [whole, {"id_number": "110105194912310021", "found": False, "as_of": "2026-11-23"}]


def test_payment_events_come_in_pages(client: Client, person: dict[str, Any]) -> None:
    number = person["id_number"]
    events, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/data/payments?id_number={number}&month=2026-10&limit=7&cursor={cursor}")
        events += page["events"]
        cursor = page["next_cursor"]
    row = client.get(f"/v1/data/payments/summary?id_number={number}&months=1&as_of=2026-11-01")["payments"][0]
    net = sum({"payment": 1, "refund": -1, "transfer": 0}[event["kind"]] * event["amount_fen"] for event in events)
    assert (net, len([event for event in events if event["kind"] == "payment"])) == (
        row["amount_fen"],
        row["payment_count"],
    )


BAD: list[tuple[str, Any, str, str | None]] = [
    ("/v1/registry/check", b"{", "request.json_invalid", None),
    ("/v1/registry/check", b"[1]", "request.json_invalid", None),
    ("/v1/registry/check", b"\xff\xfe", "request.json_invalid", None),
    ("/v1/registry/check", b'{"name": "\\ud800"}', "request.json_invalid", None),
    ("/v1/registry/check", b'{"name": NaN}', "request.json_invalid", None),
    ("/v1/registry/check", b"[" * 100_000, "request.json_invalid", None),
    ("/v1/registry/check", {}, "request.field_missing", "name"),
    ("/v1/registry/check", {"name": 5, "id_number": "1"}, "request.field_invalid", "name"),
    ("/v1/registry/check", {"name": "a\x00b", "id_number": "1"}, "request.field_invalid", "name"),
    ("/v1/registry/check", {"name": "王", "id_number": "12"}, "request.field_invalid", "id_number"),
    (
        "/v1/registry/check",
        {"name": "王", "id_number": "11010519491231002X", "more": 1},
        "request.field_unknown",
        "more",
    ),
    ("/v1/bank/payouts", {"request_id": "a b"}, "request.field_invalid", "request_id"),
    ("/v1/bank/payouts", {"request_id": "a", "amount_fen": 0}, "request.field_invalid", "amount_fen"),
    ("/v1/bank/payouts", {"request_id": "a", "amount_fen": True}, "request.field_invalid", "amount_fen"),
    ("/v1/bank/payouts", {"request_id": "a", "amount_fen": 1.5}, "request.field_invalid", "amount_fen"),
    ("/v1/bank/payouts", {"request_id": "a", "amount_fen": 10**30}, "request.field_invalid", "amount_fen"),
    ("/v1/data/profile", {"id_number": "11010519491231002X", "as_of": "2026-02-30"}, "request.field_invalid", "as_of"),
    ("/v1/data/profile", {"id_number": "11010519491231002X", "as_of": "2031-01-01"}, "request.field_invalid", "as_of"),
    ("/v1/data/profiles", {"id_numbers": ["x"]}, "request.field_invalid", "id_numbers"),
    ("/v1/data/profiles", {"id_numbers": ["11010519491231002X"] * 501}, "request.field_invalid", "id_numbers"),
    ("/v1/bureau/records", {"records": [5]}, "request.field_invalid", "records"),
    ("/v1/control/faults", {"partner": "bank", "call": "nothing", "mode": "delay"}, "request.field_invalid", "call"),
    (
        "/v1/control/faults",
        {"partner": "sms", "call": "send", "mode": "lost_callback"},
        "request.field_invalid",
        "mode",
    ),
    (
        "/v1/control/faults",
        {"partner": "bank", "call": "*", "mode": "delay", "probability": 2},
        "request.field_invalid",
        "probability",
    ),
    ("/v1/control/callback-url", {"url": "ftp://x"}, "request.field_invalid", "url"),
    ("/v1/control/callback-url", {"url": "http://[bad"}, "request.field_invalid", "url"),
]


@pytest.mark.parametrize(("path", "content", "code", "field"), BAD)
def test_bad_input_is_refused_with_a_code(
    client: Client, path: str, content: Any, code: str, field: str | None
) -> None:
    answer = client.send("POST", path, content)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, code, field)


@pytest.mark.parametrize(
    "query",
    ["date=", "date=2026-13-01", "date=1999-01-01", "date=2026-11-23&limit=0", "date=2026-11-23&cursor=x", "x=1"],
)
def test_bad_queries_are_refused(client: Client, query: str) -> None:
    assert client.send("GET", f"/v1/bank/statement?{query}").status_code == 400


@pytest.mark.parametrize("text", ["yesterday", "2026-11-23T10:00:00", "9999-12-31T23:59:59-14:00"])
def test_a_bad_business_time_is_refused(client: Client, text: str) -> None:
    client.business_time = text
    answer = client.send("GET", "/v1/cards/banks")
    assert (answer.status_code, answer.json()["field"]) == (400, "Sandbox-Business-Time")


def test_people_can_be_picked(client: Client) -> None:
    page = client.get("/v1/control/people?persona=student&limit=3")
    assert [row["persona"] for row in page["people"]] == ["student"] * 3
    following = client.get(f"/v1/control/people?persona=student&limit=3&cursor={page['next_cursor']}")
    assert not {row["index"] for row in page["people"]} & {row["index"] for row in following["people"]}
    counts = {row["persona"]: row["count"] for row in client.get("/v1/control/personas")["personas"]}
    assert sum(counts.values()) == 2400
    one = page["people"][0]
    assert client.get(f"/v1/control/people/{one['id_number']}") == one
    assert client.get(f"/v1/control/people?query={one['mobile']}")["people"] == [one]
    assert client.send("GET", "/v1/control/people/11010519491231002X").json()["code"] == "person.not_found"
