"""Replay: past decisions made again, each under the version it was made with, or all under another one (R2.2, R8.6).

Under the recorded version every decision must come out bit for bit as it was; under another one a replay says who
changes and how, and what it does to approvals, limits and expected loss. Nothing is written but the replay itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.kernel.days import shanghai_instant
from weidai.platform import clock
from weidai.platform.jobs import jobs
from weidai.policy import registry, selectors
from weidai.policy.errors import PolicyNotFound, ReplayNotFound, ReplayPeriodEmpty
from weidai.policy.models import ReplayChange, ReplayRun
from weidai.policy.pack import Pack
from weidai.policy.registry import DecisionKind, Effect, Json, NotDecidable, PastDecision
from weidai.policy.rules.comparing import Totals, changes
from weidai.policy.rules.simulation import ExpectedLoss
from weidai.policy.services.checking import simulation_of

LONGEST = timedelta(days=366)
_WRITE_EVERY = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Remade:
    """One decision with what comes out now; `after` is None when no pack could decide it."""

    kind: str
    decision: PastDecision
    after: Json | None
    differs: list[list[object]]
    before_effect: Effect
    after_effect: Effect

    @property
    def is_same(self) -> bool:
        """Bit for bit as it was."""
        return self.after is not None and not self.differs


def month_bounds(first: date) -> tuple[datetime, datetime]:
    """Return the instants between which a Shanghai calendar month lies."""
    begin = first.replace(day=1)
    following = (begin + timedelta(days=32)).replace(day=1)
    return shanghai_instant(begin, time(0)).astimezone(UTC), shanghai_instant(following, time(0)).astimezone(UTC)


def replay_ask(
    *, since: datetime, until: datetime, asked_by: str, under: str = "", kinds: Sequence[str] = (),
) -> UUID:
    """Ask for a replay and return its id; it runs in the background (or where `replay_run` is called)."""
    if not timedelta(0) < until - since <= LONGEST:
        raise ReplayPeriodEmpty(field="until")
    if under:
        selectors.pack_by_version(under)
    wanted = [code for code in registry.decision_kinds() if not kinds or code in kinds]
    with transaction.atomic():
        row = ReplayRun.objects.create(under=under, since=since, until=until, kinds=wanted, asked_by=asked_by,
                                       asked_at=clock.now())
        event_record("policy.replay.asked", subject_type="policy.replay", subject_id=row.id,
                     facts={"under": under, "since": since, "until": until, "kinds": wanted})
    return row.id


def replay_defer(run_id: UUID) -> None:
    """Have a replay run by a worker."""
    jobs().defer("policy.replay", run_id=str(run_id))


def replay_run(run_id: UUID, progress: Progress | None = None) -> dict[str, Totals]:
    """Run a replay that waits, keep its totals and every changed decision; a finished one is not run again."""
    if not ReplayRun.objects.filter(id=run_id, state=ReplayRun.State.WAITING).update(state=ReplayRun.State.RUNNING):
        run = ReplayRun.objects.filter(id=run_id).first()
        if run is None:
            raise ReplayNotFound
        return {kind: Totals(**totals) for kind, totals in run.totals.items()}
    run = ReplayRun.objects.get(id=run_id)
    try:
        totals = _run(run, progress or _untold)
    except BaseException as error:
        ReplayRun.objects.filter(id=run_id).update(state=ReplayRun.State.FAILED, failure=type(error).__name__,
                                                   finished_at=clock.now())
        raise
    ReplayRun.objects.filter(id=run_id).update(
        state=ReplayRun.State.DONE, totals={kind: asdict(one) for kind, one in totals.items()}, finished_at=clock.now(),
        done_count=sum(one.count for one in totals.values()))
    return totals


def remake(
    kind: DecisionKind, since: datetime, until: datetime, *, under: Pack | None,
) -> Iterator[Remade]:
    """Make every decision of a period again, under one pack or each under its own."""
    for decision in kind.iterate(since, until):
        before = kind.effect(decision.outcome)
        try:
            pack = under or selectors.pack_by_version(decision.pack_version)
            law = selectors.law(decision.decided_on, pack.licence_type)
            after = kind.decide(decision.inputs, decision.decided_on, pack, law)
        except (NotDecidable, PolicyNotFound) as error:
            yield Remade(kind.code, decision, None, [["version", decision.pack_version, type(error).__name__]], before,
                         Effect())
            continue
        yield Remade(kind.code, decision, after, changes(decision.outcome, after), before, kind.effect(after))


def _run(run: ReplayRun, progress: Progress) -> dict[str, Totals]:
    kinds = [registry.decision_kinds()[code] for code in run.kinds]
    total = sum(kind.count(run.since, run.until) for kind in kinds)
    under = selectors.pack_by_version(run.under) if run.under else None
    loss = simulation_of(under or selectors.pack(clock.today())).expected_loss
    ReplayRun.objects.filter(id=run.id).update(total_count=total)
    progress(0, total)
    found: dict[str, Totals] = {}
    waiting: list[ReplayChange] = []
    done = 0
    for kind in kinds:
        found[kind.code] = Totals()
        for one in remake(kind, run.since, run.until, under=under):
            _add(found[kind.code], one, loss)
            if not one.is_same:
                waiting.append(_change(run, one))
            done += 1
            if done % _WRITE_EVERY == 0:
                _keep(run, waiting, done)
                progress(done, total)
    _keep(run, waiting, done)
    progress(done, total)
    return found


def _untold(_done: int, _total: int) -> None:
    """Nobody watches."""


def _add(totals: Totals, one: Remade, loss: ExpectedLoss) -> None:
    totals.add(one.before_effect, one.after_effect, is_same=one.is_same, loss=loss)
    totals.not_decided_count += one.after is None


def _change(run: ReplayRun, one: Remade) -> ReplayChange:
    decision = one.decision
    return ReplayChange(
        customer_id=decision.customer_id, run=run, kind=one.kind, subject_id=decision.subject_id,
        decided_at=decision.decided_at, pack_version=decision.pack_version, changes=one.differs,
        before=asdict(one.before_effect), after=asdict(one.after_effect))


def _keep(run: ReplayRun, waiting: list[ReplayChange], done: int) -> None:
    ReplayChange.objects.bulk_create(waiting)
    waiting.clear()
    ReplayRun.objects.filter(id=run.id).update(done_count=done)
