"""The reviewer's side of papers: judged field by field, gate before approving, masked, on record (R4.1, R4.6, R8.6)."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.services.credit_support import customer_make
from tests.support.hostile_files import pdf
from tests.web.console.paper_rows import page_row, slip, statement
from tests.web.console.rows import case_row
from tests.web.staff_session import staff_client, staff_user
from weidai.audit.models import Event
from weidai.origination.errors import ReviewTaskNotClaimed
from weidai.origination.models import Application, ApplicationPaper, ReviewTask
from weidai.platform import clock
from weidai.staff.rules import Role
from weidai.vision import asking
from weidai.vision import selectors as vision
from weidai.vision.errors import ReadingBusy

pytestmark = pytest.mark.django_db
NOTE = {"note": "材料一致"}


def _case(requested_fen: int = 1_000_000) -> tuple[Application, ReviewTask]:
    return case_row(customer_make(1), requested_fen=requested_fen)


def _claimed(application: Application, username: str = "one", role: Role = Role.REVIEWER) -> Client:
    client = staff_client(role, username=username)
    assert client.post(f"/console/applications/{application.id}/claim").status_code == 302
    return client


def _at(paper: ApplicationPaper, end: str = "") -> str:
    return f"/console/applications/{paper.application_id}/papers/{paper.id}{end}"


def _approve(client: Client, application: Application, **changes: object):  # type: ignore[no-untyped-def]
    return client.post(f"/console/applications/{application.id}/decide",
                       {"outcome": "approve", "verified_monthly_income_fen": "6000", **NOTE, **changes})


def _judged(paper: ApplicationPaper) -> dict[str, str]:
    from weidai.origination import selectors

    row = selectors.paper_get(paper.customer_id, paper.id)
    return {one.code: one.verdict.verdict for one in (*row.fields, *row.bookings) if one.verdict}


def test_r4_1_picture_boxes_fields_checks_and_corrections_stand_side_by_side() -> None:
    application, _ = _case()
    paper = page_row(application, "payslip", slip(adds_up=False, sure=0.7), stated={"net_fen": "680000"})
    page = _claimed(application).get(_at(paper)).content.decode()
    assert page.count("<polygon") == 6 and page.count('data-box="net_fen"') == 1 and page.count('data-field="net_fen"') == 1
    assert "不太确定 70%" in page and "有把握 99%" in page
    assert "客户已改正" in page and "6,800.00" in page and "6,500.00" in page
    assert "应发减扣款等于实发" in page and "与实名姓名一致" in page and "blurred" not in page


def test_r4_1_approving_waits_until_every_page_is_seen_and_every_field_judged() -> None:
    application, task = _case()
    paper = page_row(application, "payslip", slip())
    client = _claimed(application)
    body = client.get(f"/console/applications/{application.id}").content.decode()
    assert "disabled" in re.findall(r'<input[^>]*value="approve"[^>]*>', body)[0]
    refused = _approve(client, application)
    assert refused.status_code == 422 and "工资单第 1 页未查看" in refused.content.decode()
    client.get(_at(paper))
    assert "还有 6 项未核对" in _approve(client, application).content.decode()
    assert client.post(_at(paper, "/judge"), {"rest": "accepted"}).url.endswith("#decide")
    assert set(_judged(paper).values()) == {"accepted"}
    assert _approve(client, application).status_code == 302
    task.refresh_from_db()
    assert (task.outcome, task.verified_monthly_income_fen) == ("approve", 600_000)


def test_r4_1_a_doubt_or_correction_needs_its_reason_and_nothing_half_is_kept() -> None:
    application, _ = _case()
    paper = page_row(application, "payslip", slip())
    client = _claimed(application)
    wrong = client.post(_at(paper, "/judge"), {
        "verdict.name": "accepted", "verdict.net_fen": "corrected", "value.net_fen": "6400.5", "note.net_fen": ""})
    body = wrong.content.decode()
    assert wrong.status_code == 422 and "须写明理由" in body and "6400.5" in body
    assert _judged(paper) == {}
    client.post(_at(paper, "/judge"), {
        "verdict.name": "accepted", "verdict.net_fen": "corrected", "value.net_fen": "6400.5", "note.net_fen": "照片为 6400.50"})
    assert _judged(paper) == {"name": "accepted", "net_fen": "corrected"}
    shown = client.get(_at(paper)).content.decode()
    assert "6,400.50" in shown and "照片为 6400.50" in shown
    event = Event.objects.get(name="origination.paper.judged")
    assert event.facts["verdicts"] == {"name": "accepted", "net_fen": "corrected"} and "6400" not in str(event.facts)


def test_r4_1_what_is_in_doubt_is_not_accepted_with_the_rest() -> None:
    application, _ = _case()
    paper = page_row(application, "payslip", slip(sure=0.7), stated={"employer": "另一公司"})
    _claimed(application).post(_at(paper, "/judge"), {"rest": "accepted"})
    assert set(_judged(paper)) == {"name", "pay_month", "gross_fen", "deducted_fen"}


def test_r4_1_broken_rows_salary_rows_and_months_of_a_statement() -> None:
    application, _ = _case()
    paper = page_row(application, "salary_statement", statement(broken=3))
    client = _claimed(application)
    page = client.get(_at(paper)).content.decode()
    assert page.count("pp-broken") == 1 and page.count("pp-salary") == 3
    assert "2026-02" in page and "按月合计" in page
    client.post(_at(paper, "/judge"), {"rest": "accepted"})
    assert "还有 1 项未核对" in _approve(client, application).content.decode()
    client.post(_at(paper, "/judge"), {"verdict.row.3": "doubted", "note.row.3": "余额对不上"})
    assert _approve(client, application).status_code == 302


def test_r4_1_the_proposed_income_shows_its_working_and_is_taken_over_in_one_click() -> None:
    application, _ = _case()
    page_row(application, "payslip", slip(month="2026-01", net_fen=640_000), shade=10)
    page_row(application, "payslip", slip(month="2026-02", net_fen=660_000), shade=20)
    client = _claimed(application)
    body = client.get(f"/console/applications/{application.id}").content.decode()
    assert "6,500.00" in body and "÷ 2 个月" in body and "当地平均工资 1.5 倍" in body
    assert 'value="6500.00"' not in body
    assert 'value="6500.00"' in client.get(f"/console/applications/{application.id}?income=papers").content.decode()
    auditor = staff_client(Role.AUDITOR).get(f"/console/applications/{application.id}").content.decode()
    assert "÷ 2 个月" not in auditor and "工资单" in auditor


def test_r4_6_the_second_person_sees_the_first_ones_verdicts_and_must_look_too() -> None:
    application, task = _case(requested_fen=20_000_000)
    paper = page_row(application, "payslip", slip())
    first = _claimed(application)
    first.get(_at(paper))
    first.post(_at(paper, "/judge"), {"verdict.name": "doubted", "note.name": "字迹不清", "rest": "accepted"})
    assert _approve(first, application).status_code == 302
    assert first.post(f"/console/applications/{application.id}/claim").status_code in (403, 409)
    assert first.post(_at(paper, "/judge"), {"verdict.name": "accepted"}).status_code == 409
    second = _claimed(application, "two", Role.SENIOR_REVIEWER)
    assert "工资单第 1 页未查看" in _approve(second, application).content.decode()
    page = second.get(_at(paper)).content.decode()
    assert "字迹不清" in page and staff_user([], "one").display_name in page
    assert _approve(second, application).status_code == 302
    task.refresh_from_db()
    assert task.first_decided_by != task.decided_by


def test_r8_6_without_the_permission_a_paper_is_masked_until_a_reason_is_on_record() -> None:
    application, _ = _case()
    paper = page_row(application, "payslip", slip())
    auditor = staff_client(Role.AUDITOR)
    page = auditor.get(_at(paper)).content.decode()
    assert "王伟" not in page and "示范公司" not in page and "王*" in page and "<image" not in page and "/reveal" not in page
    assert auditor.get(_at(paper, "/file")).status_code == 403
    assert not Event.objects.filter(name="origination.paper.viewed").exists()
    officer = staff_client(Role.COMPLIANCE_OFFICER)
    assert officer.post(_at(paper, "/reveal"), {"reason": ""}).status_code == 422
    opened = officer.post(_at(paper, "/reveal"), {"reason": "regulator"}).url
    look = opened.split("look=")[1]
    assert "示范公司" in officer.get(opened).content.decode()
    assert officer.get(_at(paper, f"/file?look={look}")).status_code == 200
    assert auditor.get(_at(paper, f"/file?look={look}")).status_code == 403
    other = page_row(application, "payslip", slip(month="2026-01"), shade=33)
    assert officer.get(_at(other, f"/file?look={look}")).status_code == 403
    assert Event.objects.get(name="origination.paper.revealed").facts["reason"] == "regulator"


def test_r8_6_what_was_read_of_a_pdf_is_not_shown_unrecorded_where_its_pages_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision, "is_available", lambda: False)
    application, _ = _case()
    paper = page_row(application, "payslip", slip(), content=pdf())
    assert "示范公司" in staff_client(Role.REVIEWER).get(_at(paper)).content.decode()
    assert Event.objects.filter(name="vision.paper.viewed", subject_id=paper.reading_id, actor_kind="staff").count() == 1
    assert not Event.objects.filter(name="origination.paper.viewed").exists()  # the paper itself was not seen


def test_r4_6_who_does_not_hold_the_case_any_more_is_told_why_nothing_was_kept() -> None:
    application, task = _case()
    paper, client = page_row(application, "payslip", slip()), _claimed(application)
    ReviewTask.objects.filter(id=task.id).update(locked_until=clock.now())
    refused = client.post(_at(paper, "/judge"), {"verdict.name": "accepted"})
    assert refused.status_code == 409 and ReviewTaskNotClaimed.text.zh in refused.content.decode()


def test_r8_6_a_form_sent_without_having_opened_the_page_shows_nothing_unrecorded() -> None:
    application, _ = _case()
    paper = page_row(application, "payslip", slip())
    refused = staff_client(Role.REVIEWER).post(_at(paper, "/judge"), {"verdict.name": "made_up"})
    assert refused.status_code == 422 and "示范公司" in refused.content.decode()
    assert Event.objects.filter(name="origination.paper.viewed", subject_id=paper.id).count() == 1


def test_r9_6_the_picture_is_data_under_its_own_policy_and_each_opening_is_on_record() -> None:
    application, _ = _case()
    paper = page_row(application, "payslip", slip())
    client = staff_client(Role.REVIEWER)
    whole = client.get(_at(paper, "/file"))
    part = client.get(_at(paper, "/file"), headers={"range": "bytes=0-9", "if-none-match": '"*"'})
    assert (whole.status_code, part.status_code, part.content) == (200, 200, whole.content)
    assert "sandbox" in whole["Content-Security-Policy"] and whole["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in whole["Cache-Control"] and not whole.has_header("ETag")
    assert Event.objects.filter(name="files.file.opened", subject_id=paper.file_id, actor_kind="staff").count() == 2
    stranger, _ = case_row(customer_make(2))
    assert client.get(f"/console/applications/{stranger.id}/papers/{paper.id}/file").status_code == 404


def test_r4_1_a_page_nobody_read_is_read_now_or_typed_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    application, _ = _case()
    paper = page_row(application, "payslip")
    client = _claimed(application)
    page = client.get(_at(paper)).content.decode()
    assert "现在识别" in page and "人工录入" in page

    def busy(*_args: object, **_more: object) -> None:
        raise ReadingBusy

    monkeypatch.setattr(asking, "paper_read", busy)
    client.post(_at(paper, "/read"))
    assert "正在识别的照片较多" in client.get(_at(paper)).content.decode()
    client.post(_at(paper, "/judge"), {"typed.net_fen": "7000", "typed.pay_month": "2026-02"})
    assert _judged(paper) == {"pay_month": "corrected", "net_fen": "corrected"}
    body = client.get(f"/console/applications/{application.id}").content.decode()
    assert "7,000.00" in body
    monkeypatch.setattr(asking, "paper_read", lambda *_args, **_more: slip())
    client.post(_at(paper, "/read"))
    paper.refresh_from_db()
    assert (paper.reading, paper.unread_reason) == ("read", "")
    assert client.post(_at(paper, "/judge"), {"typed.net_fen": "seven"}).status_code == 302  # the field is not asked any more


def test_r4_1_the_case_costs_no_statement_more_for_more_pages() -> None:
    application, _ = _case()
    page_row(application, "payslip", slip(), shade=1)
    client = _claimed(application)
    address = f"/console/applications/{application.id}"
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for shade in range(2, 6):  # pictures apart from each other, or they are the same file
        page_row(application, "payslip", slip(month=f"2025-0{shade}"), shade=40 * shade)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(one)


@pytest.mark.parametrize("end", ["", "/file", *(pytest.param(end, marks=pytest.mark.long)
                                                for end in ("/judge", "/read", "/reveal"))])
def test_r8_6_papers_of_another_case_are_not_there(end: str) -> None:
    application, _ = _case()
    unknown = UUID("00000000-0000-7000-8000-000000000000")
    client, address = staff_client(Role.REVIEWER), f"/console/applications/{application.id}/papers/{unknown}{end}"
    found = client.get(address) if end in ("", "/file") else client.post(address)
    assert found.status_code == 404
