"""The key that signs cookies and staff sessions is changed like the others: nobody is signed out, the old one ends (R9.6)."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from tests.web.staff_session import staff_client
from weidai.platform.keys import datakeys, keyfile, rotation, signing_keys
from weidai.staff.models import StaffUser
from weidai.staff.rules import Role
from weidai.web.shared.device import COOKIE

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_folder(tmp_path, monkeypatch, settings):
    """A key folder of this test's own; `settings` puts the process's signing key back."""
    settings.SECRET_KEY = settings.SECRET_KEY
    monkeypatch.setenv("WEIDAI_KEY_DIR", str(tmp_path))
    monkeypatch.delenv(signing_keys.GIVEN, raising=False)
    keyfile.forget()
    datakeys.forget()
    signing_keys.newest_key_sign()
    yield tmp_path
    keyfile.forget()
    datakeys.forget()


def is_signed_in(client: Client) -> bool:
    return client.get("/console/").status_code == 200


def test_staff_and_known_devices_stay_through_rotation_and_retire(key_folder):
    staff, visitor, absent = staff_client(Role.ADMINISTRATOR), Client(), Client()
    for browser in (visitor, absent):
        browser.get("/h5/")
    names = [signing.loads(browser.cookies[COOKIE].value, salt="weidai.device") for browser in (visitor, absent)]
    nobodys = Session.objects.create(session_key="x" * 32, session_data="torn", expire_date="2999-01-01T00:00Z")
    old_key, old_cookie = settings.SECRET_KEY, absent.cookies[COOKIE].value

    rotation.rotate()
    assert old_key != settings.SECRET_KEY
    assert keyfile.keyring().signing == (settings.SECRET_KEY, old_key)
    assert is_signed_in(staff)
    visitor.get("/h5/")  # handed out anew, under the newest key
    rotation.old_keys_destroy()

    assert keyfile.keyring().signing == (settings.SECRET_KEY,)
    assert is_signed_in(staff)
    assert signing.loads(visitor.cookies[COOKIE].value, salt="weidai.device") == names[0]
    with pytest.raises(signing.BadSignature):
        signing.loads(old_cookie, salt="weidai.device")
    absent.get("/h5/")  # away all the time: a new device from here on
    assert signing.loads(absent.cookies[COOKIE].value, salt="weidai.device") != names[1]
    nobodys.refresh_from_db()
    assert nobodys.session_data == "torn"


def test_an_old_key_is_not_retired_while_a_session_hangs_on_it_and_forges_nothing_afterwards(key_folder):
    staff = staff_client(Role.ADMINISTRATOR)
    row, old_key = Session.objects.get(), settings.SECRET_KEY
    keyfile.keyring_change(rotation._with_new_versions)  # cut off before anything was rewritten
    assert [(use.what, use.count) for use in rotation.key_uses() if use.is_old] == [("staff.sessions", 1)]
    with pytest.raises(ValueError, match=r"staff\.sessions"):
        rotation.old_keys_destroy()
    assert is_signed_in(staff)
    rotation.rotate()
    rotation.old_keys_destroy()
    content = signing.loads(row.session_data, key=old_key, fallback_keys=[], salt="django.contrib.sessions.SessionStore",
                            serializer=signing.JSONSerializer)
    Session.objects.filter(pk=row.pk).update(session_data=signing.dumps(
        content, key=old_key, salt="django.contrib.sessions.SessionStore", serializer=signing.JSONSerializer, compress=True))
    assert not is_signed_in(staff)


def test_a_signature_of_another_process_with_a_newer_key_is_good_in_the_middle_of_a_request(key_folder):
    here = settings.SECRET_KEY
    keyfile.keyring_change(rotation._with_new_versions)  # another process; this one has not begun a request since
    theirs = signing.dumps("x", key=json.loads((key_folder / keyfile.KEY_FILE).read_text())["signing"]["keys"]["2"], salt="s")
    assert here == settings.SECRET_KEY
    assert signing.loads(theirs, salt="s") == "x"
    ours = signing.dumps("y", salt="s")
    Client().get("/health")
    assert here != settings.SECRET_KEY
    assert signing.loads(ours, salt="s") == "y"


def test_a_new_password_still_ends_every_session(key_folder):
    staff = staff_client(Role.ADMINISTRATOR)
    assert is_signed_in(staff)
    user = StaffUser.objects.get()
    user.set_password("a-long-new-password-9")
    user.save(update_fields=["password"])
    assert not is_signed_in(staff)


def test_the_key_of_an_older_home_goes_on_signing_and_its_file_goes_with_retire(key_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("WEIDAI_HOME", str(tmp_path))
    old_file = tmp_path / "keys" / "secret_key"
    old_file.parent.mkdir()
    old_file.write_text("the key this home signed with")
    (key_folder / keyfile.KEY_FILE).unlink(missing_ok=True)
    keyfile.forget()
    assert signing_keys.accepted_keys() == ("the key this home signed with",)
    rotation.rotate()
    assert old_file.exists()
    rotation.old_keys_destroy()
    assert not old_file.exists()
    assert "the key this home signed with" not in (key_folder / keyfile.KEY_FILE).read_text()


def test_keys_given_by_environment_are_changed_there(key_folder, monkeypatch):
    monkeypatch.setenv(signing_keys.GIVEN, "new")
    monkeypatch.setenv(signing_keys.GIVEN_BEFORE, "old older")
    assert list(settings.SECRET_KEY_FALLBACKS) == ["new", "old", "older"]
    signing_keys.newest_key_sign()
    assert settings.SECRET_KEY == "new"
    assert signing.loads(signing.dumps(1, key="older", salt="s"), salt="s") == 1
