"""Living the demo's past: day by day, stories act, debits run at their hours, the day is closed (R7.10, R9.5).

The history belongs to a *loading* book and runs in that book's lane, so that neither the nightly run nor a worker of the
present touches it. An interrupted load is finished without its remaining stories: nothing is half-done, only shorter.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import structlog

from weidai.assessment import services as assessment
from weidai.demo.borrower import Borrower
from weidai.demo.lives import BACKGROUND_MIX, Life, Story, anybody
from weidai.demo.world import WorldPerson, world
from weidai.jobs.end_of_day import day_close, day_live
from weidai.kernel.days import shanghai_instant
from weidai.kernel.errors import Refusal
from weidai.platform import books, clock, outbox
from weidai.security import selectors as security
from weidai.security import services as session_services
from weidai.security.rules import SESSION_LIFE

log = structlog.get_logger(__name__)

_EARLIEST, _SPREAD_MINUTES = timedelta(hours=9, minutes=5), 130  # the first act of a day, before the debits of noon
_BETWEEN_ACTS = timedelta(minutes=3)
_PEOPLE_A_PAGE = 200


@dataclass
class Cast:
    """Hands out people of each persona, everyone once, in the world's own order."""

    skip: int = 0
    taken: frozenset[str] = frozenset()  # mobile numbers of people who play already
    _coming: dict[str, Iterator[WorldPerson]] = field(default_factory=dict)
    _passed: dict[str, list[WorldPerson]] = field(default_factory=dict)  # they suited no story so far

    def next_of(self, persona: str, suits: Callable[[WorldPerson], bool] = anybody) -> WorldPerson:
        """Return the next person nobody plays yet whom the story suits."""
        if persona not in self._coming:
            self._coming[persona] = itertools.islice(_everybody(persona), self.skip, None)
        passed = self._passed.setdefault(persona, [])
        for person in [*passed]:
            if suits(person):
                passed.remove(person)
                return person
        for person in self._coming[persona]:
            if person.mobile not in self.taken:
                if suits(person):
                    return person
                passed.append(person)
        raise LookupError(f"nobody of {persona} suits the story")


def _everybody(persona: str) -> Iterator[WorldPerson]:
    cursor: str | None = None
    while True:
        people, cursor = world().people(persona, _PEOPLE_A_PAGE, cursor)
        yield from (p for p in people if any(card.card_type == "debit" for card in p.cards))
        if cursor is None:
            return


@dataclass(order=True)
class _Turn:
    on: date
    number: int
    story: Story = field(compare=False)
    life: Life = field(compare=False)


@dataclass(frozen=True, slots=True)
class Played:
    """A borrower and the life it lives, for the list of log-ins."""

    borrower: Borrower
    life: Life


@dataclass
class History:
    """One book's past, from the first story's first day to yesterday."""

    book_id: int
    last_day: date
    refusals: Counter[str] = field(default_factory=Counter)
    _turns: list[_Turn] = field(default_factory=list)
    _people: list[Borrower] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def join(self, life: Life, person: WorldPerson) -> Played:
        """Put a person with a story on the calendar."""
        borrower = Borrower(person, self.book_id)
        self._people.append(borrower)
        begins = self.last_day - timedelta(days=life.begins_days_before)
        heapq.heappush(self._turns, _Turn(begins, next(self._numbers), life.story(borrower), life))
        return Played(borrower, life)

    def live(self, progress: Callable[[date], None]) -> None:
        """Live every day up to and including `last_day`, then hand the book over to the nightly run."""
        day = books.business_date(self.book_id)
        while day <= self.last_day:
            self._act(day)
            day_live(day, book_id=self.book_id)
            with clock.travel_to(shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=5), lane=self._lane):
                day_close(self.book_id)
            progress(day)
            day += timedelta(days=1)
        self._sessions_end()
        outbox.lane_release(self._lane)
        books.book_go_live(self.book_id)

    def _sessions_end(self) -> None:
        """Sign out what was signed in more than a week ago: a session's own end is counted from the load."""
        with clock.travel_to(shanghai_instant(self.last_day), lane=self._lane):
            for customer_id in (one.customer_id for one in self._people if hasattr(one, "customer_id")):
                for session in security.sessions_for(customer_id):
                    if session.started_at < clock.now() - SESSION_LIFE:
                        session_services.session_revoke(customer_id, session_id=session.session_id)

    @property
    def _lane(self) -> str:
        return books.lane_of(self.book_id)

    def _act(self, day: date) -> None:
        """Let everybody act whose turn it is; on the first of the month the population is assessed first (R2.3)."""
        instant = shanghai_instant(day) + _EARLIEST + timedelta(minutes=day.toordinal() * 37 % _SPREAD_MINUTES)
        if day.day == 1:
            with clock.travel_to(instant - timedelta(hours=2), lane=self._lane):
                assessment.assessments_run_monthly(day, book_id=self.book_id)
        while self._turns and self._turns[0].on <= day:
            turn = heapq.heappop(self._turns)
            waits = self._advance(turn, instant)
            instant += _BETWEEN_ACTS
            if waits is not None:
                heapq.heappush(self._turns, _Turn(day + timedelta(days=waits), next(self._numbers), turn.story, turn.life))

    def _advance(self, turn: _Turn, instant: datetime) -> int | None:
        """Play one act and return the days to wait; a refusal ends the story, as it does for people."""
        with clock.travel_to(instant, lane=self._lane):
            try:
                return next(turn.story)
            except StopIteration:
                return None
            except Refusal as refusal:
                self.refusals[refusal.code] += 1
                return None


def background_lives(count: int, *, seed: int = 20260101) -> Iterator[Life]:
    """Draw `count` lives in the proportions of an ordinary portfolio; the same seed draws the same ones."""
    random = Random(seed)  # noqa: S311 (synthetic lives, not secrets)
    weights = [weight for weight, _, _ in BACKGROUND_MIX]
    for _ in range(count):
        _, persona, story = random.choices(BACKGROUND_MIX, weights)[0]
        yield Life(persona, story, "", "", random.randint(3, 340))
