"""Two at once on one line or one application: the limit holds, one draft, one line (R4.4, R5.5)."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections
from tests.services.credit_support import AT, customer_make, partners

from weidai.kernel.errors import Refusal
from weidai.limits import selectors
from weidai.limits import services as limits
from weidai.limits.models import CreditLine
from weidai.origination import services as origination
from weidai.origination.models import Application, Offer
from weidai.platform import clock

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["partners"]
PRODUCT = "consumer_installment_line"


def at_once(action, count=8):
    """Run the action in threads with connections of their own and return results or refusal codes."""
    def one(number):
        try:
            with clock.travel_to(AT):
                return action(number)
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def line_of(customer, amount_fen=1_000_000):
    with clock.travel_to(AT):
        row = limits.line_grant(customer, product=PRODUCT, amount_fen=amount_fen, grade="B", daily_rate_e8=35_000,
                                terms=(), application_id=uuid4())
        return limits.line_activate(customer, line_id=row.id)


def test_drawdowns_at_once_never_pass_the_limit():
    customer = customer_make()
    line = line_of(customer)
    results = at_once(lambda _: limits.limit_reserve(customer, line_id=line.id, amount_fen=300_000, cause_id=uuid4()))
    assert [one for one in results if isinstance(one, str)] == ["limits.limit_exceeded"] * 5
    row = selectors.line_get(customer, line.id)
    assert (row.reserved_fen, row.available_fen) == (900_000, 100_000)


def test_one_cause_at_once_reserves_once():
    customer, cause = customer_make(), uuid4()
    line = line_of(customer)
    at_once(lambda _: limits.limit_reserve(customer, line_id=line.id, amount_fen=300_000, cause_id=cause))
    assert selectors.line_get(customer, line.id).reserved_fen == 300_000


def test_after_a_hold_is_placed_nothing_more_is_reserved():
    customer = customer_make()
    line = line_of(customer)

    def act(number):
        if number == 3:
            limits.hold_place(customer, kind="fraud", source="risk", reason="case")
            return selectors.line_get(customer, line.id).reserved_fen
        return limits.limit_reserve(customer, line_id=line.id, amount_fen=100_000, cause_id=uuid4())

    at_once(act)
    reserved_fen = selectors.line_get(customer, line.id).reserved_fen
    assert at_once(lambda _: limits.limit_reserve(
        customer, line_id=line.id, amount_fen=100, cause_id=uuid4())) == ["limits.credit_line_frozen"] * 8
    assert selectors.line_get(customer, line.id).reserved_fen == reserved_fen


def test_two_clicks_open_one_draft_and_accept_one_line(partners):
    customer = customer_make()
    drafts = {row.id for row in at_once(lambda _: origination.application_open(customer, product=PRODUCT))}
    assert len(drafts) == Application.objects.count() == 1
    (draft,) = drafts
    at_once(lambda _: origination.application_submit(
        customer, application_id=draft, declared_monthly_income_fen=600_000, region_code="11"))
    at_once(lambda _: origination.screening_run(customer, application_id=draft))
    at_once(lambda _: origination.final_review_run(customer, application_id=draft))
    assert Offer.objects.count() == 1
    at_once(lambda _: origination.offer_accept(customer, application_id=draft))
    assert CreditLine.objects.count() == 1
