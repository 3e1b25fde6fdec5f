"""The voice process: reads recordings from its standard input, one call after the other, and ends with it.

Sounds of strangers are decoded here and nowhere else: a fault in decoding ends this process, not the server's.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import IO, Any

LARGEST_MESSAGE = 96 * 1024 * 1024  # ten of the largest recordings
MEMORY_BYTES = 512 * 1024**2  # of addresses; about 50 MB of it is really used
_NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def message_write(stream: IO[bytes], head: dict[str, Any], *parts: bytes) -> None:
    """Write one message: lengths, a JSON head, and the sounds after it."""
    text = json.dumps({**head, "parts": [len(part) for part in parts]}).encode()
    stream.write(struct.pack(">I", len(text)) + text)
    for part in parts:
        stream.write(part)
    stream.flush()


def message_read(stream: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
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


def main() -> None:
    """Answer until standard input ends. Nothing about a sound is printed or kept."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for name in _NAMES:
        os.environ[name] = "1"
    from weidai.voices.engine import Engine
    from weidai.voices.heard import Recording, VoiceprintUnknown
    from weidai.voices.models import VoiceModelsMissing
    from weidai.voices.weights import WeightsUnreadable

    asked, said = sys.stdin.buffer, sys.stdout.buffer
    try:
        engine = Engine()
    except (WeightsUnreadable, VoiceModelsMissing):
        message_write(said, {"ready": False})
        return
    message_write(said, {"ready": True})
    while True:
        try:
            head, parts = message_read(asked)
        except EOFError:
            return
        voiceprint = parts.pop(0) if head["has_voiceprint"] else None
        recordings = [
            Recording(digits, tuple((start, end) for start, end in windows), wav)
            for (digits, windows), wav in zip(head["recordings"], parts, strict=True)]
        if voiceprint is None:
            made = engine.enrol(recordings)
            parts = [made.voiceprint] if made.voiceprint else []
            message_write(said, {"faults": made.faults, "to_repeat": made.to_repeat}, *parts)
        else:
            try:
                heard = engine.verify(voiceprint, recordings[0])
            except VoiceprintUnknown:
                message_write(said, {"error": "voiceprint"})
                continue
            message_write(said, {"faults": heard.faults, "heard": [
                heard.similarity_e4, heard.digits_right, heard.digits_asked, heard.verdict]})


if __name__ == "__main__":
    main()
