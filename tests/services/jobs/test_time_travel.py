"""A journey of the demo's clock goes to its date and no further, however often its worker is killed (R9.5)."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from weidai.jobs import end_of_day, time_travel

TODAY = date(2026, 3, 4)
UNTIL = TODAY + timedelta(days=3)


class Killed(BaseException):
    """The process is gone: nothing of ours runs any more."""


@pytest.fixture
def world(monkeypatch, settings, db):
    """A clock of its own and days that are closed at once; `kill_at` kills the worker while it closes."""
    now = SimpleNamespace(day=TODAY, wall=datetime(2026, 3, 4, 2, tzinfo=UTC), lived=[], kill_at=None)

    def move(by: timedelta) -> None:
        now.day += by

    def catch_up(until: date) -> None:
        if now.kill_at == until:
            now.kill_at = None
            raise Killed
        now.lived.append(until)

    monkeypatch.setattr(time_travel, "clock", SimpleNamespace(
        today=lambda: now.day, wall_now=lambda: now.wall, move_forward=move))
    monkeypatch.setattr(end_of_day, "catch_up", catch_up)
    settings.DEMO = True
    time_travel.cache.clear()
    return now


def asked(collected_jobs):
    arguments = collected_jobs.deferred[-1][1]
    return lambda: time_travel.forward_run(
        date.fromisoformat(arguments["until"]), days=arguments["days"], journey_id=arguments["journey_id"])


def test_a_killed_journey_goes_on_to_its_date_only(world, collected_jobs):
    time_travel.forward_request(3)
    run, world.kill_at = asked(collected_jobs), TODAY + timedelta(days=2)
    with pytest.raises(Killed):
        run()
    run()
    assert world.day == UNTIL
    assert world.lived[-2:] == [TODAY + timedelta(days=2), UNTIL]  # the day that was not lived is lived first
    state = time_travel.progress()
    assert (state.is_running, state.done_days, state.total_days, state.error) == (False, 3, 3, "")
    run()
    assert world.day == UNTIL


def test_a_journey_without_a_sign_for_two_minutes_has_stopped_and_gives_way(world, collected_jobs):
    time_travel.forward_request(30)
    stopped = asked(collected_jobs)
    with pytest.raises(time_travel.AlreadyMoving):
        time_travel.forward_request(1)
    world.wall += timedelta(minutes=2, seconds=1)
    assert (time_travel.progress().is_running, time_travel.progress().error) == (False, time_travel.STOPPED)
    time_travel.forward_request(1)
    newer = asked(collected_jobs)
    stopped()  # given back to the queue later: it is not the newest any more
    assert world.day == TODAY
    newer()
    assert world.day == TODAY + timedelta(days=1)


def test_a_failure_stops_the_journey_and_says_which(world, collected_jobs, monkeypatch):
    def broken(until: date) -> None:
        raise LookupError

    time_travel.forward_request(2)
    monkeypatch.setattr(end_of_day, "catch_up", broken)
    with pytest.raises(LookupError):
        asked(collected_jobs)()
    state = time_travel.progress()
    assert (state.is_running, state.done_days, state.error) == (False, 0, "LookupError")
