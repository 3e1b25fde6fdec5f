"""Running the definitions for a month: profiles of everybody, scores of everybody, and one person's profile out of them.

The profiles of a month stand in the store as one Parquet file; single customers read theirs from it, so that the monthly
run and a population's scores are made of the same numbers (R2.3, R2.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weidai.assessment.extracts.loading import HISTORY_MONTHS, duck
from weidai.assessment.extracts.sources import quoted
from weidai.assessment.extracts.store import Store
from weidai.assessment.measures.columns import COUNT, SPEND, month_column, month_names
from weidai.assessment.policy import AssessmentPolicy
from weidai.assessment.population.definitions import (
    Tables,
    Wanted,
    fact_frame,
    profiles,
    rows_of_events,
    rows_of_sums,
    wanted_by,
    wanted_whole,
)
from weidai.assessment.population.engines import Session
from weidai.assessment.ports import Balances, BehaviourProfile, Contacts, PaymentMonth
from weidai.assessment.rules.vectorized import assess_all
from weidai.kernel.days import months_later

if TYPE_CHECKING:
    import narwhals as nw

KIND = "profiles"


def facts_write(session: Session, store: Store, policy: AssessmentPolicy, *, month: date) -> Path:
    """Compute everybody's profile as of the first day after a month, and put it into the store at once."""
    target = store.target(KIND, month=month, told_by=month)
    temporary = target.with_suffix(".tmp")
    temporary.parent.mkdir(parents=True, exist_ok=True)
    session.write(_profiles(session, store, policy, month, wanted_whole(HISTORY_MONTHS), keeps_absence=True), temporary)
    store.place(temporary, target)
    return target


def scores_write(
    session: Session, store: Store, policy: AssessmentPolicy, *, month: date, target: Path, with_reasons: bool = False,
) -> Path:
    """Score everybody in the extract on what the extract tells: values, points, score and grade, to one Parquet file."""
    session.write(scored(session, store, policy, month=month, with_reasons=with_reasons), target)
    return target


def scored(session: Session, store: Store, policy: AssessmentPolicy, *, month: date, with_reasons: bool = False) -> nw.LazyFrame:
    """Return the scores of everybody in the extract as a table not yet computed."""
    wanted = wanted_by(policy)
    facts = fact_frame(_profiles(session, store, policy, month, wanted, keeps_absence=False), wanted)
    return assess_all(facts, policy, on=months_later(month, 1), wide=session.wide, with_reasons=with_reasons)


def scored_from_events(
    session: Session, files: dict[str, Sequence[Path]], policy: AssessmentPolicy, *, month: date, with_reasons: bool = False,
) -> nw.LazyFrame:
    """Return the scores out of accepted rows alone, a whole history at once: what a first load or a benchmark computes."""
    as_of, wanted = months_later(month, 1), wanted_by(policy)
    optional = {name: session.read(files[name]) if files.get(name) else None
                for name in ("balances", "contacts", "card_limits")}
    tables = Tables(session.read(files["people"]),
                    rows_of_events(session.read(files["payments"]), as_of=as_of, history=HISTORY_MONTHS), **optional)
    found = profiles(tables, as_of=as_of, wanted=wanted, keeps_absence=False, balance_days=policy.balance_days,
                     contact_days=policy.contact_days)
    return assess_all(fact_frame(found, wanted), policy, on=as_of, wide=session.wide, with_reasons=with_reasons)


def _profiles(
    session: Session, store: Store, policy: AssessmentPolicy, month: date, wanted: Sequence[Wanted], *, keeps_absence: bool,
) -> nw.LazyFrame:
    months = [months_later(month, -back) for back in range(HISTORY_MONTHS)]

    def table(kind: str, chosen: Sequence[date]) -> nw.LazyFrame | None:
        files = [file for one in chosen for file in store.month_files(kind, one)]
        return session.read(files) if files else None

    people, sums = table("people", [month]), table("customer_month", months)
    assert people is not None, "the month is not loaded"
    assert sums is not None, "a loaded month has sums"
    payments = rows_of_sums(sums, as_of=months_later(month, 1), history=HISTORY_MONTHS)
    tables = Tables(people, payments, balances=table("balances", months[:_months_of(policy.balance_days)]),
                    contacts=table("contacts", [month]), card_limits=table("card_limits", [month]))
    return profiles(tables, as_of=months_later(month, 1), wanted=wanted, keeps_absence=keeps_absence,
                    balance_days=policy.balance_days, contact_days=policy.contact_days)


def _months_of(days: int) -> int:
    """Return how many months back a window of days can reach."""
    return days // 28 + 1


class PopulationFacts:
    """Profiles of one month by ID digest; the same shape as a query to the data partner."""

    def __init__(self, engine: Any, month: date, found: str) -> None:
        self._engine, self._month, self._found = engine, month, found
        self._columns = [name for name, *_ in engine.execute(f"DESCRIBE {found}").fetchall()]

    def profiles(self, digests: Sequence[str]) -> list[BehaviourProfile]:
        """Return profiles in the order asked; somebody whom the extract does not know is not found."""
        wanted = ", ".join("?" for _ in digests)
        rows = self._engine.execute(f"SELECT * FROM {self._found} WHERE id_digest IN ({wanted})", list(digests)).fetchall()  # noqa: S608
        by_digest = {row["id_digest"]: row for row in (dict(zip(self._columns, cells, strict=True)) for cells in rows)}
        return [self._profile(by_digest.get(digest)) for digest in digests]

    def _profile(self, row: dict[str, Any] | None) -> BehaviourProfile:
        as_of = months_later(self._month, 1)
        if row is None:
            return BehaviourProfile(found=False, as_of=as_of)
        payments = [self._payment_month(row, back) for back in range(HISTORY_MONTHS, 0, -1)]
        known = tuple(one for one in payments if one is not None)
        days = row.get("balance_days")
        return BehaviourProfile(
            found=True, as_of=as_of, first_data_month=known[0].month if known else None, payments=known,
            balances=Balances(row["mean_daily_balance_fen"], days, row["wallet_fen"] or 0, row["wealth_fen"] or 0)
            if days else None,
            contacts=Contacts(row["contacts"], row["effective_contacts"]) if "contacts" in row else None,
            card_limit_total_fen=row.get("card_limit_total_fen") or 0, wealth_products_fen=row["wealth_fen"] or 0)

    def _payment_month(self, row: dict[str, Any], back: int) -> PaymentMonth | None:
        if row[month_column(SPEND, back)] is None:
            return None
        more = {name: row[month_column(name, back)] for name in month_names() if name not in (SPEND, COUNT)}
        return PaymentMonth(
            month=f"{months_later(self._month, 1 - back):%Y-%m}", payment_count=row[month_column(COUNT, back)],
            amount_fen=row[month_column(SPEND, back)],
            more=tuple((name, value) for name, value in sorted(more.items()) if value is not None))


@contextmanager
def population_facts(store: Store, month: date) -> Iterator[PopulationFacts]:
    """Open the profiles of a month, sorted by digest in memory, with the balances of the last day that was told."""
    scratch = store.folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with duck(scratch) as engine:
        files = [file for back in range(2) for file in store.month_files("balances", months_later(month, -back))]
        last = ("SELECT person_no, arg_max(wallet_fen, \"on\") AS wallet_fen, arg_max(wealth_fen, \"on\") AS wealth_fen FROM"  # noqa: S608
                f" read_parquet([{', '.join(map(quoted, files))}]) GROUP BY person_no") if files else \
            "SELECT NULL::BIGINT AS person_no, NULL::BIGINT AS wallet_fen, NULL::BIGINT AS wealth_fen LIMIT 0"
        source = quoted(store.target(KIND, month=month, told_by=month))
        engine.execute(f"CREATE TABLE found AS SELECT p.*, b.wallet_fen, b.wealth_fen FROM read_parquet({source}) p"  # noqa: S608
                       f" LEFT JOIN ({last}) b USING (person_no)")
        engine.execute("CREATE INDEX found_digest ON found (id_digest)")
        yield PopulationFacts(engine, month, "found")
