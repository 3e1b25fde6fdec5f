"""What surrounds every partner call: business time, faults before and after the effect."""

import json
import time
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from hashlib import sha256
from typing import cast

from flask import current_app, g, request

from sandbox_world.fields import Fields, instant, json_object
from sandbox_world.population.months import shanghai_day
from sandbox_world.problems import Problem
from sandbox_world.world import World, real_now

Answer = dict[str, object]
View = Callable[..., Answer]
Refusal = Callable[[str], Answer]


def world() -> World:
    """Return the world that this application plays."""
    return cast(World, current_app.extensions["sandbox_world"])


def business_at() -> datetime:
    """Return the business time of the request."""
    text = request.headers.get("Sandbox-Business-Time")
    if not text:
        return real_now()
    at = instant(text)
    world().business_heard(at)
    return at


def business_on() -> date:
    """Return the business day of the request."""
    return shanghai_day(business_at())


def body() -> Fields:
    """Return the fields of the request's body."""
    return Fields(json_object(request.get_data()))


def query() -> Fields:
    """Return the fields of the request's query."""
    return Fields(request.args.to_dict(), from_query=True)


def content_digest(values: object) -> str:
    """Return what tells two contents apart."""
    return sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def partner_call(
    partner: str, call: str, *, refusal: Refusal | None = None, refuses_itself: bool = False
) -> Callable[[View], View]:
    """Let faults strike a call; `refusal` writes the partner's own "no", `refuses_itself` leaves that to the view."""

    def decorate(view: View) -> View:
        @wraps(view)
        def called(**arguments: str) -> Answer:
            business_at()  # a bad business time is refused before anything happens
            struck = world().faults.strike(partner, call)
            time.sleep(struck.delay_ms / 1000)
            if fault := struck.answer_mode("error_5xx"):
                raise Problem(fault.status, "world.fault_injected", "This error was switched on.")
            if fault := struck.answer_mode("timeout_before_effect"):
                raise _held(fault.hold_ms)
            fault = struck.answer_mode("reject")
            if fault and not refuses_itself:
                if refusal is None:
                    raise Problem(422, "world.rejected", f"Rejected on demand: {fault.reason}")
                return refusal(fault.reason)
            g.faults = struck
            answer = view(**arguments)
            if fault := struck.answer_mode("timeout_after_effect"):
                raise _held(fault.hold_ms)
            return answer

        return called

    return decorate


def _held(hold_ms: int) -> Problem:
    time.sleep(hold_ms / 1000)
    return Problem(504, "world.timeout", "No answer in time; the outcome is unknown.")


def paged(items: list[Answer], fields: Fields, *, limit: int, longest: int) -> tuple[list[Answer], str | None]:
    """Cut one page out of a list by the fields `limit` and `cursor`."""
    limit = fields.whole("limit", low=1, high=longest, default=limit)
    start = fields.whole("cursor", low=0, high=10**12, default=0)
    following = start + limit
    return items[start:following], str(following) if following < len(items) else None
