"""The face process: reads captures from its standard input, one after the other, and ends with it.

Pictures of strangers are decoded here and nowhere else: a fault in a decoder ends this process, not the server's.
"""

from __future__ import annotations

import os
import sys

from weidai.platform.helper import message_read, message_write

MEMORY_BYTES = 3 * 1024**3  # of addresses; about 250 MB of it is really used


def main() -> None:
    """Answer until standard input ends. Nothing about a picture is printed or kept."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from weidai.faces.engine import Engine, PictureUnreadable, Shot

    engine, heard, said = Engine(), sys.stdin.buffer, sys.stdout.buffer
    message_write(said, {"ready": True})
    while True:
        try:
            head, parts = message_read(heard)
        except EOFError:
            return
        portrait = parts.pop() if head["has_portrait"] else None
        shots = [Shot(step, at_ms, part) for (step, at_ms), part in zip(head["marks"], parts, strict=True)]
        try:
            message_write(said, {"seen": engine.look(shots, portrait).to_json()})
        except PictureUnreadable:
            message_write(said, {"error": "unreadable"})


if __name__ == "__main__":
    main()
