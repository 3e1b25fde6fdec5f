"""Keeps one voice process for this server process: started when first needed, ended when it hangs, started again."""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from weidai.voices import worker
from weidai.voices.heard import LARGEST_WAV_BYTES, Enrolled, Heard, Recording, VoiceprintUnknown
from weidai.voices.models import VoiceModelsMissing, is_installed

START_SECONDS, ANSWER_SECONDS, QUEUE_SECONDS = 40.0, 25.0, 20.0
Answer = tuple[dict[str, Any], list[bytes]]


class VoiceEngineBusy(Exception):
    """Others are being listened to, or the process gave no answer in time; the same recording may be sent again."""


class VoiceProcess:
    """Listens to one pack at a time; callers wait for each other for at most QUEUE_SECONDS."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def enrol(self, recordings: Sequence[Recording]) -> Enrolled:
        """Return a voiceprint of one person saying each digit 0-9 twice, or what is wrong with the recordings.

        Raises VoiceModelsMissing without the group `voice`, VoiceEngineBusy.
        """
        head, parts = self._ask(recordings)
        return Enrolled(tuple(head["faults"]), parts[0] if parts else None, tuple(head["to_repeat"]))

    def verify(self, voiceprint: bytes, recording: Recording) -> Heard:
        """Return what is heard beside a voiceprint made by `enrol`.

        Raises VoiceModelsMissing without the group `voice`, VoiceEngineBusy, VoiceprintUnknown.
        """
        head, _ = self._ask([recording], voiceprint)
        if head.get("error") == "voiceprint":
            raise VoiceprintUnknown
        return Heard(tuple(head["faults"]), *head["heard"])

    def close(self) -> None:
        """End the process; the next recording starts another one."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def _ask(self, recordings: Sequence[Recording], voiceprint: bytes | None = None) -> Answer:
        if not is_installed():
            raise VoiceModelsMissing
        if not self._turn.acquire(timeout=QUEUE_SECONDS):
            raise VoiceEngineBusy
        try:
            process = self._ready()
            assert process.stdin is not None
            assert process.stdout is not None
            asked = [[each.digits, each.windows_ms] for each in recordings]
            before = [voiceprint] if voiceprint is not None else []
            sounds = [each.wav[:LARGEST_WAV_BYTES + 1] for each in recordings]
            with _ended_after(ANSWER_SECONDS, process):
                worker.message_write(process.stdin, {"recordings": asked, "has_voiceprint": bool(before)}, *before, *sounds)
                return worker.message_read(process.stdout)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise VoiceEngineBusy from error
        finally:
            self._turn.release()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "weidai.voices.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)})
        assert self._process.stdout is not None
        with _ended_after(START_SECONDS, self._process):
            head, _ = worker.message_read(self._process.stdout)
        if not head["ready"]:
            self.close()
            raise VoiceModelsMissing
        return self._process


@contextlib.contextmanager
def _ended_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process if the block takes longer: writing to it and reading from it then fail at once, wherever they hang."""
    watch = threading.Timer(seconds, process.kill)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
