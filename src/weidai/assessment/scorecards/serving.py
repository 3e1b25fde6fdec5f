"""Scoring one record with a stored model: points, probability and what cost points, in microseconds (R2.6, R10.4).

The scorecard needs the standard library only; the trees need ONNX Runtime, one thread.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import exp, isnan, log
from typing import Any

from weidai.assessment.scorecards.errors import TrainingGroupMissing
from weidai.assessment.scorecards.words_missing import is_missing_word

SCORECARD, BOOSTING = "scorecard", "boosting"
_REASONS = 4
Value = float | int | str | bool | date | None
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Reason:
    """What one input cost against the best bin (scorecard) or its typical value (trees); points."""

    column: str
    points: int


@dataclass(frozen=True, slots=True)
class Scored:
    """One record's outcome: higher points are safer; `bins` are the positions each input fell into, for drift."""

    points: int
    probability: float
    reasons: tuple[Reason, ...]
    bins: tuple[int, ...]


class ServedModel:
    """A model ready to score; made once, used for many records."""

    def __init__(self, content: Mapping[str, Any], trees: bytes | None = None, *, kind: str | None = None) -> None:
        self.kind: str = kind or content["kind"]
        scaling = content["scaling"]
        self._factor = scaling["double_points"] / log(2)
        self._base = scaling["base_points"] - self._factor * log(scaling["base_odds"])
        self._inputs = [_Input(one) for one in content["inputs"]]
        self.columns: tuple[str, ...] = tuple(one.name for one in self._inputs)
        place = {one.name: index for index, one in enumerate(self._inputs)}
        self._constant: int = content["scorecard"]["constant"]
        self._tables = [
            (place[one["name"]], one["name"], one["points"], _best(one["points"], content["inputs"][place[one["name"]]]))
            for one in content["scorecard"]["columns"]
        ]
        self._tree_columns = [
            (name, self._inputs[place[name]], content["boosting"]["levels"].get(name)) for name in content["boosting"]["columns"]
        ]
        self._typical: list[float | None] = content["boosting"]["typical"]
        self._session = None
        if self.kind == BOOSTING:
            assert trees is not None
            self._session = _session(trees)

    def score(self, record: Mapping[str, Value]) -> Scored:
        """Score one record; an input that is absent counts as missing, a level never seen as rare."""
        bins = tuple(one.position(record.get(one.name)) for one in self._inputs)
        if self.kind == SCORECARD:
            return self._by_points(bins)
        return self._by_trees(record, bins)

    def _by_points(self, bins: tuple[int, ...]) -> Scored:
        total, lost = self._constant, []
        for place, name, points, best in self._tables:
            earned = points[bins[place]]
            total += earned
            if best > earned:
                lost.append((best - earned, name))
        lost.sort(key=lambda pair: -pair[0])
        return Scored(total, self._probability(total), tuple(Reason(name, cost) for cost, name in lost[:_REASONS]), bins)

    def _by_trees(self, record: Mapping[str, Value], bins: tuple[int, ...]) -> Scored:
        """Score by the trees; a reason is what the points would gain were that one input at its typical value."""
        import numpy as np

        from weidai.assessment.scorecards.onnx_trees import onnx_log_odds

        row = [one.encoded(record.get(name), levels) for name, one, levels in self._tree_columns]
        rows = np.tile(np.array(row, dtype=np.float32), (len(row) + 1, 1))
        for place, typical in enumerate(self._typical):
            rows[place + 1, place] = np.nan if typical is None else typical
        log_odds = onnx_log_odds(self._session, rows)
        gains = np.round(self._factor * (log_odds[0] - log_odds[1:])).astype(int)
        order = [int(place) for place in np.argsort(-gains)[:_REASONS] if gains[place] > 0]
        points = round(self._base - self._factor * float(log_odds[0]))
        return Scored(
            points,
            1 / (1 + exp(-float(log_odds[0]))),
            tuple(Reason(self._tree_columns[place][0], int(gains[place])) for place in order),
            bins,
        )

    def _probability(self, points: float) -> float:
        return 1 / (1 + exp(-max(min((self._base - points) / self._factor, 30.0), -30.0)))


def _session(trees: bytes) -> Any:
    try:
        from weidai.assessment.scorecards.onnx_trees import onnx_session
    except ImportError as error:
        raise TrainingGroupMissing(package="numpy") from error
    return onnx_session(trees)


class _Input:
    """One column's bins, looked up by value."""

    __slots__ = (
        "_edges", "_levels", "_missing", "_origin", "_regular", "_specials", "_unseen", "is_category", "level_places", "name")

    def __init__(self, stored: Mapping[str, Any]) -> None:
        column = stored["column"]
        self.name: str = column["name"]
        self.is_category: bool = column["kind"] == "category"
        self._origin: float | None = column["reference_day"] if column["kind"] == "date" else None
        self.level_places = {level: place for place, level in enumerate(column["levels"])}
        self._edges: list[float] = stored["edges"]
        self._levels = (
            {level: group for group, levels in enumerate(stored["groups"]) for level in levels} if stored["groups"] else None
        )
        self._regular = len(stored["groups"]) if stored["groups"] else len(self._edges) + 1
        self._specials = {code: self._regular + place for place, code in enumerate(column["specials"])}
        self._missing = self._regular + len(self._specials)
        self._unseen = self._missing + 1

    def position(self, value: Value) -> int:
        """Return the bin of a raw value."""
        if self.is_category:
            text = _text(value)
            return self._missing if text is None else (self._levels or {}).get(text, self._unseen)
        number = self._read(value)
        if number is None:
            return self._missing
        if number in self._specials:
            return self._specials[number]
        if self._levels is not None:
            return self._levels.get(f"{number:g}", self._unseen)
        return bisect_left(self._edges, number)

    def _read(self, value: Value) -> float | None:
        """Return a raw value as a number; a date as days before the one dates were counted back from."""
        if self._origin is None:
            return _number(value)
        try:
            day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
        except ValueError:
            return None
        return self._origin - (day.toordinal() - _EPOCH)

    def encoded(self, value: Value, levels: list[float] | None) -> float:
        """Return a raw value as the trees read it."""
        if not self.is_category:
            number = self._read(value)
            return float("nan") if number is None else number
        text = _text(value)
        if text is None:
            return float("nan")
        place = self.level_places.get(text)
        return 0.0 if place is None or levels is None else levels[place]


def _best(points: list[int], stored: Mapping[str, Any]) -> int:
    """Return the most points a bin that somebody was in gives."""
    return max((one for one, good, bad in zip(points, stored["good"], stored["bad"], strict=True) if good + bad), default=0)


def _text(value: Value) -> str | None:
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    text = ("true" if value else "false") if isinstance(value, bool) else str(value).strip()
    return None if is_missing_word(text) else text


def _number(value: Value) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return None if isnan(number) or number in (float("inf"), float("-inf")) else number
