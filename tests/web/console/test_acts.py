"""What staff do to customers, money, messages, lists and the clock: with a reason, on record, never in the clear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.services.credit_support import customer_make, id_number
from tests.services.lending_support import borrower_make, loan_make
from tests.web.console.rows import everything, loan_row
from tests.web.staff_session import staff_client, staff_user
from weidai.audit.models import Event
from weidai.identity.models import Voiceprint
from weidai.jobs import end_of_day
from weidai.jobs.models import EodException, EodRun
from weidai.kernel.days import shanghai_instant
from weidai.lending.models import PayoutDiscrepancy
from weidai.limits.models import Hold
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.platform.models import InboxMessage, OutboxMessage
from weidai.risk.models import ListEntry
from weidai.servicing import services as servicing
from weidai.servicing.models import Adjustment, MoneyDiscrepancy, Repayment, SuspenseItem
from weidai.servicing.services.suspense import IncomingTransfer
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db
REASON = {"reason": "客户来电核实后处理"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SERVICE_AGENT, Role.AUDITOR, Role.COLLECTOR])
def test_customer_page_is_masked_for_everybody(role: Role, lang: str) -> None:
    who = borrower_make(3)
    loan_make(who)
    Voiceprint.objects.create(id=uuid7(), customer_id=who.id, content="cHJpbnQ=", engine="embedded/1",
                              confirmed_by="real_name", enrolled_at=clock.now())
    body = staff_client(role).get(f"/console/customers/{who.id}?lang={lang}").content.decode()
    assert "138****0003" in body
    assert "embedded/1" in body  # that there is a voiceprint, never what is in it
    for secret in ("cHJpbnQ=", "王伟", "13800000003", id_number(3), "6225880100000003"):
        assert secret not in body


def test_personal_data_is_shown_with_a_reason_for_five_minutes_to_that_person_only() -> None:
    customer_id, client = customer_make(3), staff_client(Role.SERVICE_AGENT)
    address = f"/console/customers/{customer_id}"
    shown = client.post(f"{address}/reveal", {"fields_wanted": ["mobile", "name"], "reason": "dispute",
                                              "reference": "T-17"}).url
    body = client.get(shown).content.decode()
    assert "13800000003" in body
    assert "王伟" in body
    assert id_number(3) not in body
    event = Event.objects.get(name="identity.personal_data.revealed")
    assert event.facts == {"fields": ["name", "mobile"], "reason": "dispute", "reference": "T-17"}
    assert event.actor_kind == "staff"
    assert "13800000003" not in str(event.facts)
    colleague = staff_client(Role.SERVICE_AGENT, username="colleague")
    assert "13800000003" not in colleague.get(shown).content.decode()
    other = customer_make(4)
    assert "13800000004" not in client.get(shown.replace(str(customer_id), str(other))).content.decode()
    before, clock.wall_now = clock.wall_now, lambda: event.recorded_at + timedelta(minutes=6)  # type: ignore[assignment]
    try:
        assert "13800000003" not in client.get(shown).content.decode()
    finally:
        clock.wall_now = before


@pytest.mark.parametrize("changes", [{"reason": ""}, {"fields_wanted": []}, {"reference": "王伟 13800000003"},
                                     {"reference": "T13800000003"}, {"reference": "11010519491231002X"},
                                     {"fields_wanted": ["employer"]}])
def test_a_look_without_reason_shows_nothing_and_is_not_recorded(changes: dict[str, Any]) -> None:
    customer_id = customer_make(3)
    response = staff_client(Role.SERVICE_AGENT).post(f"/console/customers/{customer_id}/reveal", {
        "fields_wanted": ["mobile"], "reason": "dispute", **changes})
    assert response.status_code == 422
    assert 'class="wd-wrong"' in response.content.decode()
    assert not Event.objects.filter(name="identity.personal_data.revealed").exists()


def test_lines_are_frozen_and_unfrozen_with_a_reason() -> None:
    who = borrower_make(1)
    client, address = staff_client(Role.SENIOR_REVIEWER), f"/console/customers/{who.id}"
    assert client.post(f"{address}/freeze", {"reason": ""}).status_code == 422
    assert not Hold.objects.exists()
    assert client.post(f"{address}/freeze", REASON).url == address
    hold = Hold.objects.get()
    assert (hold.kind, hold.source, hold.reason) == ("fraud", "staff", REASON["reason"])
    assert f"{address}/unfreeze" in client.get(address).content.decode()
    assert client.post(f"{address}/unfreeze", REASON).url == address
    assert Hold.objects.get().released_at is not None
    assert Event.objects.filter(name="limits.hold.placed", actor_kind="staff").count() == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_loan_page_shows_every_side(lang: str) -> None:
    loan = loan_make(borrower_make(1))
    body = staff_client(Role.OPERATIONS).get(f"/console/loans/{loan.id}?lang={lang}").content.decode()
    assert loan.number in body
    assert "14.60%" in body
    assert body.count('wd-hash">SHA-256') == 2
    for word in (["贷款本金", "放款户清算", "已到账"] if lang == "zh" else ["Loan principal", "Arrived"]):
        assert word in body
    auditor = staff_client(Role.AUDITOR).get(f"/console/loans/{loan.id}").content.decode()
    assert "lending.loan.paid_out" in auditor


def test_loan_page_without_documents_or_schedule_opens() -> None:
    loan = loan_row(customer_make(1), 1, state="pending")
    assert staff_client(Role.REVIEWER).get(f"/console/loans/{loan.id}").status_code == 200


def test_discrepancies_are_closed_with_a_reason() -> None:
    everything(1, 1)
    client = staff_client(Role.OPERATIONS)
    payout, money = PayoutDiscrepancy.objects.get(), MoneyDiscrepancy.objects.get()
    for address in (f"/console/discrepancies/payouts/{payout.id}/resolve", f"/console/discrepancies/money/{money.id}/resolve"):
        assert client.get(address).status_code == 200
        assert client.post(address, {"reason": "  "}).status_code == 422
        assert client.post(address, REASON).url == "/console/discrepancies"
        assert client.get(address).status_code == 404
    payout.refresh_from_db()
    assert payout.resolution == REASON["reason"]
    assert "没有放款差异" in client.get("/console/discrepancies").content.decode()


def _suspense() -> SuspenseItem:
    servicing.transfer_receive(IncomingTransfer(
        transfer_id="t1", amount_fen=10_000, received_at=clock.now(), memo="还款", entry_id="e1", payer_name="某人",
        payer_masked="**** 9999", payer_card_number=""))
    return SuspenseItem.objects.get()


def test_suspense_is_given_to_a_loan_by_two_persons() -> None:
    loan, item = loan_make(borrower_make(1)), _suspense()
    client, address = staff_client(Role.OPERATIONS), f"/console/suspense/{item.id}/assign"
    assert "100.00" in client.get("/console/suspense").content.decode()
    assert client.post(address, {"owner": loan.number, **REASON}).status_code == 422  # not confirmed
    nobody = client.post(address, {"owner": "JK0000", "confirmed": "on", **REASON})
    assert nobody.status_code == 422
    assert "没有找到对应的客户或借据" in nobody.content.decode()
    assert client.post(address, {"owner": loan.number, "confirmed": "on", **REASON}).url == "/console/suspense"
    assert not Repayment.objects.exists()
    assert "待复核" in client.get("/console/suspense").content.decode()
    assert client.post(address, {"owner": loan.number, "confirmed": "on", **REASON}).status_code == 409  # proposed already
    proposal = Adjustment.objects.get()
    approve = f"/console/adjustments/{proposal.id}/approve"
    assert client.get(approve).status_code == 403
    senior = staff_client(Role.SENIOR_REVIEWER)
    assert loan.number in senior.get("/console/adjustments").content.decode()
    assert senior.post(approve, {"note": "流水已核对"}).status_code == 422  # not confirmed
    assert senior.post(approve, {"note": "流水已核对", "confirmed": "on"}).url == "/console/adjustments"
    assert Repayment.objects.get().amount_fen == 10_000
    assert senior.get(approve).status_code == 404
    assert "没有等待复核的调账" in client.get("/console/adjustments").content.decode()


def test_messages_are_tried_again_on_record() -> None:
    everything(1, 1)
    client, out, arrived = staff_client(Role.OPERATIONS), OutboxMessage.objects.get(), InboxMessage.objects.get()
    assert client.post(f"/console/messages/outbox/{out.id}/retry", {"reason": ""}).status_code == 422
    assert client.post(f"/console/messages/outbox/{out.id}/retry", REASON).url == "/console/messages"
    out.refresh_from_db()
    assert out.state == "pending"
    assert client.post(f"/console/messages/inbox/{arrived.id}/retry", REASON).url == "/console/messages"
    assert Event.objects.filter(name__startswith="jobs.", name__endswith="retried", actor_kind="staff").count() == 2


@pytest.mark.parametrize(("kind", "value", "is_right"), [
    ("mobile", "13800000001", True), ("mobile", "1380000", False), ("id_number", id_number(1), True),
    ("id_number", "110101", False), ("card_number", "6225880100000001", True), ("card_number", "62", False),
    ("customer", "x", False), ("customer", "00000000-0000-7000-8000-000000000000", True)])
def test_list_entries_are_added_and_removed(kind: str, value: str, is_right: bool) -> None:
    client = staff_client(Role.FRAUD_ANALYST)
    response = client.post("/console/risk/lists/add", {"kind": kind, "value": value, "effect": "block", **REASON})
    if not is_right:
        assert response.status_code == 422
        assert "与所选类型的格式不符" in response.content.decode()
        assert not ListEntry.objects.exists()
        return
    assert response.url == "/console/risk/lists"
    entry = ListEntry.objects.get()
    assert value not in client.get("/console/risk/lists").content.decode()
    assert client.post(f"/console/risk/lists/{entry.id}/remove", {"reason": ""}).status_code == 422
    assert client.post(f"/console/risk/lists/{entry.id}/remove", REASON).url == "/console/risk/lists"
    entry.refresh_from_db()
    assert entry.removed_at is not None


def test_ledger_and_evidence_are_checked_and_the_outcome_stands() -> None:
    loan_make(borrower_make(1))
    operations, auditor = staff_client(Role.OPERATIONS), staff_client(Role.AUDITOR)
    assert "还没有核对过" in operations.get("/console/ledger").content.decode()
    operations.post("/console/ledger/check")
    assert "核对一致" in operations.get("/console/ledger").content.decode()
    auditor.post("/console/evidence/verify")
    assert "校验通过" in auditor.get("/console/evidence").content.decode()


def test_a_closed_day_shows_its_ledger_its_run_and_its_seal() -> None:
    loan_make(borrower_make(1))
    closed = clock.today()
    with clock.travel_to(shanghai_instant(closed + timedelta(days=1)) + timedelta(minutes=5)):
        end_of_day.day_close(1)
        operations, auditor = staff_client(Role.OPERATIONS), staff_client(Role.AUDITOR)
        ledger = operations.get(f"/console/ledger?book=1&day={closed}").content.decode()
        assert "12,000.00" in ledger
        assert "借贷相等" in ledger
        assert "已完成" in operations.get("/console/end-of-day").content.decode()
        assert "有效" in auditor.get("/console/evidence").content.decode()
        event = Event.objects.filter(name="lending.loan.paid_out").get()
        body = auditor.get(f"/console/events/{event.id}?lang=en").content.decode()
        assert "Matches its digest" in body
        assert "leaf" in body


def test_the_clock_moves_only_in_a_demonstration(collected_jobs: Any, settings: Any) -> None:
    client = staff_client(Role.OPERATIONS)
    assert "前进一天" in client.get("/console/end-of-day").content.decode()
    assert client.post("/console/end-of-day/clock/forward", {"by": "year"}).status_code == 302
    assert not collected_jobs.deferred
    client.post("/console/end-of-day/clock/forward", {"by": "month"})
    ((task, asked),) = collected_jobs.deferred
    assert (task, asked["days"], asked["until"]) == ("time.forward", 31, (clock.today() + timedelta(days=31)).isoformat())
    page = client.get("/console/end-of-day").content.decode()
    assert "正在前进" in page
    assert 'hx-trigger="every 2s"' in page
    assert 'value="day"' not in page
    assert "正在前进" in client.get("/console/end-of-day/clock").content.decode()
    client.post("/console/end-of-day/clock/forward", {"by": "day"})
    assert len(collected_jobs.deferred) == 1
    settings.DEMO = False
    assert client.post("/console/end-of-day/clock/forward", {"by": "day"}).status_code == 404


def test_a_lost_second_factor_is_reset_by_an_administrator_never_ones_own() -> None:
    client = staff_client(Role.ADMINISTRATOR, username="boss")
    colleague, myself = staff_user([Role.REVIEWER], "colleague"), staff_user([Role.ADMINISTRATOR], "boss")
    assert client.post(f"/console/staff/{colleague.pk}/second-factor/reset", REASON).url == "/console/staff"
    assert client.get(f"/console/staff/{myself.pk}/second-factor/reset").status_code == 403
    assert Event.objects.filter(name="staff.second_factor.reset", subject_id=colleague.pk).count() == 1


def test_acts_are_recorded_under_the_person_who_did_them() -> None:
    who = borrower_make(1)
    client = staff_client(Role.OPERATIONS, username="olga")
    client.post(f"/console/customers/{who.id}/freeze", REASON)
    event = Event.objects.get(name="limits.hold.placed")
    assert UUID(event.actor_id) == staff_user([], "olga").pk
    body = staff_client(Role.AUDITOR).get("/console/events?actor=olga").content.decode()
    assert "limits.hold.placed" in body


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", list(Role))
def test_workbench_opens_for_every_role(role: Role, lang: str) -> None:
    everything(1, 2)
    body = staff_client(role).get(f"/console/?lang={lang}").content.decode()
    assert ("activity-option" in body) == (role in {Role.SENIOR_REVIEWER, Role.RISK_ANALYST, Role.COMPLIANCE_OFFICER,
                                                    Role.AUDITOR, Role.OPERATIONS})


def test_a_customer_set_aside_is_tried_again_from_the_page() -> None:
    loan = loan_make(borrower_make(1))
    run = EodRun.objects.create(book_id=1, day=clock.today(), started_at=clock.now(), bounds=[])
    row = EodException.objects.create(run=run, step="bill", customer_id=loan.customer_id, loan_ids=[str(loan.id)],
                                      reason="ValueError: x", noted_at=clock.now())
    client, address = staff_client(Role.OPERATIONS), f"/console/end-of-day/exceptions/{row.id}/retry"
    assert address in client.get("/console/end-of-day").content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, REASON).url == "/console/end-of-day#exceptions"
    assert client.get(address).status_code == 404
    assert staff_client(Role.SERVICE_AGENT).get(address).status_code == 403
