"""A file is kept sealed, opened with a reason, deleted with proof (R9.6, R8.5)."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from PIL import Image

from weidai.audit.models import Event
from weidai.files import errors, policy, selectors, services
from weidai.files.models import StoredFile
from weidai.files.ports import shelf
from weidai.platform import clock
from weidai.platform.crypto import keys_destroy
from weidai.platform.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return uuid7()


def photo(width=320, height=200, color="teal", **options):
    written = io.BytesIO()
    Image.new("RGB", (width, height), color).save(written, options.pop("format", "JPEG"), **options)
    return written.getvalue()


def test_what_is_kept_is_sealed_and_what_is_opened_is_the_cleaned_content(customer):
    row = services.file_store(customer, kind="id_card_front", content=photo(), name="身份证 正面.JPG")
    assert (row.kind, row.media_type, row.width, row.height, row.name) == (
        "id_card_front", "image/jpeg", 320, 200, "身份证 正面.jpg")
    assert row.keep_until is None
    lying = shelf().get(str(row.id))
    opened = services.file_open(customer, row.id, reason="test.review")
    assert opened.content.startswith(b"\xff\xd8\xff")
    assert b"\xff\xd8\xff" not in lying
    assert opened.content not in lying
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM files_storedfile")
        assert cursor.fetchone()[0].startswith(f"v1|{customer.hex}.p1|")
    looked = Event.objects.get(name="files.file.opened", subject_id=row.id)
    assert looked.facts == {"kind": "id_card_front", "reason": "test.review"}


def test_the_same_content_again_is_the_same_file(customer):
    first = services.file_store(customer, kind="document", content=photo(), name="a.jpg")
    assert services.file_store(customer, kind="document", content=io.BytesIO(photo()), name="b.jpg").id == first.id
    assert services.file_store(customer, kind="id_card_back", content=photo()).id != first.id
    assert len(selectors.files_for(customer)) == 2


def test_a_file_of_somebody_else_is_not_there(customer):
    row = services.file_store(customer, kind="document", content=photo())
    with pytest.raises(errors.FileNotFound):
        services.file_open(uuid7(), row.id, reason="test.review")


def test_more_of_a_kind_than_its_day_allows_is_refused(customer, monkeypatch):
    monkeypatch.setattr(policy.RetentionPolicy, "kind",
                        lambda self, code: policy.FileKind(code, self.kinds[0].name, False, ("picture",), 8, 1, 0))
    services.file_store(customer, kind="document", content=photo())
    with pytest.raises(errors.FilesDayLimitReached):
        services.file_store(customer, kind="document", content=photo(color="red"))


def test_retention_deletes_what_is_due_with_a_receipt_and_nothing_else(customer, django_capture_on_commit_callbacks):
    frame = services.file_store(customer, kind="face_frame", content=photo())
    card = services.file_store(customer, kind="id_card_front", content=photo())
    assert frame.keep_until == clock.today() + timedelta(days=7)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.retention_run(clock.today() + timedelta(days=7)) == {}
        assert services.retention_run(clock.today() + timedelta(days=8)) == {"face_frame": 1}
        assert services.retention_run(clock.today() + timedelta(days=8)) == {}
    assert shelf().get(str(frame.id)) is None
    assert shelf().get(str(card.id)) is not None
    with pytest.raises(errors.FileErased):
        services.file_open(customer, frame.id, reason="test.review")
    receipt, = selectors.deletion_receipts(customer)
    assert (receipt.what, receipt.reason, receipt.counts, receipt.digest) == (
        "file", "retention_over", {"face_frame": 1}, frame.digest)
    assert Event.objects.get(id=receipt.event_id).facts["digest"] == frame.digest
    assert StoredFile.objects.get(id=frame.id).name == ""


def test_content_without_a_row_is_removed_when_it_is_old(customer):
    lost, kept = uuid7(), services.file_store(customer, kind="document", content=photo())
    shelf().put(str(lost), b"sealed")
    assert services.orphans_remove() == 0  # young content may belong to a transaction that is still open
    with clock.travel_to(clock.now() + timedelta(days=2)):
        pass
    later = clock.wall_now() + timedelta(hours=30)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "wall_now", lambda: later)
        assert services.orphans_remove() >= 1
    assert shelf().get(str(lost)) is None
    assert shelf().get(str(kept.id)) is not None


def test_destroying_the_key_of_biometrics_leaves_frames_unreadable_and_the_rest_whole(customer):
    frame = services.file_store(customer, kind="face_frame", content=photo())
    card = services.file_store(customer, kind="id_card_front", content=photo())
    assert keys_destroy(customer, "b") == 1
    with pytest.raises(errors.FileErased):
        services.file_open(customer, frame.id, reason="test.review")
    assert services.file_open(customer, card.id, reason="test.review").content
