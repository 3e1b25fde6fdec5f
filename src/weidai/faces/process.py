"""Asks the face process of this server process about one capture at a time."""

from __future__ import annotations

from collections.abc import Sequence

from weidai.faces.models import FaceModelsMissing, is_installed
from weidai.faces.seen import Seen, seen_from_json
from weidai.platform.helper import Helper, HelperBusy

Mark = tuple[int, int]  # step of the challenge, milliseconds since its start


class FaceEngineBusy(Exception):
    """Others are being looked at, or the process gave no answer in time; the same capture may be sent again."""


class PicturesUnreadable(Exception):
    """At least one frame is not a picture."""


class FaceProcess:
    """Looks at one capture at a time."""

    def __init__(self) -> None:
        self.helper = Helper("weidai.faces.worker")

    def close(self) -> None:
        """End the process; the next capture starts another one."""
        self.helper.close()

    def look(self, frames: Sequence[tuple[Mark, bytes]], portrait: bytes | None = None) -> Seen:
        """Return what is seen in the frames (mark, JPEG) and the portrait.

        Raises FaceModelsMissing without the group `vision`, PicturesUnreadable, FaceEngineBusy.
        """
        if not is_installed():
            raise FaceModelsMissing
        pictures = [data for _, data in frames] + ([portrait] if portrait is not None else [])
        try:
            answer, _ = self.helper.ask(
                {"marks": [mark for mark, _ in frames], "has_portrait": portrait is not None}, *pictures)
        except HelperBusy as error:
            raise FaceEngineBusy from error
        if answer.get("error") == "unreadable":
            raise PicturesUnreadable
        return seen_from_json(answer["seen"])
