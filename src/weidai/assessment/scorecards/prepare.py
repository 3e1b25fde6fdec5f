"""From a raw file to what a model can learn from: outcome, dates, ids, usable columns, and every doubt said aloud (R2.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.columns import Excluded, Features, features_read, numbers_of, texts_of
from weidai.assessment.scorecards.dates import time_of
from weidai.assessment.scorecards.errors import NothingToLearn
from weidai.assessment.scorecards.leakage import Warned, leaks_find
from weidai.assessment.scorecards.protocols import Protocol, protocol_make
from weidai.assessment.scorecards.scorecard import Scaling, subset
from weidai.assessment.scorecards.tables import column_named, table_hash, table_read
from weidai.assessment.scorecards.target import Target, target_read
from weidai.kernel.text import Text

if TYPE_CHECKING:
    import polars

_RARE = 0.03
_FEW_BAD = 100
_MOSTLY_KNOWN = 0.9
_SAME_AS_TIME = 0.98
_ALIKE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What somebody asks to be trained; everything but file and target may be left to inference."""

    path: Path
    target: str
    time: str | None = None
    protocol: str | None = None
    positive: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    name: str = ""
    scaling: Scaling = field(default_factory=Scaling)
    seed: int = 42


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table ready to learn from; rows without outcome (or without time, where time parts them) are gone."""

    request: TrainRequest
    data_hash: str
    file_rows: int
    target: Target
    y: NDArray[np.int64]
    features: Features
    days: NDArray[np.float64] | None
    protocol: Protocol
    warned: tuple[Warned, ...]


def prepared_read(request: TrainRequest) -> Prepared:
    """Read a file and make it ready, or refuse with the reason."""
    frame = table_read(request.path)
    file_rows = frame.height
    target_column = column_named(frame, request.target)
    target, y, known = target_read(frame[target_column], target_column, request.positive)
    warned = _target_warnings(target)
    time_column = column_named(frame, request.time) if request.time else None
    days = time_of(frame[time_column], numbers_of(frame[time_column]), name=time_column) if time_column else None
    if days is not None and np.isnan(days[known]).any():
        undated = int(np.isnan(days[known]).sum())
        known = known & ~np.isnan(days)
        warned.append(
            Warned(
                "rows_without_time", Text(f"{undated:,} 行没有时间，未使用。", f"{undated:,} rows have no time and are not used.")
            )
        )
    frame, y = frame.filter(known), y[known]
    days = days[known] if days is not None else None
    ids = [column_named(frame, one) for one in request.ids]
    dropped = [column_named(frame, one) for one in request.drop]
    groups = _groups(frame, ids)
    keep = frozenset(column_named(frame, one) for one in request.keep)
    protocol = protocol_make(request.protocol, y, days=days, groups=groups)
    warned += _row_warnings(frame, protocol, groups)
    left_out = {target_column, *([time_column] if time_column else []), *ids, *dropped}
    row_days = days if days is not None and np.nanmax(np.abs(days)) >= 1000 else None
    features = features_read(frame.drop(list(left_out)), keep=keep, row_days=row_days)
    features.excluded += [Excluded(one, "told", Text("按要求排除。", "Left out as asked.")) for one in (*ids, *dropped)]
    features = features.without(_clocks(features, days, keep))
    first = protocol.splits[0].train
    leaks, doubts = leaks_find(subset(features, first), y[first], keep=keep)
    features = features.without(leaks)
    if not features.columns:
        raise NothingToLearn(columns=", ".join(f"{one.name} ({one.reason})" for one in features.excluded) or "—")
    warned += doubts + _column_warnings(features)
    return Prepared(request, table_hash(request.path), file_rows, target, y, features, days, protocol, tuple(warned))


def _clocks(features: Features, days: NDArray[np.float64] | None, keep: frozenset[str]) -> list[Excluded]:
    """Return numbers that only tell the row's time again: out of time they hold values nobody learned from."""
    found = []
    for column in features.columns:
        values = features.values[column.name]
        known = ~np.isnan(values)
        if days is None or column.kind != "numeric" or column.name in keep or known.mean() < _MOSTLY_KNOWN:
            continue
        if np.ptp(days[known]) > 0 and abs(np.corrcoef(values[known], days[known])[0, 1]) > _SAME_AS_TIME:
            found.append(Excluded(column.name, "time", Text("只是时间的另一种写法。", "Only the time in other words.")))
    return found


def _target_warnings(target: Target) -> list[Warned]:
    warned = []
    if target.how in ("assumed", "coding", "column_name"):
        warned.append(Warned(f"target_{target.how}", target.note))
    if target.missing_rows:
        warned.append(
            Warned(
                "rows_without_outcome",
                Text(
                    f"{target.missing_rows:,} 行没有结果，未使用。",
                    f"{target.missing_rows:,} rows have no outcome and are not used.",
                ),
            )
        )
    if min(target.bad_rate, 1 - target.bad_rate) < _RARE:
        warned.append(
            Warned(
                "imbalance",
                Text(
                    f"坏样本率 {target.bad_rate:.2%}：请重点看平均精确率与低误报召回，AUC 会显得过于乐观。",
                    f"Bad rate {target.bad_rate:.2%}: look at average precision and recall at few false alarms; AUC flatters.",
                ),
            )
        )
    if min(target.bad_rows, target.good_rows) < _FEW_BAD:
        warned.append(
            Warned(
                "few_rows",
                Text(
                    f"只有坏 {target.bad_rows:,} 行、好 {target.good_rows:,} 行：所有数字的误差都很大，请看区间。",
                    f"Only {target.bad_rows:,} bad and {target.good_rows:,} good rows: every figure is very uncertain;"
                    f" read the intervals.",
                ),
            )
        )
    return warned


def _row_warnings(frame: polars.DataFrame, protocol: Protocol, groups: NDArray[np.int64] | None) -> list[Warned]:
    warned = []
    if frame.width > 1 and not any(dtype.is_nested() for dtype in frame.dtypes):
        twins = frame.height - frame.n_unique()
        if twins > _ALIKE_SHARE * frame.height:
            warned.append(
                Warned(
                    "duplicate_rows",
                    Text(
                        f"{twins:,} 行与其他行完全相同，可能同时出现在训练与测试中。",
                        f"{twins:,} rows repeat another row exactly and may stand on both sides of a split.",
                    ),
                )
            )
    if (
        groups is not None
        and len(np.unique(groups)) < len(groups)
        and protocol.name in ("holdout-permutation", "holdout-sklearn", "out-of-time")
    ):
        shared = len(np.intersect1d(groups[protocol.splits[0].train], groups[protocol.splits[0].test]))
        if shared:
            warned.append(
                Warned(
                    "id_on_both_sides",
                    Text(f"{shared:,} 个编号同时出现在训练与测试中。", f"{shared:,} ids have rows on both sides of the split."),
                )
            )
    return warned


def _column_warnings(features: Features) -> list[Warned]:
    warned = []
    coded = [f"{one.name} ({', '.join(f'{code:g}' for code in one.specials)})" for one in features.columns if one.specials]
    if coded:
        warned.append(
            Warned(
                "special_codes",
                Text(f"按特殊代码单独成组：{'、'.join(coded)}", f"Special codes with bins of their own: {', '.join(coded)}"),
            )
        )
    for column in features.columns:
        if column.missing_share > 0.9:
            warned.append(
                Warned(
                    "mostly_missing",
                    Text(
                        f"列 {column.name} 缺失 {column.missing_share:.0%}。",
                        f"{column.name} is missing in {column.missing_share:.0%} of rows.",
                    ),
                    column.name,
                )
            )
        if column.kind == "category" and column.distinct > 50:
            warned.append(
                Warned(
                    "many_levels",
                    Text(
                        f"列 {column.name} 有 {column.distinct:,} 种取值，罕见取值合并。",
                        f"{column.name} has {column.distinct:,} levels; rare ones are pooled.",
                    ),
                    column.name,
                )
            )
        if column.kind == "date" and not column.is_age:
            warned.append(
                Warned(
                    "date_as_age",
                    Text(
                        f"列 {column.name} 是日期，换算为距表中最晚日期的天数；指定 --time 可换算为决策时的天数。",
                        f"{column.name} is a date, told as days before the table's latest one; with --time, as days "
                        f"before the decision.",
                    ),
                    column.name,
                )
            )
    return warned


def _groups(frame: polars.DataFrame, ids: list[str]) -> NDArray[np.int64] | None:
    """Return one number per id when an id has several rows."""
    if not ids:
        return None
    texts = texts_of(frame[ids[0]]).fill_null("")
    groups = texts.rank("dense").to_numpy().astype(np.int64) - 1
    return groups if len(np.unique(groups)) < len(groups) else None
