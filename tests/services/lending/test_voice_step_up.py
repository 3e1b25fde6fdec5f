"""A doubted drawdown and the voice: one more way where only the hand on the phone is doubted and little at stake (R1.8, R8.2)."""

from datetime import timedelta

import pytest
from tests.services.lending_support import borrower_make, code_for, drawdown_signed

from weidai.identity import ports
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.lending import errors
from weidai.lending import services as lending
from weidai.lending.models import Drawdown, Loan
from weidai.lending.services import confirmation
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.risk.selectors import DecisionRow


@pytest.fixture
def who(monkeypatch):
    borrower = borrower_make()
    before = ports.voice_engine._adapter
    ports.voice_engine.fill(object())
    Voiceprint.objects.create(id=uuid7(), customer_id=borrower.id, content="cHJpbnQ=", engine="embedded/1",
                              confirmed_by="payment_password", enrolled_at=clock.now())
    doubt(monkeypatch, "drawdowns_in_an_hour")
    yield borrower
    ports.voice_engine._adapter = before


def doubt(monkeypatch, *reasons):
    monkeypatch.setattr(confirmation.risk, "decide", lambda customer_id, **about: DecisionRow(
        uuid7(), customer_id, "drawdown", about["subject_id"], "challenge", reasons, {}, "2025-01-01", clock.now()))


def spoken(who, drawdown_id, *, minutes_ago=1, state="passed"):
    at = clock.now() - timedelta(minutes=minutes_ago)
    VoiceChallenge.objects.create(id=uuid7(), customer_id=who.id, purpose="drawdown", subject_id=drawdown_id, digits=["123456"],
                                  session_digest="s", state=state, issued_at=at, expires_at=at, decided_at=at)


def sign(who, drawdown_id, given):
    challenge_id, code = given
    return lending.drawdown_confirm(who.id, drawdown_id=drawdown_id, challenge_id=challenge_id, code=code,
                                    device=who.proof(drawdown_id, challenge_id), idempotency_key=str(uuid7())).loan_id


def refused(who, drawdown_id, given) -> bool:
    """Whether a voice would do, of a drawdown that asks for more."""
    with pytest.raises(errors.StepUpRequired) as caught:
        sign(who, drawdown_id, given)
    assert (Loan.objects.count(), Drawdown.objects.get(id=drawdown_id).state) == (0, "signed")
    return caught.value.values["accepts_voice"]


def test_a_match_for_this_drawdown_a_moment_ago_is_enough(who):
    drawdown_id = drawdown_signed(who, amount_fen=500_000)
    given = code_for(who, drawdown_id)
    assert refused(who, drawdown_id, given) is True
    spoken(who, uuid7())  # for another one
    spoken(who, drawdown_id, minutes_ago=31)
    spoken(who, drawdown_id, state="refused")
    assert refused(who, drawdown_id, given) is True
    spoken(who, drawdown_id)
    assert Loan.objects.get(id=sign(who, drawdown_id, given)).drawdown_id == drawdown_id


@pytest.mark.long
@pytest.mark.parametrize(("amount_fen", "reasons", "confirmed_by"), [
    (500_100, (), "payment_password"), (500_000, ("list_mobile",), "payment_password"),
    (500_000, ("signal_id_card_field_corrected",), "payment_password"), (500_000, (), "real_name")])
def test_it_counts_neither_for_much_money_nor_for_a_doubted_person_nor_from_before_the_password(
        who, monkeypatch, amount_fen, reasons, confirmed_by):
    Voiceprint.objects.update(confirmed_by=confirmed_by)
    doubt(monkeypatch, "drawdowns_in_an_hour", *reasons)
    drawdown_id = drawdown_signed(who, amount_fen=amount_fen)
    spoken(who, drawdown_id)
    assert refused(who, drawdown_id, code_for(who, drawdown_id)) is False
