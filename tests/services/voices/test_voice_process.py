"""The voice process: started when needed, one thread, started again when it hangs or dies (R1.8)."""

import os
import signal
from pathlib import Path

import pytest

from weidai.platform import helper
from weidai.voices import process as voice_process
from weidai.voices import worker
from weidai.voices.heard import Recording, VoiceprintUnknown
from weidai.voices.models import VoiceModelsMissing, is_installed
from weidai.voices.process import VoiceEngineBusy, VoiceProcess

voices = pytest.importorskip("tests.support.voices", reason="the group `analytics` is not installed", exc_type=ImportError)
pytestmark = pytest.mark.skipif(not is_installed(), reason="the group `voice` is not installed")
NOTHING = Recording("1", ((0, 1200),), b"no sound")


@pytest.fixture(scope="module")
def process():
    made = VoiceProcess()
    yield made
    made.close()


def test_a_pack_and_a_recording_through_the_process(process):
    made = process.enrol(voices.pack_make(voices.LAN, seed=4))
    assert made.faults == ()
    assert process.verify(made.voiceprint, voices.recording_make(voices.LAN, "3816")).verdict == "match"
    assert process.verify(made.voiceprint, NOTHING).faults == ("not_audio",)
    with pytest.raises(VoiceprintUnknown):
        process.verify(b"something else", NOTHING)
    refused = process.enrol([NOTHING])
    assert (refused.faults, refused.to_repeat, refused.voiceprint) == (("not_audio",), (0,), None)
    status = Path(f"/proc/{process.helper.process.pid}/status").read_text()
    assert "Threads:\t1\n" in status
    limits = Path(f"/proc/{process.helper.process.pid}/limits").read_text()
    assert str(worker.MEMORY_BYTES) in next(line for line in limits.splitlines() if line.startswith("Max address space"))


@pytest.mark.parametrize("recording", [NOTHING, Recording("1", ((0, 1200),), bytes(3_000_000))], ids=["small", "large"])
def test_a_hanging_process_is_ended_and_the_next_call_has_a_new_one(process, monkeypatch, recording):
    process.enrol([NOTHING])
    hanging = process.helper.process.pid
    os.kill(hanging, signal.SIGSTOP)
    monkeypatch.setattr(helper, "ANSWER_SECONDS", 0.3)
    with pytest.raises(VoiceEngineBusy):
        process.enrol([recording])
    monkeypatch.undo()
    assert process.enrol([NOTHING]).faults == ("not_audio",)
    assert process.helper.process.pid != hanging and not Path(f"/proc/{hanging}").exists()


def test_weights_that_cannot_be_read_are_missing_weights(monkeypatch, tmp_path):
    folder = tmp_path / "resemblyzer"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "pretrained.pt").write_bytes(b"cut off")
    monkeypatch.syspath_prepend(str(tmp_path))
    made = VoiceProcess()
    with pytest.raises(VoiceModelsMissing):
        made.enrol([NOTHING])
    assert made.helper.process is None


def test_others_first_is_busy_and_no_models_is_said(process, monkeypatch):
    monkeypatch.setattr(helper, "QUEUE_SECONDS", 0.01)
    with process.helper._turn, pytest.raises(VoiceEngineBusy):
        process.enrol([NOTHING])
    monkeypatch.setattr(voice_process, "is_installed", lambda: False)
    with pytest.raises(VoiceModelsMissing):
        process.enrol([NOTHING])
