"""A camera capture as pages and API receive it: one file of JPEG frames behind each other, and a mark for each (R1.5)."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import UploadedFile

from weidai.identity import face_errors
from weidai.identity.services import MOST_CAPTURE_BYTES, MOST_FRAMES, CapturedFrame


def captured_frames(upload: UploadedFile | None, marks_text: str) -> list[CapturedFrame]:
    """Return the frames; `marks_text` is JSON, [step, milliseconds, bytes] for each. Raises FaceFramesInvalid."""
    try:
        marks = [(int(step), int(at_ms), int(size)) for step, at_ms, size in json.loads(marks_text[:10_000])]
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise face_errors.FaceFramesInvalid from None
    if upload is None or not 0 < (upload.size or 0) <= MOST_CAPTURE_BYTES or len(marks) > MOST_FRAMES:
        raise face_errors.FaceFramesInvalid
    sizes = [size for _, _, size in marks]
    if min(sizes, default=0) <= 0 or sum(sizes) != upload.size:
        raise face_errors.FaceFramesInvalid
    return [CapturedFrame(step, at_ms, upload.read(size)) for step, at_ms, size in marks]
