"""The monthly update out of an extract: load, compute everybody's profile on the engine asked for, assess (R2.3, R2.5).

Every step may be killed and done again: a load replaces what the same month told, profiles are one file put in place at
once, and the assessments pass over whom they wrote. A month that was loaded serves the run of the 1st as well.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from weidai.assessment.errors import (
    EngineMissing,
    ExtractFolderEmpty,
    ExtractKeyMissing,
    ExtractMonthNotLast,
    ExtractMonthNotLoaded,
)
from weidai.assessment.extracts.store import Store, store_open
from weidai.assessment.policy import current
from weidai.assessment.ports import BehaviourProfile
from weidai.assessment.services.monthly import ProfilesOf, Told, assessments_run_from
from weidai.identity.selectors import AssessmentPerson
from weidai.kernel.days import month_start, months_later
from weidai.platform import books, clock

if TYPE_CHECKING:
    from weidai.assessment.extracts.loading import LoadReport
    from weidai.assessment.population.engines import Engine, EngineName

Progress = Callable[[str], None]
_HISTORY = 12


@dataclass(frozen=True, slots=True)
class PopulationReport:
    """What `weidai assess` did; `load` is None when the month had been loaded before, `told` when only loading was asked."""

    month: date
    engine: str
    load: LoadReport | None
    told: Told | None


def population_assess(
    month: date, *, folder: Path | None = None, engine_name: EngineName = "duckdb", load_only: bool = False,
    scores: Path | None = None, quarantine: Path | None = None, step: Progress = lambda _: None,
    progress: Callable[[Told], None] = lambda _: None,
) -> PopulationReport:
    """Load a month's extract if one is given, and assess every live book with it.

    The month must be the last complete one by the business clock; earlier ones can only be loaded. `scores` also writes
    score and grade of everybody in the extract, customer or not, on what the extract tells alone.
    """
    last = months_later(month_start(clock.today()), -1)
    if month > last or (month < last and not load_only):
        raise ExtractMonthNotLast(month=f"{month:%Y-%m}", last=f"{last:%Y-%m}")
    engine, store = _engine(engine_name), store_open()
    loaded = _load(store, folder, month, engine, quarantine, step) if folder is not None else None
    if load_only:
        return PopulationReport(month, engine_name, loaded, None)
    _profiles_ensure(store, month, engine, step)
    if scores is not None:
        _scores_write(store, month, engine, scores, step)
    told = Told(progress=progress)
    step("assess")
    with extract_profiles(month, store=store) as profiles:
        for book_id, _ in books.books_live():
            assessments_run_from(clock.today(), profiles, told=told, book_id=book_id)
    return PopulationReport(month, engine_name, loaded, told)


@contextmanager
def extract_profiles(month: date, *, store: Store | None = None) -> Iterator[ProfilesOf]:
    """Open a month's profiles as what the monthly run asks; people are recognized by the keyed digest of their ID number."""
    from weidai.assessment.population.running import population_facts

    key = _key()
    with population_facts(store or store_open(), month) as known:

        def profiles(people: Sequence[AssessmentPerson], on: date) -> dict[UUID, BehaviourProfile]:  # noqa: ARG001
            asked = [person for person in people if person.has_payment_consent or person.has_social_consent]
            if not asked:
                return {}
            digests = [hmac.new(key, person.id_number.encode(), hashlib.sha256).hexdigest() for person in asked]
            return {person.customer_id: found for person, found in zip(asked, known.profiles(digests), strict=True)}

        yield profiles


def extract_is_ready(month: date) -> bool:
    """Say whether profiles of a month stand in the store and still fit what is loaded; asks for no engine."""
    store = store_open()
    return store.manifest(month) is not None and _profiles_stamp(store, month) == _stamp_read(store, month)


def _engine(name: EngineName) -> Engine:
    try:
        from weidai.assessment.population.engines import Engine
    except ImportError as error:
        raise EngineMissing(engine=name, install="make setup") from error
    return Engine(name)


def _load(
    store: Store, folder: Path, month: date, engine: Engine, quarantine: Path | None, step: Progress,
) -> LoadReport:
    from weidai.assessment.extracts.loading import extract_files, extract_load

    if not folder.is_dir() or not any(extract_files(folder).values()):
        raise ExtractFolderEmpty(folder=str(folder))
    return extract_load(store, folder, month=month, engine=engine, progress=step, quarantine=quarantine)


def _profiles_ensure(store: Store, month: date, engine: Engine, step: Progress) -> None:
    from weidai.assessment.population.running import facts_write

    if store.manifest(month) is None:
        raise ExtractMonthNotLoaded(month=f"{month:%Y-%m}")
    stamp = _profiles_stamp(store, month)
    if stamp == _stamp_read(store, month):
        return
    step("profiles")
    with engine.open() as session:
        target = facts_write(session, store, current(months_later(month, 1)), month=month)
    target.with_suffix(".stamp").write_text(stamp, encoding="ascii")


def _scores_write(store: Store, month: date, engine: Engine, target: Path, step: Progress) -> None:
    from weidai.assessment.population.running import scores_write

    step("scores")
    with engine.open() as session:
        scores_write(session, store, current(months_later(month, 1)), month=month, target=target, with_reasons=True)


def _profiles_stamp(store: Store, month: date) -> str:
    """Return a digest of everything the profiles of a month are made of: what is loaded, and the pack's windows."""
    policy = current(months_later(month, 1))
    manifests = [store.manifest(months_later(month, -back)) for back in range(_HISTORY)]
    parts = [one["digest"] if one else None for one in manifests]
    late = [one["late"] if one else None for one in manifests]
    whole = json.dumps([parts, late, policy.balance_days, policy.contact_days])
    return hashlib.sha256(whole.encode()).hexdigest()


def _stamp_read(store: Store, month: date) -> str | None:
    path = store.target("profiles", month=month, told_by=month).with_suffix(".stamp")
    return path.read_text(encoding="ascii") if path.exists() else None


def _key() -> bytes:
    path = Path(settings.EXTRACT_KEY_FILE)
    if not path.exists():
        raise ExtractKeyMissing
    return path.read_bytes()
