"""The states of an application and who may move it (R4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal[
    "draft",
    "submitted",
    "screening",
    "verification",
    "awaiting_customer",
    "final_review",
    "offered",
    "accepted",
    "declined",
    "withdrawn",
    "expired",
]
Actor = Literal["customer", "system", "staff"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed move, by whom, and what it means."""

    source: State
    target: State
    actors: frozenset[Actor]
    meaning: str


def _moves() -> tuple[Transition, ...]:
    customer: frozenset[Actor] = frozenset({"customer"})
    system: frozenset[Actor] = frozenset({"system"})
    staff: frozenset[Actor] = frozenset({"staff"})
    rows: list[tuple[State, State, frozenset[Actor], str]] = [
        ("draft", "submitted", customer, "the customer submits a complete application"),
        ("draft", "expired", system, "left as a draft too long"),
        ("submitted", "screening", system, "automatic screening begins"),
        ("screening", "verification", system, "a person checks what screening cannot settle"),
        ("screening", "final_review", system, "the automated path needs no person"),
        ("screening", "declined", system, "a hard rule refuses"),
        ("verification", "awaiting_customer", staff, "returned for missing documents"),
        ("verification", "final_review", staff, "verified"),
        ("verification", "declined", staff, "a person declines"),
        ("awaiting_customer", "verification", customer, "the customer answers"),
        ("awaiting_customer", "expired", system, "no answer in time"),
        ("final_review", "offered", system | staff, "a limit is offered"),
        ("final_review", "declined", system | staff, "no limit can be granted"),
        ("offered", "accepted", customer, "the customer takes the line"),
        ("offered", "expired", system, "the offer was not taken in time"),
        ("declined", "verification", staff, "an appeal succeeds and a person looks again (R4.5)"),
    ]
    withdrawable: tuple[State, ...] = (
        "draft",
        "submitted",
        "screening",
        "verification",
        "awaiting_customer",
        "final_review",
        "offered",
    )
    rows += [(state, "withdrawn", customer, "the customer withdraws") for state in withdrawable]
    return tuple(Transition(*row) for row in rows)


TRANSITIONS: tuple[Transition, ...] = _moves()
OPEN_STATES: tuple[State, ...] = (
    "draft",
    "submitted",
    "screening",
    "verification",
    "awaiting_customer",
    "final_review",
    "offered",
)


def can_move(source: State, target: State, *, by: Actor) -> bool:
    """Say whether an actor may move an application from one state to another."""
    return any(move.source == source and move.target == target and by in move.actors for move in TRANSITIONS)


def next_states(source: State, *, by: Actor) -> tuple[State, ...]:
    """Return the states an actor may move to, in the order of the table."""
    return tuple(move.target for move in TRANSITIONS if move.source == source and by in move.actors)
