"""The reading process: a queue of pictures on a local socket, one recogniser behind it that is watched and replaced.

At most QUEUE pictures wait; a picture that takes longer than SECONDS, or breaks the recogniser, is refused and the
recogniser is started anew for the next one. It is started for the first picture and ends when none came for IDLE_SECONDS.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
from datetime import date
from functools import cached_property
from pathlib import Path

import structlog

from weidai.vision import frames
from weidai.vision.errors import PictureTooSmall, PictureUnreadable, ReadingBusy, ReadingFailed
from weidai.vision.pdf_desk import PDF_REFUSALS, PdfDesk
from weidai.vision.rules.fields import Kind
from weidai.vision.rules.sheets import MOST_PAGES

QUEUE, SECONDS, IDLE_SECONDS = 4, 20.0, 900.0
OPEN_QUEUE = 40  # pages that wait to be drawn: a desk shows all pages of a PDF at once
_RECEIVE_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1
_log = structlog.get_logger("weidai.vision")


class Desk:
    """Takes pictures from clients and hands them to the recogniser one by one."""

    def __init__(self, *, command: tuple[str, ...] = (), seconds: float = SECONDS, queue: int = QUEUE) -> None:
        self._command = command or (sys.executable, "-m", "weidai.vision.child")
        self._seconds, self._queue = seconds, queue
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._inside = 0
        self._idle: asyncio.TimerHandle | None = None

    @cached_property
    def pdfs(self) -> PdfDesk:
        """Where PDFs are read: opened by a helper of their own, recognised by this one."""
        return PdfDesk(Desk(command=(sys.executable, "-m", "weidai.vision.pdf_child"), queue=OPEN_QUEUE), self)

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client: one picture or PDF, one answer."""
        try:
            async with asyncio.timeout(_RECEIVE_SECONDS):
                head, content = await _frame(reader), await _frame(reader)
            asked = json.loads(head)
            if "do" in asked:
                answer = await self.pdfs.answer(asked, content)
            else:
                question = {"kind": Kind(asked["kind"]), "on": date.fromisoformat(asked["on"]).isoformat()}
                answer = await self.answer(json.dumps(question).encode(), content)
            writer.write(frames.packed(answer))
            await writer.drain()
        except (OSError, TimeoutError, ValueError, KeyError, asyncio.IncompleteReadError):
            pass  # a client that went away or speaks something else; there is nobody to tell
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def answer(self, question: bytes, content: bytes, *, seconds: float | None = None) -> bytes:
        """Return the helper's answer, or a refusal: every place taken, or it broke or took longer than `seconds`."""
        if self._inside > self._queue:
            return _refusal(ReadingBusy.code)
        self._inside += 1
        try:
            async with self._turn:
                return await self._read(question, content, seconds or self._seconds)
        finally:
            self._inside -= 1

    async def _read(self, question: bytes, content: bytes, seconds: float) -> bytes:
        if self._idle:
            self._idle.cancel()
        child = await self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                child.stdin.write(frames.packed(question) + frames.packed(content))
                await child.stdin.drain()
                answer = await _frame(child.stdout)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            _log.warning("recogniser_replaced", reason=type(error).__name__)
            await self.stop()
            return _refusal(ReadingFailed.code)
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._rest)
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, preexec_fn=_die_with_parent,
                limit=frames.LIMIT_BYTES, env={**os.environ, "OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"})
        return self._child

    def _rest(self) -> None:
        """Let the recogniser go; its memory is worth more than a second of waiting."""
        if self._child is not None and self._child.stdin is not None and not self._turn.locked():
            self._child.stdin.close()
            self._child = None

    async def stop(self) -> None:
        """End the helpers now."""
        if "pdfs" in self.__dict__:
            await self.pdfs.stop()
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(frames.length_of(await reader.readexactly(4)))


def _refusal(code: str) -> bytes:
    return json.dumps({"refusal": code}).encode()


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent is gone (Linux only; elsewhere the closed input ends it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def serve(path: Path, desk: Desk) -> None:
    """Listen until told to stop; only the account that runs weidai may connect."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to somebody else")
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(desk.client, path)
    finally:
        os.umask(before)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with server:
        await stopped.wait()
    await desk.stop()
    path.unlink(missing_ok=True)


def refusal_of(code: str) -> Exception:
    """Return the refusal an answer names."""
    pictures = {kind.code: kind for kind in (PictureUnreadable, PictureTooSmall)}
    if code in pictures:
        return pictures[code](field="picture")
    if code in PDF_REFUSALS:
        return PDF_REFUSALS[code](field="file", count=MOST_PAGES)
    return ReadingBusy() if code == ReadingBusy.code else ReadingFailed()
