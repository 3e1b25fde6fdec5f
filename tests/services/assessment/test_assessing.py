"""Assessing one and all, each fact only with its consent, and running it again (R2.1–R2.3)."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.services.credit_support import AT, GOOD, ON, REPORT, customer_make, months

from weidai.assessment import policy, selectors
from weidai.assessment import services as assessments
from weidai.assessment.errors import AssessmentNotFound, CreditReportNotAuthorized
from weidai.assessment.models import Assessment, CreditReport, PopulationRun
from weidai.assessment.ports import RepaymentFacts
from weidai.assessment.services import monthly
from weidai.audit.models import Event
from weidai.identity import selectors as identity
from weidai.identity.models import BankCard, Consent, Verification
from weidai.kernel.days import months_later
from weidai.kernel.errors import PartnerUnavailable
from weidai.platform import clock

pytestmark = pytest.mark.django_db


def run(customer, **changes):
    return assessments.assessment_run(customer, **({"trigger": "requested"} | changes))


def points(row):
    return {one.code: one.points for one in row.result.indicators}


def test_a_full_picture_scores_every_point(partners):
    row = run(customer_make(), bureau_reason="loan_approval")
    assert (row.score, row.base_grade, row.grade) == (1000, "A", "A")
    assert points(row) == {"payment_activity": 200, "social_ties": 50, "asset_balance": 150, "repayment_record": 250,
                           "spending_stability": 150, "bureau_score": 200}
    stored = Assessment.objects.get()
    assert stored.inputs["credit"] == {
        "payment_volume_12m_fen": 4_200_000, "other_card_limits_fen": 3_000_000, "wealth_products_fen": 1_200_000,
        "bureau_debt_fen": 500_000, "is_employed_in_report": True, "own_debt_fen": 0, "is_overdue": False}
    assert stored.pack_version.startswith("reference@")
    assert partners.asked == ["report:loan_approval", "profiles:1"]
    assert Event.objects.filter(name="assessment.assessment.completed").count() == 1


def test_without_any_consent_nobody_is_asked_and_social_ties_are_neutral(partners):
    row = run(customer_make(consents=()))
    assert partners.asked == []
    assert points(row)["social_ties"] == 0
    assert {one.code: one.reason_code for one in row.result.indicators} == {
        "payment_activity": "no_payment_consent", "social_ties": "no_consent", "asset_balance": "no_payment_consent",
        "repayment_record": "met", "spending_stability": "no_payment_consent", "bureau_score": "no_report"}
    assert row.score == 263  # 250 and its share of the 50 points of social ties: 250 × 50 ÷ 950


def test_the_credit_report_needs_its_own_consent(partners):
    customer = customer_make(consents=("payment_data",))
    with pytest.raises(CreditReportNotAuthorized):
        run(customer, bureau_reason="loan_approval")
    assert partners.asked == []
    assert not Assessment.objects.exists()
    assert not CreditReport.objects.exists()


def test_payment_facts_stay_out_without_their_consent(partners):
    row = run(customer_make(consents=("social_data",)))
    assert points(row)["social_ties"] == 50
    stored = Assessment.objects.get().inputs
    assert (stored["facts"]["months"], stored["facts"]["mean_daily_balance_fen"]) == ([], None)
    assert stored["credit"]["payment_volume_12m_fen"] == 0


def test_a_thin_file_earns_half_and_an_unknown_person_nothing(partners):
    partners.report_answer = replace(REPORT, score=None)
    assert points(run(customer_make(1), bureau_reason="loan_approval"))["bureau_score"] == 100
    partners.report_answer = replace(REPORT, report_id="br-2", found=False, score=None, employer=None)
    row = run(customer_make(2), bureau_reason="loan_approval")
    assert points(row)["bureau_score"] == 0


def bureau_row(row):
    return next(one for one in row.result.indicators if one.code == "bureau_score")


def test_why_there_is_no_report_is_told_apart(partners):
    assert bureau_row(run(customer_make(1, consents=()))).reason_code == "no_report"
    asked_later = customer_make(2)
    shown = bureau_row(run(asked_later))
    assert (shown.reason_code, shown.points) == ("not_queried", 0)
    assert (shown.reason.zh[:4], shown.reason.en[:24]) == ("您已授权", "You have authorized it; ")
    assert bureau_row(run(asked_later, bureau_reason="loan_approval")).reason_code == "met"
    partners.report_answer = replace(REPORT, report_id="br-2", found=False, score=None, employer=None)
    assert bureau_row(run(customer_make(3), bureau_reason="loan_approval")).reason_code == "not_found"


def test_what_was_stored_before_the_reasons_were_told_apart_reads_as_it_did(partners):
    customer = customer_make()
    row = run(customer)
    stored = Assessment.objects.get()
    del stored.inputs["facts"]["bureau_absence"]
    stored.save(update_fields=["inputs"])
    assert bureau_row(selectors.assessment_get(customer, row.id)).reason_code == "no_report"


def test_a_type_one_default_card_and_steady_payments_add_points(partners):
    customer = customer_make()
    BankCard.objects.filter(customer_id=customer).update(account_class="I")
    partners.profile_answer = replace(GOOD, payments=months(100_000, 160), card_limit_total_fen=0)
    row = run(customer)
    assert {one.code: one.points for one in row.result.bonuses} == {"type_i_card": 10, "fast_track": 20}
    assert points(row)["payment_activity"] == 53  # 80 % × 200 × 1,000 ÷ 3,000


def test_standing_lowers_the_effective_grade_only(partners):
    partners.repayment = RepaymentFacts(overdue_event_count=1, standing_notches=1)
    row = run(customer_make(), bureau_reason="loan_approval")
    assert (row.score, row.base_grade, row.grade, row.standing_notches) == (950, "A", "B", 1)


def test_running_a_stored_assessment_again_gives_the_same(partners):
    partners.profile_answer = replace(GOOD, payments=months(123_457, 31))
    partners.repayment = RepaymentFacts(overdue_event_count=2, standing_notches=1)
    customer = customer_make()
    row = run(customer, bureau_reason="loan_approval")
    with clock.travel_to(AT.replace(year=2028)):
        again = assessments.assessment_replay(customer, assessment_id=row.id)
    stored = Assessment.objects.get()
    assert again == row.result
    assert (again.score, again.base_grade, again.grade) == (stored.score, stored.grade, stored.effective_grade)
    assert [(one.code, one.points, None if one.value is None else str(one.value)) for one in again.indicators] == [
        (one["code"], one["points"], one["value"]) for one in stored.indicators]


def test_another_customers_assessment_is_not_found(partners):
    row = run(customer_make())
    with pytest.raises(AssessmentNotFound):
        assessments.assessment_replay(uuid4(), assessment_id=row.id)
    with pytest.raises(AssessmentNotFound):
        selectors.assessment_get(uuid4(), row.id)


def test_the_same_cause_is_assessed_once(partners):
    customer, cause = customer_make(), uuid4()
    first = run(customer, trigger="application", cause_id=cause)
    assert run(customer, trigger="application", cause_id=cause).id == first.id
    assert Assessment.objects.count() == 1
    assert partners.asked == ["profiles:1"]


def test_an_answer_that_does_not_come_writes_nothing(partners):
    partners.is_down = True
    with pytest.raises(PartnerUnavailable):
        run(customer_make())
    assert not Assessment.objects.exists()


def test_the_monthly_batch_equals_the_single_run_and_can_start_again(partners):
    people = [customer_make(serial) for serial in range(1, 4)]
    customer_make(4, is_verified=False)
    singles = [run(customer, trigger="requested") for customer in people]
    partners.asked.clear()
    assert assessments.assessments_run_monthly(ON) == 3
    assert partners.asked == ["profiles:3"]
    for customer, single in zip(people, singles, strict=True):
        batch = selectors.latest(customer)
        assert (batch.trigger, batch.result) == ("monthly", single.result)
    assert assessments.assessments_run_monthly(ON) == 0


def test_progress_shows_the_trend_and_the_next_date(partners):
    customer = customer_make()
    assert selectors.progress(customer).newest is None
    run(customer)
    with clock.travel_to(AT.replace(day=5)):
        run(customer, bureau_reason="loan_approval")
        shown = selectors.progress(customer)
    assert (shown.score_change, shown.met_count, shown.indicator_count) == (200, 6, 6)
    assert [point.score for point in shown.trend] == [800, 1000]
    assert shown.next_run_on.isoformat() == "2026-04-01"


def test_a_report_does_not_count_any_more_once_its_consent_is_withdrawn(partners):
    customer = customer_make()
    run(customer, bureau_reason="loan_approval")
    Consent.objects.filter(customer_id=customer, purpose="credit_report").update(withdrawn_at=AT)
    assert points(run(customer))["bureau_score"] == 0
    assert partners.asked.count("report:loan_approval") == 1


def statements(run_it) -> int:
    with CaptureQueriesContext(connection) as caught:
        run_it()
    return len(caught)


def test_the_monthly_batch_costs_the_same_statements_for_5_and_for_50_people(partners):
    for serial in range(1, 6):
        customer_make(serial)
    few = statements(lambda: assessments.assessments_run_monthly(ON))
    for serial in range(6, 51):
        customer_make(serial)
    Assessment.objects.all().delete()
    many = statements(lambda: assessments.assessments_run_monthly(ON))
    assert Assessment.objects.count() == 50
    assert many == few <= 20


def test_the_gate_in_bulk_is_the_gate_of_one(partners):
    people = [customer_make(1), customer_make(2, is_verified=False), customer_make(3), customer_make(4)]
    Verification.objects.filter(customer_id=people[2], item="id_card").update(valid_to=ON - timedelta(days=1))
    for purpose, state in (("activation", "failed"), ("real_name", "inconclusive")):
        Verification.objects.create(customer_id=people[3], item="face", state=state, method="face_vendor",
                                    purpose=purpose, facts={}, checked_at=AT)
    bulk = {one.customer_id: one.is_real_name for one in identity.assessment_people(book_id=1)}
    assert bulk == {customer: identity.is_real_name(customer) for customer in people}
    assert list(bulk.values()).count(True) == 2


def test_the_fast_track_brings_the_next_assessment_forward(partners, monkeypatch):
    later = replace(policy.current(ON), run_day_of_month=15)
    monkeypatch.setattr(monthly, "current", lambda on: later)
    steady, first = customer_make(1), ON.replace(day=1)
    partners.profile_answer = replace(GOOD, payments=months(count=160))
    with clock.travel_to(AT.replace(day=1)):
        assert assessments.assessments_run_due(first) == 1
        assert assessments.assessments_run_due(first) == 0
        partners.profile_answer = replace(GOOD, payments=months(count=149))  # below five a day in a month of 31 days
        customer_make(2)
        assert assessments.assessments_run_due(first) == 0
    row = selectors.latest(steady)
    assert (row.trigger, {one.code: one.points for one in row.result.bonuses}["fast_track"]) == ("fast_track", 20)
    for day, written in ((2, 0), (15, 2), (16, 0)):  # the monthly update comes as well
        with clock.travel_to(AT.replace(day=day)):
            assert assessments.assessments_run_due(ON.replace(day=day)) == written


def test_a_missed_run_is_made_up_for_once_a_month_whatever_the_day(partners):
    customer = customer_make(1)
    assert assessments.assessments_run_due(ON.replace(day=20)) == 1  # the worker was down from the 1st to the 19th
    assert selectors.latest(customer).trigger == "monthly"
    customer_make(2)  # who comes after the run waits for the next one or asks
    for day in (20, 21, 28):
        assert assessments.assessments_run_due(ON.replace(day=day)) == 0
    assert assessments.assessments_run_due(months_later(ON.replace(day=1), 1)) == 2


def test_a_run_that_stopped_goes_on_with_whom_it_had_not_reached(partners, monkeypatch):
    monkeypatch.setattr(monthly, "CHUNK", 1)
    people = [customer_make(serial) for serial in (1, 2)]
    answers, real = [True, False], monthly._profiles

    def profiles(asked, on):
        if not answers.pop(0):
            raise PartnerUnavailable
        return real(asked, on)

    with monkeypatch.context() as patched:
        patched.setattr(monthly, "_profiles", profiles)
        with pytest.raises(PartnerUnavailable):
            assessments.assessments_run_due(ON)
    assert not PopulationRun.objects.exists()
    assert assessments.assessments_run_due(ON.replace(day=ON.day + 1)) == 1
    assert set(Assessment.objects.values_list("customer_id", flat=True)) == set(people)
    assert PopulationRun.objects.get().trigger == "monthly"
