"""Customers are told before the rules of the assessment change, once, and can read each difference (R2.3)."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from tests.services.credit_support import AT, customer_make
from tests.services.policy.test_life_of_a_version import CHEN, LI, TODAY, approved

from weidai.assessment import policy, rules
from weidai.assessment import services as assessment
from weidai.assessment.models import RulesAnnouncement
from weidai.assessment.selectors_rules import announced_changes
from weidai.assessment.services import announcing
from weidai.messaging.models import Notice
from weidai.platform import clock
from weidai.policy import services

STRICTER = {"file": "assessment.toml", "old": "bureau_maximum_age_days = 90", "new": "bureau_maximum_age_days = 60"}


def published(**change):
    version_id = approved(**change)
    services.version_publish(version_id, staff_id=CHEN)
    return version_id


def told():
    return sorted(Notice.objects.filter(template="assessment.rules_changed").values_list("customer_id", flat=True))


@pytest.fixture
def assessed():
    people = [customer_make(serial=n) for n in (1, 2, 3)]
    for one in people[:2]:
        assessment.assessment_run(one, trigger="requested")
    assert assessment.rules_announce(TODAY) == 0  # the first version ever is nothing new
    return sorted(people[:2])


def test_a_change_is_told_once_before_it_holds_to_everybody_who_was_assessed(assessed):
    from_day = TODAY + timedelta(days=10)
    published(from_day=from_day, **STRICTER)
    assert assessment.rules_announce(TODAY) == 2
    assert assessment.rules_announce(TODAY) == 0
    assert told() == assessed
    [row] = announced_changes()
    assert (row.effective_on, row.is_in_force, row.told_count) == (from_day, False, 2)
    assert [(one.code, one.before.en, one.after.en) for one in row.changes] == [
        ("bureau_age", "90", "60")]
    notice = Notice.objects.filter(template="assessment.rules_changed").first()
    assert notice.values == {"effective_on": from_day.isoformat(), "count": 1}
    with clock.travel_to(AT + timedelta(days=10)):
        assert assessment.rules_announce(from_day) == 0
        assert announced_changes()[0].is_in_force


def test_what_is_too_far_ahead_waits_and_what_changes_nothing_here_is_not_told(assessed):
    published(from_day=TODAY + timedelta(days=40), **STRICTER)
    assert assessment.rules_announce(TODAY) == 0
    assert not announced_changes()
    published(old="offer_valid_days = 30", new="offer_valid_days = 31")
    assert assessment.rules_announce(TODAY) == 0
    assert not told()


def test_a_change_taken_back_is_told_too(assessed):
    version_id = published(**STRICTER)
    assert assessment.rules_announce(TODAY) == 2
    services.version_rollback(version_id, reason="too strict", staff_id=LI)
    assert assessment.rules_announce(TODAY) == 2
    assert [row.changes[0].after.en for row in announced_changes()] == ["90", "60"]


def test_a_run_that_was_stopped_goes_on_after_the_last_one_told(assessed, monkeypatch):
    monkeypatch.setattr(announcing, "CHUNK", 1)
    published(**STRICTER)
    send, sent = announcing.notices_send_bulk, []

    def once(rows, **how):
        if sent:
            raise ConnectionError
        sent.append(rows)
        return send(rows, **how)

    monkeypatch.setattr(announcing, "notices_send_bulk", once)
    with pytest.raises(ConnectionError):
        assessment.rules_announce(TODAY)
    assert told() == assessed[:1]
    assert RulesAnnouncement.objects.filter(finished_at=None).count() == 1
    monkeypatch.setattr(announcing, "notices_send_bulk", send)
    assert assessment.rules_announce(TODAY) == 1
    assert told() == assessed


def test_each_kind_of_difference_is_named_in_words():
    before = policy.current(TODAY)
    first, *others = before.indicators
    after = replace(
        before, grades=(replace(before.grades[0], minimum_score=860), *before.grades[1:]),
        indicators=(replace(first, threshold_fen=350_000, maximum_points=170, partial_share=Fraction(3, 4)),
                    *(replace(one, is_enabled=not one.is_enabled) if one.code == "green_spending" else one for one in others)))
    found = {one.code: (one.before.en, one.after.en) for one in rules.rule_changes(before, after)}
    assert found == {
        "payment_activity.threshold": ("at least 3,000.00 yuan", "at least 3,500.00 yuan"),
        "payment_activity.points": ("200", "170"), "payment_activity.partial_share": ("80%", "75%"),
        "green_spending": ("does not count", "counts"), "grade.A": ("850", "860")}
    assert rules.rule_changes(before, before) == ()
