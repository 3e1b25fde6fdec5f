"""The reviewer's side of the ID card: judged field by field beside the registry's word, on record (R1.4, R4.1, R8.6)."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.test import Client

from tests.services.credit_support import customer_make
from tests.services.identity.test_id_card_pictures import BACK, FRONT, picture
from tests.web.console.paper_rows import page_row, slip
from tests.web.console.rows import case_row
from tests.web.staff_session import staff_client
from weidai.audit.models import Event
from weidai.audit.services import Actor, acting_as
from weidai.files import services as files
from weidai.identity import selectors as identity
from weidai.identity.models import IdCardSide, Verification
from weidai.origination.errors import ReviewTaskNotClaimed
from weidai.origination.models import Application, ReviewTask
from weidai.platform import clock
from weidai.staff.rules import Role
from weidai.vision.models import PaperReading
from weidai.vision.rules import id_card
from weidai.vision.rules.fields import Kind, PaperRead, Quality
from weidai.vision.rules.wire import to_plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> tuple[Application, ReviewTask, dict[Kind, IdCardSide]]:
    """A case whose applicant photographed the card; the address was put right by hand."""
    application, task = case_row(customer_make(1))
    now, on, sides = clock.now(), clock.today(), {}
    check = Verification.objects.filter(customer_id=application.customer_id, item="id_card", state="passed").latest("checked_at")
    check.facts = {**check.facts, "source": "photos"}
    check.save()
    for kind, reading in ((Kind.ID_FRONT, id_card.front(FRONT, on=on)), (Kind.ID_BACK, id_card.back(BACK, on=on))):
        file = files.file_store(application.customer_id, kind="id_card_front", content=picture(len(sides) * 40 + 10))
        row = PaperReading.objects.create(
            customer_id=application.customer_id, kind=kind, picture_digest=kind.value, file_id=file.id, engine="test engine",
            content=json.dumps(to_plain(PaperRead(reading, Quality(640, 480, 80.0, 0.0, ()), 640, 480, "test engine"))),
            read_at=now, confirmed_at=now, corrected=["address"] if kind == Kind.ID_FRONT else [])
        sides[kind] = IdCardSide.objects.create(
            customer_id=application.customer_id, reading_id=row.id, kept_at=now,
            stated=json.dumps({"address": "北京市朝阳区望京街 8 号"}) if kind == Kind.ID_FRONT else None)
    return application, task, sides


def _at(application: Application, side: IdCardSide, end: str = "") -> str:
    return f"/console/applications/{application.id}/id-card/{side.reading_id}{end}"


def _claimed(application: Application, username: str = "one") -> Client:
    client = staff_client(Role.REVIEWER, username=username)
    assert client.post(f"/console/applications/{application.id}/claim").status_code == 302
    return client


def _approve(client: Client, application: Application):  # type: ignore[no-untyped-def]
    return client.post(f"/console/applications/{application.id}/decide", {
        "outcome": "approve", "verified_monthly_income_fen": "6000", "note": "材料一致"})


def test_r4_1_corrected_fields_stand_first_beside_box_and_registry(case) -> None:  # type: ignore[no-untyped-def]
    application, _, sides = case
    page = _claimed(application).get(_at(application, sides[Kind.ID_FRONT])).content.decode()
    assert page.index('data-field="address"') < page.index('data-field="id_number"') < page.index('data-field="name"')
    assert "北京市朝阳区望京街 8 号" in page and "识别为 北京市朝阳区" in page and "客户已改正" in page
    assert "登记库 " in page and "由号码得出" in page and 'data-box="id_number"' in page
    looked = Event.objects.filter(name="vision.paper.viewed", subject_id=sides[Kind.ID_FRONT].reading_id, actor_kind="staff")
    assert looked.count() == 1


def test_r4_1_approving_waits_for_both_sides_field_by_field(case) -> None:  # type: ignore[no-untyped-def]
    application, task, sides = case
    client = _claimed(application)
    assert "身份证人像面未查看" in _approve(client, application).content.decode()
    for side in sides.values():
        client.get(_at(application, side))
    assert "身份证人像面还有 6 项未核对" in _approve(client, application).content.decode()
    every = {f"verdict.{code}": "accepted" for code in id_card.FRONT_FIELDS}
    assert client.post(_at(application, sides[Kind.ID_FRONT], "/judge"), every).url == _at(application, sides[Kind.ID_BACK])
    back = {f"verdict.{code}": "accepted" for code in id_card.BACK_FIELDS}
    assert client.post(_at(application, sides[Kind.ID_BACK], "/judge"), back).url.endswith("#decide")
    event = Event.objects.filter(name="identity.id_card_side.judged").latest("id")
    assert "望京" not in json.dumps(event.facts, ensure_ascii=False) and set(event.facts["verdicts"]) == set(id_card.BACK_FIELDS)
    assert _approve(client, application).status_code == 302
    task.refresh_from_db()
    assert task.outcome == "approve"


def test_r4_1_the_rest_is_accepted_without_what_something_speaks_against(case) -> None:  # type: ignore[no-untyped-def]
    application, _, sides = case
    client = _claimed(application)
    client.post(_at(application, sides[Kind.ID_FRONT], "/judge"), {"rest": "accepted"})
    sides[Kind.ID_FRONT].refresh_from_db()
    kept = json.loads(sides[Kind.ID_FRONT].verdicts)
    assert "address" not in kept and "id_number" not in kept  # corrected; the picture's number is not the verified one
    assert (kept["ethnicity"]["verdict"], kept["name"]["verdict"]) == ("accepted", "accepted")


def test_r1_4_a_doubt_about_who_it_is_cannot_be_approved_away(case) -> None:  # type: ignore[no-untyped-def]
    application, _, sides = case
    client, front = _claimed(application), sides[Kind.ID_FRONT]
    client.get(_at(application, front))
    before = identity.registry_word(application.customer_id)
    wrong = client.post(_at(application, front, "/judge"), {"verdict.name": "doubted", "verdict.sex": "accepted"})
    assert wrong.status_code == 422 and IdCardSide.objects.get(id=front.id).verdicts is None  # no reason: nothing is kept
    invalid = client.post(_at(application, front, "/judge"), {
        "verdict.id_number": "corrected", "value.id_number": "110101199001010000", "note.id_number": "看错一位"})
    assert invalid.status_code == 422 and IdCardSide.objects.get(id=front.id).verdicts is None
    client.post(_at(application, front, "/judge"), {"verdict.name": "doubted", "note.name": "照片上是另一个字"})
    assert "姓名未获认可，只能退回或拒绝" in _approve(client, application).content.decode()
    assert identity.registry_word(application.customer_id) == before  # a verdict changes nothing of what is verified


def test_r4_6_only_whoever_holds_the_case_judges_and_others_see_no_picture(case) -> None:  # type: ignore[no-untyped-def]
    application, _, sides = case
    front = sides[Kind.ID_FRONT]
    free = staff_client(Role.REVIEWER, username="two")
    refused = free.post(_at(application, front, "/judge"), {"verdict.sex": "accepted"})
    assert refused.status_code == 409 and ReviewTaskNotClaimed.text.zh in refused.content.decode()
    assert IdCardSide.objects.get(id=front.id).verdicts is None
    assert free.get(_at(application, front, "/picture"))["Content-Type"] == "image/jpeg"
    assert Event.objects.filter(name="files.file.opened", actor_kind="staff").count() == 1
    for role in (Role.AUDITOR, Role.RISK_ANALYST, Role.SERVICE_AGENT):
        assert staff_client(role).get(_at(application, front, "/picture")).status_code == 403
    other, _ = case_row(customer_make(2))
    assert free.get(_at(other, front)).status_code == 404


def test_r8_6_a_form_sent_without_having_opened_the_side_shows_nothing_unrecorded(case) -> None:  # type: ignore[no-untyped-def]
    application, _, sides = case
    refused = staff_client(Role.REVIEWER).post(_at(application, sides[Kind.ID_FRONT], "/judge"), {"verdict.sex": "made_up"})
    assert refused.status_code == 422 and "望京街" in refused.content.decode()
    assert Event.objects.filter(name="vision.paper.viewed", actor_kind="staff").count() == 1


def test_r8_6_every_look_is_shown_to_the_auditor_with_who_and_why(case) -> None:  # type: ignore[no-untyped-def]
    application, _, sides = case
    reviewer = staff_client(Role.SENIOR_REVIEWER, username="looker")
    reviewer.get(_at(application, sides[Kind.ID_FRONT]))
    reviewer.get(_at(application, sides[Kind.ID_FRONT], "/picture"))
    reviewer.post(f"/console/customers/{application.customer_id}/reveal", {
        "fields_wanted": ["mobile"], "reason": "dispute", "reference": "GD-7"})
    auditor = staff_client(Role.AUDITOR)
    page = auditor.get(f"/console/looks?customer={application.customer_id}").content.decode()
    assert page.count("<td>looker</td>") == 3 and "处理争议或投诉" in page and "GD-7" in page and "照片或文件原件" in page
    assert auditor.get("/console/looks?kind=files.file.opened").content.decode().count("<td>looker</td>") == 1
    assert "没有查看记录" in auditor.get("/console/looks?until=2020-01-01").content.decode()
    rows = b"".join(auditor.get("/console/looks?format=csv").streaming_content).decode()
    assert sum(str(application.customer_id) in row for row in rows.splitlines()) == 3
    assert reviewer.get("/console/looks").status_code == 403
    with acting_as(Actor("staff", "looker")):  # who has a page read again opens its file
        files.file_open(application.customer_id, _file_of(sides[Kind.ID_FRONT]), reason="origination.paper_read")
    page = auditor.get("/console/looks").content.decode()
    assert "重新识别材料" in page and "origination.paper_read" not in page


def _file_of(side: IdCardSide) -> UUID:
    file_id = PaperReading.objects.get(customer_id=side.customer_id, id=side.reading_id).file_id
    assert file_id is not None
    return file_id


def test_r4_6_card_and_papers_lead_to_each_other(case) -> None:  # type: ignore[no-untyped-def]
    application, _, sides = case
    paper = page_row(application, "payslip", slip())
    client, desk = _claimed(application), f"/console/applications/{application.id}/papers/{paper.id}"
    assert _at(application, sides[Kind.ID_FRONT]) in client.get(desk).content.decode()
    assert desk in client.get(_at(application, sides[Kind.ID_BACK])).content.decode()
    assert _at(application, sides[Kind.ID_FRONT]) not in staff_client(Role.AUDITOR).get(desk).content.decode()
    officer = staff_client(Role.COMPLIANCE_OFFICER)  # who sees one page for a reason is not led to where the card is refused
    shown = officer.get(officer.post(f"{desk}/reveal", {"reason": "regulator"}).url).content.decode()
    assert "示范公司" in shown and "/id-card/" not in shown
