"""The process that opens PDFs: what is hostile is refused or shown, and costs nobody else anything (R4.1, R9.6)."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from tests.services.vision.test_desk import SRC
from tests.specimens import fonts, pdfs
from tests.specimens.hostile_pdfs import hostile_pdfs, many_pages, one_page

from weidai.vision import frames
from weidai.vision.pdf_desk import PdfDesk
from weidai.vision.rules.sheets import MOST_PAGES
from weidai.vision.worker import Desk

pytest.importorskip("pypdfium2", reason="the vision group is not installed: make setup")
MOST_RESIDENT = 700_000_000  # bytes; its address space is bound at 1 GiB


async def asked(desk: PdfDesk, content: bytes, **question: object) -> tuple[dict, bytes]:
    head, picture = frames.parted(await desk.answer(question, content))
    return json.loads(head), picture


def played(monkeypatch, play):
    monkeypatch.setenv("PYTHONPATH", SRC)

    async def run():
        opener = Desk(command=(sys.executable, "-m", "weidai.vision.pdf_child"), queue=40)
        desk = PdfDesk(opener, opener)
        try:
            return await play(desk, opener)
        finally:
            await desk.stop()

    return asyncio.run(run())


@pytest.mark.parametrize("is_slow", [False, pytest.param(True, marks=pytest.mark.long)], ids=["quick", "slow"])
def test_r4_1_a_pdf_is_opened_or_refused_and_the_next_one_is_opened_all_the_same(monkeypatch, is_slow):
    import psutil

    hostile = [one for one in hostile_pdfs() if one.is_slow == is_slow]

    async def play(desk, opener):
        good = pdfs.payslip(1, fonts.BUILD[0]).content
        said, most = {}, 0
        for one in hostile:
            sizes, _ = await asked(desk, one.content, do="sizes")
            head, picture = await asked(desk, one.content, do="page", page=0)
            said[one.name] = (sizes.get("refusal", ""), head.get("refusal", ""), picture[:2])
            if opener._child is not None and opener._child.returncode is None:
                most = max(most, psutil.Process(opener._child.pid).memory_info().rss)
        sizes, _ = await asked(desk, good, do="sizes")
        shown, picture = await asked(desk, good, do="show", page=0)
        beyond, _ = await asked(desk, good, do="show", page=1)
        return said, most, sizes, (shown, picture[:2]), beyond

    said, most, sizes, shown, beyond = played(monkeypatch, play)
    for one in hostile:
        first, second, picture = said[one.name]
        if one.refusal == "any":
            assert second.startswith("vision.pdf_") or picture == b"\xff\xd8", (one.name, said[one.name])
        else:
            assert (first, second) == (one.refusal, one.refusal), one.name
            assert (picture == b"\xff\xd8") == (not one.refusal), one.name
    assert most < MOST_RESIDENT
    assert len(sizes["sizes"]) == 1 and max(sizes["sizes"][0]) == max(shown[0]["width"], shown[0]["height"]) == 1_700
    assert shown[1] == b"\xff\xd8" and beyond == {"refusal": "vision.pdf_broken"}


def test_r4_1_as_many_pages_as_are_read_open_and_one_more_does_not(monkeypatch):
    async def play(desk, _opener):
        return [(await asked(desk, many_pages(count), do="sizes"))[0] for count in (MOST_PAGES, MOST_PAGES + 1)]

    most, more = played(monkeypatch, play)
    assert len(most["sizes"]) == MOST_PAGES and more == {"refusal": "vision.pdf_too_long"}


def test_r4_1_what_hangs_is_a_broken_pdf(monkeypatch):
    class Hanging:
        async def answer(self, question, content, *, seconds=None):
            return json.dumps({"refusal": "vision.reading_failed"}).encode()

        async def stop(self):
            pass

    async def play():
        return await asked(PdfDesk(Hanging(), Hanging()), one_page(), do="sizes")

    assert asyncio.run(play())[0] == {"refusal": "vision.pdf_broken"}
