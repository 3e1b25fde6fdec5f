"""What people decide: claim and lock, four-eyes, return to the customer, appeal (R4.2–R4.6)."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.services.credit_support import AT, REPORT, customer_make
from tests.services.origination.test_path import INVITED, LINE, delivered, states, submitted

from weidai.assessment.ports import RepaymentFacts
from weidai.audit.models import Event
from weidai.identity import services as identity
from weidai.identity.errors import OpenBusiness
from weidai.messaging.models import Notice
from weidai.origination import selectors
from weidai.origination import services as origination
from weidai.origination.errors import (
    AnswerEmpty,
    AppealNotPossible,
    AppealStatementRequired,
    ApplicationStateConflict,
    ReviewDecisionInvalid,
    ReviewTaskLocked,
    ReviewTaskNotClaimed,
    ReviewTaskNotFound,
    SecondPersonRequired,
)
from weidai.origination.models import Appeal, Application, ReviewTask
from weidai.platform import clock
from weidai.products import services as products

pytestmark = pytest.mark.django_db
ANNA, BO, CHEN = "11", "12", "13"


@pytest.fixture
def customer():
    return customer_make()


@pytest.fixture
def waiting(partners, customer):
    """An application whose customer wants a person to decide."""
    application = delivered(customer, submitted(customer, wants_person=True))
    assert application.state == "verification"
    return application


def task_of(application, *, stage="verification"):
    return ReviewTask.objects.filter(application_id=application.id, stage=stage).latest("round")


def decide(application, *, staff_id=ANNA, claim=True, **decision):
    task = task_of(application)
    if claim:
        origination.verification_claim(application.customer_id, task_id=task.id, staff_id=staff_id)
    values = {"outcome": "approve", "note": "已核对"} | decision
    return origination.verification_decide(application.customer_id, task_id=task.id, staff_id=staff_id, **values)


def test_verified_income_lifts_segment_and_debt_room(partners, customer, waiting):
    partners.report_answer = replace(REPORT, employer=None, total_debt_fen=0)
    assert decide(waiting, verified_monthly_income_fen=2_000_000) == "final_review"
    offer = delivered(customer, waiting).offer
    # A: 60,000 + 4 × 1,000, × 1.10 = 70,400, capped by the salaried segment
    assert (offer.segment, offer.amount_fen) == ("salaried", 5_000_000)
    assert states(customer, waiting) == ["draft", "submitted", "screening", "verification", "final_review", "offered"]


def test_verified_income_below_the_wage_test_costs_points_but_never_refuses_alone(partners, customer, waiting):
    partners.report_answer = replace(REPORT, score=None, total_debt_fen=0)  # 900 points: A; less 30 still A
    partners.repayment = RepaymentFacts(overdue_event_count=1)  # 850 points: A; less 30 is B
    decide(waiting, verified_monthly_income_fen=400_000)
    offer = delivered(customer, waiting).offer
    assert (offer.grade, offer.daily_rate_e8) == ("B", 35_000)


def test_the_queue_shows_the_most_urgent_first_with_its_clock(partners, customer, waiting):
    with clock.travel_to(AT + timedelta(minutes=30)):
        other = customer_make(2)
        later = delivered(other, submitted(other, wants_person=True))
        rows = selectors.queue("verification")
        assert [row.application_id for row in rows] == [waiting.id, later.id]
        assert (rows[0].minutes_left, rows[1].minutes_left, rows[0].is_late) == (930, 960, False)
        assert rows[0].reasons == ("origination.human_review_wanted",)
    with clock.travel_to(AT + timedelta(days=5)):
        assert [row.is_late for row in selectors.queue("verification")] == [True, True]
        counts = {row.stage: (row.waiting, row.late) for row in selectors.queue_counts()}
        assert counts == {"verification": (2, 2), "appeal": (0, 0)}


def test_a_case_is_locked_for_one_person_until_the_lock_ends(waiting, customer):
    task = task_of(waiting)
    assert origination.next_case(staff_id=ANNA) == (customer, task.id)
    assert origination.next_case(staff_id=BO) is None
    with pytest.raises(ReviewTaskLocked):
        origination.verification_claim(customer, task_id=task.id, staff_id=BO)
    assert [row.id for row in selectors.queue("verification", staff_id=ANNA, only="mine")] == [task.id]
    assert selectors.queue("verification", staff_id=BO, only="free") == []
    with clock.travel_to(AT + timedelta(minutes=31)):
        with pytest.raises(ReviewTaskNotClaimed):
            decide(waiting, claim=False)
        assert origination.next_case(staff_id=BO) == (customer, task.id)
        with pytest.raises(ReviewTaskNotClaimed):
            origination.verification_release(customer, task_id=task.id, staff_id=ANNA)
        origination.verification_release(customer, task_id=task.id, staff_id=BO)
        assert origination.next_case(staff_id=ANNA) == (customer, task.id)


@pytest.mark.parametrize("decision", [
    {"outcome": "maybe"}, {"note": " "}, {"outcome": "decline"}, {"outcome": "decline", "codes": ["mood"]},
    {"outcome": "return", "codes": ["income_not_proved"]}, {"verified_monthly_income_fen": -1}])
def test_an_incomplete_decision_changes_nothing(waiting, decision):
    with pytest.raises(ReviewDecisionInvalid):
        decide(waiting, **decision)
    assert (task_of(waiting).state, Application.objects.get().state) == ("open", "verification")


def test_nobody_decides_without_claiming_and_nothing_is_decided_twice(waiting):
    with pytest.raises(ReviewTaskNotClaimed):
        decide(waiting, claim=False)
    assert decide(waiting) == "final_review"
    with pytest.raises(ReviewTaskNotFound):
        decide(waiting, claim=False)
    assert Event.objects.filter(name="origination.review_task.decided").count() == 1


def test_another_customers_task_is_not_found(waiting):
    with pytest.raises(ReviewTaskNotFound):
        origination.verification_claim(uuid4(), task_id=task_of(waiting).id, staff_id=ANNA)


def test_returning_asks_the_customer_and_the_answer_comes_back(partners, customer, waiting):
    assert decide(waiting, outcome="return", codes=["income_proof"], note="请补充近三个月流水") == "awaiting_customer"
    shown = selectors.timeline(customer, waiting.id)[-1]
    assert (shown.wanted[0].en, shown.note) == (
        "income proof (salary statement, payslip or tax certificate)", "请补充近三个月流水")
    assert Notice.objects.filter(template="origination.awaiting_customer").count() == 1
    with pytest.raises(AnswerEmpty):
        origination.application_answer(customer, application_id=waiting.id, note=" ")
    row = origination.application_answer(customer, application_id=waiting.id, note="已补充", employer="新单位")
    assert (row.state, row.employer) == ("verification", "新单位")
    assert (task_of(waiting).round, task_of(waiting).state) == (2, "open")
    with pytest.raises(ApplicationStateConflict):
        origination.application_answer(customer, application_id=waiting.id, note="再补充")


def test_no_answer_in_time_expires(customer, waiting):
    decide(waiting, outcome="return", codes=["income_proof"])
    with clock.travel_to(AT + timedelta(days=15)):
        assert origination.applications_expire() == 1
    assert selectors.application_get(customer, waiting.id).state == "expired"


def test_above_the_limit_two_people_approve(partners, customer):
    products.invitation_issue(customer)
    application = delivered(customer, submitted(customer, product=INVITED, requested_fen=10_000_000))
    assert application.state == "verification"  # a large amount is never decided by the machine alone
    assert decide(application, verified_monthly_income_fen=4_000_000) == "verification"
    task = task_of(application)
    assert (task.state, task.first_decided_by, task.claimed_by) == ("awaiting_second", ANNA, "")
    assert origination.next_case(staff_id=ANNA) is None
    with pytest.raises(SecondPersonRequired):
        origination.verification_claim(customer, task_id=task.id, staff_id=ANNA)
    with pytest.raises(ReviewDecisionInvalid) as no:  # a figure that only one of the two saw
        decide(application, staff_id=BO, verified_monthly_income_fen=40_000_000)
    assert (no.value.field, task_of(application).verified_monthly_income_fen) == ("verified_monthly_income_fen", 4_000_000)
    assert decide(application, staff_id=BO) == "final_review"
    offer = delivered(customer, application).offer
    assert (offer.segment, offer.amount_fen) == ("premium", 7_040_000)


def test_declining_tells_why_and_an_appeal_goes_to_someone_else(partners, customer, waiting):
    assert decide(waiting, outcome="decline", codes=["income_not_proved"]) == "declined"
    row = selectors.application_get(customer, waiting.id)
    assert [reason.code for reason in row.decline_reasons] == ["origination.income_not_proved"]
    with pytest.raises(AppealStatementRequired):
        origination.appeal_open(customer, application_id=waiting.id, statement="  不服  ")
    row = origination.appeal_open(customer, application_id=waiting.id, statement="收入证明是真实的，请再核对")
    assert (row.appeal.state, row.appeal.due_on.isoformat(), row.can_appeal) == ("open", "2026-03-11", False)
    with pytest.raises(AppealNotPossible):
        origination.appeal_open(customer, application_id=waiting.id, statement="请再次核对我的收入证明")
    task = task_of(waiting, stage="appeal")
    assert origination.next_case(staff_id=ANNA, stage="appeal") is None
    with pytest.raises(SecondPersonRequired):
        origination.verification_claim(customer, task_id=task.id, staff_id=ANNA)
    origination.verification_claim(customer, task_id=task.id, staff_id=BO)
    with pytest.raises(ReviewDecisionInvalid):
        origination.appeal_answer(customer, task_id=task.id, staff_id=BO, outcome="reopen", answer="")
    assert origination.appeal_answer(
        customer, task_id=task.id, staff_id=BO, outcome="reopen", answer="请重新审核") == "verification"
    with pytest.raises(SecondPersonRequired):
        decide(waiting, staff_id=ANNA)
    assert decide(waiting, staff_id=CHEN) == "final_review"
    assert delivered(customer, waiting).state == "offered"  # the second round is delivered as well as the first


def test_an_upheld_appeal_leaves_the_decision(customer, waiting):
    decide(waiting, outcome="decline", codes=["identity_doubtful"])
    origination.appeal_open(customer, application_id=waiting.id, statement="请复核我的收入和负债情况")
    task = task_of(waiting, stage="appeal")
    with pytest.raises(ReviewTaskNotClaimed):
        origination.appeal_answer(customer, task_id=task.id, staff_id=BO, outcome="uphold", answer="维持")
    origination.verification_claim(customer, task_id=task.id, staff_id=BO)
    assert origination.appeal_answer(
        customer, task_id=task.id, staff_id=BO, outcome="uphold", answer="维持") == "declined"
    appeal = selectors.application_get(customer, waiting.id).appeal
    assert (appeal.state, appeal.answer) == ("upheld", "维持")
    assert Notice.objects.filter(template="origination.appeal_answered").count() == 1


def test_r8_5_who_waits_for_an_answer_to_an_appeal_is_not_erased_meanwhile(customer, waiting):
    decide(waiting, outcome="decline", codes=["identity_doubtful"])
    origination.appeal_open(customer, application_id=waiting.id, statement="请复核我的收入和负债情况")
    with pytest.raises(OpenBusiness):  # nothing could be written for somebody whose key is gone, the answer neither
        identity.person_erase(customer, reason="customer_request")
    task = task_of(waiting, stage="appeal")
    origination.verification_claim(customer, task_id=task.id, staff_id=BO)
    origination.appeal_answer(customer, task_id=task.id, staff_id=BO, outcome="uphold", answer="维持")
    assert identity.person_erase(customer, reason="customer_request").what == "everything"


def test_only_a_declined_application_can_be_appealed(customer, waiting):
    with pytest.raises(AppealNotPossible):
        origination.appeal_open(customer, application_id=waiting.id, statement="请复核我的收入和负债情况")
    assert not Appeal.objects.exists()


def test_a_withdrawn_case_leaves_the_queue(customer, waiting):
    origination.withdraw(customer, application_id=waiting.id)
    assert selectors.queue() == []
    with pytest.raises(ReviewTaskNotFound):
        decide(waiting)


def test_the_case_page_has_the_whole_picture_masked(partners, customer, waiting):
    decide(waiting, verified_monthly_income_fen=1_000_000)
    delivered(customer, waiting)
    case = selectors.case(waiting.id)
    assert (case.application.state, case.assessment.score, case.credit_report.score, case.risk.outcome) == (
        "offered", 1000, 700, "allow")
    assert {check.code: check.state for check in case.checks}["human_review_wanted"] == "attention"
    assert (case.tasks[0].outcome, case.tasks[0].decided_by, case.open_task) == ("approve", ANNA, None)
    assert "王伟" not in str(case.customer)
    assert [row.id for row in selectors.applications_list(state="offered", product=LINE)] == [waiting.id]
