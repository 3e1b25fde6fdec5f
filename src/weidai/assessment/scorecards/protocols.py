"""How rows are parted into those learned from and those measured on, by name and seed (R2.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.errors import ProtocolUnknown, SplitOneSided
from weidai.assessment.scorecards.scorecard import stratified_places
from weidai.kernel.text import Text

Ints = NDArray[np.int64]
SEED = 42
LARGE_ROWS = 5_000
TEST_SHARE = 0.3
KNOWN = ("kfold10", "kfold5", "kfoldN (N = 2…20)", "holdout", "holdout-permutation", "holdout-sklearn", "out-of-time (--time)")
_LEAST_IN_TEST = 1
_LEAST_IN_TRAIN = 5


@dataclass(frozen=True, slots=True)
class Split:
    """One training part and one test part, as row positions."""

    train: Ints
    test: Ints


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named way of parting the rows, and what it came to."""

    name: str
    text: Text
    splits: tuple[Split, ...]
    seed: int | None

    @property
    def is_crossed(self) -> bool:
        """Whether every row is tested once."""
        return len(self.splits) > 1


def protocol_make(name: str | None, y: Ints, *, days: NDArray[np.float64] | None, groups: Ints | None) -> Protocol:
    """Return the splits of a protocol; without a name: by time if there is one, else ten folds or, for many rows, 30 %."""
    chosen = name or _default(y, days)
    folds = re.fullmatch(r"kfold-?(\d{1,2})", chosen)
    if folds and 2 <= int(folds[1]) <= 20:
        protocol = _folds(int(folds[1]), y, groups)
    elif chosen == "holdout":
        protocol = _stratified(y, groups)
    elif chosen == "holdout-permutation":
        protocol = _permutation(len(y))
    elif chosen == "holdout-sklearn":
        protocol = _sklearn(len(y))
    elif chosen == "out-of-time" and days is not None:
        protocol = _by_time(days)
    else:
        raise ProtocolUnknown(protocol=chosen, known=", ".join(KNOWN))
    for split in protocol.splits:
        _require_both(protocol.name, y[split.train], _LEAST_IN_TRAIN, Text("训练", "training"))
        _require_both(protocol.name, y[split.test], _LEAST_IN_TEST, Text("测试", "test"))
    return protocol


def _default(y: Ints, days: NDArray[np.float64] | None) -> str:
    if days is not None:
        return "out-of-time"
    if len(y) > LARGE_ROWS:
        return "holdout"
    return "kfold10" if min(int(y.sum()), int((1 - y).sum())) >= 30 else "kfold5"


def _folds(folds: int, y: Ints, groups: Ints | None) -> Protocol:
    folds = max(2, min(folds, int(y.sum()) // 2, int((1 - y).sum()) // 2))
    place = stratified_places(y, folds, SEED) if groups is None else _group_places(y, groups, folds)
    splits = tuple(Split(np.flatnonzero(place != fold), np.flatnonzero(place == fold)) for fold in range(folds))
    text = Text(f"{folds} 折交叉验证，好坏分层，种子 {SEED}", f"{folds} folds, good and bad dealt evenly, seed {SEED}")
    if groups is not None:
        text = Text(f"{text.zh}；同一编号的行在同一折", f"{text.en}; rows of one id stay in one fold")
    return Protocol(f"kfold{folds}", text, splits, SEED)


def _group_places(y: Ints, groups: Ints, folds: int) -> Ints:
    """Deal out whole groups, the ones with most bad rows first, to the fold that has fewest."""
    count = int(groups.max()) + 1
    bad = np.bincount(groups, weights=y, minlength=count)
    rows = np.bincount(groups, minlength=count)
    random = np.random.default_rng(SEED)
    order = np.lexsort((random.random(count), -rows, -bad))
    held_bad, held_rows, place = np.zeros(folds), np.zeros(folds), np.zeros(count, dtype=np.int64)
    for group in order:
        fold = int(np.lexsort((held_rows, held_bad))[0]) if bad[group] else int(np.argmin(held_rows))
        place[group] = fold
        held_bad[fold] += bad[group]
        held_rows[fold] += rows[group]
    return place[groups]


def _stratified(y: Ints, groups: Ints | None) -> Protocol:
    parts = 10
    place = stratified_places(y, parts, SEED) if groups is None else _group_places(y, groups, parts)
    split = Split(np.flatnonzero(place >= 3), np.flatnonzero(place < 3))
    return Protocol(
        "holdout",
        Text(f"分层随机留出 30 %，种子 {SEED}", f"30 % held out at random, good and bad evenly, seed {SEED}"),
        (split,),
        SEED,
    )


def _permutation(rows: int) -> Protocol:
    order = np.random.default_rng(SEED).permutation(rows)
    tested = int(TEST_SHARE * rows)
    return Protocol(
        "holdout-permutation",
        Text("default_rng(42).permutation 的前 30 % 为测试", "default_rng(42).permutation, first 30 % tested"),
        (Split(order[tested:], order[:tested]),),
        SEED,
    )


def _sklearn(rows: int) -> Protocol:
    """The split of scikit-learn's train_test_split(test_size=0.2, random_state=42), drawn without it."""
    order = np.random.RandomState(SEED).permutation(rows)
    tested = int(np.ceil(0.2 * rows))
    return Protocol(
        "holdout-sklearn",
        Text("train_test_split(test_size=.2, random_state=42)", "train_test_split(test_size=.2, random_state=42)"),
        (Split(order[tested:], order[:tested]),),
        SEED,
    )


def _by_time(days: NDArray[np.float64]) -> Protocol:
    """Learn from the earlier rows, test on the last 30 % or so; one day, or month where only months are known, is "
    "never parted."""
    values, counts = np.unique(days, return_counts=True)
    if len(values) < 2:
        raise SplitOneSided(protocol="out-of-time", part="测试", part_en="test", good=0, bad=0)
    seen = np.cumsum(counts) / len(days)
    at = int(np.argmin(np.abs(seen[:-1] - (1 - TEST_SHARE))))
    train, test = np.flatnonzero(days <= values[at]), np.flatnonzero(days > values[at])
    shown = _shown(values[at])
    return Protocol(
        "out-of-time",
        Text(
            f"按时间：{shown} 及以前训练，其后测试（{len(test) / len(days):.0%}）",
            f"by time: learned from rows up to {shown}, tested on later ones ({len(test) / len(days):.0%})",
        ),
        (Split(train, test),),
        None,
    )


def _shown(day: float) -> str:
    return f"{day:g}" if abs(day) < 1000 else str(np.datetime64(int(day), "D"))


def _require_both(protocol: str, y: Ints, least: int, part: Text) -> None:
    bad = int(y.sum())
    if min(bad, len(y) - bad) < least:
        raise SplitOneSided(protocol=protocol, part=part.zh, part_en=part.en, good=len(y) - bad, bad=bad)
