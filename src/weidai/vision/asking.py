"""Ask the reading process about one picture (used by `services`; keeps nothing)."""

from __future__ import annotations

import json
import socket
from datetime import date
from importlib.util import find_spec

from weidai.vision import frames
from weidai.vision.errors import ReadingFailed, ReadingUnavailable
from weidai.vision.rules.fields import Kind, PaperRead
from weidai.vision.rules.wire import from_plain
from weidai.vision.worker import QUEUE, SECONDS, refusal_of

PICTURE_BYTES = 8 * 1024 * 1024


def is_installed() -> bool:
    """Say whether this server has the `vision` group: what reads papers is on this machine or nowhere."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2", "PIL"))


def is_available() -> bool:
    """Say whether papers can be read here right now: the reading process listens."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(0.5)
            probe.connect(str(frames.socket_path()))
    except OSError:
        return False
    return True


def paper_read(picture: bytes, *, kind: Kind, on: date) -> PaperRead:
    """Return what stands on the picture of a paper; `on` is today, dates after it are doubted (R1.4, R4.1).

    Takes one to two seconds plus the pictures before it. Raises ReadingUnavailable, ReadingBusy, ReadingFailed,
    PictureTooSmall or PictureUnreadable; nothing is kept either way.
    """
    assert len(picture) <= PICTURE_BYTES, len(picture)
    question = json.dumps({"kind": kind, "on": on.isoformat()}).encode()
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout((QUEUE + 1) * SECONDS)
            line.connect(str(frames.socket_path()))
            line.sendall(frames.packed(question) + frames.packed(picture))
            with line.makefile("rb") as stream:
                body = frames.read_frame(stream)
    except (FileNotFoundError, ConnectionRefusedError):
        raise ReadingUnavailable from None
    except (OSError, ValueError):
        raise ReadingFailed from None
    if body is None:
        raise ReadingFailed
    answer = json.loads(body)
    if "refusal" in answer:
        raise refusal_of(str(answer["refusal"]))
    return from_plain(answer["paper"])
