"""What each column is: a quantity, whole-number codes, a category, a date, or nothing to learn from (R2.6).

Types and special codes are read from the values alone; the target is never looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.dates import dates_of
from weidai.assessment.scorecards.tables import polars_ready
from weidai.assessment.scorecards.words_missing import MISSING_WORDS
from weidai.kernel.text import Text

if TYPE_CHECKING:
    import polars

Kind = Literal["numeric", "coded", "category", "date"]
MOST_CODES = 20  # whole numbers with so few values may be names of groups
_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_MOSTLY = 0.98
_ID_NAME = re.compile(
    r"(^|[_\W])(id|ids|uuid|guid|no|nr|number|key|serial|seq|index|rowid|unnamed)$|编号|序号|流水号|证件号", re.IGNORECASE
)
_CODES_HIGH = frozenset({96.0, 97.0, 98.0, 99.0})
_MOST_SPECIALS = 4
_LONG_NUMBER = 1e9


@dataclass(frozen=True, slots=True)
class Column:
    """One usable column: how its raw values become numbers or level names."""

    name: str
    kind: Kind
    specials: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()  # of a category, the most frequent first
    is_age: bool = False  # a date told as days before the row's own time
    reference_day: float = 0.0  # of a date without a time column: days are counted back from here
    missing_share: float = 0.0
    distinct: int = 0


@dataclass(frozen=True, slots=True)
class Excluded:
    """A column left out, and why."""

    name: str
    reason: str
    text: Text


@dataclass(slots=True)
class Features:
    """The columns to learn from, as arrays: numbers with NaN for missing, or level positions with -1 for missing."""

    columns: list[Column]
    values: dict[str, NDArray[np.float64]]
    excluded: list[Excluded] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.values.values()))) if self.values else 0

    def without(self, excluded: list[Excluded]) -> Features:
        """The same features less some columns."""
        gone = {one.name for one in excluded}
        return Features(
            [one for one in self.columns if one.name not in gone],
            {name: values for name, values in self.values.items() if name not in gone},
            [*self.excluded, *excluded],
        )


def features_read(
    frame: polars.DataFrame, *, keep: frozenset[str] = frozenset(), row_days: NDArray[np.float64] | None = None
) -> Features:
    """Return every usable column of a table without target, time and id; `row_days` is each row's own date, if known."""
    columns: list[Column] = []
    values: dict[str, NDArray[np.float64]] = {}
    excluded: list[Excluded] = []
    for name in frame.columns:
        found = _column(frame[name], name, is_kept=name in keep, row_days=row_days)
        if isinstance(found, Excluded):
            excluded.append(found)
        else:
            columns.append(found[0])
            values[name] = found[1]
    return Features(columns, values, excluded)


def features_apply(frame: polars.DataFrame, columns: list[Column], *, row_days: NDArray[np.float64] | None = None) -> Features:
    """Return the columns a model was trained on, read the way it was trained; a level never seen is its own value.

    A column that is not in the table is missing everywhere; what is no number where one is wanted is missing too.
    """
    values: dict[str, NDArray[np.float64]] = {}
    for column in columns:
        if column.name not in frame.columns:
            values[column.name] = np.full(frame.height, -1.0 if column.kind == "category" else np.nan)
            continue
        series = frame[column.name]
        if column.kind == "category":
            position = {level: float(index) for index, level in enumerate(column.levels)}
            unseen = float(len(column.levels))
            values[column.name] = np.array(
                [-1.0 if text is None else position.get(text, unseen) for text in texts_of(series).to_list()]
            )
            continue
        numbers = numbers_of(series)
        if column.kind == "date":
            days = dates_of(series, numbers, name=f"{column.name} date")
            origin = row_days if column.is_age and row_days is not None else column.reference_day
            values[column.name] = np.full(frame.height, np.nan) if days is None else origin - days
        else:
            values[column.name] = np.full(frame.height, np.nan) if numbers is None else numbers
    return Features(columns, values)


def numbers_of(series: polars.Series) -> NDArray[np.float64] | None:
    """Return a column as numbers with NaN for missing, or None when it holds something else."""
    pl = polars_ready()
    if series.dtype == pl.Boolean:
        return None
    if series.dtype.is_numeric() or series.dtype.is_decimal():
        return _finite(series.cast(pl.Float64))
    if series.dtype != pl.String:
        return None
    cleaned = texts_of(series).str.replace_all(r"[,\s ¥$€£]", "").str.replace(r"%$", "")
    present = cleaned.drop_nulls()
    if not len(present) or present.str.contains(_NUMBER).mean() < _MOSTLY:
        return None
    if present.str.contains(r"^0\d+$").any():  # 00123 is a code with leading zeros
        return None
    return _finite(cleaned.cast(pl.Float64, strict=False))


def texts_of(series: polars.Series) -> polars.Series:
    """Return a column as trimmed text; words for "missing" become null."""
    pl = polars_ready()
    text = series.cast(pl.String, strict=False).str.strip_chars()
    return text.set(text.str.to_lowercase().is_in(list(MISSING_WORDS)).fill_null(False), None)


def special_codes(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Return repeated codes outside a column's range: a few negatives below a non-negative quantity, 999s above it.

    −7, −8, −9 of a bureau file are found; balances that may be negative, ratings from −3 to 3 are left alone.
    """
    present = values[~np.isnan(values)]
    distinct, counts = np.unique(present, return_counts=True)
    negative = distinct < 0
    found: list[float] = []
    whole = distinct[negative] == np.round(distinct[negative])
    if (
        0 < negative.sum() <= _MOST_SPECIALS
        and whole.all()
        and (~negative).sum() >= 5
        and (counts[negative] >= 2).all()
        and np.abs(distinct[negative]).max() <= 99_999_999
    ):
        found += distinct[negative].tolist()
    regular = distinct[~np.isin(distinct, found)]
    for value, count in zip(distinct[::-1][:3], counts[::-1][:3], strict=True):
        below = regular[regular < value]
        is_code = value in _CODES_HIGH or re.fullmatch(r"9{3,9}|9{2,8}[678]", f"{value:.0f}") is not None
        if is_code and value == round(value) and count >= 3 and len(below) >= 5 and _far(value, below):
            found.append(float(value))
    return tuple(sorted(found))


def _far(value: float, below: NDArray[np.float64]) -> bool:
    rest = below[~np.isin(below, list(_CODES_HIGH | {996.0, 997.0, 998.0, 999.0}))]
    return len(rest) > 0 and value > 2.5 * max(rest.max(), 1.0)


def _finite(series: polars.Series) -> NDArray[np.float64]:
    values = series.to_numpy().astype(np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values


def _column(
    series: polars.Series, name: str, *, is_kept: bool, row_days: NDArray[np.float64] | None
) -> tuple[Column, NDArray[np.float64]] | Excluded:
    pl = polars_ready()
    if series.dtype in (pl.List, pl.Struct, pl.Binary, pl.Object, pl.Array):
        return Excluded(name, "nested", Text("不是单个值。", "Not single values."))
    if series.null_count() == len(series):
        return Excluded(name, "empty", Text("全部缺失。", "Every value is missing."))
    numbers = numbers_of(series)
    days = dates_of(series, numbers, name=name)
    if days is not None:
        return _date_column(name, days, row_days)
    if numbers is not None:
        return _number_column(name, numbers, is_kept=is_kept)
    return _category_column(name, texts_of(series), is_kept=is_kept)


def _date_column(
    name: str, days: NDArray[np.float64], row_days: NDArray[np.float64] | None
) -> tuple[Column, NDArray[np.float64]] | Excluded:
    reference = float(np.nanmax(days))
    ages = (row_days if row_days is not None else reference) - days
    if len(np.unique(ages[~np.isnan(ages)])) < 2 and not np.isnan(ages).any():
        return Excluded(name, "constant", Text("只有一种取值。", "One value only."))
    return Column(
        name,
        "date",
        is_age=row_days is not None,
        reference_day=reference,
        missing_share=float(np.isnan(ages).mean()),
        distinct=len(np.unique(ages)),
    ), ages


def _number_column(name: str, values: NDArray[np.float64], *, is_kept: bool) -> tuple[Column, NDArray[np.float64]] | Excluded:
    present = values[~np.isnan(values)]
    distinct = np.unique(present)
    missing = 1 - len(present) / len(values)
    if len(distinct) < 2 and (missing == 0 or not len(distinct)):
        return Excluded(name, "constant", Text("只有一种取值。", "One value only."))
    whole = bool((distinct == np.round(distinct)).all())
    if whole and not is_kept and len(present) >= 20 and _is_number_id(name, distinct, len(present)):
        return Excluded(name, "id", Text("每行各不相同，像编号。", "Different in every row: looks like an id."))
    specials = special_codes(values)
    kind: Kind = "coded" if whole and 3 <= len(distinct) - len(specials) <= MOST_CODES else "numeric"
    return Column(name, kind, specials=specials, missing_share=missing, distinct=len(distinct)), values


def _is_number_id(name: str, distinct: NDArray[np.float64], rows: int) -> bool:
    if len(distinct) < 0.99 * rows:
        return False
    is_dense = distinct[-1] - distinct[0] + 1 <= 1.2 * rows
    # mobile or account numbers: long, all of one length
    is_long = distinct[0] >= _LONG_NUMBER and len(f"{distinct[0]:.0f}") == len(f"{distinct[-1]:.0f}")
    return is_dense or is_long or _ID_NAME.search(name) is not None


def _category_column(name: str, texts: polars.Series, *, is_kept: bool) -> tuple[Column, NDArray[np.float64]] | Excluded:
    present = texts.drop_nulls()
    counts = present.value_counts(sort=True, name="n")
    levels = tuple(counts[present.name].to_list()) if len(counts) else ()
    missing = 1 - len(present) / len(texts)
    if len(levels) < 2 and (missing == 0 or not levels):
        return Excluded(name, "constant", Text("只有一种取值。", "One value only."))
    if not is_kept and len(levels) > 50 and len(levels) > 0.5 * len(present):
        if present.str.contains(r"\s\S+\s").mean() > 0.5:
            return Excluded(name, "free_text", Text("自由文本，不用于建模。", "Free text, not learned from."))
        return Excluded(name, "id", Text("几乎每行各不相同，像编号。", "Different in nearly every row: looks like an id."))
    position = {level: float(index) for index, level in enumerate(levels)}
    codes = np.array([position.get(text, -1.0) if text is not None else -1.0 for text in texts.to_list()])
    return Column(name, "category", levels=levels, missing_share=missing, distinct=len(levels)), codes
