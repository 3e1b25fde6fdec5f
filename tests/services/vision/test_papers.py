"""Taking pictures of papers in: what is kept, what is not, how often, and what the customer corrected (R1.4, R9.6)."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from PIL import Image
from tests.rules.vision.test_reading_rules import NUMBER, ON, at, front_lines

from weidai.audit.models import Event
from weidai.files.errors import FileTooLarge
from weidai.files.models import StoredFile
from weidai.platform.crypto import keys_destroy
from weidai.platform.ids import uuid7
from weidai.vision import asking, asking_pdf, errors, selectors, services
from weidai.vision.models import PaperReading, ReadingAttempt
from weidai.vision.rules import id_card
from weidai.vision.rules.fields import Kind, PaperRead, Quality

pytestmark = pytest.mark.django_db


def picture(shade: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 120, 140)).save(out, "JPEG")
    return out.getvalue()


def answering(monkeypatch, *lines, refusal: Exception | None = None):
    asked = []

    def read(content, *, kind, on):
        asked.append(content)
        if refusal:
            raise refusal
        reading = (id_card.back if kind == Kind.ID_BACK else id_card.front)(lines, on=ON)
        return PaperRead(reading, Quality(640, 480, 80.0, 0.0, ()), 640, 480, "test engine")

    monkeypatch.setattr(asking, "paper_read", read)
    return asked


def test_r1_4_picture_and_reading_are_kept_sealed_and_once(monkeypatch):
    asked, customer_id = answering(monkeypatch, *front_lines()), uuid7()
    row = services.paper_take(customer_id, picture=picture(), kind=Kind.ID_FRONT)
    again = services.paper_take(customer_id, picture=picture(), kind=Kind.ID_FRONT)
    assert (row.id, len(asked)) == (again.id, 1)
    assert row.paper.reading.value("id_number") == NUMBER
    assert StoredFile.objects.get(customer_id=customer_id).id == row.file_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM vision_paperreading WHERE id = %s", [row.id])
        assert NUMBER not in cursor.fetchone()[0]
    assert NUMBER not in str(list(Event.objects.filter(customer_id=customer_id).values_list("facts", flat=True)))


@pytest.mark.parametrize(("lines", "refusal"), [
    ([], errors.PaperNotSeen), ("back", errors.OtherSide),
])
def test_r1_4_a_refused_picture_leaves_nothing_but_the_attempt(monkeypatch, lines, refusal):
    answering(monkeypatch, *([at("居民身份证", 300, 100), at("签发机关", 200, 460)] if lines else []))
    customer_id = uuid7()
    with pytest.raises(refusal):
        services.paper_take(customer_id, picture=picture(), kind=Kind.ID_FRONT)
    assert not PaperReading.objects.filter(customer_id=customer_id).exists()
    assert not StoredFile.objects.filter(customer_id=customer_id, deleted_at=None).exists()
    assert ReadingAttempt.objects.get(customer_id=customer_id).reason == refusal.code


def test_r1_4_a_copy_or_specimen_is_refused_outside_the_demo(monkeypatch, settings):
    answering(monkeypatch, *front_lines())
    settings.DEMO = False
    with pytest.raises(errors.PaperMarked):
        services.paper_take(uuid7(), picture=picture(), kind=Kind.ID_FRONT)


def test_r1_4_attempts_of_a_day_are_limited_and_a_busy_recogniser_costs_none(monkeypatch):
    monkeypatch.setattr(services, "READINGS_PER_DAY", 2)
    customer_id = uuid7()
    answering(monkeypatch, refusal=errors.ReadingBusy())
    with pytest.raises(errors.ReadingBusy):
        services.paper_take(customer_id, picture=picture(1), kind=Kind.ID_FRONT)
    answering(monkeypatch, refusal=errors.ReadingFailed())
    with pytest.raises(errors.ReadingFailed):
        services.paper_take(customer_id, picture=picture(2), kind=Kind.ID_FRONT)
    answering(monkeypatch, *front_lines())
    services.paper_take(customer_id, picture=picture(3), kind=Kind.ID_FRONT)
    with pytest.raises(errors.TooManyReadings):
        services.paper_take(customer_id, picture=picture(4), kind=Kind.ID_FRONT)


def test_r1_4_corrected_fields_are_marked(monkeypatch):
    answering(monkeypatch, *front_lines())
    customer_id = uuid7()
    row = services.paper_take(customer_id, picture=picture(), kind=Kind.ID_FRONT)
    assert services.paper_confirm(customer_id, row.id, values={"name": "欧阳娜 ", "id_number": NUMBER.lower()}) == ()
    assert services.paper_confirm(customer_id, row.id, values={"name": "欧阳那", "address": "别处"}) == ("address", "name")
    kept = selectors.reading_newest(customer_id, Kind.ID_FRONT)
    assert kept.corrected == ("address", "name") and kept.confirmed_at is not None
    with pytest.raises(errors.ReadingNotFound):
        services.paper_confirm(uuid7(), row.id, values={})
    with pytest.raises(errors.ReadingNotFound):
        selectors.reading_get(uuid7(), row.id)


def test_r9_6_what_was_read_is_gone_with_the_key_of_its_person(monkeypatch):
    answering(monkeypatch, *front_lines())
    customer_id = uuid7()
    row = services.paper_take(customer_id, picture=picture(), kind=Kind.ID_FRONT)
    keys_destroy(customer_id, ["p"])
    assert selectors.readings(customer_id) == ()
    assert selectors.reading_newest(customer_id, Kind.ID_FRONT) is None
    with pytest.raises(errors.ReadingNotFound):
        services.paper_confirm(customer_id, row.id, values={})


def test_r4_1_a_pdf_too_large_to_be_looked_at_is_refused_in_words():
    with pytest.raises(FileTooLarge) as no:
        asking_pdf.page_sizes(b"%PDF-" + bytes(asking_pdf.PDF_BYTES))
    assert "11 MB" in no.value.message.en
