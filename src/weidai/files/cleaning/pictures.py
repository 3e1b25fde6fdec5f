"""Pictures are decoded within bounds and written anew as JPEG: upright, at most 4096 pixels a side, nothing attached."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps

from weidai.files import errors

LONGEST_SIDE = 4096
SHORTEST_SIDE = 16
MOST_MEGAPIXELS = 64  # phones take up to 50; decoded at half size or less
MOST_MEGAPIXELS_WHOLE = 25  # of a JPEG that cannot be decoded at a smaller size
MOST_MEGAPIXELS_ALPHA = 16  # of PNG and WebP, whose decoders hold four bytes a pixel more than once
MOST_SCANS = 60  # a progressive picture has about ten; thousands only burn time
QUALITY = 90
TURN_SECONDS = 20.0  # how long one waits while others are decoded
_turn = threading.Lock()  # one large picture at a time in a process: each may take 300 MB while it is decoded
_LARGE_PIXELS = 4_000_000
_WORDS = ("comment", "xmp", "icc_profile", "photoshop", "exif")  # what Pillow calls the things that ride along
_ORIENTATION = 0x0112
_GPS = 0x8825
_MILLION = 1_000_000


def picture_format(content: bytes) -> str | None:
    """Return Pillow's name for what the first bytes are those of, None when no accepted picture."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def picture_clean(content: bytes) -> tuple[bytes, str, tuple[str, ...], int, int]:
    """Return a picture rebuilt from its pixels: content, media type, what was removed, width and height."""
    kind = picture_format(content)
    assert kind is not None
    if kind == "JPEG" and content.count(b"\xff\xda") > MOST_SCANS:
        raise errors.FileBroken(field="file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=(kind,)) as image:
                _bounds_require(image, kind)  # before anything asks Pillow about metadata, for which it may decode
                with _its_turn(image):
                    removed = _extras(image, kind, content)
                    upright = _pixels(image, kind)
    except (errors.PictureTooManyPixels, errors.PictureTooSmall, errors.FilesBusy):
        raise
    except Image.DecompressionBombError as error:
        raise errors.PictureTooManyPixels(field="file", megapixels=MOST_MEGAPIXELS) from error
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, OverflowError) as error:
        # what Pillow says of damaged content
        raise errors.FileBroken(field="file") from error
    written = io.BytesIO()
    upright.save(written, "JPEG", quality=QUALITY)
    return written.getvalue(), "image/jpeg", removed, upright.width, upright.height


@contextmanager
def _its_turn(image: Image.Image) -> Iterator[None]:
    """Let large pictures be decoded one after the other, so that many at once need no more memory than one."""
    is_large = image.width * image.height > _LARGE_PIXELS
    if is_large and not _turn.acquire(timeout=TURN_SECONDS):
        raise errors.FilesBusy
    try:
        yield
    finally:
        if is_large:
            _turn.release()


def _bounds_require(image: Image.Image, kind: str) -> None:
    """Refuse by the size that the header announces, before a single pixel is decoded."""
    is_whole = bool(image.info.get("progressive")) or image.mode == "CMYK"
    most = MOST_MEGAPIXELS_ALPHA if kind != "JPEG" else MOST_MEGAPIXELS_WHOLE if is_whole else MOST_MEGAPIXELS
    if image.width * image.height > most * _MILLION:
        raise errors.PictureTooManyPixels(field="file", megapixels=most)
    if min(image.size) < SHORTEST_SIDE:
        raise errors.PictureTooSmall(field="file", pixels=SHORTEST_SIDE)


def _pixels(image: Image.Image, kind: str) -> Image.Image:
    """Decode and return upright RGB pixels with nothing attached."""
    orientation = _orientation(image)
    if kind == "JPEG" and image.width * image.height > MOST_MEGAPIXELS_WHOLE * _MILLION:
        image.draft("RGB", (image.width // 2, image.height // 2))
    image.load()
    plain = _flat(image)
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    plain.info.clear()
    plain.getexif().clear()
    if orientation != 1:
        plain.getexif()[_ORIENTATION] = orientation
        plain = ImageOps.exif_transpose(plain)
    bare = Image.frombytes("RGB", plain.size, plain.tobytes())
    if min(bare.size) < SHORTEST_SIDE:
        raise errors.PictureTooSmall(field="file", pixels=SHORTEST_SIDE)
    return bare


def _flat(image: Image.Image) -> Image.Image:
    """Return RGB pixels; what is transparent lies on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image if image.mode == "RGB" else image.convert("RGB")


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # damaged EXIF is left behind in any case
        return 1
    return found if found in range(1, 9) else 1


def _extras(image: Image.Image, kind: str, content: bytes) -> tuple[str, ...]:
    """Say what the rebuilt picture will not have."""
    found = []
    try:
        exif = image.getexif()
        if exif or _carries_words(image):
            found.append("metadata")
        if exif.get_ifd(_GPS):
            found.append("place")
    except Exception:
        found.append("metadata")
    if getattr(image, "n_frames", 1) > 1:
        found.append("animation")
    if _has_more(kind, content):
        found.append("hidden_content")
    return tuple(found)


def _carries_words(image: Image.Image) -> bool:
    """Say whether comments, colour profiles or texts ride along, as far as they stand before the pixels."""
    return any(name in _WORDS or isinstance(value, str) for name, value in image.info.items() if value)


def _has_more(kind: str, content: bytes) -> bool:
    """Say whether bytes follow the picture's end, as in a file that is two things at once."""
    if kind == "JPEG":
        return not content.rstrip(b"\0\n\r ").endswith(b"\xff\xd9")
    if kind == "PNG":
        end = content.rfind(b"IEND")
        return end >= 0 and len(content) - end > 8  # the chunk's name and checksum
    return len(content) > int.from_bytes(content[4:8], "little") + 9
