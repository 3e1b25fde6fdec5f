"""Past decisions made again: bit for bit under their own version, and what another version would do (R2.2, R8.6)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from tests.services.credit_support import AT, GOOD, REPORT, customer_make, months
from tests.services.policy.test_life_of_a_version import LI, TODAY, WANG, approved, drafted

from weidai.assessment import services as assessments
from weidai.assessment.ports import RepaymentFacts
from weidai.origination import deliveries
from weidai.origination import services as origination
from weidai.platform import clock, outbox
from weidai.policy import registry, selectors, services
from weidai.policy import selectors_console as lists
from weidai.policy.models import KeptDecision, ReplayChange, ShadowDecision

LINE = "consumer_installment_line"
assert deliveries  # registers the handlers


def applied(serial, **changes):
    customer = customer_make(serial, income_fen=600_000)
    draft = origination.application_open(customer, product=LINE)
    stated = {"declared_monthly_income_fen": 600_000, "region_code": "11"} | changes
    origination.application_submit(customer, application_id=draft.id, **stated)
    while outbox.deliver_due(customer_id=customer):
        pass
    return customer


def month_lived(partners):
    """People of many kinds apply over a month; some are assessed for themselves."""
    answers = [
        (GOOD, REPORT, RepaymentFacts()),
        (replace(GOOD, payments=months(90_000, 20)), replace(REPORT, score=None), RepaymentFacts()),
        (GOOD, replace(REPORT, employer=None, score=560), RepaymentFacts(overdue_event_count=1, standing_notches=1)),
        (GOOD, replace(REPORT, total_debt_fen=9_000_000), RepaymentFacts()),
        (replace(GOOD, payments=months(310_000, 160, number=4)), REPORT, RepaymentFacts(is_overdue=True)),
        (replace(GOOD, found=False), replace(REPORT, found=False, score=None, total_debt_fen=None), RepaymentFacts()),
        (replace(GOOD, payments=months(10_000, 5), contacts=None, balances=None), replace(REPORT, score=300), RepaymentFacts()),
    ]
    people = []
    for place, answer in enumerate(answers):
        partners.profile_answer, partners.report_answer, partners.repayment = answer
        with clock.travel_to(AT + timedelta(days=place)):
            people.append(applied(place + 1, requested_fen=1_000_000 if place % 3 else None, wants_person=place == 3))
            assessments.assessment_run(people[-1], trigger="requested")
    return people


def replayed(under=""):
    since, until = services.month_bounds(date(2026, 3, 1))
    run_id = services.replay_ask(since=since, until=until, asked_by=LI, under=under)
    return run_id, services.replay_run(run_id)


def test_a_month_comes_out_bit_for_bit_the_same_after_the_pack_has_changed(partners):
    month_lived(partners)
    old = selectors.pack(TODAY)
    version_id = approved(from_day=TODAY + timedelta(days=20), file="assessment.toml", old="minimum_score = 850",
                          new="minimum_score = 900")
    services.version_publish(version_id, staff_id=LI)
    with clock.travel_to(AT + timedelta(days=40)):
        assert selectors.pack(clock.today()).version != old.version
        run_id, totals = replayed()
        assert {kind: (one.count, one.same_count) for kind, one in totals.items()} == {
            "assessment": (13, 13), "screening": (7, 7), "final_review": (6, 6), "limit_review": (0, 0), "risk": (7, 7)}
        assert ReplayChange.objects.count() == 0
        assert totals["final_review"].approved_before == totals["final_review"].approved_after > 0
        assert services.replay_run(run_id) == totals  # a finished one is read, not run again


def test_under_another_version_it_says_who_changes_and_how(partners):
    month_lived(partners)
    stricter = drafted(file="limits.toml", old="maximum_fen = 5_000_000", new="maximum_fen = 600_000")
    services.version_edit(stricter, files={"cases.toml": "cases = []\n"}, revision=2, staff_id=WANG)  # they expect more
    version = services.version_submit(stricter, staff_id=WANG)
    run_id, totals = replayed(under=version)
    found = totals["final_review"]
    assert found.same_count < found.count
    assert found.amount_after_fen < found.amount_before_fen
    assert found.loss_after_fen < found.loss_before_fen
    assert found.approved_after == found.approved_before
    assert totals["assessment"].same_count == totals["assessment"].count
    rows = lists.replay_changes(run_id, limit=100)
    assert len(rows) == found.count - found.same_count
    assert all(row.after["amount_fen"] <= 600_000 for row in rows)
    assert sum(row.before["amount_fen"] - row.after["amount_fen"] for row in rows) == (
        found.amount_before_fen - found.amount_after_fen)
    assert {change[0] for row in rows for change in row.changes} <= {
        "amount_fen", "line_fen", "total_fen", "terms", "debt_to_income"}
    row = lists.replay_get(run_id)
    assert (row.state, row.done_count, row.total_count) == ("done", 33, 33)


def test_a_tampered_decision_is_found(partners):
    applied(1)
    kept = KeptDecision.objects.get(kind="final_review")
    kept.outcome["amount_fen"] += 1
    kept.save()
    _, totals = replayed()
    assert totals["final_review"].same_count == 0
    change = ReplayChange.objects.get(kind="final_review").changes
    assert [one[0] for one in change] == ["amount_fen"]


def test_the_shadow_decides_beside_and_changes_nothing(partners):
    applied(1)
    assert not ShadowDecision.objects.exists()
    version_id = drafted(file="assessment.toml", old="minimum_score = 850", new="minimum_score = 1000")
    services.version_submit(version_id, staff_id=WANG)
    services.version_shadow(version_id, staff_id=WANG)
    partners.report_answer = replace(REPORT, score=600)
    customer = applied(2)
    kept = KeptDecision.objects.get(customer_id=customer, kind="final_review")
    assert kept.pack_version == selectors.pack(TODAY).version
    assert kept.outcome["grade"] == "A"
    version = lists.version_get(version_id).version
    found = {row.kind: (row.count, row.same_count) for row in lists.shadow_totals(version)}
    assert found == {"assessment": (1, 0), "final_review": (1, 0), "risk": (1, 1), "screening": (1, 1)}
    row = ShadowDecision.objects.get(kind="final_review")
    assert (row.live_effect["grade"], row.shadow_effect["grade"], row.is_same) == ("A", "B", False)
    assert "grade" in [change[0] for change in row.changes]


def test_a_shadow_that_breaks_does_not_touch_the_decision(partners, monkeypatch):
    version_id = drafted()
    services.version_submit(version_id, staff_id=WANG)
    services.version_shadow(version_id, staff_id=WANG)
    kinds = registry.decision_kinds()
    broken = type("Broken", (), {"decide": lambda *_: 1 / 0, "effect": kinds["final_review"].effect})()
    registry.decision_kinds.fill({**kinds, "final_review": broken})
    try:
        customer = applied(1)
    finally:
        registry.decision_kinds.fill(kinds)
    assert KeptDecision.objects.filter(customer_id=customer, kind="final_review").count() == 1
    row = ShadowDecision.objects.get(kind="final_review")
    assert (row.is_same, row.shadow_effect) == (False, {})
    assert ["failed", None, "ZeroDivisionError"] in row.changes


def test_a_product_the_version_no_longer_has_is_told_not_guessed(partners):
    applied(1)
    version_id = drafted(file="products.toml", old='code = "consumer_installment_line"', new='code = "business_loan"')
    row = lists.version_get(version_id)
    kept = row.files["products.toml"].rpartition("[[products]]")[0]  # without the second business_loan
    services.version_edit(version_id, files={"products.toml": kept, "cases.toml": "cases = []\n"}, revision=row.revision,
                          staff_id=WANG)
    checked = services.version_check(version_id)
    if checked.faults:
        pytest.skip(f"the shortened catalogue is refused: {checked.faults[0]}")
    _, totals = replayed(under=services.version_submit(version_id, staff_id=WANG))
    assert totals["final_review"].not_decided_count == 1


def test_inputs_hold_no_personal_data(partners):
    customer = applied(1)
    for row in KeptDecision.objects.filter(customer_id=customer):
        text = str(row.inputs) + str(row.outcome)
        assert not any(word in text for word in ("王伟", "138", "110101", "示范公司", "6225"))
    assert isinstance(customer, UUID) and isinstance(AT, datetime)
