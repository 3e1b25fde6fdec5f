"""Files a stranger might send: bombs, two things at once, scripts, places, lies about types. Built here, stored nowhere."""

from __future__ import annotations

import io
import random
import struct
import sys
import wave
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from PIL import Image
from PIL.PngImagePlugin import PngInfo

HTML = b"<html><body><script>alert(document.cookie)</script></body></html>"
PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@dataclass(frozen=True)
class Hostile:
    """One file: what it is called, what it holds, and which refusal it must meet; "" when it must come out clean."""

    name: str
    made: bytes | Callable[[], bytes]  # those that take long to make are made when they are looked at
    refusal: str = ""
    removed: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ("picture", "pdf")

    @cached_property
    def content(self) -> bytes:
        """Its bytes."""
        return self.made if isinstance(self.made, bytes) else self.made()


def picture(form: str = "JPEG", size: tuple[int, int] = (240, 160), mode: str = "RGB", **options: object) -> bytes:
    """Return a small ordinary picture."""
    image = Image.effect_noise(size, 40).convert(mode)
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def with_exif(**tags: object) -> bytes:
    """Return a JPEG with a place, an orientation and a comment in its EXIF block."""
    image, written = Image.new("RGB", (300, 200), "navy"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x0112] = tags.get("orientation", 1)
    if tags.get("place"):
        exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 20.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes], data: bytes | None = None, depth: int = 1) -> bytes:
    """Return a PNG put together by hand, however false its header."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packed = data if data is not None else zlib.compress(b"\0" * min(height * ((width * depth + 7) // 8 + 1), 40_000_000), 9)
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)),
             *[chunk(kind, body) for kind, body in chunks], chunk(b"IDAT", packed), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def zipped(name: str = "a.html", content: bytes = HTML) -> bytes:
    """Return a ZIP archive of one file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return written.getvalue()


def pdf(*objects: bytes, catalog: bytes = b"/Type /Catalog /Pages 2 0 R") -> bytes:
    """Return a small PDF with further objects."""
    parts = [b"<< " + catalog + b" >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>", *objects]
    written, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)


def stream(content: bytes, head: bytes = b"") -> bytes:
    """Return a deflated PDF stream object."""
    packed = zlib.compress(content, 9)
    return b"<< " + head + b" /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream"


def object_stream(content: bytes, filters: bytes = b"/FlateDecode", head: bytes = b"", *, kind: bytes = b"/ObjStm",
                  newline: bytes = b"\n") -> bytes:
    """Return a stream that holds objects, with whatever filters and however its type is written."""
    return (b"<< /Type " + kind + b" /N 1 /First 4 /Filter " + filters + head + b" /Length %d >>\nstream" % len(content)
            + newline + content + b"\nendstream")


def rgba_png(side: int, *, interlaced: bool = False) -> bytes:
    """Return a square of nothing with four bytes a pixel, small as a file whatever its size."""
    packer, row = zlib.compressobj(9), bytes(side * 4 + 1)
    packed = b"".join(packer.compress(row) for _ in range(side + side // 8)) + packer.flush()
    whole = png(16, 16, data=packed)
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, int(interlaced))
    return whole[:16] + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + whole[33:]


def flat_webp(side: int) -> bytes:
    """Return a lossless square of one colour, a kilobyte whatever its size."""
    written = io.BytesIO()
    Image.new("RGBA", (side, side), "navy").save(written, "WEBP", lossless=True, method=0)
    return written.getvalue()


def segment(jpeg: bytes, number: int, content: bytes) -> bytes:
    """Return a JPEG with one more application segment."""
    return jpeg[:2] + bytes([0xFF, 0xE0 + number]) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def scans(count: int) -> bytes:
    """Return a progressive JPEG whose last scan is repeated until decoding burns time."""
    whole = picture("JPEG", (640, 480), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * count + b"\xff\xd9"


def sound(seconds: float, rate: int = 16_000, width: int = 2) -> bytes:
    """Return silence as WAV."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(b"\0" * int(seconds * rate) * width)
    return written.getvalue()


def _pictures() -> list[Hostile]:
    jpeg, whole = picture(), picture("PNG")
    text = PngInfo()
    text.add_text("Comment", HTML.decode())
    commented = jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(HTML) + 2) + HTML + jpeg[2:]
    frames = [Image.new("RGB", (64, 64), (n, n, n)) for n in range(0, 240, 8)]
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    twice = io.BytesIO()
    frames[0].save(twice, "MPO", save_all=True, append_images=frames[1:2])
    bad_checksum = bytearray(whole)
    bad_checksum[29] ^= 0xFF
    lying = bytearray(jpeg)
    at = lying.index(b"\xff\xc0")
    lying[at + 5:at + 9] = struct.pack(">HH", 65_000, 65_000)
    return [
        Hostile("polyglot zip.jpg", jpeg + zipped(), removed=("hidden_content",)),
        Hostile("polyglot html.jpg", jpeg + HTML, removed=("hidden_content",)),
        Hostile("comment.jpg", commented, removed=("metadata",)),
        Hostile("pdf inside.jpg", commented + pdf(), removed=("metadata", "hidden_content")),
        Hostile("profile.jpg", picture("JPEG", icc_profile=b"\0" * 128 + HTML), removed=("metadata",)),
        Hostile("packet.jpg", segment(jpeg, 1, b"http://ns.adobe.com/xap/1.0/\0<x>" + HTML + b"</x>"), removed=("metadata",)),
        Hostile("exif in a circle.jpg", segment(jpeg, 1, b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0"
                                                b"\x08\0\0\0"), removed=("metadata",)),
        Hostile("thousands of tables.jpg", jpeg[:2] + (b"\xff\xdb\0\x43\0" + b"\x01" * 64) * 20_000 + jpeg[2:]),
        Hostile("twelve bits.jpg", jpeg.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c", 1), "files.broken"),
        Hostile("place.jpg", with_exif(place=True), removed=("metadata", "place")),
        Hostile("turned.jpg", with_exif(orientation=6), removed=("metadata",)),
        Hostile("orientation 99.jpg", with_exif(orientation=99), removed=("metadata",)),
        Hostile("cmyk.jpg", picture("JPEG", mode="CMYK")),
        Hostile("two pictures.jpg", twice.getvalue(), removed=("animation",)),
        Hostile("text.png", picture("PNG", pnginfo=text), removed=("metadata",)),
        Hostile("hundred thousand texts.png", lambda: png(64, 64, *[(b"tEXt", b"a\0b")] * 100_000), removed=("metadata",)),
        Hostile("a page in its own chunk.png", png(64, 64, (b"teSt", HTML))),
        Hostile("bomb below the usual bound.png", lambda: rgba_png(9_000), "files.too_many_pixels"),
        Hostile("interlaced bomb.png", lambda: rgba_png(9_000, interlaced=True), "files.too_many_pixels"),
        Hostile("lying length.webp", b"RIFF\xf0\xff\xff\xff" + picture("WEBP")[8:], "files.broken"),
        Hostile("polyglot.png", whole + PHP, removed=("hidden_content",)),
        Hostile("palette.png", picture("PNG", mode="P", transparency=0)),
        Hostile("alpha.png", picture("PNG", mode="RGBA")),
        Hostile("sixteen bits.png", picture("PNG", mode="I;16")),
        Hostile("moving.webp", moving.getvalue(), removed=("animation",)),
        Hostile("pixel bomb.png", lambda: png(30_000, 30_000), "files.too_many_pixels"),
        Hostile("lying header.png", png(60_000, 60_000, data=zlib.compress(b"\0" * 100)), "files.too_many_pixels"),
        Hostile("short data.png", png(2_000, 2_000, data=zlib.compress(b"\0" * 100)), "files.broken"),
        Hostile("text bomb.png", lambda: png(64, 64, (b"zTXt", b"k\0\0" + zlib.compress(b"\0" * 80_000_000, 9))), "files.broken"),
        Hostile("profile bomb.png", lambda: png(64, 64, (b"iCCP", b"k\0\0" + zlib.compress(b"\0" * 80_000_000, 9))),
                "files.broken"),
        Hostile("bad checksum.png", bytes(bad_checksum), "files.broken"),
        Hostile("lying size.jpg", bytes(lying), "files.too_many_pixels"),
        Hostile("truncated.jpg", jpeg[:len(jpeg) // 2], "files.broken"),
        Hostile("truncated.png", whole[:len(whole) // 2], "files.broken"),
        Hostile("header only.jpg", jpeg[:20], "files.broken"),
        Hostile("truncated.webp", picture("WEBP")[:200], "files.broken"),
        Hostile("thousands of scans.jpg", lambda: scans(2_000), "files.broken"),
        Hostile("one pixel.png", picture("PNG", (1, 1)), "files.too_few_pixels"),
        Hostile("a line.jpg", picture("JPEG", (4_000, 2)), "files.too_few_pixels"),
        Hostile("noise after start.jpg", b"\xff\xd8\xff" + random.Random(1).randbytes(5_000), "files.broken"),
    ]


def _no_pictures() -> list[Hostile]:
    refused = "files.type_refused"
    return [
        Hostile("nothing.jpg", b"", "files.empty"),
        Hostile("one byte.jpg", b"\xff", refused),
        Hostile("page.jpg", HTML, refused),
        Hostile("drawing.svg", SVG, refused),
        Hostile("drawing.png", b'<?xml version="1.0"?>' + SVG, refused),
        Hostile("shell.php.jpg", PHP, refused),
        Hostile("program.jpg", b"MZ\x90\0" + b"\0" * 400, refused),
        Hostile("program.png", b"\x7fELF" + b"\0" * 400, refused),
        Hostile("archive.pdf", zipped(), refused),
        Hostile("bomb.zip", lambda: zipped("a", b"\0" * 20_000_000), refused),
        Hostile("sheet.xlsx", zipped("xl/workbook.xml", b"<x/>"), refused),
        Hostile("from an iphone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400, refused),
        Hostile("gifar.gif", picture("GIF", mode="P") + zipped(), refused),
        Hostile("old.bmp", picture("BMP"), refused),
        Hostile("many.tiff", picture("TIFF"), refused),
        Hostile("film.jpg", b"RIFF\x00\x10\x00\x00AVI LIST" + b"\0" * 100, refused),
        Hostile("voice as picture.jpg", sound(1), refused),
        Hostile("picture as voice.wav", picture(), refused, accepts=("sound",)),
        Hostile("an hour.wav", lambda: sound(61), "files.sound_refused", accepts=("sound",)),
        Hostile("cut.wav", sound(2)[:900], "files.broken", accepts=("sound",)),
        Hostile("pdf where a picture belongs.pdf", pdf(), refused, accepts=("picture",)),
    ]


def _pdfs() -> list[Hostile]:
    script = b"<< /S /JavaScript /JS (app.alert(1)) >>"
    unpacked, once = b"9 0 " + script, zlib.compress(b"9 0 " + script)
    small = zlib.compressobj(9, zlib.DEFLATED, 9)
    refused = "files.pdf_not_plain"
    return [
        Hostile("packed twice.pdf", pdf(object_stream(zlib.compress(once), b"[/FlateDecode /FlateDecode]")), refused),
        Hostile("wrong check sum.pdf", pdf(object_stream(once[:-1] + bytes([once[-1] ^ 0xFF]))), refused),
        Hostile("small window.pdf", pdf(object_stream(small.compress(unpacked) + small.flush())), refused),
        Hostile("return only.pdf", pdf(object_stream(once, newline=b"\r")), refused),
        Hostile("escaped type.pdf", pdf(object_stream(unpacked.hex().encode(), b"/ASCIIHexDecode", kind=b"/Obj#53tm")), refused),
        Hostile("predicted.pdf", pdf(object_stream(once, head=b" /DecodeParms << /Predictor 12 /Columns 9 >>")), refused),
        Hostile("filter elsewhere.pdf", pdf(object_stream(unpacked.hex().encode(), b"9 0 R")), refused),
        Hostile("breaks off.pdf", pdf(object_stream(once[:20] + b"\xff" * 90)), "files.broken"),
        Hostile("file inside.pdf", pdf(b"<< /Type /Filespec /F (x.exe) /EF << /F 9 0 R >> >>"), refused),
        Hostile("film with script.pdf", pdf(b"<< /S /Rendition /JS (app.alert(1)) >>"), refused),
        Hostile("plain.pdf", pdf(stream(b"BT (hello) Tj ET"))),
        Hostile("polyglot.pdf", pdf() + zipped(), removed=("hidden_content",)),
        Hostile("script.pdf", pdf(script), "files.pdf_not_plain"),
        Hostile("escaped.pdf", pdf(script.replace(b"JavaScript", b"J#61va#53cript")), "files.pdf_not_plain"),
        Hostile("packed.pdf", pdf(stream(b"9 0 " + script, b"/Type /ObjStm /N 1 /First 4")), "files.pdf_not_plain"),
        Hostile("odd filter.pdf", pdf(b"<< /Type /ObjStm /Filter [/ASCII85Decode /FlateDecode] >>\nstream\nGar8\nendstream"),
                "files.pdf_not_plain"),
        Hostile("launch.pdf", pdf(b"<< /S /Launch /F (cmd.exe) >>"), "files.pdf_not_plain"),
        Hostile("attachment.pdf", pdf(b"<< /Type /EmbeddedFile >>"), "files.pdf_not_plain"),
        Hostile("form.pdf", pdf(b"<< /S /SubmitForm /F (http://example.invalid) >>"), "files.pdf_not_plain"),
        Hostile("locked.pdf", pdf(b"<< /Filter /Standard >>", catalog=b"/Type /Catalog /Encrypt 4 0 R"), "files.pdf_not_plain"),
        Hostile("bomb.pdf", lambda: pdf(stream(b"\0" * 60_000_000)), "files.pdf_not_plain"),
        Hostile("cut.pdf", pdf()[:120], "files.broken"),
        Hostile("head only.pdf", b"%PDF-1.7\n", "files.broken"),
    ]


def hostile_files() -> list[Hostile]:
    """Return all of them."""
    return [*_pictures(), *_no_pictures(), *_pdfs()]


def main() -> None:
    """Clean every file of a folder (`<accepts>.<number>`) and print how much memory (KiB) that took beyond the program's own."""
    import resource
    from pathlib import Path

    from weidai.files.cleaning import content_clean
    from weidai.kernel.errors import Refusal

    content_clean(picture(), accepts=("picture",))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in sorted(Path(sys.argv[1]).iterdir()):
        try:
            content_clean(path.read_bytes(), accepts=tuple(path.name.split(".")[0].split("-")))
        except Refusal:
            continue
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before}\n")


if __name__ == "__main__":
    main()
