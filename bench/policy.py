"""The reference points table, compiled once: one person at a time with reasons, and a population as columns (R2.1, R2.2).

    make bench-policy

Both get the same indicator values and absences. EQUAL random people are compared row by row first (points, reasons,
score, grades); then each form is timed ROUNDS times in this process and the median counts. The scalar form returns score,
both grades, and points and reason of every indicator; the columns are points of every indicator, score and both grades,
all of them computed for every row and added up (of the grades one is shown), so that nothing is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import narwhals as nw

from weidai.assessment.measures import ABSENCES
from weidai.assessment.policy import AssessmentPolicy
from weidai.assessment.rules.compiled import CompiledPolicy, Value, compiled
from weidai.assessment.rules.vectorized import points, scores
from weidai.policy.pack import pack_read

PACK = Path(__file__).resolve().parents[1] / "policies" / "reference" / "2025-01-01"
EQUAL, SCALAR, ROUNDS = 200_000, 200_000, 7
SCALAR_TARGET, VECTOR_TARGET = 200_000, 10_000_000
# indicator → (largest value, absences that occur); values below, at and above every threshold
DRAWN: dict[str, tuple[int, tuple[str, ...]]] = {
    "payment_activity": (4_000_000, ("history_too_short", "no_payment_consent")),
    "social_ties": (400, ("no_consent", "no_data")),
    "asset_balance": (1_000_000, ("no_data", "no_payment_consent")),
    "repayment_record": (4, ()),
    "spending_stability": (600_000, ("history_too_short", "no_spending")),
    "bureau_score": (1000, ("thin_file", "stale", "no_report", "not_found")),
}


def population_make(engine: duckdb.DuckDBPyConnection, policy: AssessmentPolicy, count: int) -> None:
    """Make the table `people` of random values; one in eight is absent where absences occur."""
    columns = []
    for row in policy.enabled:
        largest, absences = DRAWN[row.code]
        places = [ABSENCES.index(absence) + 1 for absence in absences]  # type: ignore[arg-type]
        drawn = f"(hash(i, '{row.code}') % 1000003)::BIGINT"
        is_absent = f"{drawn} % 8 = 0" if places else "false"
        listed = "[" + ", ".join(map(str, places or [0])) + "]"
        columns.append(f"CASE WHEN {is_absent} THEN NULL ELSE {drawn} * 7919 % {largest + 1} END AS {row.code}__value")
        columns.append(f"CASE WHEN {is_absent} THEN {listed}[1 + {drawn} // 8 % {max(len(places), 1)}] ELSE 0 END"
                       f"::BIGINT AS {row.code}__absence")
    engine.execute(
        f"CREATE TABLE people AS SELECT i, {', '.join(columns)}, hash(i, 'card') % 3 = 0 AS has_type_i_default_card,"  # noqa: S608
        f" hash(i, 'fast') % 4 = 0 AS is_fast_track, (hash(i, 'late') % 16 // 13)::BIGINT AS standing_notches"
        f" FROM range({count}) AS t(i)")


Person = tuple[tuple[Value, ...], bool, bool, int]  # values, Type I card, fast track, notches


def people_read(engine: duckdb.DuckDBPyConnection, policy: AssessmentPolicy, count: int) -> list[Person]:
    """Return people as the scalar evaluator takes them."""
    names = [f"{row.code}__{part}" for row in policy.enabled for part in ("value", "absence")]
    rows = engine.execute(
        f"SELECT {', '.join(names)}, has_type_i_default_card, is_fast_track, standing_notches FROM people"  # noqa: S608
        f" WHERE i < {count} ORDER BY i").fetchall()
    return [(tuple(row[place] if row[place] is not None else ABSENCES[row[place + 1] - 1]
                   for place in range(0, len(names), 2)), row[-3], row[-2], row[-1]) for row in rows]


def differences(engine: duckdb.DuckDBPyConnection, policy: AssessmentPolicy, rules: CompiledPolicy) -> int:
    """Return how many of EQUAL people get anything different from the two forms."""
    people = people_read(engine, policy, EQUAL)
    chosen = nw.from_native(engine.table("people")).filter(nw.col("i") < EQUAL)
    frame = scores(points(chosen, policy, with_reasons=True), policy).sort("i")
    wanted = ["score", "base_grade", "grade", *(f"{row.code}__{part}" for row in policy.enabled
                                                for part in ("points", "reason"))]
    found = frame.select(*wanted).to_native().fetchall()
    wrong = 0
    for (values, card, fast, notches), row in zip(people, found, strict=True):
        outcome = rules.evaluate(values, has_type_i_card=card, is_fast_track=fast, notches=notches)
        wrong += (outcome.score, outcome.base_grade, outcome.grade, *(part for one in outcome.rows for part in one)) != row
    return wrong


def median_seconds(action: Callable[[], object]) -> tuple[float, float]:
    """Return the medians of ROUNDS calls: seconds by the clock, and processor seconds over all threads."""
    taken, used = [], []
    for _ in range(ROUNDS):
        began, began_processor = time.perf_counter(), time.process_time()
        action()
        taken.append(time.perf_counter() - began)
        used.append(time.process_time() - began_processor)
    return statistics.median(taken), statistics.median(used)


def vector_query(engine: duckdb.DuckDBPyConnection, policy: AssessmentPolicy) -> str:
    """Return the SQL that Narwhals writes, every result column used."""
    frame = scores(points(nw.from_native(engine.table("people")), policy), policy)
    used = [*(f"sum({row.code}__points)" for row in policy.enabled), "sum(score)", "any_value(grade)",
            "any_value(base_grade)"]
    return f"SELECT {', '.join(used)} FROM ({frame.to_native().sql_query()})"  # noqa: S608


def main() -> None:
    """Print the table; `--json FILE` also writes the figures."""
    parser = argparse.ArgumentParser(prog="bench.policy", description=__doc__)
    parser.add_argument("--people", type=int, default=4_000_000, help="rows of the population")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="threads of DuckDB")
    parser.add_argument("--json", type=Path, default=None)
    chosen = parser.parse_args()
    policy = pack_read(PACK).parse("assessment", AssessmentPolicy)
    rules = compiled(policy)
    with duckdb.connect(config={"threads": chosen.threads}) as engine:
        engine.execute("SET enable_progress_bar = false")
        population_make(engine, policy, max(chosen.people, EQUAL))
        wrong = differences(engine, policy, rules)
        people = people_read(engine, policy, SCALAR)

        def scalar() -> None:
            for values, card, fast, notches in people:
                rules.evaluate(values, has_type_i_card=card, is_fast_track=fast, notches=notches)

        scalar_rate, scalar_processor = (len(people) / seconds for seconds in median_seconds(scalar))
        query = vector_query(engine, policy)
        rows = max(chosen.people, EQUAL)
        vector_rate, vector_processor = (rows / seconds for seconds in median_seconds(
            lambda: engine.execute(query).fetchall()))
    print(f"reference pack, {len(policy.enabled)} indicators; median of {ROUNDS} rounds; DuckDB {duckdb.__version__} with"
          f" {chosen.threads} threads; load average {os.getloadavg()[0]:.1f}")
    print(f"{wrong} of {EQUAL:,} random people differ between the two forms")
    print(f"{'one at a time, with reasons':<32}{scalar_rate:>14,.0f} a second   target {SCALAR_TARGET:,}"
          f"   ({scalar_processor:,.0f} a processor second)")
    print(f"{'as columns, Narwhals on DuckDB':<32}{vector_rate:>14,.0f} a second   target {VECTOR_TARGET:,}"
          f"   ({vector_processor:,.0f} a processor second)")
    is_met = not wrong and scalar_rate >= SCALAR_TARGET and vector_rate >= VECTOR_TARGET
    print(f"targets: {'met' if is_met else 'NOT met'}")
    if chosen.json:
        chosen.json.write_text(json.dumps({
            "differences": wrong, "compared": EQUAL, "scalar_per_second": scalar_rate, "vector_per_second": vector_rate,
            "scalar_per_processor_second": scalar_processor, "vector_per_processor_second": vector_processor,
            "people": chosen.people, "threads": chosen.threads, "load": os.getloadavg()[0]}, indent=1))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
