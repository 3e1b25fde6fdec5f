"""PDFs at the reading process: opened by a helper without models, read page by page between the pictures of others (R4.1).

A PDF takes seconds to minutes. So it is read in the background: who asks waits a little, and asks again for the answer.
What was read waits in memory only, KEEP_SECONDS long.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import structlog

from weidai.vision import frames
from weidai.vision.errors import PdfBroken, PdfLocked, PdfTooLong, ReadingBusy, ReadingFailed
from weidai.vision.pdf_looks import Looks
from weidai.vision.pdf_reading import pdf_read
from weidai.vision.rules.fields import Kind, PaperRead
from weidai.vision.rules.wire import to_plain

MOST_READING = 2  # PDFs at a time; the next is told to come again
MOST_KEPT = 16  # answers nobody asked for yet
KEEP_SECONDS = 600.0
WAIT_SECONDS = 8.0  # an answer that comes sooner is given at once
OPEN_SECONDS, PAGE_SECONDS = 15.0, 90.0  # for opening a page, and for recognising one whole page
_PATIENCE_SECONDS, _TRIES = 0.5, 240  # between tries while pictures fill the queue
_log = structlog.get_logger("weidai.vision")


class Lane(Protocol):
    """A helper process that answers one question after the other."""

    async def answer(self, question: bytes, content: bytes, *, seconds: float | None = None) -> bytes:
        """Return its answer, or a refusal as JSON."""

    async def stop(self) -> None:
        """End the process."""


class PdfDesk:
    """Takes PDFs and hands their pages to two helpers: `opener` opens them, `recogniser` reads."""

    def __init__(self, opener: Lane, recogniser: Lane) -> None:
        self._opener, self._recogniser = opener, recogniser
        self._jobs: dict[str, asyncio.Task[PaperRead]] = {}

    async def answer(self, asked: Mapping[str, Any], pdf: bytes) -> bytes:
        """Answer `sizes` and `show` at once, `read` when it is done: until then the answer is how many seconds to wait."""
        if asked["do"] != "read":
            return await self._opened({"do": asked["do"], "page": int(asked.get("page", 0))}, pdf)
        return frames.joined(json.dumps(await self._reading(asked, pdf), ensure_ascii=False).encode(), b"")

    async def _reading(self, asked: Mapping[str, Any], pdf: bytes) -> dict[str, Any]:
        key = hashlib.sha256(f"{asked['kind']} {asked['on']} ".encode() + pdf).hexdigest()
        job = self._jobs.get(key)
        if job is None:
            running = sum(not one.done() for one in self._jobs.values())
            if running >= MOST_READING or len(self._jobs) >= MOST_KEPT:
                return {"refusal": ReadingBusy.code}
            job = self._jobs[key] = asyncio.create_task(self._read(asked, pdf))
            job.add_done_callback(lambda _: asyncio.get_running_loop().call_later(KEEP_SECONDS, self._jobs.pop, key, None))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                await asyncio.wait([job])
        if not job.done():
            return {"pending": True}
        self._jobs.pop(key, None)
        try:
            return {"paper": to_plain(job.result())}
        except _Said as no:
            return {"refusal": no.code}
        except Exception as error:  # a bug costs this PDF, not the process; it is left to a person
            _log.exception("pdf_not_read", reason=type(error).__name__)
            return {"refusal": ReadingFailed.code}

    async def _read(self, asked: Mapping[str, Any], pdf: bytes) -> PaperRead:
        async def open_page(question: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
            head, picture = frames.parted(await self._opened(question, pdf))
            return _said(json.loads(head)), picture

        sizes, _ = await open_page({"do": "sizes"})
        return await pdf_read(Looks(self._recognised, open_page), pages=len(sizes["sizes"]), kind=Kind(asked["kind"]),
                              on=date.fromisoformat(asked["on"]))

    async def _opened(self, question: Mapping[str, Any], pdf: bytes) -> bytes:
        """Ask the opener; what hangs or breaks it is a broken PDF."""
        body = await self._patiently(self._opener, question, pdf, OPEN_SECONDS)
        if body[:1] != b"{":
            return body
        code = json.loads(body)["refusal"]
        return frames.joined(json.dumps({"refusal": PdfBroken.code if code == ReadingFailed.code else code}).encode(), b"")

    async def _recognised(self, question: Mapping[str, Any], picture: bytes) -> dict[str, Any]:
        return _said(json.loads(await self._patiently(self._recogniser, question, picture, PAGE_SECONDS)))

    async def _patiently(self, lane: Lane, question: Mapping[str, Any], content: bytes, seconds: float) -> bytes:
        """Ask again while the queue is full: pages of PDFs step back behind pictures somebody waits for."""
        for _ in range(_TRIES):
            body = await lane.answer(json.dumps(question).encode(), content, seconds=seconds)
            if body != _BUSY:
                return body
            await asyncio.sleep(_PATIENCE_SECONDS)
        return _BUSY

    async def stop(self) -> None:
        """Leave off everything."""
        jobs, self._jobs = list(self._jobs.values()), {}
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._opener.stop()


class _Said(Exception):
    """A helper refused; the code is for who asked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _said(answer: dict[str, Any]) -> dict[str, Any]:
    if "refusal" in answer:
        raise _Said(str(answer["refusal"]))
    return answer


_BUSY = json.dumps({"refusal": ReadingBusy.code}).encode()
PDF_REFUSALS = {kind.code: kind for kind in (PdfBroken, PdfLocked, PdfTooLong)}
