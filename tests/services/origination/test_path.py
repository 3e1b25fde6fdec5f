"""The automated path: draft → submitted → screening → final review → offer → line (R4.2–R4.4, R5.2)."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.services.credit_support import AT, GOOD, REPORT, customer_make, months

from weidai.assessment.models import Assessment
from weidai.assessment.ports import RepaymentFacts
from weidai.audit.models import Event
from weidai.identity import errors as identity_errors
from weidai.identity.errors import ConsentRequired
from weidai.identity.models import Consent
from weidai.limits import selectors as limits
from weidai.limits.models import CreditLine
from weidai.messaging.models import Notice
from weidai.origination import deliveries, selectors
from weidai.origination import services as origination
from weidai.origination.errors import (
    ApplicationExists,
    ApplicationNotFound,
    ApplicationStateConflict,
    CreditReportConsentRequired,
    DeclaredIncomeInvalid,
    NotEligible,
    OfferExpired,
    OfferTooLarge,
    ProductNotOpen,
    RegionInvalid,
    RequestedAmountInvalid,
    SecondSourceRequired,
)
from weidai.origination.models import Application, ApplicationEvent, Offer, ReviewTask
from weidai.platform import clock, outbox
from weidai.platform.models import OutboxMessage
from weidai.products import services as products
from weidai.products.errors import ProductNotFound
from weidai.risk import services as risk

pytestmark = pytest.mark.django_db
LINE, INVITED = "consumer_installment_line", "invited_cash_loan"
assert deliveries  # registers the handlers


def submitted(customer, *, product=LINE, **changes):
    draft = origination.application_open(customer, product=product)
    stated = {"declared_monthly_income_fen": 600_000, "region_code": "11"} | changes
    return origination.application_submit(customer, application_id=draft.id, **stated)


def delivered(customer, application):
    """Let the worker run until nothing is due."""
    while outbox.deliver_due(customer_id=customer):
        pass
    return selectors.application_get(customer, application.id)


def states(customer, application):
    return [row.to_state for row in selectors.timeline(customer, application.id)]


def test_a_good_customer_gets_an_offer_and_a_line(partners):
    customer = customer_make()
    application = delivered(customer, submitted(customer))
    assert states(customer, application) == ["draft", "submitted", "screening", "final_review", "offered"]
    offer = application.offer
    # 12 × 6,000 × 50 % − 5,000 of debt in the report = 31,000: the debt-to-income cap binds (R5.6)
    assert (offer.amount_fen, offer.grade, offer.daily_rate_e8, offer.segment) == (3_100_000, "A", 25_000, "salaried")
    assert [(term.code, term.running_fen) for term in offer.terms] == [
        ("grade_base", 6_000_000), ("card_reference", 6_000_000), ("payment_volume", 6_400_000), ("wealth", 7_040_000),
        ("cap_segment", 5_000_000), ("cap_person", 5_000_000), ("cap_debt_to_income", 3_100_000),
        ("rounded_down", 3_100_000)]
    assert offer.debt_to_income == "0.500000"
    assert (offer.valid_until - AT).days == 30
    accepted = origination.offer_accept(customer, application_id=application.id)
    line = limits.line_get(customer, accepted.offer.line_id)
    assert (accepted.state, line.status, line.approved_fen, line.grade, line.daily_rate_e8) == (
        "accepted", "granted", 3_100_000, "A", 25_000)
    assert origination.offer_accept(customer, application_id=application.id).offer.line_id == line.id
    assert CreditLine.objects.count() == 1
    assert list(Notice.objects.order_by("id").values_list("template", flat=True)) == [
        "origination.submitted", "origination.offered", "limits.granted"]
    names = set(Event.objects.filter(subject_id=application.id).values_list("name", flat=True))
    assert {"origination.application.opened", "origination.application.submitted", "risk.decision.made",
            "origination.application.screening_started", "origination.application.final_review_started",
            "origination.final_review.concluded", "origination.application.offered",
            "origination.application.accepted"} <= names


def test_the_customer_is_told_an_honest_time(partners):
    application = submitted(customer_make())
    assert application.expected_by - AT == timedelta(minutes=15)
    by_person = submitted(customer_make(2), wants_person=True)
    assert by_person.expected_by == AT + timedelta(days=2)  # 960 working minutes: two days of eight hours


def test_no_employment_in_the_report_means_the_starter_segment(partners):
    partners.report_answer = replace(REPORT, employer=None)
    customer = customer_make()
    offer = delivered(customer, submitted(customer)).offer
    assert (offer.amount_fen, offer.segment) == (500_000, "starter")


def test_no_more_is_offered_than_was_asked_for(partners):
    customer = customer_make()
    assert delivered(customer, submitted(customer, requested_fen=123_456)).offer.amount_fen == 120_000


def test_a_weak_identity_stays_in_the_starter_segment(partners):
    customer = customer_make(has_mobile=False, has_card=False)  # 40 points of 65
    assert delivered(customer, submitted(customer)).offer.segment == "starter"


def test_a_low_grade_is_declined_with_reasons_that_help(partners):
    partners.profile_answer = replace(GOOD, payments=months(10_000, 3, number=12), balances=None, contacts=None,
                                      card_limit_total_fen=0, wealth_products_fen=0)
    partners.report_answer = replace(REPORT, score=300)
    partners.repayment = RepaymentFacts(overdue_event_count=3)
    customer = customer_make()
    application = delivered(customer, submitted(customer))
    assert application.state == "declined"
    codes = [reason.code for reason in application.decline_reasons]
    assert codes[0] == "origination.grade_too_low"
    assert len(codes) == 4
    assert all(code.startswith("assessment.") for code in codes[1:])
    assert application.can_appeal
    assert not Offer.objects.exists()
    assert Notice.objects.filter(template="origination.declined").count() == 1


@pytest.mark.parametrize(("changes", "code"), [
    ({"report": {"total_debt_fen": 9_000_000}}, "origination.debt_to_income"),
    ({"repayment": {"is_overdue": True}}, "origination.overdue"),
    ({"repayment": {"outstanding_principal_fen": 4_000_000}}, "origination.debt_to_income"),
])
def test_debt_and_overdue_are_declined(partners, changes, code):
    partners.report_answer = replace(REPORT, **changes.get("report", {}))
    partners.repayment = RepaymentFacts(**changes.get("repayment", {}))
    customer = customer_make()
    application = delivered(customer, submitted(customer))
    assert (application.state, application.decline_reasons[0].code) == ("declined", code)


def test_a_listed_customer_is_declined_in_screening_without_a_bureau_query(partners):
    customer = customer_make()
    risk.list_add(kind="mobile", value="13800000001", effect="block", reason="fraud_case", staff_id="7")
    application = delivered(customer, submitted(customer))
    assert states(customer, application) == ["draft", "submitted", "screening", "declined"]
    assert [reason.code for reason in application.decline_reasons] == [
        "origination.blocklist", "origination.fraud_blocked"]
    assert partners.asked == []
    assert not Assessment.objects.exists()


def test_a_consent_withdrawn_in_between_ends_in_a_clear_decline(partners):
    customer = customer_make()
    application = submitted(customer)
    Consent.objects.filter(customer_id=customer, purpose="credit_report").update(withdrawn_at=AT)
    application = delivered(customer, application)
    assert [reason.code for reason in application.decline_reasons] == ["origination.credit_report_consent_withdrawn"]
    assert partners.asked == []


def test_a_silent_bureau_leaves_the_case_where_it_is_and_it_goes_on_later(partners):
    customer = customer_make()
    partners.is_down = True
    application = delivered(customer, submitted(customer))
    assert application.state == "final_review"
    partners.is_down = False
    OutboxMessage.objects.filter(kind="origination.final_review").update(not_before=clock.wall_now())
    assert delivered(customer, application).state == "offered"


def test_every_stage_run_twice_has_one_effect(partners):
    customer = customer_make()
    application = submitted(customer)
    for _ in range(2):
        origination.screening_run(customer, application_id=application.id)
    for _ in range(2):
        origination.final_review_run(customer, application_id=application.id)
    assert states(customer, application) == ["draft", "submitted", "screening", "final_review", "offered"]
    assert (Offer.objects.count(), Assessment.objects.count()) == (1, 1)
    delivered(customer, application)
    assert ApplicationEvent.objects.count() == 5


def test_a_crash_after_the_first_step_of_screening_resumes(partners):
    customer = customer_make()
    application = submitted(customer)
    Application.objects.update(state="screening")  # died between the two transactions
    assert delivered(customer, application).state == "offered"


def test_opening_twice_gives_one_draft_and_a_running_one_is_refused(partners):
    customer = customer_make()
    draft = origination.application_open(customer, product=LINE)
    assert origination.application_open(customer, product=LINE).id == draft.id
    submitted(customer)
    with pytest.raises(ApplicationExists):
        origination.application_open(customer, product=LINE)
    assert Application.objects.count() == 1


def test_the_real_name_gate_holds_for_every_channel(partners):
    customer = customer_make(is_verified=False)
    for channel in ("page", "api", "staff"):
        with pytest.raises(identity_errors.RealNameRequired):
            origination.application_open(customer, product=LINE, channel=channel)
    assert not Application.objects.exists()


@pytest.mark.parametrize(("product", "error"), [
    ("pay_later_line", ProductNotOpen), ("business_loan", ProductNotOpen), ("gold", ProductNotFound),
    (INVITED, NotEligible)])
def test_a_product_that_is_not_open_to_the_customer_is_refused(partners, product, error):
    with pytest.raises(error) as caught:
        origination.application_open(customer_make(), product=product)
    assert not Application.objects.exists()
    if error is NotEligible:
        assert [reason.code for reason in caught.value.reasons] == ["products.invitation_required"]


def test_a_held_product_cannot_be_applied_for_again(partners):
    customer = customer_make()
    application = delivered(customer, submitted(customer))
    origination.offer_accept(customer, application_id=application.id)
    with pytest.raises(NotEligible) as caught:
        origination.application_open(customer, product=LINE)
    assert [reason.code for reason in caught.value.reasons] == ["products.already_held"]


def test_an_invited_customer_gets_the_invited_product_once(partners):
    customer = customer_make()
    products.invitation_issue(customer)
    application = delivered(customer, submitted(customer, product=INVITED))
    assert (application.state, application.offer.amount_fen, application.offer.daily_rate_e8) == (
        "offered", 3_100_000, 20_000)
    origination.offer_decline(customer, application_id=application.id)
    with pytest.raises(NotEligible):
        origination.application_open(customer, product=INVITED)


def test_a_second_product_gets_what_is_left_of_the_total(partners):
    customer = customer_make()
    first = delivered(customer, submitted(customer, requested_fen=2_000_000))
    origination.offer_accept(customer, application_id=first.id)
    products.invitation_issue(customer)
    second = delivered(customer, submitted(customer, product=INVITED))
    assert second.offer.amount_fen == 1_100_000


def test_two_offers_side_by_side_are_not_both_taken_beyond_the_total(partners):
    customer = customer_make()
    products.invitation_issue(customer)
    invited = delivered(customer, submitted(customer, product=INVITED))
    line = delivered(customer, submitted(customer))
    assert (invited.offer.amount_fen, line.offer.amount_fen) == (3_100_000, 3_100_000)
    origination.offer_accept(customer, application_id=line.id)
    with pytest.raises(OfferTooLarge) as caught:
        origination.offer_accept(customer, application_id=invited.id)
    assert "0.00" in caught.value.message.zh
    assert limits.approved_total_fen(customer) == 3_100_000
    assert selectors.application_get(customer, invited.id).state == "offered"
    origination.offer_decline(customer, application_id=invited.id)


def test_two_offers_that_fit_together_are_both_taken(partners):
    customer = customer_make()
    products.invitation_issue(customer)
    invited = delivered(customer, submitted(customer, product=INVITED, requested_fen=1_000_000))
    line = delivered(customer, submitted(customer, requested_fen=2_000_000))
    for application in (line, invited):
        origination.offer_accept(customer, application_id=application.id)
    assert limits.approved_total_fen(customer) == 3_000_000


def test_many_applications_are_listed_with_as_many_statements_as_one(partners, django_assert_num_queries):
    customer = customer_make()
    for number in range(1, 4):
        application = delivered(customer, submitted(customer))
        origination.offer_decline(customer, application_id=application.id)
        with django_assert_num_queries(3):
            rows = selectors.applications_for(customer)
        assert [row.offer.amount_fen for row in rows] == [3_100_000] * number


@pytest.mark.parametrize(("changes", "error"), [
    ({"declared_monthly_income_fen": -1}, DeclaredIncomeInvalid),
    ({"declared_monthly_income_fen": None}, DeclaredIncomeInvalid),
    ({"declared_monthly_income_fen": 1_000_000_001}, DeclaredIncomeInvalid), ({"region_code": "1"}, RegionInvalid),
    ({"region_code": "北京"}, RegionInvalid), ({"requested_fen": 49_999}, RequestedAmountInvalid),
    ({"requested_fen": 5_000_001}, RequestedAmountInvalid), ({"note": "x" * 501}, identity_errors.ProfileInvalid)])
def test_bad_input_leaves_the_draft_as_it_was(partners, changes, error):
    customer = customer_make()
    with pytest.raises(error):
        submitted(customer, **changes)
    row = Application.objects.get()
    assert (row.state, row.submitted_at, row.declared_monthly_income_fen) == ("draft", None, None)
    assert not OutboxMessage.objects.exists()


def test_the_credit_report_consent_comes_before_submission(partners):
    customer = customer_make(consents=("payment_data",))
    with pytest.raises(CreditReportConsentRequired):
        submitted(customer)
    assert Application.objects.get().state == "draft"


def test_the_consent_to_reporting_comes_before_submission(partners):
    customer = customer_make(consents=("payment_data", "credit_report"))
    with pytest.raises(ConsentRequired) as refusal:
        submitted(customer)
    assert (refusal.value.purpose, refusal.value.message.zh) == (
        "credit_reporting", "需要先单独同意《个人信用信息报送授权书》。")
    assert refusal.value.advice is not None
    assert Application.objects.get().state == "draft"
    assert not OutboxMessage.objects.exists()


def test_a_student_names_a_second_source_and_meets_a_person(partners):
    customer = customer_make(occupation="student")
    with pytest.raises(SecondSourceRequired):
        submitted(customer)
    application = delivered(customer, submitted(customer, second_repayment_source="父母每月支持"))
    assert application.state == "verification"
    assert ReviewTask.objects.get().reasons == ["origination.student"]


def test_submitting_twice_is_submitting_once(partners):
    customer = customer_make()
    application = submitted(customer)
    again = origination.application_submit(customer, application_id=application.id, declared_monthly_income_fen=1,
                                           region_code="31")
    assert again.declared_monthly_income_fen == 600_000
    assert states(customer, application) == ["draft", "submitted"]


def test_withdrawing_ends_it_and_an_ended_one_cannot_be_moved(partners):
    customer = customer_make()
    application = delivered(customer, submitted(customer))
    row = origination.withdraw(customer, application_id=application.id)
    assert (row.state, row.offer.state, row.can_withdraw) == ("withdrawn", "declined", False)
    assert origination.withdraw(customer, application_id=application.id).state == "withdrawn"
    with pytest.raises(ApplicationStateConflict) as caught:
        origination.offer_accept(customer, application_id=application.id)
    assert "已撤回" in caught.value.message.zh
    assert not CreditLine.objects.exists()


def test_withdrawing_while_the_worker_is_on_its_way_wins(partners):
    customer = customer_make()
    application = submitted(customer)
    origination.withdraw(customer, application_id=application.id)
    assert delivered(customer, application).state == "withdrawn"
    assert not Offer.objects.exists()


def test_an_offer_not_taken_in_time_expires(partners):
    customer = customer_make()
    application = delivered(customer, submitted(customer))
    with clock.travel_to(AT + timedelta(days=30)):
        with pytest.raises(OfferExpired):
            origination.offer_accept(customer, application_id=application.id)
        assert origination.applications_expire() == 1
        assert origination.applications_expire() == 0
        row = selectors.application_get(customer, application.id)
    assert (row.state, row.offer.state) == ("expired", "expired")
    assert not CreditLine.objects.exists()


def test_a_forgotten_draft_expires(partners):
    customer = customer_make()
    draft = origination.application_open(customer, product=LINE)
    with clock.travel_to(AT + timedelta(days=31)):
        assert origination.applications_expire() == 1
    assert selectors.application_get(customer, draft.id).state == "expired"
    with pytest.raises(ApplicationStateConflict):
        origination.application_submit(customer, application_id=draft.id, declared_monthly_income_fen=1,
                                       region_code="11")


def test_another_customers_application_is_not_found(partners):
    customer, stranger = customer_make(1), customer_make(2)
    application = submitted(customer)
    for service in (origination.withdraw, origination.offer_accept, origination.offer_decline):
        with pytest.raises(ApplicationNotFound):
            service(stranger, application_id=application.id)
    with pytest.raises(ApplicationNotFound):
        selectors.application_get(uuid4(), application.id)


def activated_line(customer):
    application = delivered(customer, submitted(customer))
    accepted = origination.offer_accept(customer, application_id=application.id)
    return limits.line_get(customer, accepted.offer.line_id)


def test_a_scheduled_review_with_the_same_facts_changes_nothing(partners):
    customer = customer_make()
    line = activated_line(customer)
    with clock.travel_to(AT + timedelta(days=184)):
        partners.report_answer = replace(REPORT, report_id="br-2", as_of=clock.today())
        partners.profile_answer = replace(GOOD, payments=months(until=clock.today()))
        assert origination.line_reviews_run(clock.today()) == 1
        assert origination.line_reviews_run(clock.today()) == 0
    changes = limits.changes_for(customer, line_id=line.id)
    assert [(change.kind, change.after_fen) for change in changes] == [("unchanged", 3_100_000), ("granted", 3_100_000)]
    assert partners.asked.count("report:limit_review") == 1


@pytest.mark.parametrize(("debt_fen", "kind", "after_fen"), [
    (2_500_000, "decreased", 1_100_000), (0, "increase_offered", 3_600_000), (9_000_000, "decreased", 0)])
def test_a_review_follows_the_debt(partners, debt_fen, kind, after_fen):
    customer = customer_make()
    line = activated_line(customer)
    partners.report_answer = replace(REPORT, report_id="br-2", total_debt_fen=debt_fen)
    change = origination.line_review_run(customer, line_id=line.id)
    assert (change.kind, change.before_fen, change.after_fen) == (kind, 3_100_000, after_fen)
    assert change.terms[-1]["running_fen"] == after_fen
    approved = 3_100_000 if kind == "increase_offered" else after_fen
    assert limits.line_get(customer, line.id).approved_fen == approved


def test_a_review_without_an_answer_waits_for_the_next_run(partners):
    customer = customer_make()
    activated_line(customer)
    partners.is_down = True
    with clock.travel_to(AT + timedelta(days=184)):
        assert origination.line_reviews_run(clock.today()) == 0
        partners.is_down = False
        assert origination.line_reviews_run(clock.today()) == 1
