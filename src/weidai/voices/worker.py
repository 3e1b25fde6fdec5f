"""The voice process: reads recordings from its standard input, one call after the other, and ends with it.

Sounds of strangers are decoded here and nowhere else: a fault in decoding ends this process, not the server's.
"""

from __future__ import annotations

import os
import sys

from weidai.platform.helper import message_read, message_write

MEMORY_BYTES = 512 * 1024**2  # of addresses; about 50 MB of it is really used
_NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
