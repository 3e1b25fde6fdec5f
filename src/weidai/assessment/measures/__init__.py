"""How each indicator's value is found, once per person and over a whole population (R2.1, R2.7).

A measure is one module in this folder that calls `measure_add`; nothing else names it but a row in the policy pack.
"""

from weidai.assessment.measures.arithmetic import RATIO_MAXIMUM, RATIO_SCALE, coefficient_of_variation, rounded_half_up
from weidai.assessment.measures.registry import (
    ABSENCES,
    Absence,
    Measure,
    MonthColumn,
    Reading,
    Unit,
    VectorReading,
    measure_add,
    measure_get,
    measures,
    month_columns,
)

__all__ = [
    "ABSENCES",
    "RATIO_MAXIMUM",
    "RATIO_SCALE",
    "Absence",
    "Measure",
    "MonthColumn",
    "Reading",
    "Unit",
    "VectorReading",
    "coefficient_of_variation",
    "measure_add",
    "measure_get",
    "measures",
    "month_columns",
    "rounded_half_up",
]
