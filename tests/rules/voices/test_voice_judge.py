"""What is decided about recordings, from numbers alone (R1.8)."""

import dataclasses

import pytest

from weidai.voices import judge
from weidai.voices.judge import Measured

WINDOWS = ((400, 1600), (1600, 2800))
GOOD = Measured(length_ms=2_900, speech_db=-25.0, rise_db=40.0, clipped=0.0, is_said=(True, True))
PACK = "01234567890123456789"


@pytest.mark.parametrize(("change", "faults"), [
    ({}, ()), ({"length_ms": 2_500}, ()), ({"length_ms": 2_499}, ("too_short",)), ({"speech_db": -60.1}, ("too_quiet",)),
    ({"clipped": 0.0021}, ("clipped",)), ({"rise_db": 9.9}, ("noisy",)), ({"is_said": (True, False)}, ("no_speech",)),
    ({"clipped": 0.1, "is_said": (False, False)}, ("clipped", "no_speech")),
    ({"speech_db": -90.0, "clipped": 0.1, "is_said": (False, False)}, ("too_quiet",)),
])
def test_each_fault_has_its_own_edge(change, faults):
    assert judge.recording_faults(dataclasses.replace(GOOD, **change), WINDOWS) == faults


@pytest.mark.parametrize(("digits", "windows"), [
    pytest.param("", (), id="none"), pytest.param("12", WINDOWS[:1], id="too few"), pytest.param("1x", WINDOWS, id="letter"),
    pytest.param("1²", WINDOWS, id="power"), pytest.param("12", (WINDOWS[1], WINDOWS[0]), id="backwards"),
    pytest.param("12", ((-5, 900), (900, 1800)), id="before"), pytest.param("12", ((0, 1200), (1100, 2300)), id="overlap"),
    pytest.param("1", ((0.0, 900.0),), id="no whole number"),
    pytest.param("1", ((0, 299),), id="narrow"), pytest.param("1", ((0, 4_001),), id="wide"),
    pytest.param("1" * 25, tuple((i * 400, i * 400 + 400) for i in range(25)), id="many"),
])
def test_windows_that_cannot_belong_to_the_digits(digits, windows):
    assert not judge.windows_fit(digits, windows)
    assert judge.windows_fit("12", WINDOWS)


@pytest.mark.parametrize(("similarity", "right", "asked", "verdict"), [
    (1.0, 6, 6, "match"), (1.0, 5, 6, "match"), (1.0, 4, 6, "no_match"), (1.0, 4, 5, "match"), (1.0, 3, 4, "no_match"),
    (judge.MATCH_E4 / 10_000, 6, 6, "match"), (judge.MATCH_E4 / 10_000 - 0.0001, 6, 6, "no_match"), (-0.3, 6, 6, "no_match"),
])
def test_a_match_needs_the_voice_and_the_digits(similarity, right, asked, verdict):
    heard = judge.verdict_on(similarity, right, asked)
    assert (heard.verdict, heard.digits_right, heard.faults) == (verdict, right, ())
    assert heard.similarity_e4 == max(0, int(similarity * 10_000))


def alike(digits: str) -> list[list[float]]:
    """Distances as they should be: near for the same digit, far for another."""
    return [[1.0 if one == other else 5.0 + abs(i - j) / 100 for j, other in enumerate(digits)] for i, one in enumerate(digits)]


def test_a_digit_said_otherwise_is_found_and_so_is_its_recording():
    assert judge.strange_digits(PACK, alike(PACK)) == set()
    really = "0123456789" + "0123456589"  # at place 17 a five is said for a seven
    assert judge.strange_digits(PACK, alike(really)) == {7, 17}
    assert judge.recordings_with({7, 17}, [5, 5, 5, 5]) == {1, 3}
    assert judge.recordings_with({10, 11, 12, 3}, [5, 5, 5, 5]) == {2}
    assert judge.strange_digits(PACK, [[5.0 - (i == j) for j in range(20)] for i in range(20)]), "a pack that tells nothing"


def test_every_digit_twice_and_one_voice_throughout():
    assert judge.is_covered(PACK) and not judge.is_covered(PACK[:-1] + "8")
    assert judge.strange_voices([0.95, 0.2, judge.SAME_VOICE_E4 / 10_000]) == {1}
