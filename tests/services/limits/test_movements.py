"""Reserve, use, release, restore: exact amounts, every refusal writes nothing (R5.5)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.services.credit_support import customer_make

from weidai.audit.models import Event
from weidai.limits import selectors
from weidai.limits import services as limits
from weidai.limits.errors import (
    CreditLineClosed,
    CreditLineExists,
    CreditLineFrozen,
    CreditLineNotActivated,
    CreditLineNotFound,
    LimitAmountInvalid,
    LimitExceeded,
    LimitMovementConflict,
    LimitNotGranted,
)
from weidai.limits.models import CreditLine, LimitChange, LimitMovement
from weidai.platform import clock

pytestmark = pytest.mark.django_db
PRODUCT = "consumer_installment_line"


def granted(customer, *, amount_fen=2_000_000, application=None):
    return limits.line_grant(customer, product=PRODUCT, amount_fen=amount_fen, grade="B", daily_rate_e8=35_000,
                             terms=({"code": "grade_base"},), application_id=application or uuid4())


@pytest.fixture
def customer():
    return customer_make()


@pytest.fixture
def line(customer):
    row = granted(customer)
    return limits.line_activate(customer, line_id=row.id)


def parts(customer, line):
    row = selectors.line_get(customer, line.id)
    assert row.approved_fen == row.used_fen + row.reserved_fen + row.available_fen
    return row.approved_fen, row.used_fen, row.reserved_fen, row.available_fen


def test_a_granted_line_has_its_band_review_date_and_first_change(customer):
    row = granted(customer)
    assert (row.status, row.approved_fen, row.available_fen, row.target_fen) == (
        "granted", 2_000_000, 2_000_000, 2_000_000)
    assert row.next_review_on.isoformat() == "2026-09-04"  # (5,000, 50,000]: six months (R5.1)
    change = LimitChange.objects.get()
    assert (change.kind, change.before_fen, change.after_fen, change.terms) == (
        "granted", 0, 2_000_000, [{"code": "grade_base"}])
    assert Event.objects.filter(name="limits.credit_line.granted").count() == 1


def test_granting_twice_for_one_application_gives_one_line(customer):
    application = uuid4()
    assert granted(customer, application=application).id == granted(customer, application=application).id
    assert CreditLine.objects.count() == 1


def test_a_second_line_of_a_product_is_refused(customer, line):
    with pytest.raises(CreditLineExists):
        granted(customer)
    assert CreditLine.objects.count() == 1


@pytest.mark.parametrize("amount_fen", [49_900, 5_000_001])
def test_an_amount_outside_the_product_is_refused(customer, amount_fen):
    with pytest.raises(LimitNotGranted):
        granted(customer, amount_fen=amount_fen)
    assert not CreditLine.objects.exists()
    assert not LimitChange.objects.exists()


def test_a_drawdown_reserves_uses_and_repayment_restores(customer, line):
    drawdown, repayment = uuid4(), uuid4()
    limits.limit_reserve(customer, line_id=line.id, amount_fen=300_000, cause_id=drawdown)
    assert parts(customer, line) == (2_000_000, 0, 300_000, 1_700_000)
    limits.limit_use(customer, line_id=line.id, amount_fen=300_000, cause_id=drawdown)
    assert parts(customer, line) == (2_000_000, 300_000, 0, 1_700_000)
    row = limits.limit_restore(customer, line_id=line.id, amount_fen=120_000, cause_id=repayment)
    assert (row.used_fen, row.available_fen) == (180_000, 1_820_000)
    assert parts(customer, line) == (2_000_000, 180_000, 0, 1_820_000)


def test_a_failed_payout_gives_the_reservation_back(customer, line):
    drawdown = uuid4()
    limits.limit_reserve(customer, line_id=line.id, amount_fen=300_000, cause_id=drawdown)
    limits.limit_release(customer, line_id=line.id, amount_fen=300_000, cause_id=drawdown)
    assert parts(customer, line) == (2_000_000, 0, 0, 2_000_000)
    with pytest.raises(LimitMovementConflict):
        limits.limit_use(customer, line_id=line.id, amount_fen=300_000, cause_id=drawdown)


@pytest.mark.parametrize("service", [limits.limit_reserve, limits.limit_use, limits.limit_restore])
def test_the_same_cause_moves_once(customer, line, service):
    drawdown, cause = uuid4(), uuid4()
    if service is not limits.limit_reserve:
        limits.limit_reserve(customer, line_id=line.id, amount_fen=500_000, cause_id=drawdown)
    if service is limits.limit_use:
        cause = drawdown
    if service is limits.limit_restore:
        limits.limit_use(customer, line_id=line.id, amount_fen=500_000, cause_id=drawdown)
    service(customer, line_id=line.id, amount_fen=200_000, cause_id=cause)
    once = parts(customer, line)
    service(customer, line_id=line.id, amount_fen=200_000, cause_id=cause)
    assert parts(customer, line) == once
    with pytest.raises(LimitMovementConflict):
        service(customer, line_id=line.id, amount_fen=200_001, cause_id=cause)
    assert parts(customer, line) == once


def refused(customer, line, error, service, **arguments):
    before, rows, events = parts(customer, line), LimitMovement.objects.count(), Event.objects.count()
    with pytest.raises(error) as caught:
        service(customer, **{"line_id": line.id, "amount_fen": 100, "cause_id": uuid4()} | arguments)
    assert (parts(customer, line), LimitMovement.objects.count(), Event.objects.count()) == (before, rows, events)
    return caught.value


def test_more_than_available_is_refused_with_the_figures(customer, line):
    error = refused(customer, line, LimitExceeded, limits.limit_reserve, amount_fen=2_000_001)
    assert (error.available_fen, error.wanted_fen) == (2_000_000, 2_000_001)
    assert "20,000.00" in error.message.zh


@pytest.mark.parametrize("amount_fen", [0, -1, 1.5])
def test_amounts_that_are_not_above_zero_are_refused(customer, line, amount_fen):
    refused(customer, line, LimitAmountInvalid, limits.limit_reserve, amount_fen=amount_fen)


def test_use_release_and_restore_cannot_move_what_is_not_there(customer, line):
    for service in (limits.limit_use, limits.limit_release, limits.limit_restore):
        refused(customer, line, LimitMovementConflict, service)


def test_a_line_that_is_not_activated_cannot_be_drawn(customer):
    refused(customer, granted(customer), CreditLineNotActivated, limits.limit_reserve)


def test_a_closed_line_cannot_be_drawn_or_activated(customer, line):
    assert limits.line_close(customer, line_id=line.id, reason="customer").status == "closed"
    refused(customer, line, CreditLineClosed, limits.limit_reserve)
    with pytest.raises(CreditLineClosed):
        limits.line_activate(customer, line_id=line.id)


def test_r8_5_only_a_line_that_was_never_drawn_lets_its_papers_go(customer, line):
    cause = uuid4()
    for service in (limits.limit_reserve, limits.limit_use, limits.limit_restore):
        service(customer, line_id=line.id, amount_fen=100, cause_id=cause)
    limits.line_close(customer, line_id=line.id, reason="customer")
    unused = granted(customer)
    limits.line_close(customer, line_id=unused.id, reason="customer")
    after = clock.now() + timedelta(seconds=1)
    assert selectors.applications_of_undrawn_lines(closed_before=after) == [unused.application_id]
    assert selectors.applications_of_undrawn_lines(closed_before=after - timedelta(days=1)) == []


def test_a_line_in_use_cannot_be_closed(customer, line):
    limits.limit_reserve(customer, line_id=line.id, amount_fen=100, cause_id=uuid4())
    with pytest.raises(LimitMovementConflict):
        limits.line_close(customer, line_id=line.id, reason="customer")
    assert selectors.line_get(customer, line.id).status == "activated"


def test_another_customers_line_is_not_found(customer, line):
    with pytest.raises(CreditLineNotFound):
        limits.limit_reserve(uuid4(), line_id=line.id, amount_fen=100, cause_id=uuid4())
    with pytest.raises(CreditLineNotFound):
        selectors.line_get(uuid4(), line.id)


def test_every_hold_stops_a_drawdown_and_is_named(customer, line):
    limits.hold_place(customer, kind="overdue", source="servicing", reason="spell")
    limits.hold_place(customer, kind="customer_lock", source="security", reason="locked")
    error = refused(customer, line, CreditLineFrozen, limits.limit_reserve)
    assert error.kinds == ("customer_lock", "overdue")
    assert error.code == "limits.credit_line_frozen"
    assert "存在逾期" in error.message.zh
    assert [block.code for block in selectors.can_draw(customer, line.id)] == [
        "limits.hold.customer_lock", "limits.hold.overdue"]


def test_money_that_is_on_its_way_arrives_under_a_hold(customer, line):
    drawdown = uuid4()
    limits.limit_reserve(customer, line_id=line.id, amount_fen=100, cause_id=drawdown)
    limits.hold_place(customer, kind="fraud", source="risk", reason="case")
    limits.limit_use(customer, line_id=line.id, amount_fen=100, cause_id=drawdown)
    assert parts(customer, line) == (2_000_000, 100, 0, 1_999_900)


@pytest.mark.parametrize("change", [
    {"used_fen": 2_000_001}, {"reserved_fen": -1}, {"target_fen": 2_000_001}, {"status": "frozen"},
    {"daily_rate_e8": 0}])
def test_the_database_refuses_a_line_that_cannot_be(customer, line, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditLine.objects.filter(id=line.id).update(**change)


def test_a_reversed_repayment_uses_the_limit_again_whatever_holds_or_lacks(customer, line):
    drawn, repaid = uuid4(), uuid4()
    limits.limit_reserve(customer, line_id=line.id, amount_fen=2_000_000, cause_id=drawn)
    limits.limit_use(customer, line_id=line.id, amount_fen=2_000_000, cause_id=drawn)
    limits.limit_restore(customer, line_id=line.id, amount_fen=500_000, cause_id=repaid)
    limits.hold_place(customer, kind="overdue", source="servicing", reason="overdue")
    for _ in range(2):
        limits.limit_reuse(customer, line_id=line.id, amount_fen=500_000, cause_id=repaid)
    assert parts(customer, line) == (2_000_000, 2_000_000, 0, 0)
    assert not LimitChange.objects.filter(kind="exceeded").exists()
    limits.limit_reuse(customer, line_id=line.id, amount_fen=300_000, cause_id=uuid4())
    assert parts(customer, line) == (2_300_000, 2_300_000, 0, 0)
    change = LimitChange.objects.get(kind="exceeded")
    assert (change.before_fen, change.after_fen, change.target_fen) == (2_000_000, 2_300_000, 2_000_000)
    limits.limit_restore(customer, line_id=line.id, amount_fen=700_000, cause_id=uuid4())
    assert parts(customer, line) == (2_000_000, 1_600_000, 0, 400_000)
    assert Event.objects.filter(name="limits.limit.reused").count() == 2


def test_a_closed_line_is_not_used_again(customer, line):
    limits.line_close(customer, line_id=line.id, reason="customer")
    with pytest.raises(CreditLineClosed):
        limits.limit_reuse(customer, line_id=line.id, amount_fen=100, cause_id=uuid4())
