"""The process that opens PDFs: questions and PDFs in on standard input, pages out on standard output, one at a time.

It knows no models and no keys, is bound in memory by the system, and ends with the process that started it. What makes
it hang or break costs that PDF only.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys

MEMORY_BYTES = 1024**3  # of address space; a drawn page takes some 60 MB
FRESH_AFTER = 500  # questions; then the process ends after its answer and is started anew


def main() -> None:
    """Answer frames until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes our input
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not look like an answer
    from weidai.kernel.errors import Refusal
    from weidai.vision import frames
    from weidai.vision.pdf_answers import answered

    for _ in range(FRESH_AFTER):
        head, content = frames.read_frame(sys.stdin.buffer), frames.read_frame(sys.stdin.buffer)
        if head is None or content is None:
            return
        try:
            answer, picture = answered(json.loads(head), content)
        except Refusal as refusal:
            answer, picture = {"refusal": refusal.code}, b""
        out.write(frames.packed(frames.joined(json.dumps(answer, ensure_ascii=False).encode(), picture)))
        out.flush()


if __name__ == "__main__":
    main()
