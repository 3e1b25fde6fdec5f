"""All a person can leave behind is made unreadable by `weidai privacy erase`: a dump of the database shows it (R8.5, R9.6)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction
from tests.scenarios.test_dump import dumped, forms
from tests.services.identity.conftest import CARD, ID_NUMBER, MOBILE, NAME, SECOND_CARD, agree
from tests.services.identity.test_faces import DESCRIPTOR
from tests.services.identity.test_voices import PASSWORD, PRINT, engine, issue, submit  # noqa: F401 (a fixture by name)
from tests.services.origination.paper_kit import picture, reads, slip
from typer.testing import CliRunner

from weidai.audit.services import day_seal
from weidai.cli.main import app
from weidai.demo.device import SoftwareDevice
from weidai.files import services as files
from weidai.identity import services
from weidai.identity.models import BankCard, FaceChallenge, FaceTemplate, Verification, VoiceChallenge, Voiceprint
from weidai.identity.services import face_templates
from weidai.jobs import dates
from weidai.platform import clock
from weidai.platform.crypto import index_digests
from weidai.platform.keys import datakeys
from weidai.platform.keys.datakeys import PersonErased
from weidai.platform.keys.sealing import digest_texts
from weidai.platform.models import DataKey
from weidai.security import services as security
from weidai.security.asking import asked_from
from weidai.security.models import SmsAllowance, SmsChallenge
from weidai.vision import services as vision
from weidai.vision.models import PaperReading
from weidai.vision.rules.fields import Kind

pytestmark = pytest.mark.django_db
EMPLOYER = "北京云麓软件有限公司"


@pytest.fixture
def whole(verified, engine, monkeypatch):  # noqa: F811
    """Somebody who used everything there is but never borrowed: cards, face, voice, a paper, a bound device, codes."""
    services.bank_card_bind(verified, card_number=CARD)
    gone = services.bank_card_bind(verified, card_number=SECOND_CARD)
    services.bank_card_remove(verified, card_id=gone.id)
    services.profile_declare(verified, occupation="employed", declared_monthly_income_fen=900_000, employer=EMPLOYER,
                             region_code="11")
    security.payment_password_set(verified, password=PASSWORD)
    SoftwareDevice().bound_first(verified)
    with asked_from(ip="203.0.113.77", device="their phone"):
        services.sign_in_start(mobile=MOBILE)
    with transaction.atomic():
        face_templates.template_keep(verified, DESCRIPTOR)
    agree(verified, "voiceprint")
    assert submit(verified, issue(verified, "enrol", payment_password=PASSWORD)).is_passed
    reads(monkeypatch, slip(employer=EMPLOYER))
    row = vision.paper_take(verified, picture=picture(), kind=Kind.PAYSLIP)
    vision.paper_confirm(verified, row.id, values={"name": "王玮", "employer": EMPLOYER})
    day_seal(clock.today())
    return verified


def digests() -> list[str]:
    """Every keyed digest by which this person could be found."""
    found = [digest for kind, value in (("mobile", MOBILE), ("id_number", ID_NUMBER), ("card", CARD), ("card", SECOND_CARD))
             for digest in index_digests(kind, value)]
    return [*found, *digest_texts("203.0.113.77", "security.address")]


@pytest.mark.django_db(transaction=True)
def test_after_an_erasure_a_dump_holds_nothing_that_is_readable_or_findable(whole):
    before = dumped()
    sealed_with = f"{whole.hex}.p1|"
    assert all(digest in before for digest in digests()[:3]), "the test sees what it looks for"
    assert sealed_with in before
    assert CliRunner().invoke(app, ["privacy", "erase", str(whole), "--yes"]).exit_code == 0
    with clock.travel_to(clock.now() + timedelta(days=3)):
        assert security.traces_forget() > 0  # counts of that day: the number's, the address's, the device's
    after = dumped()
    secrets = [NAME, "王玮", ID_NUMBER, MOBILE, CARD, SECOND_CARD, EMPLOYER, PASSWORD, PRINT.decode(), "203.0.113.77"]
    assert [secret[:2] for secret in secrets for form in forms(secret) if form in before + after] == []
    assert [digest[:8] for digest in digests() if digest in after] == []
    assert DataKey.objects.filter(customer_id=whole).count() == 2
    assert not DataKey.objects.filter(customer_id=whole).exclude(wrapped=None).exists()
    assert (FaceTemplate.objects.count(), Voiceprint.objects.count()) == (0, 0)
    assert (PaperReading.objects.get().content, BankCard.objects.values_list("digest", flat=True).distinct().get()) == ("", "")
    assert CliRunner().invoke(app, ["audit", "verify"]).exit_code == 0
    receipts = json.loads(CliRunner().invoke(app, ["privacy", "receipts", str(whole), "--json"]).stdout)["receipts"]
    assert [row["what"] for row in receipts].count("everything") == 1


def test_what_is_under_way_while_a_person_is_erased_keeps_nothing_of_them(whole, monkeypatch):
    """The recogniser answers after the erasure; another page sends a file that was on its way: neither stays."""
    asking = vision.asking.paper_read

    def erased_meanwhile(*question, **more):
        monkeypatch.setattr(vision.asking, "paper_read", asking)
        services.person_erase(whole, reason="customer_request")
        return asking(*question, **more)

    monkeypatch.setattr(vision.asking, "paper_read", erased_meanwhile)
    with pytest.raises(PersonErased):
        vision.paper_take(whole, picture=picture(10), kind=Kind.TAX_CERTIFICATE)
    with pytest.raises(PersonErased):
        files.file_store(whole, kind="document", content=picture(20))
    assert PaperReading.objects.get().content == ""
    assert not DataKey.objects.filter(customer_id=whole, destroyed_at=None).exists()


def test_biometrics_erased_while_face_and_voice_are_judged_do_not_come_back(whole, engine, monkeypatch):  # noqa: F811
    hears = engine.enrol

    def erased_meanwhile(recordings):
        services.biometrics_erase(whole, reason="customer_request")
        return hears(recordings)

    monkeypatch.setattr(engine, "enrol", erased_meanwhile)
    assert not submit(whole, issue(whole, "enrol", payment_password=PASSWORD)).is_passed
    assert Voiceprint.objects.count() == 0
    assert VoiceChallenge.objects.order_by("-issued_at", "-id").first().counts is False
    assert not DataKey.objects.filter(customer_id=whole, scope="b", destroyed_at=None).exists()
    datakeys.forget()


def test_codes_and_counts_of_numbers_are_not_kept_for_ever(whole, monkeypatch):
    services.sign_in_start(mobile="13911112222")
    security.traces_forget()  # nothing of today
    assert (SmsAllowance.objects.count(), SmsChallenge.objects.filter(customer_id=None).count()) == (2, 2)
    with clock.travel_to(clock.now() + timedelta(days=3)):
        monkeypatch.setattr(dates, "_swept", {})
        dates.retention_run()  # what the worker does each night
        assert (SmsAllowance.objects.count(), SmsChallenge.objects.filter(customer_id=None).count()) == (0, 2)
    with clock.travel_to(clock.now() + timedelta(days=31)):
        assert security.traces_forget() >= 2
    assert SmsChallenge.objects.filter(customer_id=None).count() == 0
    assert FaceChallenge.objects.count() == 0 and Verification.objects.exists()
