"""What identity noticed sends an application to a person with its codes, and never refuses (R1.1, R1.4, R1.5, R4.2)."""

from datetime import timedelta

import pytest
from tests.services.credit_support import AT, customer_make
from tests.services.origination.test_path import delivered, states, submitted

from weidai.identity.models import FaceChallenge, Verification
from weidai.origination import selectors
from weidai.origination.models import Application, ReviewTask
from weidai.platform.ids import uuid7
from weidai.policy import selectors as policy_packs
from weidai.policy.services import decisions
from weidai.security.models import Device

pytestmark = pytest.mark.django_db
BEFORE = AT - timedelta(days=10)


def faced(customer, **facts):
    Verification.objects.create(customer_id=customer, item="face", state="passed", method="face_engine", checked_at=BEFORE,
                                facts={"assurance": "demo", **facts})


def carded(customer, *, state="passed", **facts):
    Verification.objects.create(customer_id=customer, item="id_card", state=state, method="id_registry", checked_at=BEFORE,
                                facts={"valid_from": "2019-05-06", "source": "photos", "corrected": [], "doubts": [], **facts})


def signed_in(customer, name="phone", *, days_ago=1):
    at = AT - timedelta(days=days_ago)
    Device.objects.create(id=uuid7(), customer_id=customer, digest=name, first_seen_at=at, last_seen_at=at)


def talked(customer):
    Verification.objects.create(customer_id=customer, item="staff_video", state="passed", method="staff", checked_at=BEFORE,
                                facts={"remarks": ["helped_by_others"]})


def shared(customer):
    for other in (customer, uuid7(), uuid7(), uuid7()):
        signed_in(other)


@pytest.mark.parametrize(("noticed", "codes"), [
    (lambda one: faced(one, signals=["flat_surface", "screen_pattern"]),
     ["origination.face_screen_pattern", "origination.face_flat_surface"]),
    (lambda one: (faced(one, signals=["flat_surface"]), faced(one)), ["origination.face_flat_surface"]),
    (lambda one: faced(one, consistency=0.55), ["origination.face_weak_consistency"]),
    (lambda one: faced(one, signals=["near_duplicate"], alike=["x"]), ["origination.face_near_duplicate"]),
    (lambda one: FaceChallenge.objects.create(
        customer_id=one, purpose="real_name", actions=[], session_digest="s", state="refused", outcome="portrait_mismatch",
        issued_at=BEFORE, expires_at=BEFORE), ["origination.face_other_person"]),
    (lambda one: carded(one, corrected=["name"]), ["origination.id_card_name_corrected"]),
    (lambda one: carded(one, doubts=["marked", "sex_matches_number"]),
     ["origination.id_card_doubted", "origination.id_card_marked"]),
    (lambda one: (carded(one, state="failed"), carded(one)), ["origination.id_card_refused_before"]),
    (talked, ["origination.staff_video_remark"]),
    (shared, ["origination.device_shared"]),
])
def test_what_was_noticed_goes_to_a_person_with_its_codes(partners, settings, noticed, codes):
    settings.DEMO = False
    customer = customer_make()
    noticed(customer)
    application = delivered(customer, submitted(customer))
    assert states(customer, application)[-1] == "verification"
    task = ReviewTask.objects.get(customer_id=customer, state="open")
    assert task.reasons == codes
    assert Application.objects.get(id=application.id).expected_by == task.due_at  # the honest time is a person's now (R4.3)
    said = {row.code: row for row in selectors.case(application.id).checks if row.state == "attention"}
    assert said and all(row.text.zh.endswith("。") and row.text.en.endswith(".") for row in said.values())


@pytest.mark.parametrize("noticed", [
    lambda one: carded(one, source="typed"), lambda one: carded(one, faults=["blurred"]),
    lambda one: carded(one, doubts=["marked"]),  # in a demonstration there are only specimens
    lambda one: [signed_in(other) for other in (one, uuid7(), uuid7())],
    lambda one: [signed_in(other, days_ago=100) for other in (one, uuid7(), uuid7(), uuid7())],
])
def test_what_is_only_noted_stays_on_the_automated_path(partners, settings, noticed):
    settings.DEMO = True
    customer = customer_make()
    noticed(customer)
    application = delivered(customer, submitted(customer))
    assert states(customer, application)[-1] == "offered"


def test_the_decision_is_made_again_from_what_was_kept(partners):
    customer = customer_make()
    faced(customer, signals=["screen_pattern"])
    application = delivered(customer, submitted(customer))
    kept = decisions.KeptDecision.objects.get(kind="screening", subject_id=application.id)
    assert kept.inputs["scrutiny"]["face_signals"] == ["screen_pattern"]
    assert kept.outcome["outcome"] == "to_verification"
    assert policy_packs.pack(AT.date()).version == kept.pack_version
