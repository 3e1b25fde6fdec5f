"""Pure rules of origination: states, screening, working time, the income test (R4.1 to R4.4)."""

from weidai.origination.rules.calendar import Expected, WorkCalendar
from weidai.origination.rules.screened import (
    SETTLED_LATER,
    Applied,
    screening,
    screening_facts_from_json,
    screening_facts_json,
    screening_outcome_json,
)
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
from weidai.origination.rules.verdict import (
    Policies,
    Verdict,
    VerdictFacts,
    facts_from_json,
    facts_json,
    outcome_json,
    ratio_text,
    verdict,
)

__all__ = [
    "OPEN_STATES",
    "SETTLED_LATER",
    "TRANSITIONS",
    "Actor",
    "Applied",
    "CheckResult",
    "Expected",
    "IncomeTest",
    "Policies",
    "ScreeningFacts",
    "ScreeningOutcome",
    "State",
    "Transition",
    "Verdict",
    "VerdictFacts",
    "WorkCalendar",
    "can_move",
    "facts_from_json",
    "facts_json",
    "income_test",
    "missing_documents",
    "next_states",
    "outcome_json",
    "ratio_text",
    "screen",
    "screening",
    "screening_facts_from_json",
    "screening_facts_json",
    "screening_outcome_json",
    "verdict",
]
