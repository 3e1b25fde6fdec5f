"""ID card, face, staff video, mobile: what opens the real-name gate and what does not (R1.2 to R1.7)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.services.identity.conftest import ID_NUMBER, NAME, PICTURE, agree, id_number_of, registered

from weidai.audit.models import Event
from weidai.identity import errors, selectors, services
from weidai.identity.models import Customer, DigestEntry, StaffVideoRequest, Verification
from weidai.identity.ports import FaceAnswer, MatchResult, OperatorAnswer, RegistryAnswer
from weidai.kernel.errors import Invalid, PartnerUnavailable, Refusal
from weidai.messaging import selectors as messaging
from weidai.platform import clock

pytestmark = pytest.mark.django_db


def points(customer_id):
    return selectors.identity_strength(customer_id).points


def test_card_and_face_open_the_gate_and_every_item_gives_its_points(customer):
    assert not selectors.is_real_name(customer)
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    assert not selectors.is_real_name(customer)
    services.face_check(customer, image_digest=PICTURE, purpose="real_name")
    assert selectors.is_real_name(customer)
    assert points(customer) == 50, "card and face 40, certified liveness 10"
    services.mobile_check(customer)
    services.bank_card_bind(customer, card_number="6225 8800 0000 0000 123")
    assert points(customer) == 90
    row = selectors.customer_get(customer)
    assert (row.masked_name, row.masked_id_number, row.sex) == ("王*", "110***********0010", "male")
    assert row.id_card_valid_to == date(2039, 5, 6)
    assert (row.mobile_number_status, row.mobile_months_in_use) == ("in_use", 57)
    assert row.is_strength_full
    assert row.has_type_i_default_card
    told = [notice.template for notice in messaging.notices_for(customer)]
    assert told.count("identity.real_name_passed") == 1


def test_events_and_kept_facts_hold_no_personal_data(verified):
    services.mobile_check(verified)
    services.bank_card_bind(verified, card_number="6225880000000000123")
    kept = str(list(Event.objects.values_list("facts", flat=True))) + str(
        list(Verification.objects.values_list("facts", flat=True)))
    for secret in (NAME, ID_NUMBER, "13800005678", "6225880000000000123"):
        assert secret not in kept


@pytest.mark.parametrize("purpose", ["real_name_check", "face", "mobile_check", "bank_card_check"])
def test_each_step_needs_its_own_consent_and_asks_nobody_without_it(verified, partners, purpose):
    services.consent_withdraw(verified, purpose=purpose)
    partners.asked.clear()
    before = Verification.objects.count()
    steps = {
        "real_name_check": lambda: services.id_card_submit(verified, name=NAME, id_number=ID_NUMBER),
        "face": lambda: services.face_check(verified, image_digest=PICTURE, purpose="real_name"),
        "mobile_check": lambda: services.mobile_check(verified),
        "bank_card_check": lambda: services.bank_card_bind(verified, card_number="6225880000000000123"),
    }
    with pytest.raises(errors.ConsentRequired) as refusal:
        steps[purpose]()
    assert refusal.value.purpose == purpose
    assert partners.asked == []
    assert Verification.objects.count() == before


def test_a_partner_that_does_not_answer_changes_nothing(customer, partners):
    partners.failure = PartnerUnavailable()
    with pytest.raises(PartnerUnavailable):
        services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    assert not Verification.objects.exists()
    assert Customer.objects.get().id_number is None
    assert selectors.customer_by_id_number(ID_NUMBER) is None


@pytest.mark.parametrize(("answer", "refusal", "state"), [
    (RegistryAnswer(MatchResult.MISMATCH), errors.IdCardMismatch, "failed"),
    (RegistryAnswer(MatchResult.NOT_FOUND), errors.IdCardMismatch, "failed"),
    (RegistryAnswer(MatchResult.INCONCLUSIVE), errors.VerificationInconclusive, "inconclusive"),
    (RegistryAnswer(MatchResult.MATCH, "expired", date(2009, 1, 1), date(2019, 1, 1)), errors.IdCardNotValid, "failed"),
    (RegistryAnswer(MatchResult.MATCH, "lost", date(2019, 1, 1), None), errors.IdCardNotValid, "failed"),
    (RegistryAnswer(MatchResult.MATCH, "valid", date(2099, 1, 1), None), errors.IdCardNotValid, "failed"),
])
def test_a_no_of_the_registry_keeps_the_attempt_and_nothing_else(customer, partners, answer, refusal, state):
    partners.registry = answer
    with pytest.raises(refusal):
        services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    assert [row.state for row in Verification.objects.all()] == [state]
    row = Customer.objects.get()
    assert (row.name, row.id_number) == (None, None)
    assert not DigestEntry.objects.filter(kind="id_number").exists()


def test_attempts_of_a_day_are_limited_and_the_next_day_is_new(customer, partners):
    partners.registry = RegistryAnswer(MatchResult.MISMATCH)
    noon = datetime(2026, 6, 1, 4, tzinfo=UTC)
    with clock.travel_to(noon):
        for _ in range(5):
            with pytest.raises(errors.IdCardMismatch):
                services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
        with pytest.raises(errors.TooManyAttempts):
            services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    assert len(partners.asked) == 5
    partners.registry = RegistryAnswer(MatchResult.MATCH, "valid", date(2019, 5, 6), None)
    with clock.travel_to(noon + timedelta(days=1)):
        services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
        assert selectors.customer_get(customer).id_card_status == "valid"


def test_one_person_has_one_account(verified):
    other = registered("13900001111")
    agree(other, "real_name_check")
    with pytest.raises(errors.IdNumberTaken) as refusal:
        services.id_card_submit(other, name=NAME, id_number=ID_NUMBER.lower())
    assert refusal.value.advice is not None
    assert selectors.customer_by_id_number(ID_NUMBER) == verified
    assert Customer.objects.get(id=other).id_number is None
    assert not Verification.objects.filter(customer_id=other).exists()


def test_a_verified_account_cannot_become_somebody_else(verified):
    with pytest.raises(errors.AlreadyVerified):
        services.id_card_submit(verified, name="李四", id_number=id_number_of("11010519900101003"))
    services.id_card_submit(verified, name=NAME, id_number=ID_NUMBER)
    assert selectors.is_real_name(verified), "a renewed card of the same person is welcome"


def test_ages_are_refused_on_the_day_that_counts(customer, partners):
    eighteen = id_number_of("11010520080602001")
    with clock.travel_to(datetime(2026, 6, 1, 4, tzinfo=UTC)), pytest.raises(errors.AgeTooYoung) as young:
        services.id_card_submit(customer, name=NAME, id_number=eighteen)
    assert young.value.message.zh == "未满 18 周岁，不能使用本服务。"
    with clock.travel_to(datetime(2026, 6, 1, 4, tzinfo=UTC)), pytest.raises(errors.AgeTooOld):
        services.id_card_submit(customer, name=NAME, id_number=id_number_of("11010519650601001"))
    assert partners.asked == []
    with clock.travel_to(datetime(2026, 6, 2, 4, tzinfo=UTC)):
        services.id_card_submit(customer, name=NAME, id_number=eighteen)


@pytest.mark.parametrize(("name", "id_number"), [
    ("王", ID_NUMBER), ("", ID_NUMBER), ("Wang Wei", ID_NUMBER), ("王伟" * 20, ID_NUMBER), ("王<伟", ID_NUMBER),
    (NAME, "110105199001010011"), (NAME, "110105199013010010"), (NAME, ""), (NAME, "x" * 500),
])
def test_input_that_cannot_be_right_is_refused_before_anybody_is_asked(customer, partners, name, id_number):
    with pytest.raises(Invalid):
        services.id_card_submit(customer, name=name, id_number=id_number)
    assert partners.asked == []


def test_an_expired_card_closes_the_gate_until_it_is_renewed(verified, partners):
    with clock.travel_to(datetime(2039, 5, 6, 4, tzinfo=UTC)):
        assert selectors.is_real_name(verified), "the last valid day counts"
    with clock.travel_to(datetime(2039, 5, 7, 4, tzinfo=UTC)):
        assert not selectors.is_real_name(verified)
        partners.registry = RegistryAnswer(MatchResult.MATCH, "valid", date(2039, 5, 1), None)
        services.id_card_submit(verified, name=NAME, id_number=ID_NUMBER)
        assert selectors.is_real_name(verified)


@pytest.mark.parametrize(("answer", "refusal"), [
    (FaceAnswer(MatchResult.MISMATCH, True, 12, "certified"), errors.FaceNotMatched),
    (FaceAnswer(MatchResult.MATCH, False, 93, "certified"), errors.FaceNotMatched),
    (FaceAnswer(MatchResult.INCONCLUSIVE), errors.VerificationInconclusive),
])
def test_a_face_that_does_not_pass_leaves_the_gate_shut(customer, partners, answer, refusal):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    partners.face = answer
    with pytest.raises(refusal):
        services.face_check(customer, image_digest=PICTURE, purpose="real_name")
    assert not selectors.is_real_name(customer)
    assert not selectors.has_fresh_face(customer, purpose="real_name", within=timedelta(hours=1))


def test_face_needs_the_card_first_a_picture_and_for_activation_the_gate(customer):
    with pytest.raises(errors.IdCardRequired):
        services.face_check(customer, image_digest=PICTURE, purpose="real_name")
    with pytest.raises(errors.PictureInvalid):
        services.face_check(customer, image_digest="AB" * 32, purpose="real_name")
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    with pytest.raises(errors.RealNameRequired):
        services.face_check(customer, image_digest=PICTURE, purpose="activation")


def test_a_failed_activation_face_does_not_undo_the_real_name(verified, partners):
    partners.face = FaceAnswer(MatchResult.MISMATCH, True, 12, "certified")
    with pytest.raises(errors.FaceNotMatched):
        services.face_check(verified, image_digest=PICTURE, purpose="activation")
    assert selectors.is_real_name(verified)


def test_freshness_counts_purpose_and_time(verified):
    hour = timedelta(hours=1)
    assert not selectors.has_fresh_face(verified, purpose="activation", within=hour)
    services.face_check(verified, image_digest=PICTURE, purpose="activation")
    assert selectors.has_fresh_face(verified, purpose="activation", within=hour)
    with clock.travel_to(clock.now() + timedelta(hours=2)):
        assert not selectors.has_fresh_face(verified, purpose="activation", within=hour)


POINTS = tuple(services.STAFF_VIDEO_POINTS)


def talked(customer, request_id, *, by="7", code="", note="证件与本人一致", points=POINTS, remarks=()):
    services.staff_video_claim(customer, request_id=request_id, staff_id=by)
    return services.staff_video_decide(customer, request_id=request_id, staff_id=by, outcome=services.TalkOutcome(
        passed=not code, note=note, points=points, remarks=remarks, code=code))


def test_staff_video_counts_as_much_as_a_face(customer):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    request_id = services.staff_video_request(customer, purpose="real_name")
    with pytest.raises(errors.StaffVideoWaiting):
        services.staff_video_request(customer, purpose="real_name")
    assert [row.id for row in selectors.staff_video_queue()] == [request_id]
    with pytest.raises(errors.StaffVideoReasonMissing):
        talked(customer, request_id, note=" ")
    assert talked(customer, request_id) == "passed"
    assert selectors.is_real_name(customer)
    assert points(customer) == 40
    assert selectors.staff_video_queue() == ()
    with pytest.raises(errors.StaffVideoDecided):
        talked(customer, request_id, by="8", code="other_person")
    assert StaffVideoRequest.objects.get().decided_by == "7"


def test_a_refused_video_can_be_asked_for_again(customer):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    request_id = services.staff_video_request(customer, purpose="real_name")
    assert talked(customer, request_id, code="card_not_original", note="手里是复印件") == "refused"
    assert not selectors.is_real_name(customer)
    told = messaging.notices_for(customer)[0].body
    assert told.zh.startswith("您的人工视频核验未通过：没有看到证件原件") and "复印件" not in told.zh
    assert services.staff_video_request(customer, purpose="real_name") != request_id


def test_r1_5_a_talk_that_did_not_come_about_decides_nothing(customer):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    assert talked(customer, services.staff_video_request(customer, purpose="real_name")) == "passed"
    request_id = services.staff_video_request(customer, purpose="real_name")
    with pytest.raises(errors.StaffVideoEndUnknown):
        talked(customer, request_id, code="because")
    assert talked(customer, request_id, code="no_answer") == "unfinished"
    assert selectors.is_real_name(customer)  # the pass of before stands
    assert messaging.notices_for(customer)[0].body.zh.startswith("您的人工视频核验没有完成：我们多次联系您未接通")


def test_r1_5_a_pass_needs_every_point_of_the_talk(customer):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    request_id = services.staff_video_request(customer, purpose="real_name")
    with pytest.raises(errors.StaffVideoPointsMissing) as refused:
        talked(customer, request_id, points=[code for code in services.STAFF_VIDEO_POINTS if code != "same_face"])
    assert "面貌与证件照片是同一人" in str(refused.value.values) and not selectors.is_real_name(customer)


def test_r8_6_nobody_decides_a_talk_they_did_not_claim(customer):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    request_id = services.staff_video_request(customer, purpose="real_name")
    outcome = services.TalkOutcome(passed=True, note="证件与本人一致", points=POINTS, remarks=(), code="")
    for before in (lambda: None, lambda: services.staff_video_claim(customer, request_id=request_id, staff_id="8")):
        before()
        with pytest.raises((errors.StaffVideoUnclaimed, errors.StaffVideoLocked)):
            services.staff_video_decide(customer, request_id=request_id, staff_id="7", outcome=outcome)
    assert not selectors.is_real_name(customer)
    with clock.travel_to(clock.now() + timedelta(hours=2)):  # the colleague's lock has ended, and it is still not theirs
        with pytest.raises(errors.StaffVideoUnclaimed):
            services.staff_video_decide(customer, request_id=request_id, staff_id="7", outcome=outcome)
        assert services.staff_video_decide(customer, request_id=request_id, staff_id="8", outcome=outcome) == "passed"


def test_r8_6_a_remarked_pass_waits_for_a_second_person_who_is_not_the_first(customer):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    request_id = services.staff_video_request(customer, purpose="real_name")
    assert talked(customer, request_id, remarks=["card_damaged"]) == "waiting"
    assert not selectors.is_real_name(customer) and not messaging.notices_for(customer)
    assert services.staff_video_next(staff_id="7") is None
    with pytest.raises(errors.StaffVideoSecondPerson):
        talked(customer, request_id)
    assert services.staff_video_next(staff_id="8") == request_id
    with pytest.raises(errors.StaffVideoLocked):
        talked(customer, request_id, by="9")
    assert talked(customer, request_id, by="8") == "passed"
    kept = Verification.objects.get(item="staff_video")
    assert (kept.facts["remarks"], kept.facts["first_decided_by"]) == (["card_damaged"], "7")
    assert selectors.is_real_name(customer)


@pytest.mark.parametrize(("answer", "refusal"), [
    (OperatorAnswer(MatchResult.MISMATCH, mismatched=("name",)), errors.MobileMismatch),
    (OperatorAnswer(MatchResult.MATCH, "china_mobile", "suspended", 3), errors.MobileNotInUse),
    (OperatorAnswer(MatchResult.INCONCLUSIVE), errors.VerificationInconclusive),
])
def test_a_number_that_is_not_ones_own_gives_no_points(verified, partners, answer, refusal):
    partners.operator = answer
    with pytest.raises(refusal):
        services.mobile_check(verified)
    assert points(verified) == 50


@pytest.mark.parametrize("result", [MatchResult.MISMATCH, MatchResult.NOT_FOUND, MatchResult.INCONCLUSIVE, None])
@pytest.mark.parametrize("check", ["registry", "card", "operator"])
def test_whatever_a_partner_says_but_yes_tells_what_to_do_next_and_verifies_nothing(verified, partners, check, result):
    """Mismatch, not found, inconclusive and no answer, at each of the three who are asked (R1.4, R1.6, R1.7)."""
    if result is None:
        partners.failure = PartnerUnavailable()
    else:
        setattr(partners, check, replace(getattr(partners, check), result=result))
    before = selectors.identity_strength(verified).points
    asked = {"registry": lambda: services.id_card_submit(verified, name=NAME, id_number=ID_NUMBER),
             "card": lambda: services.bank_card_bind(verified, card_number="6225880000000000123"),
             "operator": lambda: services.mobile_check(verified)}
    with pytest.raises(Refusal) as no:
        asked[check]()
    assert no.value.advice is not None or "重试" in no.value.message.zh
    assert no.value.message.en
    assert selectors.identity_strength(verified).points <= before
    assert not selectors.bank_cards(verified)
    kept = Verification.objects.filter(customer_id=verified).order_by("-checked_at", "-id").values_list("state", flat=True)[0]
    assert kept == {None: "passed", MatchResult.INCONCLUSIVE: "inconclusive"}.get(result, "failed")
