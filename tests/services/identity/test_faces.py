"""The live face challenge: single use, bound, limited, confirmed by a vendor, and nothing half verified (R1.5, R6.1)."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.services.identity.conftest import ID_NUMBER, NAME, PICTURE, agree, id_number_of, registered

from weidai.audit.models import Event
from weidai.faces.models import FaceModelsMissing
from weidai.faces.process import FaceEngineBusy, PicturesUnreadable
from weidai.faces.seen import Face, Frame, Seen
from weidai.identity import errors, face_errors, facts, ports, selectors, services
from weidai.identity.models import Customer, FaceBucket, FaceChallenge, FaceTemplate, Verification
from weidai.identity.ports import FaceAnswer, MatchResult
from weidai.identity.services import faces
from weidai.identity.services.faces import CapturedFrame, challenge_seed, challenge_unseed
from weidai.kernel.errors import PartnerUnavailable
from weidai.platform import clock
from weidai.platform.ids import uuid7

HOUR = timedelta(hours=1)
DESCRIPTOR = tuple(0.1 if number % 2 else -0.1 for number in range(128))
OTHER = tuple(-value for value in DESCRIPTOR)
PORTRAIT = b"portrait"
JPEG = b"\xff\xd8\xff" + b"frame" * 20
MOVES = {"turn_left": (0.08, 0.0, 1.0), "turn_right": (-0.08, 0.0, 1.0), "nod": (0.0, 0.08, 1.0), "come_closer": (0.0, 0.0, 1.4)}


def face_at(left=0.0, down=0.0, size=1.0, score=2.0) -> Face:
    """A face whose landmarks stand in this pose (shares of 100 pixels between the outer eye corners)."""
    wide = 100 * size
    points = ((wide / 2, 0), (wide / 4, 0), (-wide / 2, 0), (-wide / 4, 0), (left * wide, (0.5 + down) * wide))
    return Face(score, 150 * size, points)


def acted(actions, *, faces_per_frame=1, done=True) -> tuple[Frame, ...]:
    """Frames in which the actions are done one after the other."""
    frames = [Frame(0, n * 100, 120.0, (face_at(),) * faces_per_frame) for n in range(3)]
    for number, action in enumerate(actions):
        left, down, size = MOVES[action] if done else (0.0, 0.0, 1.0)
        for n, share in enumerate((0.0, 0.7, 1.0, 1.0, 0.2)):
            pose = face_at(left * share, down * share, 1 + (size - 1) * share)
            frames.append(Frame(2 * number + 1, 1000 * (number + 1) + 100 * n, 120.0, (pose,) * faces_per_frame))
    return tuple(frames)


@dataclass
class Engine:
    """Sees what a test says; `portrait` is what the ID portrait looks like to it."""

    seen: Seen | None = None
    failure: Exception | None = None
    asked: list[Any] = field(default_factory=list)

    def look(self, frames, portrait=None):
        self.asked.append((frames, portrait))
        if self.failure:
            raise self.failure
        assert self.seen is not None
        return self.seen


VENDOR_SAYS = FaceAnswer(MatchResult.MATCH, True, 93, "certified")


@dataclass
class Vendor:
    """A certified vendor and the source of portraits."""

    answer: FaceAnswer = VENDOR_SAYS
    failure: Exception | None = None
    picture: bytes | None = PORTRAIT
    asked: list[Any] = field(default_factory=list)

    def verify_live(self, request_id, name, id_number, capture):
        self.asked.append((request_id, name, id_number, capture))
        if self.failure:
            raise self.failure
        return self.answer

    def portrait(self, name, id_number):
        return self.picture


@pytest.fixture
def engine():
    before, played = ports.face_engine._adapter, Engine()
    ports.face_engine.fill(played)
    yield played
    ports.face_engine._adapter = before


@pytest.fixture
def vendor():
    slots = (ports.liveness_vendor, ports.portrait_source)
    before, played = [slot._adapter for slot in slots], Vendor()
    for slot in slots:
        slot.fill(played)
    yield played
    for slot, adapter in zip(slots, before, strict=True):
        slot._adapter = adapter


@pytest.fixture
def person(customer, engine, vendor):
    """A customer with a verified ID card and a consent to the face check."""
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    return customer


def captured(actions) -> list[CapturedFrame]:
    """Frames of a camera: no two are the same to the byte."""
    return [CapturedFrame(frame.step, frame.at_ms, JPEG + uuid7().bytes) for frame in acted(actions)]


def seen_for(actions, **changes) -> Seen:
    frames = acted(actions)
    described = {0: DESCRIPTOR, 5: DESCRIPTOR, len(frames) - 1: DESCRIPTOR}
    return replace(Seen(frames, described, DESCRIPTOR, 1, 3.0, 0.5), **changes)


def issue(person, purpose="real_name", session="s-1"):
    challenge = services.face_challenge_issue(person, purpose=purpose, session=session)
    aged(challenge.id)
    return challenge


def aged(challenge_id):
    """Let a challenge have been given out ten seconds ago: time enough to do it."""
    row = FaceChallenge.objects.get(id=challenge_id)
    FaceChallenge.objects.filter(id=challenge_id).update(expires_at=row.expires_at - timedelta(seconds=10))


def submit(person, challenge, engine, *, session="s-1", **changes):
    engine.seen = seen_for(challenge.actions, **changes)
    return services.face_challenge_submit(person, challenge_id=challenge.id, session=session,
                                          frames=captured(challenge.actions))


def state_of(person) -> tuple:
    """Everything a face check may leave behind about a person."""
    kept = Verification.objects.filter(customer_id=person, item="face", state="passed").count()
    return kept, FaceTemplate.objects.count(), FaceBucket.objects.count(), selectors.identity_strength(person).points


def test_a_genuine_capture_is_certified_and_kept_once(person, engine, vendor):
    challenge = issue(person)
    assert len(challenge.actions) == 2 and len(set(challenge.actions)) == 2
    assert submit(person, challenge, engine) == "certified"
    assert selectors.is_real_name(person) and selectors.identity_strength(person).points == 50
    row = Verification.objects.get(customer_id=person, item="face")
    assert (row.state, row.method, row.facts["assurance"], row.facts["distance"]) == ("passed", "face_vendor", "certified", 0.0)
    assert row.facts["challenge_id"] == str(challenge.id) and len(row.facts["frames_digest"]) == 64
    assert engine.asked[0][1] == PORTRAIT and vendor.asked[0][0] == f"face-{challenge.id}"
    assert FaceTemplate.objects.count() == 1 and FaceBucket.objects.count() == 24
    with pytest.raises(face_errors.FaceChallengeUsed):
        submit(person, challenge, engine)
    assert Verification.objects.filter(item="face").count() == 1


def test_without_a_vendor_it_is_demo_assurance_which_activates_nothing(person, engine, vendor):
    vendor.failure = PartnerUnavailable()
    assert submit(person, issue(person), engine) == "demo"
    assert selectors.is_real_name(person) and selectors.identity_strength(person).points == 40
    assert not selectors.has_fresh_face(person, purpose="real_name", within=HOUR)
    before = state_of(person)
    with pytest.raises(face_errors.FaceVendorPending):
        submit(person, issue(person, "activation"), engine)
    assert state_of(person) == before and not selectors.has_fresh_face(person, purpose="activation", within=HOUR)
    vendor.failure = None
    assert submit(person, issue(person, "activation"), engine) == "certified"
    assert selectors.has_fresh_face(person, purpose="activation", within=HOUR)


@pytest.mark.parametrize(("change", "refusal"), [
    ({"frames": ()}, face_errors.FaceTooDark),
    ({"frames": acted(("nod", "nod"), faces_per_frame=2)}, face_errors.FaceTwo),
    ({"frames": tuple(replace(frame, faces=()) for frame in acted(("nod", "nod")))}, face_errors.FaceNone),
    ({"frames": tuple(replace(frame, faces=(face_at(size=0.3),)) for frame in acted(("nod", "nod")))}, face_errors.FaceTooSmall),
    ({"frames": acted(("turn_left", "nod"), done=False)}, face_errors.FaceStill),
    ({"descriptors": {0: DESCRIPTOR, 5: OTHER}}, face_errors.FaceChanged),
    ({"portrait": OTHER}, errors.FaceNotMatched),
    ({"portrait": None}, face_errors.FaceUnclear),
], ids=lambda value: getattr(value, "code", ""))
def test_every_refusal_has_its_own_code_and_leaves_nothing_half_verified(person, engine, change, refusal):
    challenge, before = issue(person), state_of(person)
    with pytest.raises(refusal):
        submit(person, challenge, engine, **change)
    assert state_of(person) == before
    row = FaceChallenge.objects.get(id=challenge.id)
    assert (row.state, row.outcome) == ("refused", refusal.outcome)
    assert Event.objects.filter(name="identity.face_challenge.refused", customer_id=person).count() == 1
    assert submit(person, issue(person), engine) == "certified"  # and one may go on from where one was


def test_a_recording_of_another_challenge_is_refused(person, engine, vendor):
    challenge = issue(person)
    others = [action for action in MOVES if action not in challenge.actions]
    with pytest.raises(face_errors.FaceActionWrong):
        submit(person, challenge, engine, frames=acted(others))
    swapped = issue(person)
    with pytest.raises(face_errors.FaceActionWrong):
        submit(person, swapped, engine, frames=acted(swapped.actions[::-1]))
    assert vendor.asked == [] and not selectors.is_real_name(person)


@pytest.mark.parametrize("answer", [
    FaceAnswer(MatchResult.MISMATCH, True, 30, "certified"), FaceAnswer(MatchResult.MATCH, False, 90, "certified"),
    FaceAnswer(MatchResult.MATCH, True, 79, "certified"), FaceAnswer(MatchResult.NOT_FOUND, False, 0, "certified"),
])
def test_the_vendors_no_outweighs_our_yes(person, engine, vendor, answer):
    vendor.answer, before = answer, state_of(person)
    with pytest.raises(errors.FaceNotMatched):
        submit(person, issue(person), engine)
    assert state_of(person) == before
    assert Verification.objects.get(item="face").state == "failed"


def test_a_challenge_belongs_to_its_session_its_customer_and_its_time(person, engine, monkeypatch):
    challenge = issue(person)
    with pytest.raises(face_errors.FaceChallengeUnknown):
        submit(person, challenge, engine, session="another")
    stranger = registered("13800005679")
    agree(stranger, "face")
    with pytest.raises(face_errors.FaceChallengeUnknown):
        submit(stranger, challenge, engine)
    newer = issue(person)
    with pytest.raises(face_errors.FaceChallengeUsed):
        submit(person, challenge, engine)
    later = clock.wall_now() + timedelta(seconds=61)
    monkeypatch.setattr(faces.clock, "wall_now", lambda: later)
    with pytest.raises(face_errors.FaceChallengeExpired):
        submit(person, newer, engine)
    assert not selectors.is_real_name(person)


def test_attempts_are_limited_by_the_day_but_not_by_our_own_faults(person, engine, vendor):
    engine.failure = FaceEngineBusy()
    with pytest.raises(face_errors.FaceEngineBusy):
        submit(person, issue(person), engine)
    engine.failure = PicturesUnreadable()
    with pytest.raises(face_errors.FaceFramesInvalid):
        submit(person, issue(person), engine)
    engine.failure = None
    left = services.attempts_left(person)
    assert left == 9
    for _ in range(left):
        with pytest.raises(face_errors.FaceStill):
            submit(person, (challenge := issue(person)), engine, frames=acted(challenge.actions, done=False))
    with pytest.raises(errors.TooManyAttempts):
        issue(person)
    assert services.staff_video_request(person, purpose="real_name")  # the other way stays open


def test_frames_are_limited_before_anything_looks_at_them(person, engine):
    challenge = issue(person)
    good = captured(challenge.actions)
    for bad in (good[:5], good * 4, [*good[:-1], replace(good[-1], data=b"x" * 300_000)], good[::-1],
                [*good[:-1], replace(good[-1], step=9)], [*good[:-1], replace(good[-1], data=b"")],
                [*good[:-1], replace(good[-1], at_ms=10**20)]):
        with pytest.raises(face_errors.FaceFramesInvalid):
            services.face_challenge_submit(person, challenge_id=challenge.id, session="s-1", frames=bad)
    assert engine.asked == [] and submit(person, challenge, engine) == "certified"


def test_a_server_without_the_models_lets_the_vendor_alone_decide(person, engine, vendor):
    engine.failure = FaceModelsMissing()
    assert submit(person, issue(person), engine) == "certified"
    assert Verification.objects.get(item="face").facts["engine"] == "absent"
    vendor.failure = PartnerUnavailable()
    with pytest.raises(face_errors.FaceVendorPending):
        submit(person, issue(person), engine)


def test_cues_and_likeness_ask_for_a_look_and_decide_nothing(person, engine, vendor, partners):
    assert submit(person, issue(person), engine, moire=9.0, planarity=0.99) == "certified"
    assert Verification.objects.get(item="face").facts["signals"] == ["screen_pattern", "flat_surface"]
    twin = registered("13800005680")
    agree(twin, "real_name_check", "face")
    services.id_card_submit(twin, name="李强", id_number=id_number_of("11010519900101003"))
    nearly = tuple(value + 0.01 for value in DESCRIPTOR)
    assert submit(twin, issue(twin), engine, descriptors={0: nearly, 5: nearly}) == "certified"
    facts = Verification.objects.get(customer_id=twin, item="face").facts
    assert facts["signals"] == ["near_duplicate"] and facts["alike"] == [str(person)]
    assert [row.facts["signals"] for row in selectors.face_signals(twin)] == [["near_duplicate"]]


def test_withdrawing_the_consent_forgets_the_template(person, engine):
    submit(person, issue(person), engine)
    services.consent_withdraw(person, purpose="face")
    assert FaceTemplate.objects.count() == FaceBucket.objects.count() == 0
    with pytest.raises(errors.ConsentRequired):
        issue(person)


def test_order_of_steps_and_the_seed_are_kept(customer, engine, vendor, monkeypatch, settings):
    with pytest.raises(errors.IdCardRequired):
        issue(customer)
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    with pytest.raises(errors.RealNameRequired):
        issue(customer, "activation")
    challenge_seed(7)
    first = issue(customer).actions
    challenge_seed(7)
    assert issue(customer).actions == first
    challenge_unseed()
    monkeypatch.delenv("WEIDAI_TEST_HOME")
    with pytest.raises(RuntimeError):
        challenge_seed(7)
    settings.DEMO = False
    with pytest.raises(face_errors.FaceCaptureRequired):
        services.face_check(customer, image_digest=PICTURE, purpose="real_name")


def test_a_weaker_later_check_never_lowers_what_a_certified_one_proved(person, engine, vendor):
    submit(person, issue(person), engine)
    certified = selectors.identity_strength(person).points
    vendor.failure = PartnerUnavailable()
    submit(person, issue(person), engine)  # demo level: the vendor is silent
    assert Verification.objects.filter(customer_id=person, item="face").order_by("-checked_at")[0].facts["assurance"] == "demo"
    assert selectors.identity_strength(person).points == certified
    row = Customer.objects.get(id=person)
    assert facts.identity_facts(row, facts.checks_for_many([person])[person], has_card=False).certified_liveness
    with pytest.raises(face_errors.FaceNotMatched):  # the engine alone sees somebody else: noted, nothing taken away
        submit(person, issue(person), engine, portrait=OTHER)
    assert selectors.identity_strength(person).points == certified and selectors.is_real_name(person)
    assert selectors.identity_remarks(person, days=1).other_faces == 1
    vendor.failure, vendor.answer = None, FaceAnswer(MatchResult.MISMATCH, True, 20, "certified")
    with pytest.raises(face_errors.FaceNotMatched):
        submit(person, issue(person), engine)  # the certified vendor's own "no" does take it away
    assert selectors.identity_strength(person).points < certified and not selectors.is_real_name(person)
    assert facts.checks_for_many([person])[person] == facts.checks_for(person)


def test_a_certified_check_gives_its_points_for_its_time_only(person, engine, vendor):
    submit(person, issue(person), engine)
    certified, later = selectors.identity_strength(person).points, clock.now() + timedelta(days=1_096)
    with clock.travel_to(later):
        assert selectors.identity_strength(person).points == certified - 10


@pytest.mark.parametrize("is_early", [True, False])
def test_frames_made_before_or_sent_before_are_not_live_and_nobody_looks(person, engine, vendor, is_early):
    first = issue(person)
    frames = captured(first.actions)
    engine.seen = seen_for(first.actions)
    services.face_challenge_submit(person, challenge_id=first.id, session="s-1", frames=frames)
    again = services.face_challenge_issue(person, purpose="real_name", session="s-1") if is_early else issue(person)
    looked = len(engine.asked)
    sent = captured(again.actions) if is_early else [*frames[:7], *captured(again.actions)[7:]]
    with pytest.raises(face_errors.FaceNotLive):
        services.face_challenge_submit(person, challenge_id=again.id, session="s-1", frames=sorted(
            sent, key=lambda frame: frame.at_ms))
    assert (len(engine.asked), selectors.face_challenge_get(person, again.id).outcome) == (looked, "not_live")
    with pytest.raises(face_errors.FaceChallengeUsed):
        services.face_challenge_submit(person, challenge_id=again.id, session="s-1", frames=captured(again.actions))
    facts = Verification.objects.get(customer_id=person, item="face").facts
    assert "frames" not in facts and selectors.is_real_name(person)
