"""Recordings are taken as plain WAV and written anew, so that only samples are kept."""

from __future__ import annotations

import io
import wave

from weidai.files import errors

MOST_SECONDS = 60
_RATES = range(8_000, 48_001)
_SAMPLE_BYTES = 2


def sound_clean(content: bytes) -> tuple[bytes, str, tuple[str, ...]]:
    """Return 16-bit samples in a fresh WAV file."""
    try:
        with wave.open(io.BytesIO(content)) as recorded:
            channels, rate, width = recorded.getnchannels(), recorded.getframerate(), recorded.getsampwidth()
            count = recorded.getnframes()
            if channels not in (1, 2) or rate not in _RATES or width != _SAMPLE_BYTES or not 0 < count <= rate * MOST_SECONDS:
                raise errors.SoundRefused(field="file", seconds=MOST_SECONDS)
            samples = recorded.readframes(count)
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:
        raise errors.FileBroken(field="file") from error
    if len(samples) != count * channels * width:
        raise errors.FileBroken(field="file")
    written = io.BytesIO()
    with wave.open(written, "wb") as kept:
        kept.setnchannels(channels)
        kept.setframerate(rate)
        kept.setsampwidth(width)
        kept.writeframes(samples)
    return written.getvalue(), "audio/wav", ()
