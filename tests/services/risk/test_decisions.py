"""Lists, velocity, amounts and signals lead to allow, challenge or block, kept once with reasons (R8.2)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.services.credit_support import AT

from weidai.audit.models import Event
from weidai.platform import clock
from weidai.risk import selectors
from weidai.risk import services as risk
from weidai.risk.errors import RiskListEntryNotFound, RiskSignalUnknown
from weidai.risk.models import Decision, ListEntry
from weidai.risk.services import RiskFacts

pytestmark = pytest.mark.django_db


def decide(customer, *, event="drawdown", subject=None, **facts):
    return risk.decide(customer, event=event, subject_id=subject or uuid4(), facts=RiskFacts(**facts))


def test_an_ordinary_event_is_allowed_and_kept():
    customer, subject = uuid4(), uuid4()
    row = decide(customer, subject=subject, amount_fen=100_000, identifiers={"mobile": "13800000001"})
    assert (row.outcome, row.reasons) == ("allow", ())
    kept = selectors.decision_for(customer, event="drawdown", subject_id=subject)
    assert kept.facts == {"amount_fen": 100_000, "signals": [], "past_count": 0, "list_hits": []}
    assert kept.decided_at == AT
    assert "13800000001" not in str(kept)


def test_the_same_event_gets_the_same_answer():
    customer, subject = uuid4(), uuid4()
    first = decide(customer, subject=subject)
    assert decide(customer, subject=subject, signals=frozenset({"mobile_suspended"})) == first
    assert Decision.objects.count() == 1
    assert Event.objects.filter(name="risk.decision.made").count() == 1


@pytest.mark.parametrize(("kind", "value", "same"), [
    ("id_number", "11010119900101001X", "11010119900101001x"), ("mobile", "13800000001", " 13800000001")])
def test_a_listed_value_blocks_until_it_is_removed(kind, value, same):
    entry = risk.list_add(kind=kind, value=value, effect="block", reason="fraud_case", staff_id="7")
    assert risk.list_add(kind=kind, value=same, effect="block", reason="again", staff_id="7") == entry
    assert value not in ListEntry.objects.get().digest
    row = decide(uuid4(), identifiers={kind: same})
    assert (row.outcome, row.reasons) == ("block", (f"list_{kind}",))
    risk.list_remove(entry_id=entry, reason="error")
    assert decide(uuid4(), identifiers={kind: value}).outcome == "allow"
    with pytest.raises(RiskListEntryNotFound):
        risk.list_remove(entry_id=entry, reason="error")


def test_a_listed_customer_is_found_without_being_named():
    customer = uuid4()
    risk.list_add(kind="customer", value=str(customer), effect="challenge", reason="watch", staff_id="7")
    assert decide(customer).outcome == "challenge"
    assert decide(uuid4()).outcome == "allow"


def test_an_unknown_kind_of_list_value_is_refused():
    with pytest.raises(RiskSignalUnknown):
        risk.list_add(kind="name", value="x", effect="block", reason="x", staff_id="7")
    assert not ListEntry.objects.exists()


def test_velocity_counts_this_event_and_forgets_old_ones():
    customer = uuid4()
    outcomes = [decide(customer).outcome for _ in range(11)]
    assert outcomes == ["allow"] * 5 + ["challenge"] * 5 + ["block"]
    with clock.travel_to(AT + timedelta(hours=25)):
        assert decide(customer).outcome == "allow"
    assert decide(uuid4()).outcome == "allow"


def test_amounts_of_a_day_add_up():
    customer = uuid4()
    assert decide(customer, amount_fen=20_000_000).outcome == "allow"
    row = decide(customer, amount_fen=1)
    assert (row.outcome, row.reasons) == ("block", ("drawn_in_a_day",))


def test_signals_have_the_effect_the_pack_gives_them():
    row = decide(uuid4(), signals=frozenset({"mobile_number_new", "mobile_suspended", "not_in_the_pack"}))
    assert (row.outcome, row.reasons) == ("block", ("signal_mobile_number_new", "signal_mobile_suspended"))
