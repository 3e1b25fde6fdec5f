"""Borrowing and repaying through the API: money moves once for a key (R6.2, R7.1, R9.2)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.services.lending_support import FakeBank, deliver
from tests.web.api.conftest import Caller, Owner, problem_of
from weidai.audit.models import Event
from weidai.ledger.models import LedgerTransfer
from weidai.lending.models import Loan
from weidai.platform import clock
from weidai.servicing.models import DebitInstruction

KEY = "borrow-00000001"
STATEMENTS_OF_THE_SIGNING_CALL = 19  # with the token's; BEGIN, COMMIT and the look at the job queue besides (R10.2, ADR-0012)


def test_a_loan_from_quote_to_settlement(owner: Owner, bank: FakeBank) -> None:
    quote = owner.ok("POST", "/drawdowns/quote", owner.wish())
    assert quote["principal_fen"] == sum(row["principal_fen"] for row in quote["rows"]) == 1_200_000
    assert quote["total_fen"] == quote["principal_fen"] + quote["interest_fen"]
    assert len(quote["rows"]) == 12
    loan = owner.borrow()
    found = owner.ok("GET", loan)
    assert found["loan"]["state"] == "active"
    assert found["payoff"]["total_fen"] == 1_200_000  # paid out a moment ago: the cooling-off time
    schedule = owner.ok("GET", f"{loan}/schedule")
    assert [row["principal_fen"] for row in schedule["rows"]] == [row["principal_fen"] for row in quote["rows"]]
    assert owner.ok("GET", "/bills")["payoff_fen"] == 1_200_000
    line = owner.ok("GET", f"/lines/{owner.who.line_id}")["line"]
    assert (line["used_fen"], line["reserved_fen"]) == (1_200_000, 0)
    debit = owner.ok("POST", "/repayments", {"loan_id": found["loan"]["id"], "kind": "settle"}, status=202,
                     Idempotency_Key=KEY)
    assert (debit["amount_fen"], debit["is_open"]) == (1_200_000, True)
    deliver(owner.who)
    assert owner.ok("GET", f"/debits/{debit['id']}")["state"] == "succeeded"
    assert owner.ok("GET", loan)["loan"]["state"] == "settled"
    assert [row["amount_fen"] for row in owner.ok("GET", "/repayments")["items"]] == [1_200_000]
    assert owner.ok("GET", f"/lines/{owner.who.line_id}")["line"]["available_fen"] == 3_000_000
    notices = owner.ok("GET", "/notices?limit=2")
    assert len(notices["items"]) == 2
    assert notices["unread_count"] >= 2
    owner.ok("POST", "/notices/read", {})
    assert owner.ok("GET", "/notices")["unread_count"] == 0


def test_signing_twice_with_one_key_makes_one_loan(owner: Owner, bank: FakeBank) -> None:
    at = owner.signed()
    proof = owner.proof(at)
    answers = [owner.ok("POST", f"{at}/confirm", proof, Idempotency_Key=KEY) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert Loan.objects.count() == 1
    assert LedgerTransfer.objects.count() == 1
    assert owner.ok("POST", f"{at}/confirm", proof, Idempotency_Key="another-00001") == answers[0]
    assert Loan.objects.count() == 1
    deliver(owner.who)
    assert bank.count("payout") == 1
    other = owner.signed()
    problem_of(owner.post(f"{other}/confirm", proof, Idempotency_Key=KEY), 422, "platform.idempotency_key_reused")


def test_the_signing_call_costs_no_more_statements_than_it_did(owner: Owner, bank: FakeBank) -> None:
    owner.borrow()  # so that this customer has accounts, earlier decisions and a movement on the line
    at = owner.signed()
    proof = owner.proof(at)
    with CaptureQueriesContext(connection) as caught:
        owner.ok("POST", f"{at}/confirm", proof, Idempotency_Key=KEY)
    sent = [one["sql"].split(None, 1)[0] for one in caught.captured_queries]
    inside = [word for word in sent if word not in ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")]
    assert len(inside) <= STATEMENTS_OF_THE_SIGNING_CALL, caught.captured_queries


def test_who_acted_is_on_record(owner: Owner) -> None:
    owner.borrow()
    event = Event.objects.get(name="lending.drawdown.confirmed")
    assert (event.actor_kind, event.actor_id) == ("customer", str(owner.who.id))
    assert event.request_id


@pytest.mark.parametrize("key", ["", "short", "has space in it", "x" * 65, "引号引号引号引号"])
def test_money_calls_need_a_key(owner: Owner, key: str) -> None:
    at = owner.signed()
    proof = owner.proof(at)
    headers = {"Idempotency_Key": key} if key.isascii() and key else {}
    found = problem_of(owner.post(f"{at}/confirm", proof, **headers), 422, "api.idempotency_key_missing")
    assert found["field"] == "Idempotency-Key"
    body = {"loan_id": uuid4(), "kind": "settle"}
    problem_of(owner.post("/repayments", body, **headers), 422, "api.idempotency_key_missing")
    assert Loan.objects.count() == 0


def test_a_wrong_code_makes_no_loan_and_keeps_the_key_free(owner: Owner) -> None:
    at = owner.signed()
    proof = owner.proof(at)
    wrong = {**proof, "code": "000000" if proof["code"] != "000000" else "111111"}
    found = problem_of(owner.post(f"{at}/confirm", wrong, Idempotency_Key=KEY), 422, "security.sms_code_wrong")
    assert found["field"] == "code"
    assert Loan.objects.count() == 0
    assert UUID(owner.ok("POST", f"{at}/confirm", proof, Idempotency_Key=KEY)["loan_id"])


def test_the_sheet_has_to_be_read_and_steps_keep_their_order(owner: Owner) -> None:
    at = owner.start()
    problem_of(owner.post(f"{at}/sheet/confirm"), 409, "lending.cost_sheet_not_confirmed")
    owner.ok("POST", f"{at}/sheet")
    early = problem_of(owner.post(f"{at}/sheet/confirm"), 409, "lending.cost_sheet_reading_too_short")
    assert "秒" in early["detail"]
    problem_of(owner.post(f"{at}/agreement"), 409, "lending.cost_sheet_not_confirmed")
    problem_of(owner.post(f"{at}/agreement/sign"), 409, "lending.drawdown_state")
    problem_of(owner.post(f"{at}/code"), 409, "lending.drawdown_state")
    body = {"challenge_id": uuid4(), "code": "123456"}
    problem_of(owner.post(f"{at}/confirm", body, Idempotency_Key=KEY), 409, "lending.drawdown_state")
    assert owner.ok("POST", f"{at}/cancel")["state"] == "cancelled"


def test_what_the_rooms_refuse_comes_with_its_field(owner: Owner) -> None:
    found = problem_of(owner.post("/drawdowns/quote", owner.wish(amount_fen=1)), 422, "lending.amount_invalid")
    assert (found["field"], bool(found["next_step"])) == ("amount", True)
    problem_of(owner.post("/drawdowns/quote", owner.wish(term_months=359)), 422, "lending.terms_invalid")
    body = owner.wish(purpose="stock_trading_x")
    assert owner.post("/drawdowns", body).json()["field"] == "purpose"


def test_repaying_twice_with_one_key_asks_the_bank_once(owner: Owner, bank: FakeBank) -> None:
    loan_id = owner.borrow().rsplit("/", 1)[-1]
    body = {"loan_id": loan_id, "kind": "amount", "amount_fen": 10_000}
    first = owner.ok("POST", "/repayments", body, status=202, Idempotency_Key=KEY)
    again = owner.ok("POST", "/repayments", body, status=202, Idempotency_Key=KEY)
    assert again == first
    problem_of(owner.post("/repayments", {**body, "amount_fen": 20_000}, Idempotency_Key=KEY), 422,
               "platform.idempotency_key_reused")
    problem_of(owner.post("/repayments", body, Idempotency_Key="another-00001"), 409, "servicing.debit_in_progress")
    deliver(owner.who)
    assert bank.count("debit") == 1
    assert DebitInstruction.objects.count() == 1
    problem_of(owner.post("/repayments", {"loan_id": loan_id, "kind": "amount"}, Idempotency_Key=KEY), 422,
               "api.field_invalid")


def test_sessions_end_and_codes_are_rationed(owner: Owner) -> None:
    assert owner.call("DELETE", "/session").status_code == 204
    problem_of(owner.get("/me"), 401, "api.not_signed_in")
    caller = Caller()
    assert caller.ok("POST", "/sign-in/code", {"mobile": "13900000001"})["masked_mobile"]
    soon = caller.post("/sign-in/code", {"mobile": "13900000001"})
    assert soon.status_code == 429, soon.content
    assert int(soon.headers["Retry-After"]) > 0
    with clock.travel_to(clock.now() + timedelta(days=8)):
        problem_of(caller.get("/me"), 401, "api.not_signed_in")
