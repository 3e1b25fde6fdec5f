"""Asks the voice process of this server process about one pack of recordings at a time."""

from __future__ import annotations

from collections.abc import Sequence

from weidai.platform.helper import Helper, HelperBusy, HelperUnable, Message
from weidai.voices.heard import LARGEST_WAV_BYTES, Enrolled, Heard, Recording, VoiceprintUnknown
from weidai.voices.models import VoiceModelsMissing, is_installed


class VoiceEngineBusy(Exception):
    """Others are being listened to, or the process gave no answer in time; the same recording may be sent again."""


class VoiceProcess:
    """Listens to one pack at a time."""

    def __init__(self) -> None:
        self.helper = Helper("weidai.voices.worker")

    def enrol(self, recordings: Sequence[Recording]) -> Enrolled:
        """Return a voiceprint of one person saying each digit 0-9 twice, or what is wrong with the recordings.

        Raises VoiceModelsMissing without the group `voice`, VoiceEngineBusy.
        """
        head, parts = self._ask(recordings)
        return Enrolled(tuple(head["faults"]), parts[0] if parts else None, tuple(head["to_repeat"]))

    def verify(self, voiceprint: bytes, recording: Recording) -> Heard:
        """Return what is heard beside a voiceprint made by `enrol`.

        Raises VoiceModelsMissing without the group `voice`, VoiceEngineBusy, VoiceprintUnknown.
        """
        head, _ = self._ask([recording], voiceprint)
        if head.get("error") == "voiceprint":
            raise VoiceprintUnknown
        return Heard(tuple(head["faults"]), *head["heard"])

    def close(self) -> None:
        """End the process; the next recording starts another one."""
        self.helper.close()

    def _ask(self, recordings: Sequence[Recording], voiceprint: bytes | None = None) -> Message:
        if not is_installed():
            raise VoiceModelsMissing
        asked = [[each.digits, each.windows_ms] for each in recordings]
        before = [voiceprint] if voiceprint is not None else []
        sounds = [each.wav[:LARGEST_WAV_BYTES + 1] for each in recordings]
        try:
            return self.helper.ask({"recordings": asked, "has_voiceprint": bool(before)}, *before, *sounds)
        except HelperBusy as error:
            raise VoiceEngineBusy from error
        except HelperUnable as error:
            raise VoiceModelsMissing from error
