"""The process that holds the models: pictures in on standard input, readings out on standard output, one at a time.

Bound by the system in memory; ends with the process that started it. It never opens a connection of any kind.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from datetime import date

MEMORY_BYTES = 3 * 1024**3  # of address space; about 0.7 GB of it is ever used
FRESH_AFTER_BYTES = 1_300_000_000  # resident: beyond this the process ends after its answer and is started anew


def main() -> None:
    """Answer frames until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes our input
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not look like an answer
    from weidai.kernel.errors import Refusal
    from weidai.vision import frames
    from weidai.vision.page_reader import PageReader
    from weidai.vision.reader import Reader
    from weidai.vision.rules.fields import Kind
    from weidai.vision.rules.wire import to_plain

    reader = Reader()
    pages = PageReader(reader)
    while (head := frames.read_frame(sys.stdin.buffer)) is not None:
        picture = frames.read_frame(sys.stdin.buffer)
        if picture is None:
            return
        asked = json.loads(head)
        try:
            if "do" in asked:
                answer = pages.answered(asked, picture)
            else:
                answer = {"paper": to_plain(reader.read(picture, Kind(asked["kind"]), on=date.fromisoformat(asked["on"])))}
        except Refusal as refusal:
            answer = {"refusal": refusal.code}
        out.write(frames.packed(json.dumps(answer, ensure_ascii=False).encode()))
        out.flush()
        if _resident_bytes() > FRESH_AFTER_BYTES:
            return


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main()
