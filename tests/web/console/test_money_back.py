"""Staff take back a repayment whose money is not there, and try a failed refund again: looked at, with a reason, on record."""

from __future__ import annotations

import pytest

from tests.services.lending_support import FakeBank, borrower_make, deliver, loan_make
from tests.web.staff_session import staff_client
from weidai.audit.models import Event
from weidai.platform import clock
from weidai.servicing import services as servicing
from weidai.servicing.models import Refund, Repayment
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db
FORM = {"reason": "returned_by_bank", "note": "银行回单 0304 已退回", "confirmed": "on"}


def test_a_repayment_is_reversed_once_from_its_loan_with_reason_and_note() -> None:
    who = borrower_make(1)
    loan = loan_make(who)
    servicing.repayment_receive(who.id, amount_fen=50_000, received_at=clock.now(), channel="transfer", reference="r1",
                                loan_id=loan.id)
    client, page, row = staff_client(Role.OPERATIONS), f"/console/loans/{loan.id}", Repayment.objects.get()
    address = f"/console/repayments/{row.id}/reverse"
    assert f'href="{address}"' in client.get(page).content.decode()
    for lang, word in (("zh", "款项实际未到账"), ("en", "the money never arrived")):
        assert word in client.get(f"{address}?lang={lang}").content.decode()
    for missing in FORM:
        assert client.post(address, {**FORM, missing: ""} if missing != "confirmed" else {
            key: value for key, value in FORM.items() if key != missing}).status_code == 422
    assert client.post(address, {**FORM, "reason": "because"}).status_code == 422
    assert Repayment.objects.get().state == "booked"
    assert client.post(address, FORM).url == page
    assert (Repayment.objects.get().state, Repayment.objects.get().reversal_reason) == ("reversed", "returned_by_bank")
    facts = Event.objects.get(name="servicing.repayment.reversed").facts
    assert facts["note"] == FORM["note"] and facts["staff_id"]
    assert client.get(address).status_code == 404
    assert f'href="{address}"' not in client.get(page).content.decode()


def test_a_failed_refund_is_tried_again_under_a_new_number(bank: FakeBank) -> None:
    who = borrower_make(1)
    loan = loan_make(who)
    bank.fail_with = "card_closed"
    servicing.repayment_receive(who.id, amount_fen=1_300_000, received_at=clock.now(), channel="transfer",
                                reference="r1", loan_id=loan.id)
    deliver(who)
    refund, client = Refund.objects.get(), staff_client(Role.OPERATIONS)
    assert refund.state == "failed"
    address = f"/console/refunds/{refund.id}/retry"
    assert f'href="{address}"' in client.get(f"/console/loans/{loan.id}").content.decode()
    assert client.get(f"{address}?lang=en").status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    bank.fail_with = None
    assert client.post(address, {"reason": "客户已换卡，银行确认"}).url == f"/console/loans/{loan.id}"
    deliver(who)
    assert sorted(Refund.objects.values_list("state", flat=True)) == ["failed", "succeeded"]
    assert Event.objects.get(name="servicing.refund.retried").facts["note"] == "客户已换卡，银行确认"
    assert client.get(address).status_code == 409
    assert f'href="{address}"' not in client.get(f"/console/loans/{loan.id}").content.decode()


def test_only_operations_may() -> None:
    who = borrower_make(1)
    loan = loan_make(who)
    paid = servicing.repayment_receive(who.id, amount_fen=50_000, received_at=clock.now(), channel="transfer",
                                       reference="r1", loan_id=loan.id)
    for role in (Role.REVIEWER, Role.SERVICE_AGENT, Role.AUDITOR):
        client, address = staff_client(role), f"/console/repayments/{paid.repayment_id}/reverse"
        assert client.get(address).status_code == 403
        assert client.post(address, FORM).status_code == 403
        assert address not in client.get(f"/console/loans/{loan.id}").content.decode()
    assert Repayment.objects.get().state == "booked"
