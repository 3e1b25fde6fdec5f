"""Staff look at a customer's papers: picture, boxes, fields, corrections; every look is on record (R1.4, R8.6)."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.rules.vision.test_reading_rules import NUMBER, front_lines
from tests.services.credit_support import customer_make
from tests.services.origination.paper_kit import reads, slip
from tests.services.vision.test_papers import answering, picture
from tests.web.staff_session import staff_client
from weidai.audit.models import Event
from weidai.staff.rules import Role
from weidai.vision import services
from weidai.vision.rules.fields import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(monkeypatch):
    answering(monkeypatch, *front_lines(birth="1990年3月1日"))
    customer_id = customer_make()
    row = services.paper_take(customer_id, picture=picture(), kind=Kind.ID_FRONT)
    services.paper_confirm(customer_id, row.id, values={"name": "欧阳那"})
    return row, f"/console/customers/{customer_id}/papers"


def test_r1_4_a_reviewer_sees_boxes_beside_fields_and_the_look_is_on_record(paper):
    row, address = paper
    client = staff_client(Role.REVIEWER)
    listed = client.get(address).content.decode()
    assert "身份证人像面" in listed and NUMBER not in listed and "样本或复印件" in listed
    page = client.get(f"{address}/{row.id}").content.decode()
    assert NUMBER in page and "客户已改正" in page
    assert page.count("<polygon") == 6 and page.count(' pp-doubtful"') >= 1
    assert "出生与号码一致" in page
    assert Event.objects.filter(name="vision.paper.viewed", subject_id=row.id, actor_kind="staff").count() == 1
    shown = client.get(f"{address}/{row.id}/picture")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert Event.objects.filter(name="files.file.opened", subject_id=row.file_id).count() == 1


def test_r8_6_who_verifies_identity_does_not_see_payslips_and_statements(paper, monkeypatch):
    """A fraud analyst looks at ID cards; what an application rests on is masked for them at its desk, and so it is here."""
    row, address = paper
    reads(monkeypatch, slip(employer="北京云麓软件有限公司"))
    slip_row = services.paper_take(UUID(address.split("/")[3]), picture=picture(77), kind=Kind.PAYSLIP)
    analyst, reviewer = staff_client(Role.FRAUD_ANALYST), staff_client(Role.REVIEWER)
    assert f"{address}/{slip_row.id}" in reviewer.get(address).content.decode()
    assert "北京云麓" in reviewer.get(f"{address}/{slip_row.id}").content.decode()
    listed = analyst.get(address).content.decode()
    assert (f"{address}/{row.id}" in listed, f"{address}/{slip_row.id}" in listed) == (True, False)
    assert analyst.get(f"{address}/{row.id}").status_code == 200
    for end in ("", "/picture"):
        answer = analyst.get(f"{address}/{slip_row.id}{end}")
        assert (answer.status_code, "北京云麓" in answer.content.decode()) == (403, False)
    assert Event.objects.filter(name="vision.paper.viewed", subject_id=slip_row.id).count() == 1


def test_r8_6_others_may_not_look_and_unknown_papers_are_not_there(paper):
    row, address = paper
    assert staff_client(Role.SERVICE_AGENT).get(f"{address}/{row.id}").status_code == 403
    client = staff_client(Role.REVIEWER)
    other = customer_make()
    assert client.get(f"/console/customers/{other}/papers/{row.id}").status_code == 404
    assert client.get(f"/console/customers/{other}/papers/{row.id}/picture").status_code == 404
