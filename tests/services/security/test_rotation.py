"""After a rotation and `retire` nothing stored hangs on the old key, and everything is found as before (R9.6)."""

import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from tests.services.credit_support import customer_make

from weidai.demo.device import SoftwareDevice
from weidai.identity.models import Customer, FaceBucket
from weidai.identity.selectors import customer_by_mobile
from weidai.identity.services.face_templates import alike, template_keep
from weidai.identity.services.records import digest_claim
from weidai.platform import clock
from weidai.platform.keys import datakeys, keyfile, rotation
from weidai.platform.keys.keyfile import Keyring
from weidai.risk import services as risk
from weidai.risk.models import ListEntry
from weidai.security import errors, selectors, services
from weidai.security.asking import asked_from
from weidai.security.models import PaymentPassword, SmsChallenge
from weidai.security.services import passwords

MOBILE, PASSWORD = "13800000001", "250918"


def watching(real, made):
    def watched(self, first, second, number):
        digest = real(self, first, second, number)
        if number <= 1:
            made.add(digest)
        return digest

    return watched


@pytest.fixture
def old_digests(tmp_path, monkeypatch, db):
    """A key folder of this test's own, and every digest that is ever made under its first keys."""
    monkeypatch.setenv("WEIDAI_KEY_DIR", str(tmp_path))
    made = set()
    for name in ("digest", "index_digest"):
        monkeypatch.setattr(Keyring, name, watching(getattr(Keyring, name), made))
    keyfile.forget()
    datakeys.forget()
    yield made
    keyfile.forget()
    datakeys.forget()


def every_text() -> str:
    """Everything in the database that is text, as one."""
    with connection.cursor() as cursor:
        cursor.execute("""SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'jsonb')""")
        columns = cursor.fetchall()
        found = []
        for table, column in columns:
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')  # noqa: S608 (names)
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def face(shade: float) -> list[float]:
    return [shade * ((place * 37) % 11 - 5) / 50 for place in range(128)]


def one_of_each() -> tuple[UUID, str, list[str]]:
    """A customer with everything that is kept by a keyed digest, their token, and a code on its way."""
    owner = customer_make()
    digest_claim("mobile", MOBILE, owner)
    with asked_from(ip="203.0.113.9", device="phone"):
        token = services.session_start(owner, user_agent="iPhone", ip="203.0.113.9")
        services.payment_password_set(owner, password=PASSWORD)
        with pytest.raises(errors.PaymentPasswordWrong):
            services.payment_password_check(owner, password="111222")
        sent = [services.sms_code_send(mobile=mobile, purpose="login", context="c") for mobile in (MOBILE, "13900001111")]
    codes = [SmsChallenge.objects.get(id=one.id).code for one in sent]
    services.sms_code_check(sent[0].id, code=codes[0], purpose="login", context="c")
    SoftwareDevice().bound_first(owner)
    template_keep(owner, face(1.0))
    risk.list_add(kind="mobile", value="13911112222", effect="block", reason="fraud", staff_id="s")
    risk.list_remove(entry_id=risk.list_add(kind="mobile", value="13933334444", effect="block", reason="fraud", staff_id="s"),
                     reason="error")
    return owner, token, [str(sent[1].id), codes[1]]


def older(owner: UUID) -> None:
    """Give the payment password the form of an older home: one pepper for all, from the key file."""
    row = PaymentPassword.objects.get(customer_id=owner)
    row.pepper = passwords.old_pepper()
    passwords_hash = passwords._hasher.hash(passwords._argon2_input(row, PASSWORD))
    PaymentPassword.objects.filter(id=row.id).update(password_hash=f"p1{passwords_hash}", pepper=None)


def test_no_row_hangs_on_the_old_key_after_it_is_destroyed(old_digests):
    owner, token, (challenge_id, code) = one_of_each()
    older(owner)
    assert [digest for digest in old_digests if digest in every_text()], "the test sees what it looks for"
    rotation.rotate()
    (use,) = [use for use in rotation.key_uses() if use.is_old]
    assert (use.what, use.count) == ("security.sms_codes", 1)
    with pytest.raises(ValueError, match="sms_codes"):
        rotation.old_keys_destroy()
    services.sms_code_check(UUID(challenge_id), code=code, purpose="login", context="c")  # sent before, and good
    rotation.rotate()
    assert not [use for use in rotation.key_uses() if use.is_old]
    rotation.old_keys_destroy()
    datakeys.forget()
    assert [list(keyfile.keyring().digests.keys), list(keyfile.keyring().kek.keys)] == [[3], [3]]
    kept = every_text()
    assert [digest for digest in old_digests if digest in kept] == []
    assert len(old_digests) > 20

    assert selectors.session_get(token).customer_id == owner
    assert selectors.device_customers("phone") == (owner,)
    services.payment_password_check(owner, password=PASSWORD)
    assert customer_by_mobile(MOBILE) == owner
    assert alike(UUID(int=7), face(1.0)) == [owner]
    assert FaceBucket.objects.filter(customer_id=owner).exists()
    facts = risk.RiskFacts(identifiers={"mobile": "13911112222"})
    assert risk.decide(owner, event="application", subject_id=UUID(int=1), facts=facts).is_blocked
    assert list(ListEntry.objects.order_by("id").values_list("value", "digest"))[1] == (None, "")
    assert rotation.unreadable() == {}


def test_a_list_entry_of_an_older_home_keeps_its_key_from_being_destroyed(old_digests):
    entry = risk.list_add(kind="mobile", value="13911112222", effect="block", reason="fraud", staff_id="s")
    ListEntry.objects.filter(id=entry).update(value=None)
    rotation.rotate()
    with pytest.raises(ValueError, match="list_entries"):
        rotation.old_keys_destroy()
    facts = risk.RiskFacts(identifiers={"mobile": "13911112222"})
    assert risk.decide(customer_make(), event="application", subject_id=UUID(int=1), facts=facts).is_blocked
    risk.list_remove(entry_id=entry, reason="error")
    rotation.old_keys_destroy()


def test_a_key_destroyed_elsewhere_opens_nothing_after_a_moment_and_leaves_the_memory(old_digests, monkeypatch):
    owner = customer_make()
    datakeys.forget()
    assert Customer.objects.get(id=owner).mobile == MOBILE
    (name,) = [name for name in datakeys._kept.keys if name.startswith(owner.hex)]
    with connection.cursor() as cursor:  # as another process does it
        cursor.execute("UPDATE platform_datakey SET wrapped = NULL, destroyed_at = now() WHERE customer_id = %s", [owner])
        cursor.execute("""INSERT INTO platform_keydestruction (id, count) VALUES (1, 1)
            ON CONFLICT (id) DO UPDATE SET count = platform_keydestruction.count + 1""")
    monkeypatch.setattr(datakeys._kept, "sure_at", datakeys._kept.sure_at - datakeys.SURE_SECONDS)
    assert Customer.objects.get(id=owner).mobile == ""
    assert name not in datakeys._kept.keys


def test_keys_nobody_asked_for_leave_the_memory_by_themselves(old_digests, monkeypatch):
    monkeypatch.setattr(datakeys, "FORGOTTEN_SECONDS", 0.4)
    customer_make()
    assert datakeys._kept.keys or datakeys._ahead.uncommitted
    datakeys._keep("x", b"k")
    time.sleep(0.7)
    assert not datakeys._kept.keys


def test_a_code_older_than_a_rotation_dies_of_its_age(old_digests):
    services.sms_code_send(mobile=MOBILE, purpose="login", context="c")
    rotation.rotate()
    with clock.travel_to(clock.now() + timedelta(minutes=6)):
        rotation.rotate(wait_seconds=0)
        assert not [use for use in rotation.key_uses() if use.is_old]
