"""Moving the demo's business clock forward: every day on the way is lived and closed (R9.5). Demo only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from threading import Event, Thread

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from weidai.audit import services as audit
from weidai.jobs import end_of_day
from weidai.kernel.errors import Conflict, Forbidden
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.platform.jobs import jobs

MAX_DAYS = 400
_KEY = "time_travel"
_FORGET_SECONDS = 3600
BEAT_SECONDS = 20
SILENCE = timedelta(minutes=2)
STOPPED = "stopped"  # nobody works on the journey any more


class NotInDemo(Forbidden):
    """A real lender's clock is not moved."""

    code = "jobs.time_travel_only_in_demo"
    text = Text("只有演示环境可以拨动业务时钟。", "Only a demo installation can move its business clock.")


class AlreadyMoving(Conflict):
    """One journey at a time."""

    code = "jobs.time_travel_running"
    text = Text("业务日期正在前进，请等它完成。", "The business date is already moving. Please wait.")


@dataclass(frozen=True, slots=True)
class TravelProgress:
    """How far a journey is; `error` is the code of what stopped it, `beat_at` when (wall time) it last gave a sign."""

    is_running: bool = False
    done_days: int = 0
    total_days: int = 0
    business_date: date | None = None
    error: str = ""
    journey_id: str = ""
    beat_at: datetime | None = None


def progress() -> TravelProgress:
    """Return the present or the last journey; one that gave no sign for two minutes has stopped."""
    kept = cache.get(_KEY)
    if not kept:
        return TravelProgress(business_date=clock.today())
    state = TravelProgress(**kept)
    is_silent = state.beat_at is None or clock.wall_now() - state.beat_at > SILENCE
    return replace(state, is_running=False, error=STOPPED) if state.is_running and is_silent else state


def forward_request(days: int) -> None:
    """Ask the worker to move the clock `days` forward (1–400); raises AlreadyMoving, NotInDemo.

    The job gets the date it goes to, so that one given back to the queue goes on to that date and never beyond it.
    """
    if not settings.DEMO:
        raise NotInDemo
    if not 1 <= days <= MAX_DAYS:
        raise ValueError("1 to 400 days")
    if progress().is_running:
        raise AlreadyMoving
    with transaction.atomic():
        journey_id, began = uuid7(), clock.today()
        audit.event_record("jobs.clock.forward_requested", subject_type="jobs.clock", subject_id=journey_id,
                           facts={"days": days})
        _keep(TravelProgress(True, 0, days, began, journey_id=str(journey_id)))
        jobs().defer("time.forward", until=(began + timedelta(days=days)).isoformat(), days=days,
                     journey_id=str(journey_id))


def forward_run(until: date, *, days: int, journey_id: str) -> None:
    """Live day after day up to `until`; stops, and says so, at the first failure.

    A journey that was taken for stopped and replaced by a newer one goes no further.
    """
    def at(day: date, *, is_running: bool = True, error: str = "") -> TravelProgress:
        done = min(max(days - (until - day).days, 0), days)
        return TravelProgress(is_running, done, days, day, error, journey_id)

    while _is_newest(journey_id):
        try:
            with _beating(at(clock.today())):
                end_of_day.catch_up(clock.today())  # also what a killed run moved the clock to, but did not live
            if clock.today() >= until:
                _keep(at(clock.today(), is_running=False))
                return
            clock.move_forward(timedelta(days=1))
        except Exception as error:
            _keep(at(clock.today(), is_running=False, error=type(error).__name__))
            raise


def _is_newest(journey_id: str) -> bool:
    kept = cache.get(_KEY)
    return not kept or kept.get("journey_id") == journey_id


@contextmanager
def _beating(state: TravelProgress) -> Iterator[None]:
    """Give a sign of life now and every few seconds, however long a day takes to close."""
    over = Event()
    _keep(state)

    def beat() -> None:
        try:
            while not over.wait(BEAT_SECONDS):
                _keep(state)
        finally:
            connection.close()

    thread = Thread(target=beat, name="time-travel-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _keep(state: TravelProgress) -> None:
    cache.set(_KEY, asdict(replace(state, beat_at=clock.wall_now())), _FORGET_SECONDS)
