"""The page of audit events: their names as they stand in the code, with what they are about and which facts they carry."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.render import REPOSITORY, table
from weidai.staff.rules import PERMISSIONS

_SOURCE = REPOSITORY / "src" / "weidai"
_EVENT = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_RECORDERS = {"event_record", "events_record", "NewEvent", "_record", "_access_record"}


@dataclass
class Event:
    """One name, gathered over every place that records it."""

    subjects: set[str] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)


def built_names() -> dict[str, list[str]]:
    """Return the names behind each f-string that builds an event name: pattern with `*` → full names."""
    from weidai.identity.models import Verification
    from weidai.limits.services import movements, reviews
    from weidai.origination.rules.states import TRANSITIONS
    from weidai.origination.services import steps

    states = {move.target for move in TRANSITIONS}
    return {
        "limits.credit_line.*": [f"limits.credit_line.{word}" for word in reviews._EVENTS.values()],
        "limits.limit.*": [f"limits.limit.{word}" for word in movements._PAST.values()],
        "origination.application.*": [f"origination.application.{steps._PAST.get(state, state)}" for state in states],
        "origination.paper.*": [f"origination.paper.{word}" for word in (
            "sent", "read", "left_to_person", "confirmed", "removed", "viewed", "judged", "revealed")],
        "policy.version.*": [f"policy.version.{word}" for word in (
            "drafted", "edited", "validated", "reopened", "shadow_started", "approved", "published", "rolled_back", "withdrawn")],
        "identity.staff_video.*": [f"identity.staff_video.{word}" for word in ("claimed", "released", "first_passed")],
        "identity.*.*": [f"identity.{item}.{state}" for item in Verification.Item.values
                         for state in Verification.State.values],
    }


def found() -> dict[str, Event]:
    """Return every event name the code can record."""
    rooms = {path.name for path in _SOURCE.iterdir() if path.is_dir()}
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_SOURCE.rglob("*.py"))
             if "migrations" not in path.parts}
    constants = {name: value for tree in trees.values() for name, value in _constants(tree)
                 if value.split(".")[0] in rooms and value not in PERMISSIONS}
    known: dict[str, Event] = defaultdict(Event)
    built = built_names()
    for path, tree in trees.items():
        for names, call in _recorded(tree, built, constants):
            for name in names:
                _gather(known[name], call, path)
    assert known.keys() >= set(constants.values()), "an event name is a constant, but nothing records it"
    return dict(known)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield names of a module that stand for something with the shape of an event name."""
    for node in tree.body:
        if (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
                and isinstance(node.targets[0], ast.Name) and _EVENT.fullmatch(node.value.value)):
            yield node.targets[0].id, node.value.value


def _recorded(
    tree: ast.AST, built: dict[str, list[str]], constants: dict[str, str],
) -> Iterator[tuple[list[str], ast.Call]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _called(node) not in _RECORDERS:
            continue
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and _EVENT.fullmatch(argument.value):
                if argument.value not in PERMISSIONS:
                    yield [argument.value], node
            elif isinstance(argument, ast.JoinedStr):
                yield built[_pattern(argument)], node  # a new pattern: add it to built_names
            elif isinstance(argument, ast.Name) and argument.id in constants:
                yield [constants[argument.id]], node


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _pattern(text: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in text.values)


def _gather(event: Event, call: ast.Call, path: Path) -> None:
    event.places.add(_place(path))
    for keyword in call.keywords:
        if keyword.arg == "subject_type" and isinstance(keyword.value, ast.Constant):
            event.subjects.add(str(keyword.value.value))
    for node in ast.walk(call):
        if isinstance(node, ast.Dict):
            event.facts |= {key.value for key in node.keys if isinstance(key, ast.Constant)}


def _place(path: Path) -> str:
    return ".".join(path.relative_to(_SOURCE).with_suffix("").parts)


def events() -> str:
    """Return the page."""
    known = found()
    text = (
        "# Audit events\n\n"
        "Every event is one row of the append-only table `audit_event`, written in the transaction of the fact it tells of, "
        "with the actor, the instant, the request id and a digest over all fields (R8.3). Names are `room.entity.past_tense` "
        "and are never reused for another meaning. Facts hold ids, codes, dates and amounts in fen, never personal data.\n\n"
        f"{len(known)} names.\n"
    )
    by_room: dict[str, list[str]] = defaultdict(list)
    for name in sorted(known):
        by_room[name.split(".")[0]].append(name)
    for room, names in by_room.items():
        rows = [[f"`{name}`", _codes(known[name].subjects), _codes(known[name].facts), _codes(known[name].places)]
                for name in names]
        text += f"\n## {room}\n\n" + table(["event", "subject", "facts", "recorded in"], rows)
    return text


def _codes(words: set[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))
