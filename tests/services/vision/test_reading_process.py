"""The reading process with its real models: absurd pictures, a killed reader, two at once, bounded memory (R1.4)."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from tests.services.vision.test_desk import SRC, ask
from tests.specimens.second import fonts
from tests.specimens.styles import SECOND

from weidai.vision.worker import Desk, serve

REAL = (sys.executable, "-m", "weidai.vision.child")
MOST_RESIDENT = 2_000_000_000  # bytes; the child bounds its address space at 3 GiB


def jpeg(width: int, height: int, *, noise: bool = False, quality: int = 90) -> bytes:
    dice = np.random.default_rng(7)
    pixels = dice.integers(0, 256, (height, width, 3), np.uint8) if noise else np.full((height, width, 3), 200, np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


def card() -> tuple[str, bytes]:
    who = SECOND.person(31, fonts.CARRIED)
    return who.number, SECOND.photograph(SECOND.front(who, fonts.CARRIED, seed=31), tier=1, seed=31)


async def with_real(path: Path, play):
    desk = Desk(command=REAL)
    serving = asyncio.create_task(serve(path, desk))
    while not path.exists():
        await asyncio.sleep(0.01)
    try:
        return await play(desk, path)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await desk.stop()


def number_of(answer: dict) -> str:
    return next(field["value"] for field in answer["paper"]["reading"]["fields"] if field["code"] == "id_number")


@pytest.mark.long
def test_r1_4_nothing_that_is_sent_ends_the_reading_process_for_long(tmp_path, monkeypatch):
    pytest.importorskip("rapidocr", reason="the vision group is not installed: make setup")
    monkeypatch.setenv("PYTHONPATH", SRC)
    number, good = card()

    async def play(desk, path):
        first, second = await asyncio.gather(ask(path, good), ask(path, good))
        assert number_of(first) == number_of(second) == number
        child = desk._child.pid
        absurd = {"dot": jpeg(1, 1), "ribbon": jpeg(20_000, 10), "strip": jpeg(20_000, 300), "grey": jpeg(4_000, 3_000),
                  "noise": jpeg(4_000, 3_000, noise=True, quality=80), "torn": good[: len(good) // 3]}
        answers = {name: await ask(path, picture) for name, picture in absurd.items()}
        resident = psutil.Process(desk._child.pid).memory_info().rss if desk._child else 0
        print(f"resident {resident / 2**20:,.0f} MiB, bytes {[len(picture) for picture in absurd.values()]}")
        print(json.dumps({name: list(answer) for name, answer in answers.items()}))
        assert answers["dot"] == answers["ribbon"] == {"refusal": "vision.picture_too_small"}
        assert all("paper" in answer or answer["refusal"].startswith("vision.") for answer in answers.values())
        assert resident < MOST_RESIDENT
        reading = asyncio.create_task(ask(path, good))
        await asyncio.sleep(0.3)
        os.kill(desk._child.pid, signal.SIGKILL)
        assert await reading == {"refusal": "vision.reading_failed"}
        after = await ask(path, good)
        assert number_of(after) == number
        assert desk._child.pid != child

    asyncio.run(with_real(tmp_path / "v.sock", play))
