"""Logging in to the console: password, then a code; set-up at the first log-in; codes work once (R8.6)."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from tests.web.staff_session import staff_client
from weidai.staff import services
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def auditor_id():  # type: ignore[no-untyped-def]
    return services.staff_user_create(services.CreateStaffUser(
        username="auditor1", display_name="审计甲", password=PASSWORD, roles=frozenset({Role.AUDITOR}),
        created_by=None))


def _log_in(client: Client, path: str = "/console/staff") -> None:
    response = client.post(f"/console/account/login/?next={path}", {"login": "auditor1", "password": PASSWORD})
    assert response.status_code == 302


def test_log_in_with_password_and_code_leads_to_the_wanted_page(auditor_id) -> None:  # type: ignore[no-untyped-def]
    secret, client = services.totp_enroll(auditor_id), Client()
    _log_in(client)
    assert client.get("/console/staff").status_code == 302, "the password alone opens nothing"
    response = client.post("/console/account/2fa/authenticate/", {"code": services.totp_code_now(secret)})
    assert (response.status_code, response["Location"]) == (302, "/console/staff")
    assert client.get("/console/staff").status_code == 200


def test_a_code_works_once(auditor_id) -> None:  # type: ignore[no-untyped-def]
    code = services.totp_code_now(services.totp_enroll(auditor_id))
    first, second = Client(), Client()
    _log_in(first)
    assert first.post("/console/account/2fa/authenticate/", {"code": code}).status_code == 302
    _log_in(second)
    assert second.post("/console/account/2fa/authenticate/", {"code": code}).status_code == 200
    assert second.get("/console/staff").status_code == 302


def test_wrong_password_is_said_in_the_readers_language(auditor_id) -> None:  # type: ignore[no-untyped-def]
    wrong = {"login": "auditor1", "password": "wrong"}
    assert "您提供的用户名或密码不正确" in Client().post("/console/account/login/", wrong).content.decode()
    assert "not correct" in Client().post("/console/account/login/?lang=en", wrong).content.decode()


def test_guessing_is_slowed_down(auditor_id) -> None:  # type: ignore[no-untyped-def]
    services.totp_enroll(auditor_id)
    for _ in range(6):
        Client().post("/console/account/login/", {"login": "auditor1", "password": "wrong"})
    response = Client().post("/console/account/login/", {"login": "auditor1", "password": PASSWORD})
    assert response.status_code in (200, 429), "even the right password waits"


def test_first_log_in_sets_the_second_factor_up(auditor_id) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    _log_in(client)
    assert client.get("/console/staff")["Location"] == "/console/account/2fa/totp/activate/"
    page = client.get("/console/account/2fa/totp/activate/")
    assert page.status_code == 200
    secret = client.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    done = client.post("/console/account/2fa/totp/activate/", {"code": services.totp_code_now(secret)})
    assert done.status_code == 302
    row = Authenticator.objects.get(user_id=auditor_id, type="totp")
    assert secret not in str(row.data), "the secret is stored encrypted"
    assert client.get("/console/staff")["Location"].startswith("/console/account/2fa/reauthenticate/")


@pytest.mark.parametrize("path", [
    "login/", "inactive/", "reauthenticate/", "password/", "2fa/", "2fa/reauthenticate/", "2fa/totp/activate/",
    "2fa/recovery-codes/", "2fa/webauthn/", "2fa/webauthn/add/", "logout/",
])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_account_pages_open_in_both_languages(auditor_id, path: str, language: str) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    if path != "login/":
        _log_in(client)
    response = client.get(f"/console/account/{path}?lang={language}", follow=True)
    assert response.status_code in (200, 404)
    assert "style=" not in response.content.decode()


@pytest.mark.parametrize("path", ["signup/", "email/", "password/reset/"])
def test_nobody_registers_themselves(path: str) -> None:
    assert Client().get(f"/console/account/{path}").status_code == 404


def test_last_second_factor_cannot_be_removed(auditor_id) -> None:  # type: ignore[no-untyped-def]
    services.totp_enroll(auditor_id)
    client = staff_client(Role.AUDITOR, username="auditor1")
    client.post("/console/account/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user_id=auditor_id, type="totp").exists()
