"""Cutting one column into few bins of plainly different risk, monotone for quantities (R2.6).

Quantities: up to 40 quantile cuts, made monotone by isotonic regression in the better direction, then neighbours merged
while a bin is too small or the difference could be chance. Categories: levels ordered by smoothed bad rate, then merged
the same way. Missing values and each special code have bins of their own. Only training rows are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.columns import Column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


_RARE = 0.05


@dataclass(frozen=True, slots=True)
class BinningRules:
    """How finely a column may be cut."""

    most_cuts: int = 40
    most_bins: int = 8
    least_share: float = 0.04  # of the rows, for a bin of a quantity
    least_rows: int = 20
    least_gain: float = 1.0  # log-likelihood ratio statistic two neighbours must differ by
    least_rare: int = 30  # or: so many rows of the rarer class make a bin large enough, however few its rows
    smoothing_rows: float = 20.0  # rows at the average rate added to every bin before its weight of evidence
    nominal_gain: float = 6.0  # per extra bin, for whole-number codes to count as names instead of an order


@dataclass(frozen=True, slots=True)
class Bins:
    """One column's bins in order: regular, special codes, missing, unseen.

    `edges` closes each numeric bin on the right; `groups` lists a category's levels (or a nominal code's values).
    `weight_of_evidence` is the bin's log-odds of bad less the sample's: positive means riskier. Smoothed, so that an
    empty bin is neutral.
    """

    column: Column
    edges: tuple[float, ...]
    groups: tuple[tuple[str, ...], ...]
    good: tuple[int, ...]
    bad: tuple[int, ...]
    weight_of_evidence: tuple[float, ...]

    @property
    def is_grouped(self) -> bool:
        """Whether bins are lists of levels instead of ranges."""
        return bool(self.groups)

    @property
    def regular_count(self) -> int:
        """Bins of ordinary values."""
        return len(self.groups) if self.is_grouped else len(self.edges) + 1

    @property
    def count(self) -> int:
        """All bins; the last two are missing and unseen."""
        return self.regular_count + len(self.column.specials) + 2

    @property
    def missing_bin(self) -> int:
        """Position of the bin for missing values."""
        return self.count - 2

    @property
    def information_value(self) -> float:
        """Sum of share differences times weight of evidence."""
        good, bad = np.array(self.good, float), np.array(self.bad, float)
        return float(np.sum((bad / max(bad.sum(), 1) - good / max(good.sum(), 1)) * np.array(self.weight_of_evidence)))

    def positions(self, values: Floats) -> Ints:
        """Return the bin of each value."""
        out = np.full(len(values), self.count - 1, dtype=np.int64)
        missing = np.isnan(values) if self.column.kind != "category" else values < 0
        if self.is_grouped:
            names = _level_values(self)
            keys, order = names
            found = np.searchsorted(keys, values)
            found = np.minimum(found, len(keys) - 1)
            known = (keys[found] == values) & ~missing
            out[known] = order[found][known]
        else:
            out[~missing] = np.searchsorted(np.array(self.edges), values[~missing], side="left")
        for offset, code in enumerate(self.column.specials):
            out[values == code] = self.regular_count + offset
        out[missing] = self.missing_bin
        return out

    def evidence(self, values: Floats) -> Floats:
        """Return each value's weight of evidence."""
        return np.array(self.weight_of_evidence)[self.positions(values)]


def bins_fit(column: Column, values: Floats, y: Ints, rules: BinningRules) -> Bins:
    """Return the bins of a column learned from these rows."""
    if column.kind == "category":
        return _grouped(column, values, values < 0, y, rules)
    regular = ~np.isnan(values) & ~np.isin(values, column.specials)
    edges, ordered_gain = _ordered(values[regular], y[regular], rules)
    if column.kind == "coded":
        named = _grouped(column, values, ~regular, y, rules)
        extra = named.regular_count - len(edges) - 1
        gain = _gain(_tallied(named.positions(values)[regular], y[regular], named.regular_count))
        if extra >= 0 and gain - ordered_gain > rules.nominal_gain * max(extra, 1):
            return named
    return _finished(column, edges, (), values, y, rules)


def _ordered(values: Floats, y: Ints, rules: BinningRules) -> tuple[tuple[float, ...], float]:
    """Return right-closed edges of monotone bins and their log-likelihood gain."""
    distinct = np.unique(values)
    if len(distinct) < 2:
        return (), 0.0
    if len(distinct) > rules.most_cuts:
        cuts = np.unique(np.quantile(values, np.linspace(0, 1, rules.most_cuts + 1)[1:-1], method="lower"))
        if min(y.mean(), 1 - y.mean()) < _RARE:  # the rare rows may all sit in one tail
            few = values[y == (1 if y.mean() < 0.5 else 0)]
            cuts = np.unique(np.concatenate([cuts, np.quantile(few, np.linspace(0, 1, rules.most_cuts // 2), method="lower")]))
        cuts = cuts[cuts < distinct[-1]]
    else:
        cuts = distinct[:-1]
    tally = _tallied(np.searchsorted(cuts, values, side="left"), y, len(cuts) + 1)
    best: tuple[float, list[int], Floats] | None = None
    for sign in (1.0, -1.0):
        starts, merged = _monotone(tally, sign)
        starts, merged = _merged(starts, merged, rules, total=len(values))
        gain = _gain(merged)
        if best is None or gain > best[0]:
            best = (gain, starts, merged)
    assert best is not None
    ends = [start - 1 for start in best[1][1:]]
    return tuple(float(_round_edge(cuts[end], distinct)) for end in ends), best[0]


def _round_edge(cut: float, distinct: Floats) -> float:
    """Return the shortest number between a cut and the next value seen, so that tables read well."""
    position = int(np.searchsorted(distinct, cut, side="right"))
    if position >= len(distinct) or (cut == round(cut) and abs(cut) < 1e15):
        return cut
    following = distinct[position]
    for digits in range(12):
        rounded = np.floor(following * 10**digits) / 10**digits
        if cut <= rounded < following:
            return float(rounded)
    return float(cut)


def _tallied(positions: Ints, y: Ints, count: int) -> Floats:
    """Return good and bad rows per bin."""
    bad = np.bincount(positions, weights=y, minlength=count)
    return np.column_stack([np.bincount(positions, minlength=count) - bad, bad])


def _monotone(tally: Floats, sign: float) -> tuple[list[int], Floats]:
    """Pool neighbours whose bad rates do not move in the wanted direction (isotonic regression by pooling)."""
    starts: list[int] = []
    blocks: list[Floats] = []
    for position, row in enumerate(tally):
        if row.sum() == 0:
            continue
        starts.append(position if starts else 0)
        blocks.append(row.astype(float))
        while len(blocks) > 1 and sign * _rate(blocks[-1]) <= sign * _rate(blocks[-2]):
            blocks[-2] = blocks[-2] + blocks[-1]
            blocks.pop()
            starts.pop()
    return starts, np.array(blocks)


def _rate(row: Floats) -> float:
    return float(row[1] / (row[0] + row[1]))


def _merged(starts: list[int], tally: Floats, rules: BinningRules, *, total: int) -> tuple[list[int], Floats]:
    """Merge neighbours, least loss first, until every bin is large enough and differs by more than chance."""
    starts, rows = list(starts), [row.astype(float) for row in tally]
    least = max(rules.least_share * total, min(rules.least_rows, total / 4))
    rarer = int(np.argmin(tally.sum(axis=0)))
    enough = max(rules.least_rare, rules.least_share * tally[:, rarer].sum())
    while len(rows) > 1:
        losses = [_loss(first, second) for first, second in pairwise(rows)]
        small = min(range(len(rows)), key=lambda one: (rows[one][rarer] >= enough, rows[one].sum()))
        if rows[small].sum() < least and rows[small][rarer] < enough:
            sides = [side for side in (small - 1, small) if 0 <= side < len(losses)]
            at = min(sides, key=lambda side: losses[side])
        else:
            at = int(np.argmin(losses))
            if losses[at] >= rules.least_gain and len(rows) <= rules.most_bins:
                break
        rows[at] = rows[at] + rows[at + 1]
        del rows[at + 1], starts[at + 1]
    return starts, np.array(rows)


def _likelihood(row: Floats) -> float:
    total = row.sum()
    return float(sum(count * np.log(count / total) for count in row if count > 0))


def _loss(first: Floats, second: Floats) -> float:
    return 2 * (_likelihood(first) + _likelihood(second) - _likelihood(first + second))


def _gain(tally: Floats) -> float:
    rows = [row for row in tally if row.sum() > 0]
    return 2 * (sum(_likelihood(row) for row in rows) - _likelihood(np.sum(rows, axis=0))) if rows else 0.0


def _grouped(column: Column, values: Floats, left_out: NDArray[np.bool_], y: Ints, rules: BinningRules) -> Bins:
    """Return bins of levels: rare ones join the unseen bin's neighbours at the average, others merge by bad rate."""
    present = values[~left_out]
    keys, positions = np.unique(present, return_inverse=True)
    if not len(keys):
        return _finished(column, (), ((),), values, y, rules)
    tally = _tallied(positions, y[~left_out], len(keys))
    average = tally[:, 1].sum() / tally.sum()
    rate = (tally[:, 1] + average * rules.smoothing_rows) / (tally.sum(axis=1) + rules.smoothing_rows)
    frequent = tally.sum(axis=1) >= (max(rules.least_rows / 2, 0.005 * len(present)) if len(keys) > 12 else 1)
    order = np.lexsort((keys, rate))
    order = order[frequent[order]]
    if not len(order):
        return _finished(column, (), ((),), values, y, rules)
    stricter = BinningRules(
        most_bins=rules.most_bins,
        least_share=rules.least_share,
        least_rows=rules.least_rows,
        least_gain=rules.least_gain * (1.0 if len(order) <= 12 else 2.0),
    )
    starts, _ = _merged(list(range(len(order))), tally[order], stricter, total=len(present))
    bounds = [*starts, len(order)]
    groups = tuple(
        tuple(_level_name(column, keys[one]) for one in order[first:last])
        for first, last in pairwise(bounds)
    )
    return _finished(column, (), groups, values, y, rules)


def _level_name(column: Column, key: float) -> str:
    return column.levels[int(key)] if column.kind == "category" else f"{key:g}"


def _level_values(bins: Bins) -> tuple[Floats, Ints]:
    """Return the sorted level values a grouped column knows, and the bin of each."""
    index = {level: float(position) for position, level in enumerate(bins.column.levels)}
    pairs = sorted(
        (index[level] if bins.column.kind == "category" else float(level), group)
        for group, levels in enumerate(bins.groups)
        for level in levels
    )
    if not pairs:
        return np.array([np.inf]), np.array([0])
    return np.array([key for key, _ in pairs]), np.array([group for _, group in pairs])


def _finished(
    column: Column, edges: tuple[float, ...], groups: tuple[tuple[str, ...], ...], values: Floats, y: Ints, rules: BinningRules
) -> Bins:
    empty = Bins(column, edges, groups, (), (), ())
    tally = _tallied(empty.positions(values), y, empty.count)
    average = np.clip(y.mean(), 1e-6, 1 - 1e-6)
    rate = (tally[:, 1] + average * rules.smoothing_rows) / (tally.sum(axis=1) + rules.smoothing_rows)
    evidence = np.log(rate / (1 - rate)) - np.log(average / (1 - average))
    return Bins(
        column,
        edges,
        groups,
        tuple(int(one) for one in tally[:, 0]),
        tuple(int(one) for one in tally[:, 1]),
        tuple(float(one) for one in evidence),
    )
