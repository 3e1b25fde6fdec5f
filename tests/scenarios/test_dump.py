"""A dump of the database names nobody: no name, ID number, mobile or card number in the clear (R9.6)."""

from __future__ import annotations

import base64
import json
import subprocess
from contextlib import suppress
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.db import connection

from tests.support.hostile_files import picture
from tests.support.world import Life, Sandbox, settle
from weidai.files import services as files
from weidai.identity import services as identity
from weidai.platform.postgres.binaries import binaries_in_wheel
from weidai.security import services as security
from weidai.servicing.models import SuspenseItem

pytestmark = pytest.mark.django_db(transaction=True)
EMPLOYER = "宏图精密机械有限公司"


def dumped() -> str:
    """Return what pg_dump writes of every table; a home of your own may lie outside the wheel's cluster."""
    options = settings.DATABASES["default"]
    names = {"PGHOST": options["HOST"], "PGPORT": options["PORT"], "PGUSER": options["USER"],
             "PGPASSWORD": options["PASSWORD"], "PGDATABASE": connection.settings_dict["NAME"]}
    result = subprocess.run([binaries_in_wheel().program("pg_dump"), "--data-only"], capture_output=True, check=True,
                            env={name: unquote(value) for name, value in names.items() if value})
    return result.stdout.decode()


def forms(secret: str) -> list[str]:
    """Return a secret as it might stand in a dump: plain, escaped, encoded, spaced."""
    plain = secret.encode()
    return [secret, json.dumps(secret)[1:-1], plain.hex(), base64.b64encode(plain).decode().rstrip("="), secret.lower(),
            " ".join(secret[at:at + 4] for at in range(0, len(secret), 4))]


def borrowers(sandbox: Sandbox, secrets: list[str]) -> list[Life]:
    """Return two people with a line; whoever was declined on the way is in the database too and counts as a secret."""
    granted: list[Life] = []
    for _ in range(12):
        life = Life(sandbox.person("young_worker"))
        person = life.person
        secrets += [person.name, person.id_number, person.mobile, life.card, *(card.card_number for card in person.cards)]
        with suppress(AssertionError):
            granted.append(life.granted())
        if len(granted) == 2:
            return granted
    raise AssertionError("fewer than two of twelve were granted a line")


def test_a_dump_of_lives_lived_through_names_nobody(sandbox: Sandbox) -> None:
    secrets: list[str] = [EMPLOYER]
    for life in borrowers(sandbox, secrets):
        life.sign(100_000)
        settle(sandbox)
        person = life.person
        life.send(sandbox, 30_000, memo=f"{person.name}还款{person.mobile}")
        settle(sandbox)
        identity.profile_declare(life.customer_id, occupation="employed", declared_monthly_income_fen=1_000_000,
                                 employer=EMPLOYER, region_code="31")
        files.file_store(life.customer_id, kind="document", content=picture(), name=f"{person.name}{person.id_number}.jpg")
        security.session_start(life.customer_id, user_agent=f"{person.name} iPhone", ip="203.0.113.77")
    assert SuspenseItem.objects.count() <= 2
    text = dumped()
    assert "COPY public.identity_customer" in text
    assert len(text) > 50_000
    found = [(secret[:2] + "…", text[max(0, at - 60):at + 40]) for secret in secrets for form in forms(secret)
             if (at := text.find(form)) >= 0]
    assert found == []
    assert "203.0.113.77" not in text
