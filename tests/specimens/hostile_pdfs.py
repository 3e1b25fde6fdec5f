"""PDFs nobody should have to open, built by hand: each with the refusal it must meet, or none where it may be shown."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

from fpdf import FPDF


@dataclass(frozen=True, slots=True)
class HostilePdf:
    """One of them; `refusal` is the code the opener answers with, empty when it opens, "any" where either will do."""

    name: str
    content: bytes
    refusal: str
    is_slow: bool = False  # takes its seconds, or all it is given


def built(*objects: bytes, head: bytes = b"%PDF-1.7\n", trailer: bytes = b"") -> bytes:
    """Return a PDF of numbered objects, the first of them its catalogue, with a table of where they stand."""
    out, places = io.BytesIO(), []
    out.write(head)
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def stream(content: bytes, head: bytes = b"") -> bytes:
    """Return a deflated stream."""
    packed = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n" % (len(packed), head) + packed + b"\nendstream"


def one_page(*more: bytes, box: bytes = b"[0 0 595 842]", resources: bytes = b"", content: bytes = b"BT ET",
             page: bytes = b"", catalogue: bytes = b"") -> bytes:
    """Return a PDF of one page; `more` objects count from 5."""
    return built(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << %s >> %s >>" % (box, resources, page),
        stream(content), *more)


def many_pages(count: int) -> bytes:
    """Return so many empty pages, each the same object."""
    kids = b" ".join([b"3 0 R"] * count)
    return built(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
                 b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>")


def locked(password: str) -> bytes:
    """Return a PDF that opens with a password only."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_encryption(owner_password="owner", user_password=password)
    return bytes(pdf.output())


def hostile_pdfs() -> list[HostilePdf]:
    """Return all of them."""
    picture = b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent %d"
    bomb = zlib.compress(b"\0" * 60_000_000, 9)
    bits = picture % (60_000, 60_000, 1) + b" /Filter /FlateDecode /Length %d >>\nstream\n" % len(bomb) + bomb + b"\nendstream"
    shown, into = b"q 595 0 0 842 0 0 cm /X Do Q", b"/XObject << /X 5 0 R >>"
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >>"
    itself = stream(b"/X Do " * 50, form % 5)
    doubling = [stream(b"/X Do " * 12, form % (number + 1)) for number in range(5, 17)]
    endless = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 7 >>"
    return [
        HostilePdf("locked", locked("secret"), "vision.pdf_locked"),
        HostilePdf("no page", built(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"),
                   "vision.pdf_broken"),
        HostilePdf("thousand pages", many_pages(1_000), "vision.pdf_too_long"),
        HostilePdf("says it has millions", many_pages(1).replace(b"/Count 1 ", b"/Count 99999999 "), "any"),
        HostilePdf("nothing but a head", b"%PDF-1.7\n%%EOF\n", "vision.pdf_broken"),
        HostilePdf("noise", b"%PDF-1.7\n" + bytes(range(256)) * 4_000 + b"startxref\n9\n%%EOF\n", "vision.pdf_broken"),
        HostilePdf("kids that are their parents", built(*endless), "any"),
        HostilePdf("ribbon", one_page(box=b"[0 0 14400 3]"), "vision.pdf_broken"),
        HostilePdf("no size", one_page(box=b"[0 0 0 0]"), "any"),
        HostilePdf("as large as a field", one_page(box=b"[0 0 1e9 1e9]"), "any"),
        HostilePdf("not a number", one_page(box=b"[0 0 nan inf]"), "any"),
        HostilePdf("picture bomb", one_page(bits, resources=into, content=shown), "any", is_slow=True),
        HostilePdf("draws itself", one_page(itself, resources=into, content=shown), "any", is_slow=True),
        HostilePdf("draws without end", one_page(*doubling, itself, resources=into, content=shown), "any", is_slow=True),
        HostilePdf("script", one_page(b"<< /S /JavaScript /JS (app.alert\\(1\\); while\\(true\\){}) >>",
                                      catalogue=b"/OpenAction 5 0 R"), ""),
        HostilePdf("a million signs", one_page(
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", resources=b"/Font << /F 5 0 R >>",
            content=b"BT /F 1 Tf 10 10 Td " + b"(aaaaaaaaaa) Tj " * 100_000 + b"ET"), "any", is_slow=True),
    ]
