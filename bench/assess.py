"""Indicators, points, score and grade of a whole population out of raw events, beside hand-written SQL (R10.4).

    make bench-assess                                   500,000 people, 50 million events, DuckDB
    make bench-assess BENCH_ASSESS="--polars --spark"   the other engines once each (Spark needs Java and make setup-spark)
    make bench-assess BENCH_ASSESS="--people 50000 --events 5000000"

The extract is made once and kept in --data. In one run, ROUNDS times and by turns: the definitions of
`assessment.population` as Narwhals runs them on DuckDB, and two hand-written queries for the same result on the same
DuckDB, files, threads and memory limit; the faster one counts. Each writes one Parquet file, and the files are compared
row by row. Seconds are medians; processor seconds stand beside them because a busy machine stretches the clock. Memory is
the largest of the process that did it, each engine in a process of its own.
"""

# ruff: noqa: S608 - paths of the benchmark itself

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROUNDS, TARGET, MONTHS, MONTH = 5, 1.3, 12, date(2026, 10, 1)
PACK = Path(__file__).resolve().parents[1] / "policies" / "reference" / "2025-01-01"
REPOSITORY = Path(__file__).resolve().parents[1]


def data_make(folder: Path, people: int, events: int) -> None:
    """Write twelve monthly extracts, unless this very data is there already."""
    stamp, wanted = folder / "made.json", {"people": people, "events": events, "months": MONTHS, "until": f"{MONTH:%Y-%m}"}
    if stamp.exists() and json.loads(stamp.read_text()) == wanted:
        return
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "sandbox_world.extracts", "--out", str(folder), "--until", f"{MONTH:%Y-%m}",
                    "--months", str(MONTHS), "--people", str(people), "--events", str(events), "--known", "0",
                    "--keys", str(folder / "keys")], check=True, cwd=REPOSITORY)
    stamp.write_text(json.dumps(wanted))
    print(f"made {events:,} events of {people:,} people in {time.perf_counter() - began:.0f} s")


def data_files(folder: Path) -> dict[str, list[Path]]:
    """Return the files that the score of the month needs."""
    newest = folder / f"{MONTH:%Y-%m}"
    near = sorted(folder.glob("20*/balances.parquet"))[-4:]
    return {"people": [newest / "people.parquet"], "payments": sorted(folder.glob("20*/payments.parquet")),
            "balances": near, "contacts": [newest / "contacts.parquet"]}


def policy_read() -> Any:
    """Return the reference points table."""
    from weidai.assessment.policy import AssessmentPolicy
    from weidai.policy.pack import pack_read

    return pack_read(PACK).parse("assessment", AssessmentPolicy)


def measure(action: Callable[[], object]) -> tuple[float, float]:
    """Return seconds and processor seconds of one call."""
    began, processor = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began, time.process_time() - processor


def largest_memory_mb() -> int:
    """Return the largest resident size of this process so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def engine_run(name: str, folder: Path, target: Path, threads: int) -> dict[str, Any]:
    """Score with one engine, once, in this process."""
    from weidai.assessment.population.engines import Engine
    from weidai.assessment.population.running import scored_from_events

    policy = policy_read()
    master = os.environ.get("WEIDAI_SPARK_MASTER") or f"local[{threads}]"
    with Engine(name, threads=threads, master=master).open() as session:  # type: ignore[arg-type]
        seconds, processor = measure(lambda: session.write(
            scored_from_events(session, data_files(folder), policy, month=MONTH).select(*columns_compared(policy)), target))
    return {"engine": name, "seconds": seconds, "processor_seconds": processor, "memory_mb": largest_memory_mb()}


def columns_compared(policy: Any) -> list[str]:
    """Return the columns every contender writes."""
    parts = [f"{row.code}__{part}" for row in policy.enabled for part in ("value", "points")]
    return ["person_no", *parts, "score", "base_grade", "grade"]


def hand_run(variant: str, folder: Path, target: Path, threads: int) -> dict[str, Any]:
    """Score with a hand-written query, once, in this process."""
    import duckdb

    from bench.assess_sql import query
    from weidai.assessment.population.engines import MEMORY_LIMIT

    with duckdb.connect(config={"threads": threads, "memory_limit": MEMORY_LIMIT}) as engine:
        engine.execute("SET enable_progress_bar = false")
        text = query(variant, data_files(folder), MONTH)
        seconds, processor = measure(lambda: engine.execute(f"COPY ({text}) TO '{target}' (FORMAT parquet)"))
    return {"engine": variant, "seconds": seconds, "processor_seconds": processor, "memory_mb": largest_memory_mb()}


def in_own_process(name: str, folder: Path, target: Path, threads: int) -> dict[str, Any]:
    """Run one contender in a new process and return what it measured."""
    done = subprocess.run([sys.executable, "-m", "bench.assess", "--one", name, "--data", str(folder), "--target", str(target),
                           "--threads", str(threads)], check=True, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    return json.loads(done.stdout.strip().splitlines()[-1])


def differences(one: Path, other: Path) -> int:
    """Return how many people stand differently in two results, whatever column it is; missing people count."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("SET enable_progress_bar = false")
        names = [name for name, *_ in engine.execute(f"DESCRIBE SELECT * FROM '{one}'").fetchall()]
        listed = ", ".join(f"{name}::VARCHAR AS {name}" for name in names)
        return int(engine.execute(
            f"SELECT count(DISTINCT person_no) FROM ((SELECT {listed} FROM '{one}' EXCEPT ALL SELECT {listed} FROM '{other}')"
            f" UNION ALL (SELECT {listed} FROM '{other}' EXCEPT ALL SELECT {listed} FROM '{one}'))").fetchall()[0][0])


def main() -> None:
    """Make the data, let the contenders run by turns, print the table."""
    parser = argparse.ArgumentParser(prog="bench.assess")
    parser.add_argument("--people", type=int, default=500_000)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--data", type=Path, default=Path("/tmp/weidai-bench-assess"))  # noqa: S108 - a place to keep it
    parser.add_argument("--polars", action="store_true", help="Polars once as well")
    parser.add_argument("--spark", action="store_true", help="Spark once as well; WEIDAI_SPARK_MASTER for a cluster")
    parser.add_argument("--json", type=Path, default=None, help="also write the figures here")
    parser.add_argument("--one", default=None, help=argparse.SUPPRESS)
    parser.add_argument("--target", type=Path, default=None, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        run = hand_run if chosen.one.startswith("hand") else engine_run
        print(json.dumps(run(chosen.one, chosen.data, chosen.target, chosen.threads)))
        return
    data_make(chosen.data, chosen.people, chosen.events)
    sys.exit(0 if compare(chosen) else 1)


def compare(chosen: argparse.Namespace) -> bool:
    """Run everything and print; return whether all results are equal and the target is met."""
    names = ["duckdb", "hand, one pass", "hand, by month"]
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    targets = {name: chosen.data / f"result.{place}.parquet" for place, name in enumerate([*names, "polars", "spark"])}
    for turn in range(chosen.rounds):
        for name in names[turn % 3:] + names[:turn % 3]:
            taken[name].append(in_own_process(name, chosen.data, targets[name], chosen.threads))
    for name in ("polars", "spark"):
        if getattr(chosen, name):
            taken[name] = [in_own_process(name, chosen.data, targets[name], chosen.threads)]
    print(f"{chosen.people:,} people, {chosen.events:,} events over {MONTHS} months, {chosen.threads} threads, "
          f"{chosen.rounds} rounds by turns, load average {os.getloadavg()[0]:.1f}")
    print(f"{'':<26}{'median s':>10}{'fastest s':>11}{'processor s':>13}{'largest MB':>12}{'people who differ':>19}")
    figures: dict[str, Any] = {}
    for name, runs in taken.items():
        figures[name] = {
            "seconds": statistics.median(run["seconds"] for run in runs), "fastest": min(run["seconds"] for run in runs),
            "processor_seconds": statistics.median(run["processor_seconds"] for run in runs),
            "memory_mb": max(run["memory_mb"] for run in runs), "differences": differences(targets["duckdb"], targets[name])}
        shown = "Narwhals on DuckDB" if name == "duckdb" else name if name.startswith("hand") else f"Narwhals on {name.title()}"
        row = figures[name]
        print(f"{shown:<26}{row['seconds']:>10.2f}{row['fastest']:>11.2f}{row['processor_seconds']:>13.2f}"
              f"{row['memory_mb']:>12,}{row['differences']:>19,}")
    best = min(("hand, one pass", "hand, by month"), key=lambda name: figures[name]["seconds"])
    ratio = figures["duckdb"]["seconds"] / figures[best]["seconds"]
    processor = figures["duckdb"]["processor_seconds"] / figures[best]["processor_seconds"]
    is_equal = not any(row["differences"] for row in figures.values())
    print(f"Narwhals on DuckDB takes {ratio:.2f} × the best hand-written query ({best}), {processor:.2f} × in processor time; "
          f"target {TARGET}: {'met' if ratio <= TARGET else 'NOT met'}; results {'equal' if is_equal else 'DIFFER'}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"figures": figures, "ratio": ratio, "processor_ratio": processor,
                                           "people": chosen.people, "events": chosen.events}, indent=1))
    return is_equal and ratio <= TARGET


if __name__ == "__main__":
    main()
