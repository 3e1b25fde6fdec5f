"""Holds with sources, sets of holds, and reviews that set a target or make an offer (R5.3, R5.5)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.services.credit_support import AT, customer_make

from weidai.audit.models import Event
from weidai.limits import selectors
from weidai.limits import services as limits
from weidai.limits.errors import CreditLineClosed, HoldKindUnknown, LimitExceeded, LimitOfferNotFound
from weidai.limits.models import Hold, LimitChange
from weidai.limits.services import BulkHold, ReviewResult
from weidai.messaging.models import Notice
from weidai.platform import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return customer_make()


@pytest.fixture
def line(customer):
    row = limits.line_grant(customer, product="consumer_installment_line", amount_fen=1_000_000, grade="B",
                            daily_rate_e8=35_000, terms=(), application_id=uuid4())
    return limits.line_activate(customer, line_id=row.id)


def test_a_hold_is_placed_once_and_released_by_its_source_only(customer, line):
    first = limits.hold_place(customer, kind="overdue", source="servicing", reason="spell")
    assert limits.hold_place(customer, kind="overdue", source="servicing", reason="spell") == first
    assert limits.hold_release(customer, kind="overdue", source="security", reason="paid") == 0
    assert selectors.hold_kinds(customer) == ["overdue"]
    assert limits.hold_release(customer, kind="overdue", source="servicing", reason="paid") == 1
    assert selectors.hold_kinds(customer) == []
    assert selectors.can_draw(customer, line.id) == ()
    assert [row.released_at for row in selectors.holds_for(customer, with_released=True)] == [AT]
    assert list(Notice.objects.order_by("id").values_list("template", flat=True)) == [
        "limits.hold_placed", "limits.hold_released"]


def test_an_unknown_kind_of_hold_is_refused(customer):
    with pytest.raises(HoldKindUnknown):
        limits.hold_place(customer, kind="mood", source="staff", reason="x")
    assert not Hold.objects.exists()


def test_nobody_is_tipped_off_about_a_compliance_hold(customer, line):
    limits.hold_place(customer, kind="aml", source="compliance", reason="case")
    assert not Notice.objects.exists()
    assert [block.code for block in selectors.can_draw(customer, line.id)] == ["limits.hold.security_check"]
    limits.hold_place(customer, kind="fraud", source="risk", reason="case")
    assert len(selectors.can_draw(customer, line.id)) == 1  # the two cannot be told apart (R8.8)


def test_sets_of_holds_are_placed_and_released_once():
    people = [customer_make(serial) for serial in range(1, 4)]
    rows = [BulkHold(customer, "overdue", "servicing", "spell", uuid4()) for customer in people]
    assert {owner for owner, _ in limits.holds_bulk_place(rows)} == set(people)
    assert limits.holds_bulk_place(rows) == []
    assert len(limits.holds_bulk_release([rows[0], BulkHold(people[1], "overdue", "servicing", "paid")])) == 2
    assert limits.holds_bulk_release(rows[:2]) == []
    assert [selectors.hold_kinds(one) for one in people] == [[], [], ["overdue"]]
    assert limits.holds_bulk_place([]) == limits.holds_bulk_release([]) == []
    events = Event.objects.filter(name__startswith="limits.hold.").order_by("name", "id")
    assert {row.customer_id for row in events if row.name == "limits.hold.placed"} == set(people)
    assert [(row.customer_id, row.facts["reason"]) for row in events if row.name == "limits.hold.released"] == [
        (people[0], "spell"), (people[1], "paid")]


def test_a_decrease_sets_the_target_and_ratchets_down_as_debt_is_repaid(customer, line):
    drawdown = uuid4()
    limits.limit_reserve(customer, line_id=line.id, amount_fen=600_000, cause_id=drawdown)
    limits.limit_use(customer, line_id=line.id, amount_fen=600_000, cause_id=drawdown)
    change = limits.line_review(customer, line_id=line.id, result=ReviewResult(400_000, "delinquency"))
    assert (change.kind, change.before_fen, change.after_fen, change.target_fen) == (
        "decreased", 1_000_000, 600_000, 400_000)
    assert selectors.line_get(customer, line.id).available_fen == 0
    row = limits.limit_restore(customer, line_id=line.id, amount_fen=150_000, cause_id=uuid4())
    assert (row.approved_fen, row.used_fen, row.available_fen) == (450_000, 450_000, 0)
    row = limits.limit_restore(customer, line_id=line.id, amount_fen=150_000, cause_id=uuid4())
    assert (row.approved_fen, row.used_fen, row.available_fen) == (400_000, 300_000, 100_000)
    kinds = [one.kind for one in selectors.changes_for(customer, line_id=line.id)]
    assert kinds == ["ratcheted", "ratcheted", "decreased", "granted"]


def test_an_increase_waits_for_acceptance_and_is_taken_once(customer, line):
    change = limits.line_review(customer, line_id=line.id, result=ReviewResult(1_500_000, "scheduled_review"))
    assert (change.kind, change.is_open_offer) == ("increase_offered", True)
    assert selectors.line_get(customer, line.id).approved_fen == 1_000_000
    assert limits.increase_accept(customer, change_id=change.id).approved_fen == 1_500_000
    assert limits.increase_accept(customer, change_id=change.id).approved_fen == 1_500_000
    assert LimitChange.objects.filter(kind="increased").count() == 1


def test_a_declined_or_late_increase_cannot_be_taken(customer, line):
    change = limits.line_review(customer, line_id=line.id, result=ReviewResult(1_500_000, "scheduled_review"))
    with clock.travel_to(AT + timedelta(days=30)), pytest.raises(LimitOfferNotFound):
        limits.increase_accept(customer, change_id=change.id)
    limits.increase_decline(customer, change_id=change.id)
    with pytest.raises(LimitOfferNotFound):
        limits.increase_accept(customer, change_id=change.id)
    assert selectors.line_get(customer, line.id).approved_fen == 1_000_000


def test_an_increase_never_passes_the_cap_per_person(customer, line):
    limits.line_grant(customer, product="invited_cash_loan", amount_fen=19_000_000, grade="A", daily_rate_e8=20_000,
                      terms=(), application_id=uuid4())
    change = limits.line_review(customer, line_id=line.id, result=ReviewResult(1_500_000, "scheduled_review"))
    with pytest.raises(LimitExceeded):
        limits.increase_accept(customer, change_id=change.id)
    assert selectors.line_get(customer, line.id).approved_fen == 1_000_000


def test_an_unchanged_review_moves_the_next_date_only(customer, line):
    with clock.travel_to(AT + timedelta(days=184)):
        assert selectors.reviews_due(clock.today()) == [(customer, line.id)]
        change = limits.line_review(customer, line_id=line.id, result=ReviewResult(1_000_000, "scheduled_review"))
        assert (change.kind, change.before_fen, change.after_fen) == ("unchanged", 1_000_000, 1_000_000)
        assert selectors.reviews_due(clock.today()) == []
    assert selectors.line_get(customer, line.id).next_review_on.isoformat() == "2027-03-04"


def test_the_same_review_changes_once_and_a_closed_line_is_refused(customer, line):
    result = ReviewResult(400_000, "assessment", cause_id=uuid4())
    first = limits.line_review(customer, line_id=line.id, result=result)
    assert limits.line_review(customer, line_id=line.id, result=result).id == first.id
    assert Event.objects.filter(name="limits.credit_line.decreased").count() == 1
    limits.line_close(customer, line_id=line.id, reason="customer")
    with pytest.raises(CreditLineClosed):
        limits.line_review(customer, line_id=line.id, result=ReviewResult(1, "assessment"))
