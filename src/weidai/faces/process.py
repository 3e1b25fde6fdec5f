"""Keeps one face process for this server process: started when first needed, ended when it hangs, started again."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from weidai.faces import worker
from weidai.faces.models import FaceModelsMissing, is_installed
from weidai.faces.seen import Seen, seen_from_json

START_SECONDS, ANSWER_SECONDS, QUEUE_SECONDS = 40.0, 25.0, 20.0
Mark = tuple[int, int]  # step of the challenge, milliseconds since its start


class FaceEngineBusy(Exception):
    """Others are being looked at, or the process gave no answer in time; the same capture may be sent again."""


class PicturesUnreadable(Exception):
    """At least one frame is not a picture."""


class FaceProcess:
    """Looks at one capture at a time; callers wait for each other for at most QUEUE_SECONDS."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def look(self, frames: Sequence[tuple[Mark, bytes]], portrait: bytes | None = None) -> Seen:
        """Return what is seen in the frames (mark, JPEG) and the portrait.

        Raises FaceModelsMissing without the group `vision`, PicturesUnreadable, FaceEngineBusy.
        """
        if not is_installed():
            raise FaceModelsMissing
        if not self._turn.acquire(timeout=QUEUE_SECONDS):
            raise FaceEngineBusy
        try:
            process = self._ready()
            head = {"marks": [mark for mark, _ in frames], "has_portrait": portrait is not None}
            assert process.stdin is not None
            pictures = [data for _, data in frames] + ([portrait] if portrait is not None else [])
            worker.message_write(process.stdin, head, *pictures)
            answer = self._answer(process, ANSWER_SECONDS)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise FaceEngineBusy from error
        finally:
            self._turn.release()
        if answer.get("error") == "unreadable":
            raise PicturesUnreadable
        return seen_from_json(answer["seen"])

    def close(self) -> None:
        """End the process; the next capture starts another one."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "weidai.faces.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)})
        self._answer(self._process, START_SECONDS)
        return self._process

    @staticmethod
    def _answer(process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
        assert process.stdout is not None
        deadline = time.monotonic() + seconds
        while not select.select([process.stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
            if time.monotonic() >= deadline:
                raise EOFError
        head, _ = worker.message_read(process.stdout)
        return head
