"""More than forty hostile files: each is refused with a sentence and a next step, or comes out clean; memory stays bounded."""

import io
import subprocess
import sys
import tracemalloc

import pytest
from django.core.files.uploadhandler import load_handler
from django.http.multipartparser import MultiPartParser
from PIL import Image
from tests.support.hostile_files import HTML, PHP, Hostile, flat_webp, hostile_files, picture, rgba_png, sound

from weidai.files import errors, services
from weidai.files.cleaning import content_clean, pictures
from weidai.files.names import shown_name
from weidai.files.uploads import MOST_BYTES
from weidai.kernel.errors import Refusal
from weidai.platform.ids import uuid7

FILES = hostile_files()
MEGABYTE = 1024 * 1024


def test_there_are_more_than_forty():
    assert len(FILES) >= 80
    assert len({file.content for file in FILES}) == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_hostile_file_is_refused_or_comes_out_clean(file: Hostile):
    if file.refusal:
        with pytest.raises(Refusal) as refused:
            content_clean(file.content, accepts=file.accepts)
        assert refused.value.code == file.refusal
        assert refused.value.field == "file"
        assert refused.value.message.zh
        assert refused.value.message.en
        assert "{" not in refused.value.message.zh + refused.value.message.en
        assert refused.value.advice is not None
        return
    clean = content_clean(file.content, accepts=file.accepts)
    assert clean.removed == file.removed
    assert HTML not in clean.content
    assert PHP not in clean.content
    assert b"PK\x03\x04" not in clean.content
    if clean.media_type == "image/jpeg":
        with Image.open(io.BytesIO(clean.content)) as image:
            image.load()
            assert (image.mode, image.size, dict(image.getexif())) == ("RGB", (clean.width, clean.height), {})
            assert "comment" not in image.info
        assert clean.content.endswith(b"\xff\xd9")
    else:
        assert clean.content.rstrip().endswith(b"%%EOF")


def test_a_turned_picture_stands_upright_afterwards():
    turned = next(file for file in FILES if file.name == "turned.jpg")
    clean = content_clean(turned.content, accepts=("picture",))
    assert (clean.width, clean.height) == (200, 300)


def test_a_large_photo_is_made_smaller_and_a_recording_is_written_anew():
    clean = content_clean(picture("JPEG", (4800, 600)), accepts=("picture",))
    assert (clean.width, clean.height) == (4096, 512)
    assert content_clean(sound(1) + HTML, accepts=("sound",)).content == sound(1)


@pytest.mark.long
def test_cleaning_all_of_them_takes_a_bounded_amount_of_memory(tmp_path):
    """Measured in a process of its own, with the largest pictures that are taken: 16 or 25 megapixels whole, 60 at half size."""
    large = [Hostile("large.png", rgba_png(3_990)), Hostile("large.webp", flat_webp(3_990)),
             Hostile("huge.jpg", picture("JPEG", (8_900, 6_700), "L")),
             Hostile("large progressive.jpg", picture("JPEG", (6_000, 4_100), "L", progressive=True))]
    for number, file in enumerate([*FILES, *large]):
        (tmp_path / f"{'-'.join(file.accepts)}.{number}").write_bytes(file.content)
    result = subprocess.run([sys.executable, "-W", "ignore", "-m", "tests.support.hostile_files", str(tmp_path)], check=True,
                            capture_output=True, text=True)
    assert int(result.stdout) < 300 * 1024, f"{int(result.stdout) // 1024} MiB"


def test_large_pictures_are_decoded_one_at_a_time_and_who_waits_too_long_is_told(monkeypatch):
    """Twenty at once need no more memory than one; small ones wait for nobody."""
    monkeypatch.setattr(pictures, "TURN_SECONDS", 0.01)
    large = picture("JPEG", (2_600, 1_700), "L")
    with pictures._turn, pytest.raises(errors.FilesBusy) as refused:
        content_clean(large, accepts=("picture",))
    assert refused.value.http_status == 503
    assert refused.value.advice is not None
    with pictures._turn:
        assert content_clean(picture(), accepts=("picture",)).width == 240
    assert content_clean(large, accepts=("picture",)).width == 2_600


@pytest.mark.parametrize(("name", "shown"), [
    ("../../../etc/passwd", "passwd.jpg"),
    ("..\\..\\windows\\system32\\config.sys", "config.jpg"),
    ("photo.jpg\x00.php", "photo.jpg"),
    ("invoice.pdf.exe", "invoice.jpg"),
    ("photo\u202egpj.exe", "photogpj.jpg"),
    ("", "file.jpg"),
    ("....", "file.jpg"),
    ("a" * 5000 + ".jpg", "a" * 60 + ".jpg"),
    ('x";filename="evil.html', "x;filename=evil.jpg"),
    ("<script>alert(1)</script>", "script.jpg"),
    ("身份证 正面.PNG", "身份证 正面.jpg"),
    ("line\r\nSet-Cookie: a=b", "lineSet-Cookie a=b.jpg"),
])
def test_a_name_is_only_shown_and_names_no_place(name, shown):
    assert shown_name(name, "image/jpeg") == shown


class Stream(io.RawIOBase):
    """A multipart body of one file of zeros, made while it is read."""

    def __init__(self, size: int) -> None:
        self.parts = [b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.jpg"\r\n\r\n', size, b"\r\n--b--\r\n"]
        self.size = size + sum(len(part) for part in self.parts if isinstance(part, bytes))

    def read(self, size=-1):
        while self.parts:
            part = self.parts[0]
            if isinstance(part, bytes):
                self.parts.pop(0)
                return part
            piece = min(part, size if size > 0 else 65_536)
            self.parts[0] = part - piece
            if not self.parts[0]:
                self.parts.pop(0)
            return b"\0" * piece
        return b""


def uploaded(size, settings):
    handlers = [load_handler(path, None) for path in settings.FILE_UPLOAD_HANDLERS]
    body = Stream(size)
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": str(body.size)}
    return MultiPartParser(meta, body, handlers).parse()[1]["file"]


@pytest.mark.django_db
def test_a_hundred_megabytes_are_counted_not_kept_and_refused_with_their_limit(settings):
    tracemalloc.start()
    file = uploaded(100 * MEGABYTE, settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (file.size, file.read()) == (100 * MEGABYTE, b"")
    assert peak < 3 * MOST_BYTES
    with pytest.raises(errors.FileTooLarge) as refused:
        services.file_store(uuid7(), kind="document", content=file, name="big.jpg")
    assert "12 MB" in refused.value.message.zh


@pytest.mark.django_db
def test_the_kinds_own_limit_holds_whatever_the_sender_says_of_the_size(settings):
    file = uploaded(9 * MEGABYTE, settings)
    assert file.size == 9 * MEGABYTE
    with pytest.raises(errors.FileTooLarge):
        services.file_store(uuid7(), kind="face_frame", content=file)
    with pytest.raises(errors.FileTooLarge):
        services.file_store(uuid7(), kind="face_frame", content=io.BytesIO(b"\xff\xd8\xff" + b"\0" * 9 * MEGABYTE))
    assert uploaded(0, settings).size == 0
