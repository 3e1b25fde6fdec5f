"""Review: claim, lock, decide with reasons, four eyes, appeals; what is missing is said and nothing is written (R4.2, R4.5)."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from tests.services.credit_support import customer_make
from tests.web.console.rows import case_row
from tests.web.staff_session import staff_client
from weidai.identity.models import StaffVideoRequest, Verification
from weidai.identity.services import STAFF_VIDEO_POINTS
from weidai.origination.models import Appeal, Application, ReviewTask
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db


def _case(requested_fen: int = 1_000_000) -> tuple[UUID, Application, ReviewTask]:
    customer_id = customer_make(1)
    return customer_id, *case_row(customer_id, requested_fen=requested_fen)


def _at(application: Application, end: str = "") -> str:
    return f"/console/applications/{application.id}{end}"


def _decide(client: Client, application: Application, **changes: object):  # type: ignore[no-untyped-def]
    return client.post(_at(application, "/decide"), {"outcome": "approve", "note": "工资流水已核对",
                                                     "verified_monthly_income_fen": "6000", **changes})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_case_page_shows_the_case_masked(lang: str) -> None:
    _, application, _ = _case()
    body = staff_client(Role.REVIEWER).get(f"{_at(application)}?lang={lang}").content.decode()
    assert "10,000.00" in body
    assert "王伟" not in body
    assert "13800000001" not in body


def test_next_case_claims_and_opens_it() -> None:
    _, application, task = _case()
    client = staff_client(Role.REVIEWER)
    assert client.post("/console/review/next").url == _at(application)
    task.refresh_from_db()
    assert task.claimed_by
    assert 'id="decide"' in client.get(_at(application)).content.decode()
    assert application.id.hex[-8:] in client.get("/console/").content.decode()


def test_nothing_waiting_is_said() -> None:
    client = staff_client(Role.REVIEWER)
    assert client.post("/console/review/next").url == "/console/review"
    assert "没有待领取的案件" in client.get("/console/review").content.decode()


def test_a_claimed_case_is_locked_for_others() -> None:
    _, application, _ = _case()
    first, second = staff_client(Role.REVIEWER, username="one"), staff_client(Role.REVIEWER, username="two")
    assert first.post(_at(application, "/claim")).status_code == 302
    assert second.post(_at(application, "/claim")).status_code == 409
    assert 'id="decide"' not in second.get(_at(application)).content.decode()
    assert first.post(_at(application, "/release")).url == "/console/review"
    assert second.post(_at(application, "/claim")).status_code == 302


@pytest.mark.parametrize(("changes", "message"), [
    ({"note": ""}, "这个字段是必填项"), ({"outcome": ""}, "这个字段是必填项"),
    ({"outcome": "decline"}, "请选择原因"), ({"outcome": "return", "codes": ["income_not_proved"]}, "请选择原因"),
    ({"verified_monthly_income_fen": "six"}, "请输入金额"), ({"codes": ["no_such_code"]}, "no_such_code"),
])
def test_an_incomplete_decision_is_said_beside_its_field_and_writes_nothing(
    changes: dict[str, object], message: str,
) -> None:
    _, application, task = _case()
    client = staff_client(Role.REVIEWER)
    client.post(_at(application, "/claim"))
    response = _decide(client, application, **changes)
    body = response.content.decode()
    assert response.status_code == 422
    assert message in body
    assert changes.get("note") == "" or "工资流水已核对" in body
    task.refresh_from_db()
    application.refresh_from_db()
    assert (task.state, task.outcome, application.state) == ("open", "", "verification")


def test_declining_with_reasons_tells_them() -> None:
    _, application, task = _case()
    client = staff_client(Role.REVIEWER)
    client.post(_at(application, "/claim"))
    assert _decide(client, application, outcome="decline", codes=["income_not_proved"]).url == _at(application)
    application.refresh_from_db()
    task.refresh_from_db()
    assert application.state == "declined"
    assert "收入证明不足以支持申请" in client.get(_at(application)).content.decode()


def test_above_the_four_eyes_limit_a_second_person_decides() -> None:
    _, application, task = _case(requested_fen=20_000_000)
    first = staff_client(Role.REVIEWER, username="one")
    second = staff_client(Role.SENIOR_REVIEWER, username="two")
    first.post(_at(application, "/claim"))
    _decide(first, application)
    assert "等待第二人复核" in first.get(_at(application)).content.decode()
    assert first.post(_at(application, "/claim")).status_code in (403, 409)
    assert second.post(_at(application, "/claim")).status_code == 302
    _decide(second, application)
    application.refresh_from_db()
    task.refresh_from_db()
    assert application.state != "verification"
    assert task.first_decided_by != task.decided_by


def test_a_case_decided_meanwhile_is_not_decided_twice() -> None:
    _, application, _ = _case()
    client = staff_client(Role.REVIEWER)
    client.post(_at(application, "/claim"))
    _decide(client, application)
    assert _decide(client, application).status_code == 404
    assert ReviewTask.objects.exclude(decided_by="").count() == 1


def test_an_appeal_is_answered_by_a_senior_reviewer() -> None:
    customer_id = customer_make(1)
    application, task = case_row(customer_id, stage="appeal")
    Appeal.objects.create(customer_id=customer_id, application=application, task=task, statement="我的收入有遗漏",
                          opened_at=clock.now(), due_on=clock.today())
    client = staff_client(Role.SENIOR_REVIEWER)
    assert client.post("/console/appeals/next").url == _at(application)
    assert "我的收入有遗漏" in client.get(_at(application)).content.decode()
    wrong = client.post(_at(application, "/appeal/answer"), {"outcome": "uphold", "answer": ""})
    assert wrong.status_code == 422
    assert Appeal.objects.get().state == "open"
    client.post(_at(application, "/appeal/answer"), {"outcome": "uphold", "answer": "已复核，原决定有据。"})
    assert Appeal.objects.get().state == "upheld"


def test_video_check_is_decided_with_a_reason() -> None:
    customer_id = customer_make(1, is_verified=False)
    request = StaffVideoRequest.objects.create(
        id=uuid7(), customer_id=customer_id, purpose="real_name", requested_at=clock.now())
    client, address = staff_client(Role.REVIEWER), f"/console/video-checks/{request.id}"
    assert "人工视频核验" in client.get(address).content.decode()
    assert "name=\"passed\"" not in client.get(address).content.decode()  # not held yet
    assert client.post("/console/video-checks/next").url == address
    points = list(STAFF_VIDEO_POINTS)
    assert client.post(address, {"passed": "yes", "points": points, "reason": ""}).status_code == 422
    open_point = client.post(address, {"passed": "yes", "points": points[1:], "reason": "证件与本人一致"})
    assert open_point.status_code == 422 and "还有：" in open_point.content.decode()
    assert client.post(address, {"passed": "no", "reason": "没有联系上"}).status_code == 422
    StaffVideoRequest.objects.filter(id=request.id).update(locked_until=clock.now())  # over while the note was written
    late = client.post(address, {"passed": "no", "reason": "没有联系上"})
    assert late.status_code == 422 and "没有联系上</textarea>" in late.content.decode()
    client.post(f"{address}/claim")
    assert client.post(address, {"passed": "yes", "points": points, "reason": "证件与本人一致", "remarks": ["made_up"]}
                       ).status_code == 422
    assert not Verification.objects.filter(item="staff_video").exists()
    filled = {"passed": "yes", "points": points, "reason": "证件与本人一致"}
    assert client.post(address, {**filled, "remarks": ["card_damaged"]}).url == "/console/video-checks"
    assert not Verification.objects.filter(item="staff_video").exists()
    assert "须由另一位同事复核" in client.get(address).content.decode()
    other = staff_client(Role.SENIOR_REVIEWER, username="two")
    assert client.post("/console/video-checks/next").url == "/console/video-checks"
    assert other.post("/console/video-checks/next").url == address
    assert "第一人已通过但有备注" in other.get(address).content.decode()
    StaffVideoRequest.objects.filter(id=request.id).update(remarks=[])  # as where every pass is confirmed
    assert "第一人已通过。" in other.get(address).content.decode()
    StaffVideoRequest.objects.filter(id=request.id).update(remarks=["card_damaged"])
    assert client.post(address, filled).status_code == 409  # the other one holds it
    assert other.post(address, filled).url == "/console/video-checks"
    kept = Verification.objects.get(item="staff_video")
    assert (kept.state, kept.facts["remarks"]) == ("passed", ["card_damaged"])
    assert other.post(address, filled).status_code == 409
    assert "证件与本人一致<br>证件与本人一致" in other.get(address).content.decode()  # either person's note on a line
    body = other.get("/console/video-checks?show=decided").content.decode()
    assert str(request.id) in body and "two" in body
    rows = b"".join(other.get("/console/video-checks?show=decided&format=csv").streaming_content).decode()
    assert str(request.id) in rows and "通过" in rows
