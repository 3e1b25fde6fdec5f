"""From a mobile number to a repaid loan through the API alone, against a real sandbox world (R1 to R7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.support.world import Sandbox, book_open, settle, world_running
from tests.web.api.conftest import PREFIX, Caller, problem_of
from weidai.demo.device import SoftwareDevice
from weidai.jobs.end_of_day import drain
from weidai.platform import clock
from weidai.platform.ids import uuid7

PICTURE = b"\xff\xd8\xff\xe0" + b"face" * 64
PRODUCT = "consumer_installment_line"


@pytest.fixture
def sandbox(transactional_db: Any, tmp_path_factory: Any) -> Iterator[Sandbox]:
    with world_running(tmp_path_factory.mktemp("world"), people=200) as running:
        book_open()
        yield running


def _wait(seconds: int) -> None:
    from datetime import timedelta

    clock.move_forward(timedelta(seconds=seconds))


def _agree(caller: Caller, *purposes: str) -> None:
    versions = {row["purpose"]: row["version"] for row in caller.ok("GET", "/me/consents")}
    for purpose in purposes:
        caller.ok("POST", "/me/consents", {"purpose": purpose, "text_version": versions[purpose]})


def _face(caller: Caller, purpose: str) -> None:
    picture = SimpleUploadedFile("face.jpg", PICTURE, content_type="image/jpeg")
    answer = caller.client.generic(
        "POST", f"{PREFIX}/me/face", encode_multipart(BOUNDARY, {"picture": picture, "purpose": purpose}),
        content_type=MULTIPART_CONTENT, headers={"Authorization": f"Bearer {caller.token}"})
    assert answer.status_code == 200, answer.content.decode()


def _code(sandbox: Sandbox, mobile: str) -> str:
    drain()
    found = re.search(r"(?<!\d)\d{6}(?!\d)", sandbox.sms(mobile)[0])
    assert found
    return found[0]


def test_a_whole_life_through_the_api(sandbox: Sandbox) -> None:
    person, caller = sandbox.person(), Caller(language="en")
    card_number = next(card.card_number for card in person.cards if card.is_main and card.card_type == "debit")
    agreed = {row["code"]: row["version"] for row in caller.ok("GET", "/legal-documents")}
    challenge = caller.ok("POST", "/sign-in/code", {"mobile": person.mobile})
    session = caller.ok("POST", "/sign-in", {"challenge_id": challenge["id"], "mobile": person.mobile, "agreed": agreed,
                                             "code": _code(sandbox, person.mobile)})
    caller.token = session["token"]
    assert caller.ok("GET", "/me/identity")["can_apply"] is False

    _agree(caller, "real_name_check", "face", "bank_card_check", "mobile_check", "payment_data", "credit_report",
           "credit_reporting")
    caller.ok("POST", "/me/id-card", {"name": person.name, "id_number": person.id_number})
    _face(caller, "real_name")
    card = caller.ok("POST", "/me/cards", {"card_number": card_number, "mobile": person.mobile}, status=201)
    caller.ok("POST", "/me/mobile-check", {})
    caller.ok("PUT", "/me/profile", {"occupation": "employed", "declared_monthly_income_fen": person.monthly_income_fen,
                                     "region_code": person.region_code, "employer": person.employer})
    assert caller.ok("GET", "/me/identity")["can_apply"] is True
    assert caller.ok("POST", "/assessment", {})["score"] > 0
    assert caller.ok("GET", "/assessment")["newest"]["indicators"]
    assert any(row["is_eligible"] for row in caller.ok("GET", "/products/eligibility"))
    assert {row["product_code"] for row in caller.ok("GET", "/products")} >= {PRODUCT}

    application = caller.ok("POST", "/applications", {"product": PRODUCT}, status=201)
    at = f"/applications/{application['id']}"
    caller.ok("POST", f"{at}/submit", {"declared_monthly_income_fen": person.monthly_income_fen,
                                       "region_code": person.region_code, "employer": person.employer})
    drain()
    offered = caller.ok("GET", at)
    assert offered["state"] == "offered", offered
    assert offered["offer"]["terms"]
    line = caller.ok("POST", f"{at}/accept", {})["line_id"]
    assert caller.ok("GET", f"{at}/timeline")[-1]["to_state"] == "accepted"

    activation = f"/lines/{line}/activation"
    assert caller.ok("GET", activation)["next_step"] == "card"
    assert caller.ok("POST", f"{activation}/card", {"card_id": card["id"]})["next_step"] == "password"
    phone = SoftwareDevice()
    offered = {"public_key": phone.public_key, "signature": phone.signature(caller.ok("GET", activation)["to_sign"])}
    assert caller.ok("POST", f"{activation}/password", {"password": "250918", "device_key": offered})["next_step"] == "face"
    assert [row["has_key"] for row in caller.ok("GET", "/me/devices")] == [True]
    _face(caller, "activation")
    assert caller.ok("POST", f"{activation}/complete", {})["next_step"] == "done"
    assert caller.ok("GET", f"/lines/{line}")["blocks"] == []

    version = next(row["version"] for row in caller.ok("GET", "/me/consents") if row["purpose"] == "auto_debit")
    assert caller.ok("PUT", "/me/auto-debit", {"card_id": card["id"], "text_version": version})["number"]
    assert caller.ok("DELETE", "/me/auto-debit")["number"] is None

    drawdown = caller.ok("POST", "/drawdowns", {"line_id": line, "amount_fen": 100_000, "term_months": 12,
                                                "method": "level_payment", "purpose": "daily_consumption"}, status=201)
    at = f"/drawdowns/{drawdown['id']}"
    caller.ok("POST", f"{at}/sheet", {})
    _wait(61)
    for step in ("sheet/confirm", "agreement", "agreement/sign"):
        caller.ok("POST", f"{at}/{step}", {})
    challenge = caller.ok("POST", f"{at}/code", {})
    proof = {"challenge_id": challenge["id"], "code": _code(sandbox, person.mobile)}
    problem_of(caller.post(f"{at}/confirm", proof, Idempotency_Key=str(uuid7())), 409, "security.device_not_bound")
    proof |= {"device_key": phone.fingerprint, "device_signature": phone.signature(challenge["to_sign"])}
    signed = caller.ok("POST", f"{at}/confirm", proof, Idempotency_Key=str(uuid7()))
    assert caller.ok("POST", f"{at}/agreement")["signed_by"]["holds"] is True
    settle(sandbox)
    assert caller.ok("GET", at)["state"] == "posted"
    loan = caller.ok("GET", f"/loans/{signed['loan_id']}")
    assert loan["loan"]["state"] == "active"

    debit = caller.ok("POST", "/repayments", {"loan_id": signed["loan_id"], "kind": "settle"}, status=202,
                      Idempotency_Key=str(uuid7()))
    settle(sandbox)
    assert caller.ok("GET", f"/debits/{debit['id']}")["state"] == "succeeded"
    assert caller.ok("GET", f"/loans/{signed['loan_id']}")["loan"]["state"] == "settled"
    assert caller.call("DELETE", "/session").status_code == 204
