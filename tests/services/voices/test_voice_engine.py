"""The real engine on voices made of arithmetic, and its numbers beside PyTorch's (R1.8)."""

import dataclasses
import json
import pickle
import struct
from pathlib import Path

import pytest

from weidai.voices.heard import Recording, VoiceprintUnknown
from weidai.voices.models import is_installed, weights_file

np = pytest.importorskip("numpy", reason="the group `analytics` is not installed")
pytestmark = pytest.mark.skipif(not is_installed(), reason="the group `voice` is not installed")

from tests.support.voices import (  # noqa: E402 - needs numpy
    BO,
    LAN,
    pack_make,
    recording_make,
    sound_make,
    wav_of,
    windows_for,
)

from weidai.voices.engine import Engine  # noqa: E402
from weidai.voices.spectrum import mel_spectrogram  # noqa: E402
from weidai.voices.wav import NotAudio, wav_read  # noqa: E402
from weidai.voices.weights import WeightsUnreadable, tensors_read  # noqa: E402

DIGITS = "407192"
# What `embed_utterance` and `wav_to_mel_spectrogram` of Resemblyzer 0.1.4 gave with torch 2.13.0 and librosa 0.11.0.
REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text())


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture(scope="module")
def lan(engine):
    made = engine.enrol(pack_make(LAN))
    assert made.faults == () and made.to_repeat == ()
    assert 1_000 < len(made.voiceprint) <= 64 * 1024
    return made.voiceprint


def reference_sound(name):
    at = np.arange(56_000) / 16_000
    if name == "noise":
        swell = np.sin(2 * np.pi * 0.8 * np.arange(40_000) / 16_000) ** 2
        return (np.random.default_rng(1).normal(size=40_000) * 0.1 * swell).astype(np.float32)
    if name == "buzz":
        return (sum(np.sin(2 * np.pi * 120 * part * at[:20_000]) / part for part in range(1, 30)) * 0.1).astype(np.float32)
    swing = np.sin(2 * np.pi * (140 * at + 15 * np.sin(2 * np.pi * 1.5 * at)))
    gate = (1 + np.sign(np.sin(2 * np.pi * 3 * at))) / 2
    return (0.3 * swing * gate + 0.1 * np.sin(2 * np.pi * 1900 * at) * np.cos(2 * np.pi * 2 * at)).astype(np.float32)


@pytest.mark.parametrize("name", REFERENCE)
def test_the_numbers_are_those_of_the_original(engine, name):
    sound, wanted = reference_sound(name), REFERENCE[name]
    mel = mel_spectrogram(sound)
    assert len(mel) == wanted["mel_frames"]
    assert np.allclose(mel[100], wanted["mel_row_100"], rtol=1e-3, atol=1e-6)
    assert np.abs(engine._speaker.embed(sound) - wanted["embedding"]).max() < 2e-5


def test_the_enrolled_voice_with_the_right_digits_matches(engine, lan):
    for seed in range(2):
        heard = engine.verify(lan, recording_make(LAN, DIGITS, seed=seed))
        assert heard.verdict == "match" and heard.digits_right >= 5 and heard.digits_asked == 6


def test_another_voice_other_digits_and_another_order_do_not(engine, lan):
    stranger = engine.verify(lan, recording_make(BO, DIGITS))
    assert stranger.verdict == "no_match" and stranger.similarity_e4 < 8_000
    other = engine.verify(lan, recording_make(LAN, DIGITS, said="835526"))
    assert other.verdict == "no_match" and other.digits_right <= 2 and other.similarity_e4 > 8_000
    assert engine.verify(lan, recording_make(LAN, DIGITS, said=DIGITS[::-1])).verdict == "no_match"


def test_phone_rates_and_a_noisy_room_still_match(engine, lan):
    assert engine.verify(lan, recording_make(LAN, DIGITS, rate=44_100)).verdict == "match"
    assert engine.verify(lan, recording_make(LAN, DIGITS, noise_db=30)).verdict == "match"


def louder(recording, factor):
    sound = wav_read(recording.wav) * factor
    return dataclasses.replace(recording, wav=wav_of(sound))


@pytest.mark.parametrize(("recording", "faults"), [
    (lambda: Recording(DIGITS, windows_for(6), wav_of(np.zeros(130_000))), ("too_quiet",)),
    (lambda: Recording(DIGITS, windows_for(6), wav_of(np.random.default_rng(1).normal(size=130_000) * 0.05)), ("noisy",)),
    (lambda: recording_make(LAN, DIGITS, noise_db=-3), ("noisy",)),
    (lambda: recording_make(LAN, DIGITS, said="4071 2"), ("no_speech",)),
    (lambda: louder(recording_make(LAN, DIGITS), 12), ("clipped",)),
    (lambda: louder(recording_make(LAN, DIGITS), 0.003), ("too_quiet",)),
    (lambda: Recording(DIGITS, windows_for(6), recording_make(LAN, "4071").wav), ("too_short",)),
    (lambda: Recording(DIGITS, windows_for(5), recording_make(LAN, DIGITS).wav), ("not_audio",)),
], ids=["silence", "hiss", "louder room", "one not said", "cut off peaks", "far too quiet", "ends early", "other windows"])
def test_what_cannot_be_used_says_why(engine, lan, recording, faults):
    heard = engine.verify(lan, recording())
    assert (heard.verdict, heard.faults, heard.similarity_e4, heard.digits_right) == ("unusable", faults, 0, 0)


def test_a_pack_of_two_voices_or_with_other_digits_says_which_recording(engine):
    pack = pack_make(LAN)
    asked = pack[2].digits
    other = "".join(str((int(digit) + 3) % 10) for digit in asked)
    for odd, faults in ((recording_make(BO, asked), ("voices_differ",)),
                        (recording_make(LAN, asked, said=other), ("digits_missing",)),
                        (Recording(asked, pack[2].windows_ms, b"no sound"), ("not_audio",))):
        found = engine.enrol([*pack[:2], odd, pack[3]])
        assert (found.faults, found.voiceprint, found.to_repeat) == (faults, None, (2,))
    assert engine.enrol(pack[:1]).faults == ("digits_missing",)
    assert engine.enrol([]).faults == engine.enrol(pack * 2).faults == engine.enrol(pack[:1] * 11).faults == ("digits_missing",)


@pytest.mark.parametrize("change", [
    lambda body: b"", lambda body: body[:-1], lambda body: body + b"x", lambda body: b"WDVP\x02" + body[5:],
    lambda body: body[:26] + struct.pack("<f", float("nan")) + body[30:],
], ids=["empty", "short", "long", "version", "not a number"])
def test_bytes_that_are_no_voiceprint_of_this_version(engine, lan, change):
    with pytest.raises(VoiceprintUnknown):
        engine.verify(change(lan), recording_make(LAN, "4"))


def header(**changes):
    form = {"kind": 1, "channels": 1, "rate": 16_000, "bits": 16, "length": 3_200} | changes
    block = form["channels"] * form["bits"] // 8
    return b"RIFF" + bytes(4) + b"WAVEfmt " + struct.pack(
        "<IHHIIHH", 16, form["kind"], form["channels"], form["rate"], form["rate"] * block % 2**32, block, form["bits"],
    ) + b"data" + struct.pack("<I", form["length"])


@pytest.mark.parametrize("body", [
    b"", b"RIFF", b"OggS" + bytes(4_000), b"\x1aE\xdf\xa3" + bytes(4_000), header(), header(rate=0) + bytes(3_200),
    header(rate=192_000) + bytes(3_200), header(kind=3, bits=32) + bytes(3_200), header(bits=24) + bytes(3_200),
    header(bits=8) + bytes(3_200), header(channels=0) + bytes(3_200), header(channels=6) + bytes(3_200),
    header(kind=0xFFFE) + bytes(3_200), b"RIFF" + bytes(4) + b"WAVE" + (b"junk" + bytes(4)) * 5_000,
    header() + bytes(638), header(rate=8_000, length=1_000_000) + bytes(1_000_000), header(length=0xFFFFFFFF) + bytes(13_000_000),
], ids=["nothing", "four bytes", "ogg", "webm", "no samples", "0 Hz", "192 kHz", "float", "24 bit", "8 bit", "no channel",
        "six channels", "extended, unsaid", "only junk", "a click", "too long", "too large"])
def test_hostile_files_are_no_audio(engine, body):
    with pytest.raises(NotAudio):
        wav_read(body)
    assert engine.listen(Recording("1", ((0, 1200),), body)).faults == ("not_audio",)


def test_a_file_cut_off_or_lying_about_its_length_gives_the_samples_that_are_there():
    whole = recording_make(LAN, "12").wav
    assert len(wav_read(whole[:-1001])) == (len(whole) - 1001 - 44) // 2
    assert len(wav_read(header(length=0xFFFFFFFF) + bytes(3_200))) == 1_600
    assert len(wav_read(header(channels=2) + bytes(3_200))) == 800


def test_no_change_of_a_header_makes_the_engine_fall_over(engine):
    whole, rng = bytearray(recording_make(LAN, "12").wav), np.random.default_rng(5)
    for _ in range(100):
        changed = bytearray(whole)
        for place in rng.integers(0, 48, 3):
            changed[place] = int(rng.integers(0, 256))
        try:
            assert np.isfinite(wav_read(bytes(changed))).all()
        except NotAudio:
            continue


class Evil:
    def __reduce__(self):
        return (print, ("ran",))


@pytest.mark.parametrize("body", [
    b"", pickle.dumps(Evil()), b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03." + pickle.dumps(Evil()),
], ids=["empty", "runs something", "runs something later"])
def test_weights_that_want_to_run_something_are_refused(tmp_path, capsys, body):
    path = tmp_path / "weights.pt"
    path.write_bytes(body)
    with pytest.raises(WeightsUnreadable):
        tensors_read(path, part="model_state")
    assert capsys.readouterr().out == ""


def test_weights_cut_off_are_refused(tmp_path):
    path = tmp_path / "weights.pt"
    path.write_bytes(weights_file().read_bytes()[:9_000_000])
    with pytest.raises(WeightsUnreadable):
        tensors_read(path, part="model_state")


def test_the_sound_maker_makes_the_same_sound_again():
    one, other = (sound_make(LAN, "42", windows_for(2), seed=3, noise_db=55) for _ in range(2))
    assert np.array_equal(one, other)
