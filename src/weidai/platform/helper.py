"""A child process that answers one message at a time: started when first needed, ended when it hangs, started again.

What strangers send is decoded in such a process and nowhere else: a fault in a decoder ends it, not the server. Its module
writes `{"ready": true}` first (false when it lacks something), then one message for each it reads, and ends with its input.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any

START_SECONDS, ANSWER_SECONDS, QUEUE_SECONDS = 40.0, 25.0, 20.0
LARGEST_MESSAGE = 96 * 1024 * 1024
PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")  # no key, no address of a database
Message = tuple[dict[str, Any], list[bytes]]


class HelperBusy(Exception):
    """Others are being answered, or the process gave no answer in time; the same may be asked again."""


class HelperUnable(Exception):
    """The process started and said that it lacks something."""


class Helper:
    """Runs `python -m module` and asks it; callers wait for each other for at most QUEUE_SECONDS."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._turn = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def ask(self, head: dict[str, Any], *parts: bytes) -> Message:
        """Return the answer; raises HelperBusy, HelperUnable. Never waits longer than the three times above together."""
        if not self._turn.acquire(timeout=QUEUE_SECONDS):
            raise HelperBusy
        try:
            process = self._ready()
            assert process.stdin is not None
            assert process.stdout is not None
            with _ended_after(ANSWER_SECONDS, process):
                message_write(process.stdin, head, *parts)
                return message_read(process.stdout)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise HelperBusy from error
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process; the next question starts another one."""
        process, self.process = self.process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self.process is not None and self.process.poll() is None:
            return self.process
        self.close()
        environment = {name: value for name, value in os.environ.items() if name in PASSED_ON}
        self.process = subprocess.Popen(
            [sys.executable, "-m", self._module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)})
        assert self.process.stdout is not None
        with _ended_after(START_SECONDS, self.process):
            head, _ = message_read(self.process.stdout)
        if not head["ready"]:
            self.close()
            raise HelperUnable
        return self.process


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


def message_write(stream: IO[bytes], head: dict[str, Any], *parts: bytes) -> None:
    """Write one message: lengths, a JSON head, and the parts after it."""
    text = json.dumps({**head, "parts": [len(part) for part in parts]}).encode()
    stream.write(struct.pack(">I", len(text)) + text)
    for part in parts:
        stream.write(part)
    stream.flush()


def message_read(stream: IO[bytes]) -> Message:
    """Return the next message; EOFError when the other side has gone or says something too large."""
    (length,) = struct.unpack(">I", _exactly(stream, 4))
    if length > LARGEST_MESSAGE:
        raise EOFError
    head: dict[str, Any] = json.loads(_exactly(stream, length))
    sizes = [int(size) for size in head.pop("parts")]
    if sum(sizes) > LARGEST_MESSAGE:
        raise EOFError
    return head, [_exactly(stream, size) for size in sizes]


def _exactly(stream: IO[bytes], count: int) -> bytes:
    found = stream.read(count)
    if len(found) != count:
        raise EOFError
    return found
