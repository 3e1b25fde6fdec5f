"""Columns that know the outcome already: near copies of the target, dates after the decision, telling names (R2.6).

Judged on training rows alone. A near copy is left out unless it is kept by name; a suspicion is only said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.binning import BinningRules, bins_fit
from weidai.assessment.scorecards.columns import Excluded, Features
from weidai.assessment.scorecards.measures import auc_of
from weidai.kernel.text import Text

COPY_AUC = 0.985
SUSPICIOUS_AUC = 0.93
_LATER_SHARE = 0.05
_LATER_AUC = 0.7
_TELLING = re.compile(
    r"charge[\s_-]*off|charged[\s_-]*off|write[\s_-]*off|written[\s_-]*off|recover|collect|settle|outcome|post[\s_-]|after[\s_-]|"
    r"default(ed)?[\s_-]?(date|on$|at$|time|amount)|last_(pymnt|payment)|closed?_?(date|on|at)|final_|核销|催收|回收|结清|清收|违约日",
    re.IGNORECASE,
)
_RULES = BinningRules(least_gain=4.0, least_share=0.001, least_rows=10, least_rare=10)


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the reader must know, by a stable code."""

    code: str
    text: Text
    column: str = ""


def leaks_find(features: Features, y: NDArray[np.int64], *, keep: frozenset[str]) -> tuple[list[Excluded], list[Warned]]:
    """Return columns to leave out and warnings, from training rows."""
    excluded: list[Excluded] = []
    warned: list[Warned] = []
    for column in features.columns:
        name, values = column.name, features.values[column.name]
        auc = auc_of(y, bins_fit(column, values, y, _RULES).evidence(values))
        is_copy = auc >= COPY_AUC
        later = _later_share(values) if column.is_age else 0.0
        if later > _LATER_SHARE:
            warned.append(
                Warned(
                    "date_after_decision",
                    Text(
                        f"列 {name} 有 {later:.0%} 的日期晚于决策时间，当时不可能知道。",
                        f"{later:.0%} of the dates in {name} lie after the decision: they could not be known then.",
                    ),
                    name,
                )
            )
            is_copy = is_copy or auc >= _LATER_AUC
        if is_copy and name not in keep:
            excluded.append(
                Excluded(
                    name,
                    "leak",
                    Text(
                        f"单独即可区分好坏（AUC {auc:.3f}），几乎等同目标或在结果之后产生。",
                        f"Tells good from bad alone (AUC {auc:.3f}): nearly the target itself, or made after the outcome.",
                    ),
                )
            )
            warned.append(
                Warned(
                    "leak",
                    Text(
                        f"列 {name} 疑似泄漏结果（单列 AUC {auc:.3f}），已排除；确有把握时用 --keep 保留。",
                        f"{name} seems to leak the outcome (AUC alone {auc:.3f}) and is left out; keep it by --keep "
                        f"if it is sound.",
                    ),
                    name,
                )
            )
        elif auc >= SUSPICIOUS_AUC:
            warned.append(
                Warned(
                    "leak_suspected",
                    Text(
                        f"列 {name} 单独的 AUC 高达 {auc:.3f}，请确认决策时已知。",
                        f"{name} alone has AUC {auc:.3f}: make sure that it is known at the decision.",
                    ),
                    name,
                )
            )
        elif _TELLING.search(name):
            warned.append(
                Warned(
                    "name_after_outcome",
                    Text(
                        f"列名 {name} 像是结果之后才有的信息，请确认，或用 --drop 排除。",
                        f"The name {name} sounds like something known only after the outcome; check it, or leave it "
                        f"out by --drop.",
                    ),
                    name,
                )
            )
    return excluded, warned


def _later_share(ages: NDArray[np.float64]) -> float:
    present = ages[~np.isnan(ages)]
    return float((present < 0).mean()) if len(present) else 0.0
