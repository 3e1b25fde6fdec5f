"""A customer's files and devices, opened with a reason on record; keys in use (R8.6, R9.6)."""

from __future__ import annotations

import pytest

from tests.services.credit_support import customer_make
from tests.support.hostile_files import pdf, picture
from tests.web.staff_session import staff_client
from weidai.audit.models import Event
from weidai.files import selectors as files
from weidai.files import services
from weidai.security import selectors as security
from weidai.security import services as security_services
from weidai.security.asking import asked_from
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db


def test_a_file_is_opened_with_a_reason_on_record_and_not_without() -> None:
    customer = customer_make()
    row = services.file_store(customer, kind="id_card_front", content=picture(), name="正面.jpg")
    paper = services.file_store(customer, kind="document", content=pdf(), name="流水.pdf")
    client, at = staff_client(Role.REVIEWER), f"/console/customers/{customer}"
    for language in ("zh", "en"):
        page = client.get(f"{at}/data?lang={language}")
        assert page.status_code == 200
        assert "正面.jpg" in page.content.decode()
    assert client.get(f"{at}/files/{row.id}").status_code == 405
    assert client.post(f"{at}/files/{row.id}").status_code == 422
    assert not Event.objects.filter(name="files.file.opened").exists()
    opened = client.post(f"{at}/files/{row.id}", {"reason": "identity_check"})
    assert (opened.status_code, opened["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in opened["Content-Security-Policy"]
    event = Event.objects.get(name="files.file.opened")
    assert (event.actor_kind, event.facts["reason"]) == ("staff", "staff.identity_check")
    assert client.post(f"{at}/files/{paper.id}", {"reason": "dispute"})["Content-Disposition"].startswith("attachment")
    assert staff_client(Role.SERVICE_AGENT).post(f"{at}/files/{row.id}", {"reason": "dispute"}).status_code == 403


def test_a_lost_phone_is_signed_out_and_biometrics_destroyed_by_those_who_may() -> None:
    customer = customer_make()
    with asked_from(ip="203.0.113.9", device="phone"):
        token = security_services.session_start(customer, user_agent="iPhone", ip="203.0.113.9")
    at = f"/console/customers/{customer}"
    assert staff_client(Role.SERVICE_AGENT).post(f"{at}/sign-out", {"reason": "客户来电称手机丢失"}).status_code == 302
    assert security.session_get(token) is None
    services.file_store(customer, kind="face_frame", content=picture())
    officer = staff_client(Role.COMPLIANCE_OFFICER)
    assert officer.get(f"{at}/biometrics").status_code == 200
    assert officer.post(f"{at}/biometrics", {"reason": "客户书面申请"}).status_code == 302
    assert [row.what for row in files.deletion_receipts(customer)][:1] == ["biometrics"]
    assert files.files_for(customer) == ()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_keys_in_use_are_shown_without_any_key(language: str) -> None:
    services.file_store(customer_make(), kind="document", content=picture(), name="a.jpg")
    page = staff_client(Role.ADMINISTRATOR).get(f"/console/keys?lang={language}").content.decode()
    assert {"zh": "客户数据密钥", "en": "Data keys of customers"}[language] in page
    assert "weidai keys rotate" in page
