"""The reading process: one at a time, a bounded queue, a time limit, and a recogniser that is replaced when it breaks."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from weidai.vision import frames
from weidai.vision.worker import Desk, serve

FAKE = (sys.executable, str(Path(__file__).with_name("fake_child.py")))
SRC = str(Path(__file__).resolve().parents[3] / "src")


async def ask(path: Path, picture: bytes, kind: str = "id_front") -> dict[str, object]:
    reader, writer = await asyncio.open_unix_connection(path)
    question = json.dumps({"kind": kind, "on": "2026-11-23"}).encode()
    writer.write(frames.packed(question) + frames.packed(picture))
    await writer.drain()
    body = await reader.read()
    writer.close()
    return json.loads(body[4:]) if body else {}


async def with_desk(path: Path, play, **bounds):
    desk = Desk(command=FAKE, **bounds)
    serving = asyncio.create_task(serve(path, desk))
    for _ in range(200):
        if path.exists():
            break
        await asyncio.sleep(0.01)
    try:
        return await play(path)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await desk.stop()


@pytest.fixture(autouse=True)
def _child_finds_weidai(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", SRC)


def test_r1_4_pictures_wait_for_each_other_and_one_too_many_is_told_so(tmp_path):
    async def play(path):
        slow = asyncio.create_task(ask(path, b"sleep0.6"))
        await asyncio.sleep(0.25)
        waiting = asyncio.create_task(ask(path, b"four"))
        await asyncio.sleep(0.1)
        refused = await ask(path, b"more")
        return await slow, await waiting, refused

    slow, waiting, refused = asyncio.run(with_desk(tmp_path / "v.sock", play, queue=1))
    assert (slow["size"], waiting) == (8, {"echo": "id_front", "size": 4})
    assert refused == {"refusal": "vision.reading_busy"}


def test_r1_4_a_picture_that_breaks_or_hangs_the_recogniser_costs_only_itself(tmp_path):
    async def play(path):
        died = await ask(path, b"die")
        after = await ask(path, b"next")
        hung = await ask(path, b"sleep30")
        again = await ask(path, b"again")
        return died, after, hung, again

    died, after, hung, again = asyncio.run(with_desk(tmp_path / "v.sock", play, seconds=1.5))
    assert died == hung == {"refusal": "vision.reading_failed"}
    assert (after["size"], again["size"]) == (4, 5)


def test_only_the_own_account_may_ask_and_nonsense_is_hung_up_on(tmp_path):
    async def play(path):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        return mode, await ask(path, b"x", kind="passport")

    mode, answer = asyncio.run(with_desk(tmp_path / "v.sock", play))
    assert (mode, answer) == (0o600, {})


def test_without_a_reading_process_the_refusal_says_to_type(monkeypatch):
    from datetime import date

    from weidai.vision import asking
    from weidai.vision.errors import ReadingUnavailable
    from weidai.vision.rules.fields import Kind

    monkeypatch.setattr(frames, "socket_path", lambda: Path("/nonexistent/vision.sock"))
    assert not asking.is_available()
    with pytest.raises(ReadingUnavailable) as refused:
        asking.paper_read(b"picture", kind=Kind.ID_FRONT, on=date(2026, 11, 23))
    assert refused.value.http_status == 503 and "手动填写" in refused.value.advice.zh


def test_a_long_home_still_has_a_place_to_listen(monkeypatch):
    monkeypatch.setattr(frames, "home_directory", lambda: Path("/" + "long/" * 30))
    assert len(os.fsencode(frames.socket_path())) < 104
