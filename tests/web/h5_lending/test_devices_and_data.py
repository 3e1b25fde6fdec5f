"""Devices, the sign-in number and one's own data on the pages (R8.4, R1.1, R8.5)."""

import pytest
from django.test import Client

from tests.services.identity.conftest import registered
from tests.support.hostile_files import pdf, picture
from weidai.files import services as files
from weidai.identity import selectors as identity
from weidai.platform import clock
from weidai.security import selectors, services
from weidai.security.asking import asked_from
from weidai.security.models import SmsChallenge
from weidai.web.shared.device import COOKIE as DEVICE_COOKIE

pytestmark = pytest.mark.django_db
PASSWORD = "250918"
PAGES = ("/h5/me/security/", "/h5/me/security/devices/", "/h5/me/security/number", "/h5/me/privacy/",
         "/h5/me/privacy/biometrics", "/h5/me/privacy/account", "/h5/me/", "/h5/me/consents/")


@pytest.fixture(autouse=True)
def _password(reader):
    services.payment_password_set(reader.who.id, password=PASSWORD)


@pytest.fixture
def other_device(reader):
    with asked_from(ip="203.0.113.9", device="lost phone"):
        token = services.session_start(reader.who.id, user_agent="Android MicroMessenger", ip="203.0.113.9")
    return selectors.session_get(token)


def test_every_page_opens_in_both_languages_and_ticks_nothing_beforehand(reader, other_device):
    files.file_store(reader.who.id, kind="document", content=picture(), name="a.jpg")
    files.file_delete(reader.who.id, files.file_store(reader.who.id, kind="face_frame", content=picture()).id,
                      reason="customer_request")
    for address in [*PAGES, f"/h5/me/security/devices/{other_device.device_id}/lock"]:
        for language in ("zh", "en"):
            answer = reader.get(f"{address}?lang={language}")
            assert answer.status_code == 200, address
            assert " checked" not in answer.content.decode(), address


def test_a_first_visit_names_the_device_once_and_a_forged_name_is_not_believed():
    client = Client()
    first = client.get("/h5/login")
    name = first.cookies[DEVICE_COOKIE]
    assert (name["httponly"], name["samesite"]) == (True, "Lax")
    assert DEVICE_COOKIE not in client.get("/h5/login").cookies
    client.cookies[DEVICE_COOKIE] = "forged:name"
    assert DEVICE_COOKIE in client.get("/h5/login").cookies
    assert DEVICE_COOKIE not in Client().get("/").cookies


def test_a_lost_device_is_locked_and_unlocked_again(reader, other_device):
    at = f"/h5/me/security/devices/{other_device.device_id}"
    assert reader.post(f"{at}/lock").status_code == 302
    assert "已锁定" in reader.get("/h5/me/security/devices/").content.decode()
    assert [row.is_locked for row in selectors.devices_for(reader.who.id) if row.id == other_device.device_id] == [True]
    assert reader.post(f"{at}/unlock", password="000000").status_code == 422
    assert reader.post(f"{at}/unlock", password=PASSWORD).status_code == 302
    assert reader.post("/h5/me/security/devices/00000000-0000-7000-8000-000000000000/lock").status_code == 404
    assert reader.get("/h5/me/devices/").headers["Location"] == "/h5/me/security/devices/"


def test_one_sign_in_is_ended_from_the_list(reader, other_device):
    assert reader.post(f"/h5/me/security/sessions/{other_device.session_id}/end").status_code == 302
    assert other_device.session_id not in [row.session_id for row in selectors.sessions_for(reader.who.id)]
    assert reader.get(f"/h5/me/security/sessions/{other_device.session_id}/end").status_code == 405


def test_the_number_is_changed_with_password_and_code(reader):
    wrong = reader.post("/h5/me/security/number", mobile="13911112222", payment_password="000000")
    assert wrong.status_code == 422
    assert SmsChallenge.objects.filter(purpose="rebind").count() == 0
    new = {"mobile": "13911112222", "payment_password": PASSWORD}
    assert reader.post("/h5/me/security/number", **new).context["form"].refusal.code == "security.device_proof_missing"
    sent = reader.post("/h5/me/security/number", **new, **reader.proof_at("/h5/me/security/number"))
    assert sent.url == "/h5/me/security/number/code"
    assert "139****2222" in reader.get(sent.url).content.decode()
    challenge = SmsChallenge.objects.get(purpose="rebind")
    bad = "000000" if challenge.code != "000000" else "111111"
    assert reader.post(sent.url, code=bad).status_code == 422
    assert reader.post(sent.url, code=challenge.code).url == "/h5/onboard/mobile"
    assert identity.customer_get(reader.who.id).masked_mobile == "139****2222"
    assert reader.get(sent.url).url == "/h5/me/security/number"  # nothing waits any more: going back is harmless


def test_a_number_of_another_account_is_refused_beside_its_field(reader, borrower_other):
    answer = reader.post("/h5/me/security/number", mobile=borrower_other, payment_password=PASSWORD)
    assert answer.status_code in (409, 422)
    assert SmsChallenge.objects.filter(purpose="rebind").count() == 0


@pytest.fixture
def borrower_other():
    registered("13911113333")
    return "13911113333"


def test_ones_own_file_is_handed_out_as_data_never_as_a_page(reader):
    row = files.file_store(reader.who.id, kind="document", content=picture(), name='a";x.html')
    answer = reader.get(f"/h5/me/privacy/files/{row.id}")
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    paper = files.file_store(reader.who.id, kind="document", content=pdf(), name="b.pdf")
    assert reader.get(f"/h5/me/privacy/files/{paper.id}")["Content-Disposition"].startswith("attachment;")
    stranger = Client()
    assert stranger.get(f"/h5/me/privacy/files/{row.id}").status_code == 302


def test_biometrics_are_deleted_after_a_deliberate_yes(reader):
    files.file_store(reader.who.id, kind="face_frame", content=picture())
    assert reader.post("/h5/me/privacy/biometrics").status_code in (200, 422)
    assert reader.post("/h5/me/privacy/biometrics", understands="on").status_code == 302
    page = reader.get("/h5/me/privacy/").content.decode()
    assert "生物特征已销毁" in page


def test_who_has_a_line_is_told_why_not_everything_can_be_deleted(reader):
    answer = reader.post("/h5/me/privacy/account", understands="on")
    assert answer.status_code in (409, 422)
    assert "额度" in answer.content.decode()
    assert clock.now()
