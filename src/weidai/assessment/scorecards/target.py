"""Which rows are bad: a target of any two values, told or inferred from the words used (R2.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.columns import numbers_of, texts_of
from weidai.assessment.scorecards.errors import PositiveUnknown, TargetNotBinary, TooFewRows
from weidai.kernel.text import Text

if TYPE_CHECKING:
    import polars

LEAST_ROWS = 10  # of each class: with fewer nothing can be learned and checked
_NEGATED = re.compile(r"^(no|not|non|never|un)[\s_-]*|^(未|无|没有|非|不)", re.IGNORECASE)
_BAD = re.compile(
    r"^b$|bad|default|delinq|charged?[\s_-]*off|write[\s_-]*off|written[\s_-]*off|late|overdue|past[\s_-]*due|fraud|declin|reject|"
    r"denied|insolv|bankrupt|^yes$|^y$|^true$|^t$|churn|fail|loss|坏|违约|逾期|核销|欺诈|拒|失败|^是$",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"^g$|good|paid|repaid|current|performing|approved?|accept|solvent|normal|legit|genuine|^no$|^n$|^false$|^f$|ok|success|"
    r"好|正常|结清|还清|履约|通过|批准|^否$|^无$",
    re.IGNORECASE,
)
_GOOD_NAME = re.compile(
    r"(?<!not)(?<!un)(good|repaid|paid|approved?|accept|success|solvent|performing|正常|履约|还清|通过)(?!.*bad)", re.IGNORECASE
)
_MOST_SHOWN = 12

How = Literal["told", "words", "column_name", "coding", "assumed"]


@dataclass(frozen=True, slots=True)
class Target:
    """The outcome column as read."""

    column: str
    bad_values: tuple[str, ...]
    good_values: tuple[str, ...]
    how: How
    bad_rows: int
    good_rows: int
    missing_rows: int

    @property
    def bad_rate(self) -> float:
        """Share of bad rows."""
        return self.bad_rows / (self.bad_rows + self.good_rows)

    @property
    def note(self) -> Text:
        """How it was decided which value is bad."""
        values = {"bad": " / ".join(self.bad_values), "good": " / ".join(self.good_values[:6])}
        return _NOTES[self.how].format(**values)


_NOTES: dict[How, Text] = {
    "told": Text("坏 = {bad}（由 --positive 指定）。", "Bad = {bad} (told by --positive)."),
    "words": Text("坏 = {bad}，好 = {good}（由取值的含义推断）。", "Bad = {bad}, good = {good} (from the words)."),
    "column_name": Text("坏 = {bad}：列名说的是好的结果。", "Bad = {bad}: the column's name speaks of the good outcome."),
    "coding": Text("坏 = {bad}（惯用编码，较大的值为坏）。", "Bad = {bad} (the usual coding: the greater value is bad)."),
    "assumed": Text(
        "坏 = {bad}：仅按较少的一类假定，请用 --positive 确认。",
        "Bad = {bad}: assumed because it is rarer; confirm by --positive."
    ),
}


def target_read(
    series: polars.Series, name: str, positive: tuple[str, ...]
) -> tuple[Target, NDArray[np.int64], NDArray[np.bool_]]:
    """Return the target, 1 for each bad row, and which rows have an outcome at all."""
    texts = _texts(series)
    counts = _counts(texts)
    if len(counts) < 2:
        raise TargetNotBinary(column=name, count=len(counts), values=_listed(counts))
    if positive:
        bad, how = tuple(_told(counts, name, value) for value in positive), "told"
    elif len(counts) > 2:
        raise TargetNotBinary(column=name, count=len(counts), values=_listed(counts))
    else:
        one, how = _inferred(counts, name)
        bad = (one,)
    good = tuple(value for value in counts if value not in bad)
    bad_rows, good_rows = sum(counts[value] for value in bad), sum(counts[value] for value in good)
    if min(bad_rows, good_rows) < LEAST_ROWS:
        raise TooFewRows(good=good_rows, bad=bad_rows, minimum=LEAST_ROWS)
    known = np.array([text is not None for text in texts])
    y = np.array([1 if text in bad else 0 for text in texts], dtype=np.int64)
    target = Target(name, bad, good, how, bad_rows, good_rows, len(texts) - int(known.sum()))  # type: ignore[arg-type]
    return target, y, known


def _texts(series: polars.Series) -> list[str | None]:
    numbers = numbers_of(series)
    if numbers is not None:
        return [None if np.isnan(value) else f"{value:.15g}" for value in numbers]
    texts = texts_of(series).to_list()
    first: dict[str, str] = {}  # "Yes" and "yes" are one value
    return [None if text is None else first.setdefault(text.casefold(), text) for text in texts]


def _counts(texts: list[str | None]) -> dict[str, int]:
    from collections import Counter

    found = Counter(text for text in texts if text is not None)
    return dict(found.most_common())


def _listed(counts: dict[str, int]) -> str:
    shown = ", ".join(f"{value} × {count:,}" for value, count in list(counts.items())[:_MOST_SHOWN])
    return shown + (" …" if len(counts) > _MOST_SHOWN else "") or "—"


def _told(counts: dict[str, int], name: str, value: str) -> str:
    wanted = value.strip()
    for known in counts:
        if known == wanted or known.casefold() == wanted.casefold() or _same_number(known, wanted):
            return known
    raise PositiveUnknown(column=name, value=value, values=_listed(counts))


def _same_number(first: str, second: str) -> bool:
    try:
        return float(first) == float(second)
    except ValueError:
        return False


def _inferred(counts: dict[str, int], name: str) -> tuple[str, How]:
    first, second = counts
    leaning = {value: _leaning(value) for value in counts}
    is_yes_no = {one.casefold() for one in counts} <= {"yes", "no", "y", "n", "true", "false", "t", "f", "是", "否"}
    if leaning[first] != leaning[second] and not (is_yes_no and _GOOD_NAME.search(name)):
        return max(counts, key=lambda value: leaning[value]), "words"
    if is_yes_no:
        return min(counts, key=lambda value: leaning[value]), "column_name"
    numbers = {value: float(value) for value in counts if _same_number(value, value)}
    if set(numbers.values()) in ({0.0, 1.0}, {1.0, 2.0}, {-1.0, 1.0}):
        if _GOOD_NAME.search(name):
            return min(numbers, key=lambda value: numbers[value]), "column_name"
        return max(numbers, key=lambda value: numbers[value]), "coding"
    return min(counts, key=lambda value: counts[value]), "assumed"


def _leaning(value: str) -> int:
    """+1 for a word of bad outcome, -1 for a good one; a negation turns it round."""
    negated = _NEGATED.match(value) if value.casefold() not in ("no", "n", "无", "未") else None
    rest = value[negated.end() :].strip() if negated else value
    if not rest:
        return -1
    leaning = 1 if _BAD.search(rest) else -1 if _GOOD.search(rest) else 0
    return -leaning if negated else leaning
