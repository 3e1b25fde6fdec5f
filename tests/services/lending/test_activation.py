"""The payment password as a step of activation: set once, proved afterwards, never dropped (R6.1)."""

import pytest
from tests.services.credit_support import customer_make
from tests.services.lending_support import PRODUCT

from weidai.identity.models import BankCard
from weidai.lending import selectors
from weidai.lending import services as lending
from weidai.limits import services as limits
from weidai.platform.ids import uuid7
from weidai.security import services as security
from weidai.security.errors import PaymentPasswordWrong

CHOSEN, OTHER = "739182", "518204"


def line_with_card(customer_id):
    line = limits.line_grant(customer_id, product=PRODUCT, amount_fen=3_000_000, grade="B", daily_rate_e8=40_000,
                             terms=(), application_id=uuid7())
    lending.activation_start(customer_id, line_id=line.id)
    lending.activation_card_confirm(customer_id, line_id=line.id,
                                    card_id=BankCard.objects.get(customer_id=customer_id).id)
    return line.id


def test_a_password_given_although_one_exists_must_be_that_one():
    customer = customer_make()
    line = line_with_card(customer)
    security.payment_password_set(customer, password=CHOSEN)
    with pytest.raises(PaymentPasswordWrong):
        lending.activation_password_set(customer, line_id=line, password=OTHER)
    assert selectors.activation_for(customer, line).next_step == "password"
    lending.activation_password_set(customer, line_id=line, password=CHOSEN)
    assert selectors.activation_for(customer, line).next_step == "face"
    security.payment_password_check(customer, password=CHOSEN)


def test_one_set_earlier_counts_when_none_is_given():
    customer = customer_make()
    line = line_with_card(customer)
    security.payment_password_set(customer, password=CHOSEN)
    lending.activation_password_set(customer, line_id=line)
    assert selectors.activation_for(customer, line).next_step == "face"
