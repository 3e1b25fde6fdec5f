"""Was the challenge done, by one living-looking face, the one of the portrait? Arithmetic on what was seen (R1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from weidai.faces.seen import Face, Frame, Pose, Seen, distance, pose_of

Action = Literal["turn_left", "turn_right", "nod", "come_closer"]
Outcome = Literal[
    "passed", "no_face", "two_faces", "too_small", "too_dark", "still", "wrong_action", "face_changed",
    "portrait_mismatch", "portrait_unclear",
]
ACTIONS: tuple[Action, ...] = ("turn_left", "turn_right", "nod", "come_closer")
LEAST_FACING, LEAST_ACTING = 2, 3  # frames with exactly one face


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as done; found on generated clips, so good for the protocol only (docs/explanation/face-check.md).

    Shares of the distance between the outer eye corners, distances of descriptors, pixels, grey values.
    """

    turn: float = 0.055
    turn_beside: float = 0.038  # of a second frame: a head on its way there or back
    nod: float = 0.055
    closer: float = 1.22
    steady: float = 0.045  # a movement the other way beyond this is another action
    moved: float = 0.03  # below it in every frame nothing moved at all
    grown: float = 1.1
    least_face_width: float = 70.0
    least_brightness: float = 35.0
    match: float = 0.45  # at most: the person of the portrait
    mismatch: float = 0.6  # above: somebody else; between the two nothing is decided
    same_face: float = 0.6
    moire: float = 5.1
    planarity: float = 0.8


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out, with the figures behind it; `signals` ask a person to look and never decide (R1.5)."""

    outcome: Outcome
    failed_step: int | None = None
    distance: float | None = None  # to the portrait
    consistency: float | None = None  # largest distance between two frames
    signals: tuple[str, ...] = ()
    descriptor: tuple[float, ...] | None = field(default=None, repr=False)

    @property
    def is_passed(self) -> bool:
        """The embedded engine finds nothing against it."""
        return self.outcome == "passed"


def steps_of(actions: Sequence[Action]) -> list[Action | None]:
    """Return the steps of a challenge: facing the camera, an action, facing again, the next action."""
    steps: list[Action | None] = [None]
    for number, action in enumerate(actions):
        steps += [action] if number == 0 else [None, action]
    return steps


def frames_to_describe(frames: Sequence[Frame], limits: Limits = Limits()) -> list[int]:
    """Return which frames are compared: the best two facing ones, and of each action the straightest and the most moved.

    None at all where the verdict is clear without: no face, several, or nothing moved.
    """
    if _faces_wrong(frames, limits) is not None:
        return []
    poses = {number: pose_of(frame.only) for number, frame in enumerate(frames) if frame.only is not None}
    base = _base(frames)
    if base is None or _nothing_moved(frames, base, limits, share=1.0):
        return []
    facing = sorted((n for n in poses if frames[n].step == 0), key=lambda n: -(frames[n].strong[0].score))
    chosen = set(facing[:2])
    for step in {frame.step for frame in frames if frame.step % 2}:
        own = sorted((n for n in poses if frames[n].step == step), key=lambda n: _deviation(poses[n], base))
        chosen |= {*own[:1], *own[-1:]}
    return sorted(chosen)


def judge(seen: Seen, actions: Sequence[Action], limits: Limits = Limits(), *, has_portrait: bool) -> Verdict:
    """Return the verdict on one capture; the first thing that is wrong is named."""
    frames = seen.frames
    if (found := _faces_wrong(frames, limits)) is not None:
        return Verdict(found)
    base = _base(frames)
    if base is None:
        return Verdict("no_face")
    if (step := _step_not_done(frames, base, actions, limits)) is not None:
        return Verdict("still" if _nothing_moved(frames, base, limits) else "wrong_action", failed_step=step)
    return _who(seen, limits, has_portrait=has_portrait)


def _faces_wrong(frames: Sequence[Frame], limits: Limits) -> Outcome | None:
    if sum(len(frame.strong) > 1 for frame in frames) >= 2:
        return "two_faces"
    alone = [frame.only for frame in frames if frame.only is not None]
    facing = [frame.only for frame in frames if frame.step == 0 and frame.only is not None]
    if len(facing) < LEAST_FACING or 2 * len(alone) < len(frames):
        is_dark = not frames or median(frame.brightness for frame in frames) < limits.least_brightness
        return "too_dark" if is_dark else "no_face"
    if median(face.width for face in facing) < limits.least_face_width:
        return "too_small"
    return None


def _base(frames: Sequence[Frame]) -> Pose | None:
    """How this head stands when it faces the camera: every face is measured against itself."""
    facing = [pose_of(frame.only) for frame in frames if frame.step == 0 and frame.only is not None]
    if not facing:
        return None
    return Pose(median(p.left for p in facing), median(p.down for p in facing), median(p.size for p in facing))


def _moves(frames: Sequence[Frame], step: int, base: Pose) -> list[Pose]:
    """The movement in one step: left and down against the head's own base, size as a ratio to it."""
    poses = [pose_of(face) for frame in frames if frame.step == step and (face := _only(frame)) is not None]
    return [Pose(pose.left - base.left, pose.down - base.down, pose.size / base.size) for pose in poses]


def _only(frame: Frame) -> Face | None:
    return frame.only


def _step_not_done(frames: Sequence[Frame], base: Pose, actions: Sequence[Action], limits: Limits) -> int | None:
    for number, action in enumerate(actions):
        moves = _moves(frames, 2 * number + 1, base)
        if len(moves) < LEAST_ACTING or not _is_done(action, moves, limits):
            return number
    return None


def _is_done(action: Action, moves: Sequence[Pose], limits: Limits) -> bool:
    """Two frames must show the action; one alone may be a slip of the landmarks."""
    if action in ("turn_left", "turn_right"):
        sign = 1 if action == "turn_left" else -1
        turned = sorted((sign * move.left for move in moves), reverse=True)
        is_seen_twice = turned[0] >= limits.turn and turned[1] >= limits.turn_beside
        return is_seen_twice and turned[-1] > -limits.steady
    straight = [move for move in moves if abs(move.left) < limits.steady]
    if action == "come_closer":
        return sum(move.size >= limits.closer for move in straight) >= 2
    level = [move.down for move in straight if move.size < limits.closer]
    if len(level) < LEAST_ACTING or 2 * len(straight) <= len(moves):
        return False
    ordered = sorted(level)
    return ordered[-1] - ordered[0] >= limits.nod


def _nothing_moved(frames: Sequence[Frame], base: Pose, limits: Limits, *, share: float = 0.9) -> bool:
    """A picture held up: over all frames the head neither turned, nor tilted, nor came closer."""
    poses = [pose_of(frame.only) for frame in frames if frame.only is not None]
    calm = [pose for pose in poses if abs(pose.left - base.left) < limits.moved
            and abs(pose.down - base.down) < limits.moved and 1 / limits.grown < pose.size / base.size < limits.grown]
    return len(calm) >= share * len(poses)


def _deviation(pose: Pose, base: Pose) -> float:
    return abs(pose.left - base.left) + abs(pose.down - base.down) + 0.2 * abs(pose.size / base.size - 1)


def _who(seen: Seen, limits: Limits, *, has_portrait: bool) -> Verdict:
    """One face throughout, and the portrait's."""
    described = seen.descriptors
    facing = [described[n] for n in sorted(described) if seen.frames[n].step == 0]
    if not facing:
        return Verdict("no_face")
    spread = max(min(distance(value, one) for one in facing) for value in described.values())
    signals = _signals(seen, limits)
    if spread > limits.same_face:
        return Verdict("face_changed", consistency=spread, signals=signals)
    if not has_portrait:
        return Verdict("passed", consistency=spread, signals=signals, descriptor=facing[0])
    if seen.portrait is None:
        return Verdict("portrait_unclear", consistency=spread, signals=signals)
    apart = median(distance(value, seen.portrait) for value in facing)
    outcome: Outcome = "passed" if apart <= limits.match else (
        "portrait_mismatch" if apart > limits.mismatch else "portrait_unclear")
    return Verdict(outcome, distance=apart, consistency=spread, signals=signals, descriptor=facing[0])


def _signals(seen: Seen, limits: Limits) -> tuple[str, ...]:
    found = []
    if seen.moire is not None and seen.moire >= limits.moire:
        found.append("screen_pattern")
    if seen.planarity is not None and seen.planarity >= limits.planarity:
        found.append("flat_surface")
    return tuple(found)
