"""Eligibility with every reason, invitations by policy (R3.2–R3.5)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.services.credit_support import AT, ON, customer_make

from weidai.assessment import services as assessments
from weidai.kernel.money import yuan_text
from weidai.platform import clock
from weidai.products import selectors
from weidai.products import services as products
from weidai.products.errors import InvitationNotFound, InvitationRequired, ProductNotByInvitation, ProductNotFound
from weidai.products.models import Invitation

pytestmark = pytest.mark.django_db
INVITED, LINE = "invited_cash_loan", "consumer_installment_line"


def why(customer, product):
    (row,) = [row for row in selectors.eligibility_for(customer, on=ON) if row.product_code == product]
    return [reason.code for reason in row.reasons]


def test_before_an_assessment_the_only_reason_says_so(partners):
    assert why(customer_make(), LINE) == ["products.not_assessed"]


def test_after_an_assessment_each_product_says_yes_or_why_not(partners):
    customer = customer_make()
    assessments.assessment_run(customer, trigger="requested", bureau_reason="loan_approval")
    assert why(customer, LINE) == why(customer, "pay_later_line") == []
    assert why(customer, INVITED) == ["products.invitation_required"]
    assert why(customer, "business_loan") == ["products.business_licence_required"]
    rates = {row.product_code: row.daily_rate_e8 for row in selectors.eligibility_for(customer, on=ON)}
    assert rates == {INVITED: 20_000, LINE: 25_000, "pay_later_line": 40_000, "business_loan": 20_000}


def test_an_unverified_customer_hears_the_gate_first(partners):
    assert why(customer_make(is_verified=False), LINE)[0] == "identity.real_name_required"


def test_a_student_needs_a_second_source(partners):
    customer = customer_make(occupation="student")
    assert "products.student_second_source" in why(customer, LINE)


def test_the_comparison_works_for_a_visitor_and_a_customer(partners):
    rows = selectors.comparison_for(None, on=ON)
    assert [row.product_code for row in rows] == [row.code for row in selectors.catalogue(ON)]
    assert all(row.eligibility is None for row in rows)
    assert all(row.eligibility is not None for row in selectors.comparison_for(customer_make(), on=ON))
    assert yuan_text(rows[0].maximum_line_fen) == "200,000.00"


def test_rates_by_grade_and_an_unknown_product(partners):
    assert [selectors.daily_rate_e8(LINE, grade, ON) for grade in "ABCDE"] == [25_000, 35_000, 45_000, 50_000, None]
    with pytest.raises(ProductNotFound):
        selectors.daily_rate_e8("gold", "A", ON)


def test_an_invitation_is_issued_once_and_expires(partners):
    customer = customer_make()
    row = products.invitation_issue(customer)
    assert products.invitation_issue(customer).id == row.id
    assert (row.expires_on - ON).days == 30
    assert selectors.invitation_for(customer, on=row.expires_on).id == row.id
    assert selectors.invitation_for(customer, on=row.expires_on + timedelta(days=1)) is None


def test_an_invitation_is_used_by_one_application(partners):
    customer, application = customer_make(), uuid4()
    products.invitation_issue(customer)
    used = products.invitation_use(customer, product=INVITED, application_id=application)
    assert products.invitation_use(customer, product=INVITED, application_id=application) == used
    with pytest.raises(InvitationRequired):
        products.invitation_use(customer, product=INVITED, application_id=uuid4())
    with pytest.raises(InvitationNotFound):
        products.invitation_withdraw(customer, invitation_id=used, reason="late")


def test_an_expired_invitation_cannot_be_used(partners):
    customer = customer_make()
    products.invitation_issue(customer)
    with clock.travel_to(AT + timedelta(days=31)), pytest.raises(InvitationRequired):
        products.invitation_use(customer, product=INVITED, application_id=uuid4())
    assert Invitation.objects.get().state == "issued"


def test_only_invited_products_have_invitations(partners):
    with pytest.raises(ProductNotByInvitation):
        products.invitation_issue(customer_make(), product=LINE)
    assert not Invitation.objects.exists()


def test_the_batch_selects_by_policy(partners):
    good, student, no_income, unassessed = (
        customer_make(1), customer_make(2, occupation="student"), customer_make(3, income_fen=None), customer_make(4))
    for customer in (good, student, no_income):
        assessments.assessment_run(customer, trigger="requested", bureau_reason="loan_approval")
    assert products.invitations_select([good, student, no_income, unassessed]) == [good]
    assert [row.customer_id for row in selectors.invitations_list()] == [good]
