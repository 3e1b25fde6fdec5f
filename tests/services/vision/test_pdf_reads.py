"""PDFs are read exactly and offline, by the models and PDFium; a text layer that lies does not pass (R4.1)."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from tests.services.vision.test_desk import SRC
from tests.specimens import fonts, pdfs
from tests.specimens.measure import network_cut
from tests.specimens.pdf_measure import compared, read

from weidai.vision import frames
from weidai.vision.rules.fields import Kind
from weidai.vision.rules.sheets import AS_DRAWN
from weidai.vision.worker import Desk

pytest.importorskip("pypdfium2", reason="the vision group is not installed: make setup")
pytest.importorskip("rapidocr", reason="the vision group is not installed: make setup")


@pytest.fixture(scope="module")
def reader():
    from weidai.vision.reader import Reader

    with network_cut() as tried:
        yield Reader()
    assert tried == []


def test_r4_1_an_amount_drawn_over_another_counts_as_drawn_and_is_noticed(reader):
    honest = pdfs.payslip(4, fonts.BUILD[0])
    fen = int(honest.fields["net_fen"])
    lying = pdfs.payslip(4, fonts.BUILD[0], told=pdfs.Told(
        instead={pdfs.yuan(fen): pdfs.yuan(fen + 500_000)}, hidden=("实发工资 99,999.00",)))
    reading = read(reader, lying.content, Kind.PAYSLIP).reading
    assert (reading.value("net_fen"), reading.passed(AS_DRAWN)) == (honest.fields["net_fen"], False)
    assert reading.field("net_fen").is_doubtful and not reading.field("name").is_doubtful


@pytest.mark.long
@pytest.mark.parametrize("form", pdfs.FORMS)
@pytest.mark.parametrize("kind", list(pdfs.DRAWN))
def test_r4_1_every_form_of_pdf_is_read_exactly(reader, kind, form):
    more = {"pages": 2} if kind is Kind.BANK_STATEMENT else {}
    result = compared(reader, pdfs.DRAWN[kind](3, fonts.BUILD[0], form=form, **more))
    assert result.wrong == () and result.as_drawn is (True if form == "text" else None)


@pytest.mark.long
def test_r4_1_a_pdf_is_read_in_the_background_while_pictures_are_read(monkeypatch):
    from weidai.vision import pdf_desk

    monkeypatch.setenv("PYTHONPATH", SRC)
    monkeypatch.setattr(pdf_desk, "WAIT_SECONDS", 0.1)
    drawn = pdfs.statement(3, fonts.BUILD[0], pages=2)
    question = {"do": "read", "kind": "bank_statement", "on": "2026-11-23"}

    async def play():
        desk = Desk(command=(sys.executable, "-m", "weidai.vision.child"))
        try:
            first = json.loads(frames.parted(await desk.pdfs.answer(question, drawn.content))[0])
            picture = await desk.answer(json.dumps({"kind": "id_front", "on": "2026-11-23"}).encode(), b"no picture")
            said = first
            for _ in range(1_200):
                if "pending" not in said:
                    break
                await asyncio.sleep(0.5)
                said = json.loads(frames.parted(await desk.pdfs.answer(question, drawn.content))[0])
            return first, json.loads(picture), said
        finally:
            await desk.stop()

    first, picture, said = asyncio.run(play())
    assert first == {"pending": True} and picture == {"refusal": "vision.picture_unreadable"}
    assert len(said["paper"]["reading"]["rows"]) == len(drawn.rows) and len(said["paper"]["pages"]) == 2
