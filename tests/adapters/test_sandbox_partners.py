"""Our adapters and the sandbox world agree on the protocol, over real HTTP (R9.4)."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from tests.adapters.conftest import main_card

from weidai.adapters.sandbox_bank import SandboxBank
from weidai.adapters.sandbox_behaviour import SandboxBehaviour
from weidai.adapters.sandbox_bureau import SandboxBureau
from weidai.adapters.sandbox_client import QuestionRefused, SandboxUnavailable
from weidai.adapters.sandbox_identity import (
    SandboxCardNetwork,
    SandboxFaceVendor,
    SandboxIdRegistry,
    SandboxMobileOperator,
)
from weidai.adapters.sandbox_sms import SandboxSms
from weidai.identity.ports import MatchResult
from weidai.kernel.bank import BankState
from weidai.platform import clock

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _business_time():
    with clock.travel_to(NOON):
        yield


def payout(bank, person, request_id, **given):
    asked = {"card_number": main_card(person)["card_number"], "name": person["name"], "amount_fen": 500_000,
             "memo": "借款"}
    return bank.payout(request_id=request_id, **asked | given)


def test_registry_knows_its_people_and_says_no_to_others(client, person):
    registry = SandboxIdRegistry(client)
    answer = registry.check(person["name"], person["id_number"])
    assert (answer.result, answer.card_status) == (MatchResult.MATCH, "valid")
    assert answer.valid_from == date.fromisoformat(person["id_card"]["valid_from"])
    assert registry.check("张冠李戴", person["id_number"]).result is MatchResult.MISMATCH
    assert registry.check(person["name"], "110105190001010017").result is MatchResult.NOT_FOUND


def test_face_card_and_operator_confirm_one_person(client, person):
    face = SandboxFaceVendor(client).verify(f"face-{uuid4()}", person["name"], person["id_number"], "ab" * 32)
    assert (face.result, face.is_alive, face.assurance) == (MatchResult.MATCH, True, "certified")
    card = SandboxCardNetwork(client).four_elements(
        person["name"], person["id_number"], main_card(person)["card_number"], person["mobile"])
    assert (card.result, card.card_type, card.card_status) == (MatchResult.MATCH, "debit", "active")
    assert (card.account_class, card.masked[4:12]) == (main_card(person)["account_class"], "********")
    number = SandboxMobileOperator(client).three_elements(person["name"], person["id_number"], person["mobile"])
    assert (number.result, number.number_status) == (MatchResult.MATCH, "in_use")
    assert number.months_in_use >= 0
    other = SandboxMobileOperator(client).three_elements("张冠李戴", person["id_number"], person["mobile"])
    assert (other.result, other.mismatched) == (MatchResult.MISMATCH, ("name",))


def test_a_payout_books_once_however_often_it_is_asked(client, person):
    bank, request_id = SandboxBank(client), f"po-{uuid4()}"
    first = payout(bank, person, request_id)
    assert (first.state, first.amount_fen, first.booked_at) == (BankState.SUCCEEDED, 500_000, NOON)
    assert payout(bank, person, request_id) == first == bank.query(request_id)
    assert bank.query(f"po-{uuid4()}").state is BankState.NOT_FOUND
    with pytest.raises(QuestionRefused) as refusal:
        payout(bank, person, request_id, amount_fen=1)
    assert "request.id_conflict" in refusal.value.problem
    booked = [row for row in bank.statement(date(2026, 6, 1)).rows if row.request_id == request_id]
    assert [(row.account, row.direction, row.amount_fen, row.entry_id) for row in booked] == [
        ("settlement", "out", 500_000, first.entry_id)]


def test_a_payout_that_cannot_be_made_is_a_final_no_with_its_reason(client, person):
    answer = payout(SandboxBank(client), person, f"po-{uuid4()}", name="张冠李戴")
    assert (answer.state, answer.reason, answer.booked_at, answer.is_final) == (
        BankState.FAILED, "name_mismatch", None, True)


def test_debit_and_refund_come_back_to_the_same_card(client, person):
    bank, debit_id = SandboxBank(client), f"de-{uuid4()}"
    payout(bank, person, f"po-{uuid4()}")
    debit = bank.debit(request_id=debit_id, card_number=main_card(person)["card_number"], name=person["name"],
                       amount_fen=10_000, agreement_id="ag-1", memo="还款")
    assert debit.state is BankState.SUCCEEDED
    refund = bank.refund(request_id=f"re-{uuid4()}", original_request_id=debit_id, amount_fen=10_000, memo="")
    assert refund.state is BankState.SUCCEEDED
    more = bank.refund(request_id=f"re-{uuid4()}", original_request_id=debit_id, amount_fen=1, memo="")
    assert (more.state, more.reason) == (BankState.FAILED, "refund_exceeds_original")


def test_a_timeout_after_the_effect_is_unknown_and_the_query_tells_the_truth(client, person, fault):
    bank, request_id = SandboxBank(client), f"po-{uuid4()}"
    fault("bank", "payouts", "timeout_after_effect", count=1, hold_ms=3_000)
    with pytest.raises(SandboxUnavailable):
        payout(bank, person, request_id)
    assert bank.query(request_id).state is BankState.SUCCEEDED
    assert payout(bank, person, request_id).state is BankState.SUCCEEDED


def test_a_timeout_before_the_effect_is_unknown_too_and_nothing_was_done(client, person, fault):
    bank, request_id = SandboxBank(client), f"po-{uuid4()}"
    fault("bank", "payouts", "error_5xx", count=1)
    with pytest.raises(SandboxUnavailable):
        payout(bank, person, request_id)
    assert bank.query(request_id).state is BankState.NOT_FOUND


def test_accepted_is_not_final(client, person, fault):
    fault("bank", "payouts", "async_accept", count=1, hold=True)
    answer = payout(SandboxBank(client), person, f"po-{uuid4()}")
    assert (answer.state, answer.is_final) == (BankState.ACCEPTED, False)


def test_questions_without_effect_are_asked_again(client, person, fault):
    fault("registry", "check", "error_5xx", count=2)
    assert SandboxIdRegistry(client).check(person["name"], person["id_number"]).result is MatchResult.MATCH


def test_bureau_report_is_the_same_for_one_authorization_and_day(client, person):
    bureau, authorization = SandboxBureau(client), uuid4()
    asked = {"name": person["name"], "id_number": person["id_number"], "reason": "loan_approval"}
    first = bureau.report(**asked, authorization_id=authorization)
    assert first.found
    assert first.score is None or 0 <= first.score <= 1000
    assert first.as_of == date(2026, 6, 1)
    assert bureau.report(**asked, authorization_id=authorization) == first
    nobody = bureau.report(**asked | {"name": "张冠李戴"}, authorization_id=uuid4())
    assert (nobody.found, nobody.score, nobody.total_debt_fen) == (False, None, None)


def test_behaviour_facts_are_whole_months_and_the_batch_equals_the_single_answers(client, person):
    data = SandboxBehaviour(client)
    one = data.profile(person["id_number"], as_of=date(2026, 6, 1), months=12)
    assert one.found
    assert [month.month for month in one.payments][-1] == "2026-05"
    assert all(month.amount_fen == month.gross_fen - month.refund_fen for month in one.payments)
    assert one.balances is not None
    assert one.contacts is not None
    batch = data.profiles([person["id_number"], "110105190001010017"], as_of=date(2026, 6, 1), months=12)
    assert batch[0] == one
    assert (batch[1].found, batch[1].payments, batch[1].balances) == (False, (), None)


def test_a_text_message_lands_in_the_inbox_once(client, fault):
    sms, message_id, mobile = SandboxSms(client), str(uuid4()), "13800001234"
    assert sms.send(message_id, mobile, "【微贷】验证码 123456").is_delivered
    assert sms.send(message_id, mobile, "【微贷】验证码 123456").is_delivered
    inbox = client.get("sms", "/v1/sms", {"mobile": mobile})["messages"]
    assert [one["text"] for one in inbox if one["message_id"] == message_id] == ["【微贷】验证码 123456"]
    fault("sms", "send", "reject", count=1, reason="blocked")
    refused = sms.send(str(uuid4()), mobile, "x")
    assert not refused.is_delivered
