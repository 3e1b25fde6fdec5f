"""`weidai keys` and `weidai privacy`: what an operator sees, and what is refused with a sentence (R9.6, R8.5)."""

from __future__ import annotations

import json

import pytest
from tests.services.credit_support import customer_make
from tests.support.hostile_files import picture
from typer.testing import CliRunner

from weidai.cli.main import app
from weidai.files import services as files
from weidai.files.errors import ErasureRefused
from weidai.identity.ports import borrowings
from weidai.platform.keys import datakeys, keyfile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("WEIDAI_KEY_DIR", str(tmp_path))
    keyfile.forget()
    datakeys.forget()
    yield
    keyfile.forget()
    datakeys.forget()


def run(*words):
    return CliRunner().invoke(app, words)


def test_keys_are_rotated_verified_and_the_old_one_destroyed_only_when_nothing_needs_it():
    files.file_store(customer_make(), kind="document", content=picture(), name="a.jpg")
    assert run("keys", "retire").exit_code == 1  # without --yes
    assert json.loads(run("keys", "verify", "--json").stdout)["is_sound"]
    rotated = run("keys", "rotate")
    assert rotated.exit_code == 0, rotated.output
    verified = json.loads(run("keys", "verify", "--json").stdout)
    assert (verified["is_sound"], verified["under_old_keys"], verified["unreadable"]) == (True, 0, {})
    assert {row["version"] for row in verified["uses"] if row["what"] == "data_keys"} == {"2"}
    assert "1" in run("keys", "retire", "--yes").stdout
    assert json.loads(run("keys", "verify", "--json").stdout)["is_sound"]
    assert run("keys", "status", "--json").exit_code == 0


def test_biometrics_are_erased_with_a_receipt_and_a_borrower_is_not_erased(monkeypatch):
    customer = customer_make()
    files.file_store(customer, kind="face_frame", content=picture())
    assert run("privacy", "biometrics", str(customer)).exit_code == 0
    receipts = json.loads(run("privacy", "receipts", str(customer), "--json").stdout)["receipts"]
    assert [row["what"] for row in receipts] == ["biometrics", "file"] or {row["what"] for row in receipts} == {
        "biometrics", "file"}
    monkeypatch.setattr(type(borrowings()), "has_borrowed", lambda *_: True)
    assert isinstance(run("privacy", "erase", str(customer), "--yes").exception, ErasureRefused)
    assert run("privacy", "erase", str(customer)).exit_code == 1
    assert run("privacy", "biometrics", "nobody").exit_code == 2
    assert run("privacy", "biometrics", str(customer), "--reason", "because").exit_code == 2
    assert json.loads(run("privacy", "retention", "--json").stdout) == {"deleted": {}, "orphans": 0}
