"""Recordings of spoken digits as a page sends them: one file of WAVs behind each other, and a mark for each (R1.8)."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import UploadedFile

from weidai.identity import voice_errors
from weidai.identity.services import MOST_PACK_BYTES, MOST_RECORDING_BYTES, Spoken

_MOST_MARKS, _MOST_TEXT = 8, 10_000


def spoken_recordings(upload: UploadedFile | None, marks_text: str) -> list[Spoken]:
    """Return the recordings; `marks_text` is JSON, [bytes, [[start, end], …]] for each, in milliseconds.

    Raises VoiceRecordingInvalid, or VoiceRecordingTooLarge before anything is read.
    """
    if upload is not None and (upload.size or 0) > MOST_PACK_BYTES:
        raise voice_errors.VoiceRecordingTooLarge(limit_mb=MOST_RECORDING_BYTES // 1024**2)
    try:
        marks = [(int(size), tuple((int(start), int(end)) for start, end in windows))
                 for size, windows in json.loads(marks_text[:_MOST_TEXT])]
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise voice_errors.VoiceRecordingInvalid from None
    if upload is None or not 0 < len(marks) <= _MOST_MARKS or min(size for size, _ in marks) <= 0:
        raise voice_errors.VoiceRecordingInvalid
    if sum(size for size, _ in marks) != upload.size:
        raise voice_errors.VoiceRecordingInvalid
    return [Spoken(windows, upload.read(size)) for size, windows in marks]
