"""One definition on three engines gives what the single-customer path gives, from the same raw rows (R2.1, R2.3, R2.5)."""



from __future__ import annotations

import importlib.util
import shutil
from datetime import date
from fractions import Fraction
from random import Random

import duckdb
import pytest

from tests.rules.assessment.histories import with_optional
from weidai.assessment import policy as assessment_policy
from weidai.assessment.extracts.loading import extract_load
from weidai.assessment.extracts.store import Store
from weidai.assessment.population.definitions import microseconds
from weidai.assessment.population.engines import Engine
from weidai.assessment.population.running import facts_write, population_facts, scored_from_events, scores_write
from weidai.assessment.rules import MonthlyPayments, ProfileFacts, assess
from weidai.kernel.days import months_later

MONTH, LEAP = date(2028, 3, 1), date(2028, 2, 1)  # a leap February lies inside the history
AS_OF = months_later(MONTH, 1)
POLICY = with_optional(assessment_policy.current(date(2026, 11, 23)))
HAS_SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
NEEDS_SPARK = pytest.mark.skipif(not HAS_SPARK, reason="pyspark (make setup-spark) or Java is not there")
ENGINES = ["duckdb", pytest.param("polars", marks=pytest.mark.long), pytest.param("spark", marks=[NEEDS_SPARK, pytest.mark.long])]
_DAY = 86_400_000_000


class Rows:
    """Raw rows of random people over nine months, on every edge, and the facts a careful reader finds in them."""

    def __init__(self, count: int, seed: int) -> None:
        self.random, self.payments, self.balances, self.contacts = Random(seed), [], [], []
        self.facts: dict[int, ProfileFacts] = {}
        for number in range(1, count + 1):
            self._person(number)

    def _person(self, number: int) -> None:
        random = self.random
        first = months_later(AS_OF, -random.choice([0, 1, 2, 3, 6, 6, 7, 9]))
        months = []
        month = first
        while month < AS_OF:
            if random.random() < 0.85:
                months.append(self._month(number, month))
            month = months_later(month, 1)
        days = [AS_OF.fromordinal(AS_OF.toordinal() - back) for back in range(95, 0, -1) if random.random() < 0.2]
        held = [(day, random.choice([0, 499_999, random.randint(0, 10**7)]), random.randint(0, 3)) for day in days]
        self.balances += [(number, day, wallet, wealth) for day, wallet, wealth in held]
        inside = [wallet + wealth for day, wallet, wealth in held if (AS_OF - day).days <= 90]
        effective = 0
        for contact in range(random.choice([0, 1, 30])):
            back = random.choice([0, 1, 89 * _DAY, 90 * _DAY, 90 * _DAY + 1, 200 * _DAY])
            at = microseconds(AS_OF) - 1 - back
            effective += at >= microseconds(AS_OF.fromordinal(AS_OF.toordinal() - 90))
            self.contacts.append((number, contact + 1, at))
        self.facts[number] = ProfileFacts(
            months=tuple(months), has_social_consent=True, effective_contacts=effective,
            mean_daily_balance_fen=sum(inside) // len(inside) if inside else None)

    def _month(self, number: int, month: date) -> MonthlyPayments:
        random, begins, ends = self.random, microseconds(month), microseconds(months_later(month, 1))
        spend = count = green = gifts = 0
        for place in range(random.choice([1, 2, 3, 8, 160])):
            at = random.choice([begins, ends - 1, random.randint(begins, ends - 1)])
            kind = random.choice(["payment", "payment", "payment", "payment", "refund", "transfer"])
            amount = random.choice([1, 37_500, random.randint(1, 90_000)])
            category = random.choice([None, "green", "welfare", "food"])
            sign = {"payment": 1, "refund": -1, "transfer": 0}[kind]
            spend, count = spend + sign * amount, count + (kind == "payment")
            green += sign * amount * (category == "green")
            gifts += (kind == "payment") * (category == "welfare")
            self.payments.append((f"{number}-{month:%y%m}-{place}", number, at, kind, amount, category))
        return MonthlyPayments(month, spend, count, (("green_spend_fen", green), ("welfare_gift_count", gifts)))

    def load_into(self, store: Store, folder, engine: Engine) -> None:
        """Load nine monthly extracts, each with its own events; people, balances and contacts with the last."""
        with duckdb.connect() as writing:
            for name, columns, rows in (
                ("payments", "event_id VARCHAR, person_no BIGINT, at_us BIGINT, kind VARCHAR, amount_fen BIGINT,"
                 " category VARCHAR", self.payments),
                ("balances", "person_no BIGINT, \"on\" DATE, wallet_fen BIGINT, wealth_fen BIGINT", self.balances),
                ("contacts", "person_no BIGINT, contact_no BIGINT, last_at_us BIGINT", self.contacts),
                ("people", "person_no BIGINT, id_digest VARCHAR", [(n, f"{n:064x}") for n in self.facts]),
            ):
                writing.execute(f"CREATE TABLE {name} ({columns})")
                path = folder / f"{name}.rows.csv"
                path.write_text("\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows) + "\n")
                writing.execute(f"COPY {name} FROM '{path}' (HEADER false)")
            for back in range(9, 0, -1):
                month = months_later(AS_OF, -back)
                target = folder / f"{month:%Y-%m}"
                target.mkdir()
                begins, ends = microseconds(month), microseconds(months_later(month, 1))
                writing.execute(f"COPY (FROM payments WHERE at_us >= {begins} AND at_us < {ends})"
                                f" TO '{target}/payments.parquet'")
                writing.execute(f"COPY (FROM balances WHERE \"on\" >= '{month}' AND \"on\" < '{months_later(month, 1)}')"
                                f" TO '{target}/balances.parquet'")
                if back == 1:
                    writing.execute(f"COPY contacts TO '{target}/contacts.parquet'")
                    writing.execute(f"COPY people TO '{target}/people.parquet'")
                report = extract_load(store, target, month=month, engine=engine)
                assert report.is_clean, report


def run(rows: Rows, folder, engine_name: str):
    store, engine = Store(folder / "store"), Engine(engine_name, threads=2)
    rows.load_into(store, folder, Engine("duckdb", threads=2))
    with engine.open() as session:
        target = scores_write(session, store, POLICY, month=MONTH, target=folder / "scores.parquet", with_reasons=True)
    with duckdb.connect() as reading:
        found = reading.read_parquet(str(target)).order("person_no")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def differences(rows: Rows, found):
    wrong = []
    for (number, facts), row in zip(rows.facts.items(), found, strict=True):
        expected = assess(facts, POLICY, on=AS_OF)
        told = [number, expected.score, expected.base_grade, expected.grade, expected.is_fast_track]
        got = [row["person_no"], row["score"], row["base_grade"], row["grade"], row["is_fast_track"]]
        for one, terms in zip(expected.indicators, POLICY.enabled, strict=True):
            value = row[f"{one.code}__value"]
            told.append((one.code, one.value, one.points, one.reason_code))
            got.append((one.code, None if value is None else Fraction(int(value), terms.taken_by.parts(POLICY)),
                        row[f"{one.code}__points"], row[f"{one.code}__reason"]))
        if told != got:
            wrong.append([pair for pair in zip(told, got, strict=True) if pair[0] != pair[1]])
    return wrong


@pytest.mark.parametrize("engine", ENGINES)
def test_raw_rows_give_the_same_on_every_engine_as_for_one_person(tmp_path, engine):
    rows = Rows(200, seed=11)
    assert differences(rows, run(rows, tmp_path, engine)) == []


@pytest.mark.long
def test_without_the_sums_by_month_between_it_is_the_same(tmp_path):
    rows = Rows(150, seed=14)
    rows.load_into(Store(tmp_path / "store"), tmp_path, Engine("duckdb"))
    files = {table: sorted(tmp_path.glob(f"20*/{table}.parquet")) for table in ("people", "payments", "balances", "contacts")}
    with Engine("duckdb").open() as session:
        session.write(scored_from_events(session, files, POLICY, month=MONTH, with_reasons=True), tmp_path / "scores.parquet")
    with duckdb.connect() as reading:
        found = reading.read_parquet(str(tmp_path / "scores.parquet")).order("person_no")
        named = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    assert differences(rows, named) == []


@pytest.mark.long
def test_raw_rows_of_many_people(tmp_path):
    rows = Rows(8_000, seed=12)
    assert differences(rows, run(rows, tmp_path, "duckdb")) == []


@pytest.mark.long
def test_a_persons_profile_is_read_back_month_by_month(tmp_path):
    rows = Rows(60, seed=13)
    store = Store(tmp_path / "store")
    rows.load_into(store, tmp_path, Engine("duckdb", threads=2))
    with Engine("duckdb").open() as session:
        facts_write(session, store, POLICY, month=MONTH)
    with population_facts(store, MONTH) as known:
        for number, facts in rows.facts.items():
            profile = known.profiles([f"{number:064x}"])[0]
            assert {f"{row.month:%Y-%m}": (row.spend_fen, row.payment_count, dict(row.more)) for row in facts.months} == {
                row.month: (row.amount_fen, row.payment_count, dict(row.more)) for row in profile.payments}
            assert (profile.balances.mean_daily_90d_fen if profile.balances else None) == facts.mean_daily_balance_fen
            assert profile.contacts.effective_contacts == facts.effective_contacts
        assert not known.profiles(["f" * 64])[0].found
