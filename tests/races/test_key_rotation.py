"""Keys are changed while people are registered and read: no read fails, nobody gets a second account (R9.6, R1.1)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections, transaction

from weidai.identity.models import Customer
from weidai.identity.selectors import customer_by_mobile
from weidai.identity.services.records import digest_claim
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.platform.keys import datakeys, keyfile, rotation
from weidai.risk import services as risk
from weidai.security import services as security
from weidai.security.models import SmsChallenge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WEIDAI_KEY_DIR", str(tmp_path))
    keyfile.forget()
    datakeys.forget()
    yield tmp_path
    keyfile.forget()
    datakeys.forget()


def registered(serial: int) -> UUID:
    mobile, customer_id = f"137{serial:08d}", uuid7()
    with transaction.atomic():
        owner = digest_claim("mobile", mobile, customer_id)
        if owner == customer_id:
            Customer.objects.create(id=customer_id, customer_id=customer_id, mobile=mobile, registered_at=clock.now())
    return owner


@pytest.mark.long
def test_a_rotation_under_load(key_folder):
    people = {serial: registered(serial) for serial in range(60)}
    failures: list[str] = []
    reads, over, entered = [0], threading.Event(), [0]
    risk.list_add(kind="mobile", value="13911112222", effect="block", reason="fraud", staff_id="s")

    def read(offset: int) -> None:
        try:
            while not over.is_set():
                for serial in list(people)[offset::3]:
                    datakeys.forget()
                    found = customer_by_mobile(f"137{serial:08d}")
                    if found != people[serial] or Customer.objects.get(id=found).mobile != f"137{serial:08d}":
                        failures.append(f"{serial}: {found}")
                    reads[0] += 1
        except Exception as error:
            failures.append(repr(error))
        finally:
            connections.close_all()

    def write() -> None:
        try:
            serial = 1000
            while not over.is_set():
                owner = registered(serial)
                if registered(serial) != owner:
                    failures.append(f"{serial} twice")
                people[serial] = owner
                serial += 1
        except Exception as error:
            failures.append(repr(error))
        finally:
            connections.close_all()

    def sign() -> None:
        """Codes sent before, while and after the keys change are good, passwords right, listed values found."""
        try:
            owner, serial = uuid7(), 0
            security.payment_password_set(owner, password="294751")
            while not over.is_set():
                serial += 1
                sent = security.sms_code_send(mobile=f"136{serial:08d}", purpose="login", context="c")
                code = SmsChallenge.objects.get(id=sent.id).code
                time.sleep(0.05)
                security.sms_code_check(sent.id, code=code, purpose="login", context="c")
                security.payment_password_check(owner, password="294751")
                facts = risk.RiskFacts(identifiers={"mobile": "13911112222"})
                if not risk.decide(owner, event="application", subject_id=uuid7(), facts=facts).is_blocked:
                    failures.append("a listed value was not found")
                entered[0] += 1
        except Exception as error:
            failures.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(3)]
    threads += [threading.Thread(target=write), threading.Thread(target=sign)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1.0)
        rotation.rotate()
        time.sleep(0.5)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    rotation.rotate()
    assert failures == []
    assert (reads[0] > 50, entered[0] > 3) == (True, True)
    assert not [use for use in rotation.key_uses() if use.is_old]
    assert rotation.old_keys_destroy() == [1, 2]
    datakeys.forget()
    assert all(customer_by_mobile(f"137{serial:08d}") == owner for serial, owner in people.items())
    assert rotation.unreadable() == {}


@pytest.mark.long
def test_a_rotation_killed_again_and_again_comes_to_its_end(key_folder):
    """`weidai keys rotate` is killed (SIGKILL) at twelve moments; every value is readable after each kill."""
    for serial in range(3000):
        registered(serial)
    with transaction.atomic():
        rotation.begin()
    environment = {**os.environ, "WEIDAI_KEY_DIR": str(key_folder), "DATABASE_URL": database_url()}
    command = [sys.executable, "-W", "ignore", "-c", "from weidai.cli.main import main; main()", "keys", "rotate"]
    for attempt in range(12):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1.2 + attempt * 0.15)
        process.kill()
        process.wait()
        keyfile.forget()
        datakeys.forget()
        assert customer_by_mobile("13700002999") is not None
        assert rotation.unreadable() == {}
    assert subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0
    assert subprocess.run([*command[:-1], "verify"], env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0
    assert subprocess.run([*command[:-1], "retire", "--yes"], env=environment, check=False).returncode == 0
    keyfile.forget()
    datakeys.forget()
    assert len(keyfile.keyring().kek.keys) == 1
    assert rotation.unreadable() == {}


CHILD = """
import os, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
import django; django.setup()
from weidai.identity.models import Customer
from weidai.platform.keys import datakeys
owner, idles = sys.argv[1], sys.argv[2] == "idle"
def read(): return Customer.objects.get(id=owner).mobile
assert read(), "readable at first"
print("ready", flush=True); sys.stdin.readline()
began = time.monotonic()
if idles:
    while datakeys._kept.keys and time.monotonic() - began < 30: time.sleep(0.05)
else:
    while read() and time.monotonic() - began < 30: time.sleep(0.05)
print(time.monotonic() - began, flush=True)
"""


@pytest.mark.long
def test_a_key_destroyed_here_is_gone_from_another_process_in_seconds(key_folder):
    """One process reads all the time, another one does nothing: both let go of the key, which they were not told of."""
    owner = registered(77)
    environment = {**os.environ, "WEIDAI_KEY_DIR": str(key_folder), "DATABASE_URL": database_url()}
    children = [subprocess.Popen([sys.executable, "-W", "ignore", "-c", CHILD, str(owner), kind], env=environment, text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE) for kind in ("busy", "idle")]
    try:
        for child in children:
            assert child.stdout.readline() == "ready\n"
        with transaction.atomic():
            assert datakeys.keys_destroy(owner, ["p"]) == 1
        for child in children:
            child.stdin.write("\n")
            child.stdin.flush()
        busy, idle = (float(child.stdout.readline()) for child in children)
    finally:
        for child in children:
            child.kill()
            child.wait()
            child.stdin.close()
            child.stdout.close()
    print(f"busy process {busy:.2f} s, idle process {idle:.2f} s")
    assert busy < datakeys.SURE_SECONDS + 1.0
    assert idle < datakeys.FORGOTTEN_SECONDS + 1.5


def database_url() -> str:
    from urllib.parse import quote

    from django.db import connection

    options, name = settings.DATABASES["default"], connection.settings_dict["NAME"]
    login = quote(str(options["USER"])) + (f":{quote(str(options['PASSWORD']))}" if options["PASSWORD"] else "")
    return f"postgresql://{login}@/{name}?host={quote(str(options['HOST']))}" if str(options["HOST"]).startswith("/") else (
        f"postgresql://{login}@{options['HOST']}:{options['PORT'] or 5432}/{name}")
