"""Pictures of the ID card rest on a consent of their own; without it one types, and withdrawing deletes them (R1.4, R1.9)."""

import io
from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps
from PIL import Image
from tests.rules.vision.test_reading_rules import at
from tests.services.identity.conftest import ID_NUMBER, NAME, agree, id_number_of
from tests.services.identity.test_erasure import history  # noqa: F401 (fixture)
from tests.services.identity.test_faces import engine, issue, submit, vendor  # noqa: F401 (fixtures)

from weidai.audit.models import Event
from weidai.files import services as files
from weidai.files.models import StoredFile
from weidai.identity import errors, selectors, services
from weidai.identity.models import Consent, IdCardSide
from weidai.identity.ports import MatchResult
from weidai.vision import asking
from weidai.vision.models import PaperReading
from weidai.vision.rules import id_card
from weidai.vision.rules.fields import Kind, PaperRead, Quality

VALUES = {"name": NAME, "id_number": ID_NUMBER, "authority": "北京市公安局朝阳分局",
          "valid_from": "2019-05-06", "valid_to": "2039-05-06"}
FRONT = [at("姓名", 60, 70), at(NAME, 160, 68), at("性别男", 60, 150), at("民族汉", 300, 150), at("出生", 60, 230),
         at("1990年1月1日", 160, 230), at("住址", 60, 310), at("北京市朝阳区", 160, 310), at("公民身份号码", 60, 550),
         at(ID_NUMBER, 330, 545)]
BACK = [at("居民身份证", 300, 100), at("签发机关", 200, 460), at("北京市公安局朝阳分局", 400, 458), at("有效期限", 200, 540),
        at("2019.05.06-2039.05.06", 400, 538)]


def picture(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 120, 140)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def reader(monkeypatch):
    def read(_content, *, kind, on):
        reading = id_card.front(FRONT, on=on) if kind == Kind.ID_FRONT else id_card.back(BACK, on=on)
        return PaperRead(reading, Quality(640, 480, 80.0, 0.0, ()), 640, 480, "test engine")

    monkeypatch.setattr(asking, "paper_read", read)


def photographed(customer):
    front = services.id_card_picture_take(customer, side="front", picture=picture(10))
    back = services.id_card_picture_take(customer, side="back", picture=picture(20))
    services.id_card_confirm(customer, front_id=front.id, back_id=back.id, values=VALUES)
    return front, back


def test_without_the_consent_no_picture_is_taken_and_typing_holds(customer, reader):
    with pytest.raises(errors.ConsentRequired) as refused:
        services.id_card_picture_take(customer, side="front", picture=picture(10))
    assert "id_card_pictures" in str(refused.value.values)
    assert not StoredFile.objects.exists() and not PaperReading.objects.exists()
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    assert selectors.id_card_evidence(customer).source == "typed"


def test_who_agreed_to_an_earlier_text_is_asked_again_and_keeps_what_was_done(customer, reader):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    Consent.objects.filter(customer_id=customer, purpose="real_name_check").update(text_version="2024-01", text_digest="0" * 64)
    row = next(one for one in selectors.consents(customer) if one.text.purpose == "real_name_check")
    assert (row.is_given, row.is_present_text) == (True, False)
    assert selectors.customer_get(customer).has_id_card
    with pytest.raises(errors.ConsentRequired):
        services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    agree(customer, "real_name_check")
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    kept = Consent.objects.filter(customer_id=customer, purpose="real_name_check").order_by("given_at", "id")
    assert [(one.text_version == "2024-01", one.withdrawn_at is None) for one in kept] == [(True, False), (False, True)]


def test_the_portrait_is_compared_only_where_the_consent_names_it(customer, reader, engine, vendor):  # noqa: F811
    agree(customer, "id_card_pictures")
    photographed(customer)
    submit(customer, issue(customer), engine)
    assert engine.asked[-1][1] not in (None, vendor.picture)  # the card's own picture
    Consent.objects.filter(customer_id=customer, purpose="id_card_pictures").delete()  # photographed before there was one
    assert selectors.id_card_portrait_waits(customer)
    submit(customer, issue(customer), engine)
    assert engine.asked[-1][1] == vendor.picture  # the registry's
    agree(customer, "id_card_pictures")
    assert not selectors.id_card_portrait_waits(customer)


def test_a_consent_withdrawn_while_a_picture_is_read_leaves_neither_picture_nor_reading(customer, reader, monkeypatch):
    agree(customer, "id_card_pictures")
    read = asking.paper_read

    def withdrawn(*question, **more):
        services.consent_withdraw(customer, purpose="id_card_pictures")
        return read(*question, **more)

    monkeypatch.setattr(asking, "paper_read", withdrawn)
    with pytest.raises(errors.ConsentRequired):
        services.id_card_picture_take(customer, side="front", picture=picture(10))
    assert not StoredFile.objects.filter(customer_id=customer, deleted_at=None).exists()
    assert not PaperReading.objects.exists()
    monkeypatch.setattr(asking, "paper_read", read)
    agree(customer, "id_card_pictures")
    assert services.id_card_picture_take(customer, side="front", picture=picture(10)).fields


@pytest.mark.parametrize("first", ["typed", "own card refused first"])
def test_a_refused_card_lends_its_portrait_to_nobody(customer, partners, reader, engine, vendor, monkeypatch, first):  # noqa: F811
    """Another name and number, one's own card sent beside them: the face is held against theirs, not against one's own."""
    agree(customer, "id_card_pictures")
    own = id_number_of("11010519910202002")

    def sends_own_card(**refused):
        monkeypatch.setattr(asking, "paper_read", lambda content, *, kind, on: other_card(own, kind, on))
        front = services.id_card_picture_take(customer, side="front", picture=picture(77))
        back = services.id_card_picture_take(customer, side="back", picture=picture(78))
        with pytest.raises(refused["by"]):
            services.id_card_confirm(customer, front_id=front.id, back_id=back.id, values=VALUES | {
                "name": "赵强", "id_number": own})

    if first == "typed":
        services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
        sends_own_card(by=errors.AlreadyVerified)
        submit(customer, issue(customer), engine)
        assert engine.asked[-1][1] == vendor.picture  # the registry's
        return
    registered, partners.registry = partners.registry, replace(partners.registry, result=MatchResult.MISMATCH)
    front, back = (services.id_card_picture_take(customer, side=side, picture=picture(shade))
                   for side, shade in (("front", 10), ("back", 20)))
    sends_own_card(by=errors.IdCardMismatch)
    partners.registry = registered
    services.id_card_confirm(customer, front_id=front.id, back_id=back.id, values=VALUES)
    submit(customer, issue(customer), engine)
    file_id = PaperReading.objects.get(id=front.id).file_id
    assert engine.asked[-1][1] == files.file_open(customer, file_id, reason="identity.test").content


def test_r1_4_sides_of_cards_verified_before_are_those_the_check_stands_on(customer, reader, monkeypatch):
    agree(customer, "id_card_pictures")
    front, back = photographed(customer)
    own = id_number_of("11010519910202002")
    monkeypatch.setattr(asking, "paper_read", lambda content, *, kind, on: other_card(own, kind, on))
    others = [services.id_card_picture_take(customer, side=side, picture=picture(77)).id for side in ("front", "back")]
    with pytest.raises(errors.AlreadyVerified):
        services.id_card_confirm(customer, front_id=others[0], back_id=others[1], values=VALUES | {
            "name": "赵强", "id_number": own})
    IdCardSide.objects.all().delete()
    migration = import_module("weidai.identity.migrations.0004_staff_video_desk_and_id_card_sides")
    migration.sides_of_before(apps, None)
    assert {one.reading_id for one in selectors.id_card_sides(customer)} == {front.id, back.id}


def other_card(number, kind, on):
    rows = [at("赵强", 160, 68) if row.text == NAME else at(number, 330, 545) if row.text == ID_NUMBER else row for row in FRONT]
    reading = id_card.front(rows, on=on) if kind == Kind.ID_FRONT else id_card.back(BACK, on=on)
    return PaperRead(reading, Quality(640, 480, 80.0, 0.0, ()), 640, 480, "test engine")


@pytest.mark.parametrize("has_borrowed", [False, True])
def test_withdrawing_deletes_pictures_and_readings_unless_the_law_keeps_them(customer, reader, history, has_borrowed):  # noqa: F811
    agree(customer, "id_card_pictures")
    front, _ = photographed(customer)
    history.ever = has_borrowed
    services.consent_withdraw(customer, purpose="id_card_pictures")
    left = StoredFile.objects.filter(customer_id=customer, deleted_at=None).count(), PaperReading.objects.count()
    assert left == ((2, 2) if has_borrowed else (0, 0))
    assert selectors.customer_get(customer).has_id_card and selectors.id_card_evidence(customer).source == "photos"
    told = Event.objects.filter(name="vision.paper.forgotten", subject_id=front.id).first()
    assert (told is None) is has_borrowed
    if told is not None:
        assert set(told.facts) == {"kind", "picture", "reason"}
        agree(customer, "id_card_pictures")  # and the same picture may be sent again later
        assert services.id_card_picture_take(customer, side="front", picture=picture(10)).id != front.id
