"""The spoken check: single use, bound, limited, an answer and never a refusal; the print sealed and gone at once (R1.2, R1.8)."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.services.identity.conftest import CARD, SECOND_CARD, agree

from weidai.audit.models import Event
from weidai.files import selectors as files
from weidai.identity import errors, ports, selectors, services, voice_errors
from weidai.identity.models import VoiceChallenge, Voiceprint
from weidai.identity.services import voices
from weidai.identity.services.voices import Spoken
from weidai.platform import clock
from weidai.security import services as security
from weidai.security.errors import PaymentPasswordRequired, PaymentPasswordWrong
from weidai.voices.heard import Enrolled, Heard, VoiceprintUnknown
from weidai.voices.process import VoiceEngineBusy

PRINT, PASSWORD = b"weidai-voiceprint" * 20, "250918"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 200
MATCH, MADE = Heard((), 8_700, 6, 6, "match"), Enrolled((), PRINT)


@dataclass
class Engine:
    """Hears what a test says."""

    made: Enrolled = MADE
    heard: Heard = MATCH
    failure: Exception | None = None
    asked: list[Any] = field(default_factory=list)

    def enrol(self, recordings):
        self.asked.append(list(recordings))
        if self.failure:
            raise self.failure
        return self.made

    def verify(self, voiceprint, recording):
        assert voiceprint == PRINT
        self.asked.append(recording)
        if self.failure:
            raise self.failure
        return self.heard


@pytest.fixture
def engine():
    before, played = ports.voice_engine._adapter, Engine()
    ports.voice_engine.fill(played)
    yield played
    ports.voice_engine._adapter = before


@pytest.fixture
def person(verified, engine):
    """Really named, with a payment password, two cards and the consent."""
    services.bank_card_bind(verified, card_number=CARD)
    services.bank_card_bind(verified, card_number=SECOND_CARD)
    security.payment_password_set(verified, password=PASSWORD)
    agree(verified, "voiceprint")
    return verified


def issue(person, purpose="verify", session="s-1", **values):
    return services.voice_challenge_issue(person, purpose=purpose, session=session, **values)


def spoken(challenge, wav=WAV):
    return [Spoken(tuple((700 + 1400 * n, 2100 + 1400 * n) for n in range(len(digits))), wav) for digits in challenge.digits]


def submit(person, challenge, *, session="s-1", recordings=None):
    return services.voice_challenge_submit(person, challenge_id=challenge.id, session=session,
                                           recordings=recordings or spoken(challenge))


@pytest.fixture
def enrolled(person):
    assert submit(person, issue(person, "enrol", payment_password=PASSWORD)).is_passed
    return person


def points(person):
    return selectors.identity_strength(person).points


def test_enrolling_and_one_match_give_the_points_and_the_print_is_sealed(person, engine):
    before = points(person)
    challenge = issue(person, "enrol", payment_password=PASSWORD)
    said = "".join(challenge.digits)
    assert sorted(said) == sorted("0123456789" * 2) and len(challenge.digits) == 4
    assert submit(person, challenge).is_passed
    assert [one.digits for one in engine.asked[0]] == list(challenge.digits)
    assert points(person) == before  # enrolled is not yet verified
    check = issue(person)
    assert len(check.digits[0]) == 6 and all(a != b for a, b in zip(check.digits[0], check.digits[0][1:], strict=False))
    assert submit(person, check).is_passed
    assert points(person) == before + 10
    assert selectors.customer_get(person).strength_points == before + 10
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM identity_voiceprint WHERE customer_id = %s", [person])
        assert "d2VpZGFpLXZvaWNlcHJpbnQ" not in cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM files_storedfile WHERE customer_id = %s", [person])
        assert cursor.fetchone()[0] == 0  # no recording anywhere
    events = Event.objects.filter(customer_id=person, name__startswith="identity.voice").order_by("id")
    assert [event.name.removeprefix("identity.") for event in events] == [
        "voice_challenge.issued", "voiceprint.enrolled", "voice_challenge.passed", "voice_challenge.issued",
        "voice_challenge.passed"]
    assert not any(set("".join(challenge.digits)) <= set(str(event.facts.get("digits", ""))) for event in events)


@pytest.mark.parametrize(("heard", "outcome"), [
    (Heard((), 3_100, 6, 6, "no_match"), "no_match"),
    pytest.param(Heard((), 8_800, 4, 6, "no_match"), "no_match", marks=pytest.mark.long),
    (Heard(("too_quiet", "noisy"), 0, 0, 6, "unusable"), "too_quiet"),
])
def test_what_does_not_match_is_an_answer_and_lowers_nothing(enrolled, engine, heard, outcome):
    submit(enrolled, issue(enrolled))
    before, engine.heard = points(enrolled), heard
    row = submit(enrolled, issue(enrolled))
    assert (row.state, row.outcome, row.faults) == ("refused", outcome, heard.faults)
    assert points(enrolled) == before and selectors.is_real_name(enrolled)
    assert selectors.voice_attempts_left(enrolled) == 7  # enrolling, a match and this


@pytest.mark.long
def test_recordings_that_cannot_be_enrolled_leave_no_print(person, engine):
    engine.made = Enrolled(("voices_differ", "noisy"))
    row = submit(person, issue(person, "enrol", payment_password=PASSWORD))
    assert (row.outcome, row.faults) == ("voices_differ", ("voices_differ", "noisy"))
    assert selectors.voiceprint_get(person) is None


def test_a_challenge_is_used_once_in_its_session_and_in_its_time(enrolled, monkeypatch):
    challenge = issue(enrolled)
    with pytest.raises(voice_errors.VoiceChallengeUnknown):
        submit(enrolled, challenge, session="s-2")
    submit(enrolled, challenge)
    with pytest.raises(voice_errors.VoiceChallengeUsed):
        submit(enrolled, challenge)
    replaced, late = issue(enrolled), issue(enrolled)
    with pytest.raises(voice_errors.VoiceChallengeUsed):
        submit(enrolled, replaced)
    later = clock.wall_now() + timedelta(seconds=241)
    monkeypatch.setattr(voices.clock, "wall_now", lambda: later)
    row = submit(enrolled, late)
    assert (row.state, row.outcome) == ("refused", "expired")


def test_what_is_no_recording_is_refused_before_anything_is_spent(enrolled, engine):
    challenge, heard = issue(enrolled), len(engine.asked)
    good = spoken(challenge)[0]
    for bad in ([], [good, good], [Spoken(good.windows_ms[:5], WAV)], [Spoken(good.windows_ms, b"\xff\xd8\xff" * 90)],
                [Spoken(good.windows_ms, b"")], [Spoken(tuple(reversed(good.windows_ms)), WAV)],
                [Spoken((*good.windows_ms[:5], (8_000, 999_000)), WAV)]):
        with pytest.raises(voice_errors.VoiceRecordingInvalid):
            services.voice_challenge_submit(enrolled, challenge_id=challenge.id, session="s-1", recordings=bad)
    with pytest.raises(voice_errors.VoiceRecordingTooLarge):
        submit(enrolled, challenge, recordings=[Spoken(good.windows_ms, WAV + bytes(services.MOST_RECORDING_BYTES))])
    assert len(engine.asked) == heard and submit(enrolled, challenge).is_passed


@pytest.mark.long
def test_a_busy_or_other_engine_does_not_count(enrolled, engine):
    before = selectors.voice_attempts_left(enrolled)
    engine.failure = VoiceEngineBusy()
    assert submit(enrolled, issue(enrolled)).outcome == "engine_busy"
    engine.failure = VoiceprintUnknown()
    assert submit(enrolled, issue(enrolled)).outcome == "voiceprint_outdated"
    assert selectors.voice_attempts_left(enrolled) == before


@pytest.mark.long
def test_attempts_a_day_are_limited_and_come_back(enrolled, engine):
    engine.heard = Heard((), 3_000, 6, 6, "no_match")
    while selectors.voice_attempts_left(enrolled):
        submit(enrolled, issue(enrolled))
    with pytest.raises(errors.TooManyAttempts):
        issue(enrolled)
    with clock.travel_to(clock.now() + timedelta(days=1)):
        assert selectors.voice_attempts_left(enrolled) == 10


def test_what_stands_before_enrolling(verified, engine):
    with pytest.raises(errors.ConsentRequired):
        issue(verified, "enrol")
    agree(verified, "voiceprint")
    with pytest.raises(voice_errors.VoiceprintMissing):
        issue(verified)
    assert submit(verified, issue(verified, "enrol")).is_passed  # no payment password yet: real name is enough
    assert selectors.voiceprint_get(verified).may_step_up is False
    security.payment_password_set(verified, password=PASSWORD)
    with pytest.raises(voice_errors.VoiceprintUnconfirmed):  # nobody's voice put in earlier replaces a password set later
        issue(verified, "default_card", subject_id=verified)
    with pytest.raises(PaymentPasswordRequired):
        issue(verified, "enrol")
    with pytest.raises(PaymentPasswordWrong):
        issue(verified, "enrol", payment_password="864209")
    assert VoiceChallenge.objects.filter(customer_id=verified, state="issued").count() == 0


@pytest.mark.long
def test_without_an_engine_it_is_not_offered_and_not_asked_for(verified):
    assert selectors.voice_is_offered() is False
    row = next(row for row in selectors.identity_strength(verified).rows if row.code == "voiceprint")
    assert (row.is_offered, row.is_done) == (False, False)
    agree(verified, "voiceprint")
    with pytest.raises(voice_errors.VoiceNotOffered):
        issue(verified, "enrol")


def test_a_match_changes_the_default_card_it_was_made_for_and_no_other(enrolled, engine):
    default, other = (selectors.default_card(enrolled).id,
                      next(card.id for card in selectors.bank_cards(enrolled) if not card.is_default))
    with pytest.raises(PaymentPasswordRequired):
        services.bank_card_set_default(enrolled, card_id=other)
    engine.heard = Heard((), 3_000, 6, 6, "no_match")
    submit(enrolled, issue(enrolled, "default_card", subject_id=other))
    with pytest.raises(PaymentPasswordRequired):
        services.bank_card_set_default(enrolled, card_id=other)
    engine.heard = MATCH
    submit(enrolled, issue(enrolled))  # a match for something else
    submit(enrolled, issue(enrolled, "default_card", subject_id=default))
    with pytest.raises(PaymentPasswordRequired):
        services.bank_card_set_default(enrolled, card_id=other)
    assert submit(enrolled, issue(enrolled, "default_card", subject_id=other)).is_passed
    with clock.travel_to(clock.now() + timedelta(minutes=31)), pytest.raises(PaymentPasswordRequired):
        services.bank_card_set_default(enrolled, card_id=other)
    assert submit(enrolled, issue(enrolled, "default_card", subject_id=other)).is_passed
    services.bank_card_set_default(enrolled, card_id=other)
    assert selectors.default_card(enrolled).id == other
    event = Event.objects.filter(customer_id=enrolled, name="identity.default_card.changed").get()
    assert event.facts == {"confirmed_by": "voice"}


def test_a_doubted_drawdown_needs_the_password_beside_the_voice_and_a_small_amount(enrolled):
    drawdown = enrolled  # any id
    with pytest.raises(PaymentPasswordRequired):
        issue(enrolled, "drawdown", subject_id=drawdown, amount_fen=500_000)
    with pytest.raises(voice_errors.VoiceNotAccepted):
        issue(enrolled, "drawdown", subject_id=drawdown, amount_fen=500_001, payment_password=PASSWORD)
    assert submit(enrolled, issue(enrolled, "drawdown", subject_id=drawdown, payment_password=PASSWORD)).is_passed
    assert selectors.has_fresh_voice(enrolled, purpose="drawdown", subject_id=drawdown)
    assert not selectors.has_fresh_voice(enrolled, purpose="default_card", subject_id=drawdown)


@pytest.mark.parametrize("how", [
    "removed", pytest.param("withdrawn", marks=pytest.mark.long), pytest.param("erased", marks=pytest.mark.long)])
def test_it_is_gone_at_once_with_a_receipt_and_nothing_it_proved_counts_any_more(enrolled, how):
    card = selectors.default_card(enrolled).id
    submit(enrolled, issue(enrolled, "default_card", subject_id=card))
    left = issue(enrolled)
    if how == "removed":
        services.voiceprint_remove(enrolled)
    elif how == "withdrawn":
        services.consent_withdraw(enrolled, purpose="voiceprint")
    else:
        assert services.biometrics_erase(enrolled, reason="customer_request").counts == {"files": 0, "keys": 1, "voiceprints": 1}
    assert Voiceprint.objects.count() == 0 and selectors.voiceprint_get(enrolled) is None
    assert not selectors.has_fresh_voice(enrolled, purpose="default_card", subject_id=card)
    assert next(row for row in selectors.identity_strength(enrolled).rows if row.code == "voiceprint").is_done is False
    what = files.deletion_receipts(enrolled)[0]
    assert (what.what, what.counts.get("voiceprints")) == ("biometrics" if how == "erased" else "voiceprint", 1)
    with pytest.raises((voice_errors.VoiceChallengeUsed, errors.ConsentRequired)):
        submit(enrolled, left)
    if how == "removed":
        with pytest.raises(voice_errors.VoiceprintMissing):
            services.voiceprint_remove(enrolled)
    if how != "withdrawn":  # enrolling again starts anew
        assert submit(enrolled, issue(enrolled, "enrol", payment_password=PASSWORD)).is_passed


@pytest.mark.long
def test_a_consent_withdrawn_while_we_listen_keeps_nothing(person, engine):
    challenge = issue(person, "enrol", payment_password=PASSWORD)
    engine.enrol = lambda recordings: (services.consent_withdraw(person, purpose="voiceprint"), Enrolled((), PRINT))[1]
    assert submit(person, challenge).outcome == "voiceprint_missing"
    assert Voiceprint.objects.count() == 0
