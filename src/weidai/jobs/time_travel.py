"""Moving the demo's business clock forward: every day on the way is lived and closed (R9.5). Demo only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

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


class NotInDemo(Forbidden):
    """A real lender's clock is not moved."""

    code = "jobs.time_travel_only_in_demo"
    text = Text("只有演示环境可以拨动业务时钟。", "Only a demo installation can move its business clock.")


class AlreadyMoving(Conflict):
    """One journey at a time."""

    code = "jobs.time_travel_running"
    text = Text("业务日期正在前进,请等它完成。", "The business date is already moving. Please wait.")


@dataclass(frozen=True, slots=True)
class TravelProgress:
    """How far a journey is; `error` is the code of what stopped it."""

    is_running: bool = False
    done_days: int = 0
    total_days: int = 0
    business_date: date | None = None
    error: str = ""


def progress() -> TravelProgress:
    """Return the present or the last journey."""
    kept = cache.get(_KEY)
    return TravelProgress(**kept) if kept else TravelProgress(business_date=clock.today())


def forward_request(days: int) -> None:
    """Ask the worker to move the clock `days` forward (1–400); raises AlreadyMoving, NotInDemo."""
    if not settings.DEMO:
        raise NotInDemo
    if not 1 <= days <= MAX_DAYS:
        raise ValueError("1 to 400 days")
    if progress().is_running:
        raise AlreadyMoving
    with transaction.atomic():
        audit.event_record("jobs.clock.forward_requested", subject_type="jobs.clock", subject_id=uuid7(),
                           facts={"days": days})
        _keep(TravelProgress(True, 0, days, clock.today()))
        jobs().defer("time.forward", days=days)


def forward_run(days: int) -> None:
    """Live `days` days one after the other; stops, and says so, at the first failure."""
    for done in range(days):
        _keep(TravelProgress(True, done, days, clock.today()))
        try:
            clock.move_forward(timedelta(days=1))
            end_of_day.catch_up(clock.today())
        except Exception as error:
            _keep(TravelProgress(False, done, days, clock.today(), type(error).__name__))
            raise
    _keep(TravelProgress(False, days, days, clock.today()))


def _keep(state: TravelProgress) -> None:
    cache.set(_KEY, asdict(state), _FORGET_SECONDS)
