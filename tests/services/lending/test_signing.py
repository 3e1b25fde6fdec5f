"""Who may sign a drawdown: a bound device for this very transaction, or the person seen just now, for less (R6.2, R8.4)."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.services.lending_support import AT, bank_wire, book_open, borrower_make, code_for, drawdown_signed

from weidai.audit.models import Event
from weidai.demo.device import SoftwareDevice
from weidai.identity import selectors as identity
from weidai.lending import errors, selectors
from weidai.lending import services as lending
from weidai.lending.models import Loan, LoanAgreement
from weidai.platform import clock
from weidai.security import services as security
from weidai.security.errors import DeviceNotBound, DeviceProofInvalid, PaymentPasswordWrong
from weidai.security.models import DeviceKey, SmsAllowance, SmsChallenge
from weidai.security.services import DeviceProof

pytestmark = pytest.mark.django_db
PASSWORD = "250918"


@pytest.fixture(autouse=True)
def _moment():
    bank_wire()
    with clock.travel_to(AT):
        book_open(clock.today())
        yield


def signing_of(who, amount_fen=1_200_000):
    drawdown_id = drawdown_signed(who, amount_fen=amount_fen)
    SmsAllowance.objects.all().delete()
    return (drawdown_id, *code_for(who, drawdown_id))


def confirm(who, drawdown_id, challenge_id, code, **proof):
    with clock.travel_to(AT + timedelta(seconds=20)):
        return lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id, code=code,
                                        idempotency_key="k", **proof)


def test_only_the_bound_devices_signature_over_this_transaction_signs():
    who = borrower_make()
    earlier, earlier_challenge, _ = signing_of(who, amount_fen=100_000)
    old = who.proof(earlier, earlier_challenge)
    text = lending.drawdown_to_sign(who.id, drawdown_id=earlier, challenge_id=earlier_challenge)
    drawdown_id, challenge_id, code = signing_of(who)
    right = lending.drawdown_to_sign(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id)
    assert "\namount_fen=1200000\nterm_months=12\n" in right and right.endswith(f"nonce={challenge_id}")
    stranger = SoftwareDevice()
    for refusal, proof in (
        (DeviceNotBound, None),
        (DeviceNotBound, stranger.proof(right)),
        (DeviceProofInvalid, DeviceProof(who.device.fingerprint, stranger.signature(right))),
        (DeviceProofInvalid, old),  # another transaction's
        (DeviceProofInvalid, who.device.proof(right.replace("amount_fen=1200000", "amount_fen=2400000"))),
        (DeviceProofInvalid, who.device.proof(right.replace("term_months=12", "term_months=6"))),
        (DeviceProofInvalid, who.device.proof(text)),
        (DeviceProofInvalid, DeviceProof(who.device.fingerprint, "!!")),
    ):
        with pytest.raises(refusal):
            confirm(who, drawdown_id, challenge_id, code, device=proof)
    assert not Loan.objects.exists()
    assert SmsChallenge.objects.get(id=challenge_id).consumed_at is None, "a wrong signature does not use up the code"
    loan = confirm(who, drawdown_id, challenge_id, code, device=who.device.proof(right))
    kept = selectors.agreement_text(who.id, loan_id=loan.loan_id).signed_by
    assert (kept.by, kept.text, kept.key, kept.holds) == ("device_key", right, who.device.fingerprint, True)
    facts = Event.objects.get(name="lending.drawdown.confirmed").facts
    assert (facts["signed_by"], len(facts["signature_sha256"])) == ("device_key", 64)
    row = LoanAgreement.objects.get(drawdown_id=drawdown_id)
    for altered in ({"text": right.replace("1200000", "9900000")}, {"signature": stranger.signature(right)}):
        LoanAgreement.objects.filter(id=row.id).update(signed_by=row.signed_by | altered)
        assert selectors.agreement_text(who.id, loan_id=loan.loan_id).signed_by.holds is False


def test_a_locked_device_signs_no_more():
    who = borrower_make()
    drawdown_id, challenge_id, code = signing_of(who)
    proof = who.proof(drawdown_id, challenge_id)
    security.device_lock(who.id, device_id=DeviceKey.objects.get().device_id, here=None)
    with pytest.raises(DeviceNotBound):
        confirm(who, drawdown_id, challenge_id, code, device=proof)


def test_during_the_cooling_off_a_loan_is_held_low():
    who = borrower_make()
    DeviceKey.objects.update(full_from=AT + timedelta(hours=24))
    drawdown_id, challenge_id, code = signing_of(who, amount_fen=500_100)
    with pytest.raises(errors.DeviceTooFresh) as refused:
        confirm(who, drawdown_id, challenge_id, code, device=who.proof(drawdown_id, challenge_id))
    assert refused.value.values == {"most": "5,000.00", "until": "2026-03-05 10:00"}
    drawdown_id, challenge_id, code = signing_of(who, amount_fen=500_000)
    assert confirm(who, drawdown_id, challenge_id, code, device=who.proof(drawdown_id, challenge_id)).loan_id


@pytest.mark.parametrize("by", ["face", "staff_video"])
def test_without_a_device_the_person_and_the_payment_password_sign_for_less(monkeypatch, by):
    who = borrower_make()
    security.payment_password_set(who.id, password=PASSWORD)
    drawdown_id, challenge_id, code = signing_of(who, amount_fen=200_100)
    with pytest.raises(errors.DeviceNeeded):
        confirm(who, drawdown_id, challenge_id, code, payment_password=PASSWORD)
    drawdown_id, challenge_id, code = signing_of(who, amount_fen=200_000)
    with pytest.raises(errors.StepUpRequired):
        confirm(who, drawdown_id, challenge_id, code, payment_password=PASSWORD)
    monkeypatch.setattr(identity, f"has_fresh_{by}", lambda customer_id, *, purpose, within: (
        isinstance(customer_id, UUID) and (purpose, within) == ("activation", timedelta(minutes=30))))
    with pytest.raises(PaymentPasswordWrong):
        confirm(who, drawdown_id, challenge_id, code, payment_password="111222")
    loan = confirm(who, drawdown_id, challenge_id, code, payment_password=PASSWORD)
    assert selectors.agreement_text(who.id, loan_id=loan.loan_id).signed_by.by == by
