"""Pure rules of origination: states, screening, working time, the income test (R4.1 to R4.4)."""

from weidai.origination.rules.calendar import Expected, WorkCalendar
from weidai.origination.rules.screening import (
    CheckResult,
    IncomeTest,
    ScreeningFacts,
    ScreeningOutcome,
    income_test,
    missing_documents,
    screen,
)
from weidai.origination.rules.states import (
    OPEN_STATES,
    TRANSITIONS,
    Actor,
    State,
    Transition,
    can_move,
    next_states,
)

__all__ = [
    "OPEN_STATES",
    "TRANSITIONS",
    "Actor",
    "CheckResult",
    "Expected",
    "IncomeTest",
    "ScreeningFacts",
    "ScreeningOutcome",
    "State",
    "Transition",
    "WorkCalendar",
    "can_move",
    "income_test",
    "missing_documents",
    "next_states",
    "screen",
]
