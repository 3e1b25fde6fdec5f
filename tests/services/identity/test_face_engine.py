"""The real engine in its own process, on stills of AI-made faces: what it sees, and that it comes back (R1.5)."""

import os
import signal

import pytest

from weidai.faces.judge import judge
from weidai.faces.models import is_installed
from weidai.faces.process import FaceProcess, PicturesUnreadable

faces = pytest.importorskip("tests.support.faces", reason="the group `vision` is not installed", exc_type=ImportError)

pytestmark = [
    pytest.mark.long, pytest.mark.skipif(not faces.is_there(), reason=faces.WHY_NOT),
    pytest.mark.skipif(not is_installed(), reason="the group `vision` is not installed"),
]
PERSON, STRANGER = 13, 6
ACTIONS = ("turn_left", "nod")


@pytest.fixture(scope="module")
def process():
    made = FaceProcess()
    yield made
    made.close()


def look(process, shots, portrait=None):
    return process.look([((shot.step, shot.at_ms), shot.jpeg) for shot in shots], portrait)


@pytest.mark.parametrize(("shots", "outcome"), [
    (lambda: faces.shots(PERSON, ACTIONS), "passed"), (lambda: faces.shots(STRANGER, ACTIONS), "portrait_mismatch"),
    (lambda: faces.still_shots(PERSON), "still"),
    (lambda: faces.print_shots(PERSON, ("turn_left", "turn_right")), "wrong_action"),
    (lambda: faces.shots(PERSON, ("turn_right", "nod")), "wrong_action"),
], ids=["genuine", "stranger", "photo", "print", "other challenge"])
def test_what_is_held_before_the_camera(process, shots, outcome):
    seen = look(process, shots(), faces.jpeg(faces.still(PERSON), 90))
    assert seen.portrait_faces == (0 if outcome == "still" else 1)  # not looked at where nothing moved
    assert judge(seen, ACTIONS, has_portrait=True).outcome == outcome


def test_a_screen_and_a_print_give_signals_and_a_head_does_not(process):
    def cues(shots):
        seen = look(process, shots)
        return seen.moire, seen.planarity

    head, screen = cues(faces.shots(PERSON, ACTIONS)), cues(faces.screen_shots(PERSON, ACTIONS))
    sheet = cues(faces.print_shots(PERSON, ACTIONS))
    assert head[0] < 5.1 <= screen[0] and head[1] < 0.8 <= sheet[1]


def test_bad_pictures_are_refused_and_a_killed_process_comes_back(process):
    shots = faces.shots(PERSON, ACTIONS)[:3]
    for bad in (b"no picture", b"\xff\xd8\xff\xe0" + b"x" * 400, b"GIF89a" + b"x" * 40):
        with pytest.raises(PicturesUnreadable):
            process.look([((0, 0), bad)])
    assert len(look(process, shots).frames) == 3
    os.kill(process.helper.process.pid, signal.SIGKILL)
    process.helper.process.wait()
    assert len(look(process, shots).frames) == 3
