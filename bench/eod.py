"""End of day at scale (R7.10, R10.1): one typical day closed by the real code, beside a one-loan-at-a-time loop.

    make bench-eod                      one million loans
    make bench-eod LOANS="100000 1000000 3000000"
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.database import Database, database
from bench.portfolio import DAY, OVERDUE_PERCENT, Plan

SAMPLE = 2000
TARGET_SECONDS_PER_MILLION = 60
TARGET_MEMORY_MB = 300


@dataclass(frozen=True, slots=True)
class Result:
    """What one size gave."""

    loans: int
    closing: dict[str, Any]
    plain: dict[str, Any]
    check: dict[str, Any]


def main() -> None:
    """Measure every size asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("loans", nargs="*", type=int, default=[1_000_000])
    parser.add_argument("--unpaid", type=int, default=100, help="percent of the rows due that are unpaid at midnight")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="loans closed one at a time for comparison")
    parser.add_argument("--chunk", type=int, default=0, help="customers a chunk (0: as in production)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    cores = os.cpu_count()
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, embedded PostgreSQL with production"
          " settings (fsync, synchronous_commit, full_page_writes on)")
    print(f"A day: all loans accrue, 1/30 have a row due of which {given.unpaid} % are unpaid at midnight, "
          f"{OVERDUE_PERCENT} % overdue before; the bank's answers are not waited for.")
    results = []
    for loans in given.loans:
        plan = Plan(loans, unpaid_percent=given.unpaid)
        with database(plan) as filled:
            results.append(_measure(filled, plan, given.sample, given.chunk))
        _show(results[-1])
    if len(results) > 1:
        _show_growth(results)
    if given.json:
        given.json.write_text(json.dumps([{"loans": r.loans, "closing": r.closing, "plain": r.plain, "check": r.check}
                                          for r in results], indent=1))


def _measure(filled: Database, plan: Plan, sample: int, chunk: int) -> Result:
    print(f"\n{plan.loans:,} active loans generated in {filled.load_seconds:.0f} s; load average of the machine"
          f" {os.getloadavg()[0]:.1f}", flush=True)
    day = DAY.isoformat()
    filled.run("bench.day_events", str(plan.loans // 15), day)
    plain = json.loads(filled.run("bench.eod_plain", day, str(sample)))
    filled.settle()
    server_before = filled.server_cpu_seconds()
    closing = json.loads(filled.run("bench.eod_close", day, str(chunk)))
    closing["server_cpu_seconds"] = filled.server_cpu_seconds() - server_before
    closing["load_average"] = os.getloadavg()[0]
    check = json.loads(filled.run("bench.eod_check"))
    return Result(plan.loans, closing, plain, check)


def _show(result: Result) -> None:
    closing, loans = result.closing, result.loans
    print(f"{'step':<16}{'seconds':>9}{'chunks':>8}{'rows':>12}{'statements':>12}{'per chunk':>11}{'WAL B/loan':>12}")
    for step in closing["steps"]:
        counts = step["statements"]
        span = f"{min(counts)}–{max(counts)}" if counts and min(counts) != max(counts) else f"{max(counts, default=0)}"
        print(f"{step['step']:<16}{step['seconds']:>9.2f}{step['chunks']:>8}{step['rows']:>12,}{sum(counts):>12,}"
              f"{span:>11}{step['wal'] / loans:>12.0f}")
    seconds = closing["seconds"]
    total = sum(sum(step["statements"]) for step in closing["steps"])
    wal = sum(step["wal"] for step in closing["steps"]) / loans
    print(f"{'all':<16}{seconds:>9.2f}{'':>8}{'':>12}{total:>12,}{'':>11}{wal:>12.0f}")
    print(f"{loans / seconds:,.0f} loans a second; application memory {closing['peak_mb']:.0f} MB at its peak"
          f" ({closing['idle_mb']:.0f} MB before it began); {closing['set_aside']} set aside;"
          f" load average {closing['load_average']:.1f}; processor time {closing['cpu_seconds']:.1f} s in the application,"
          f" {closing['server_cpu_seconds']:.1f} s in PostgreSQL")
    check = result.check
    print(f"afterwards: ledger rebuilt from {check['transfers']:,} transfers in {check['accounts']:,} accounts:"
          f" {'sound' if check['ledger_is_sound'] else 'NOT SOUND'}; evidence of {check['events']:,} events:"
          f" {'sound' if check['evidence_is_sound'] else 'NOT SOUND'}")
    plain = result.plain
    rate = plain["loans"] / plain["seconds"]
    print(f"one loan at a time (ORM, a commit each; sample of {plain['loans']:,} loans on the same database):"
          f" {rate:,.0f} loans a second, {plain['statements'] / plain['loans']:.1f} statements a loan;"
          f" extrapolated to {loans:,}: {loans / rate:,.0f} s, {loans / rate / seconds:,.0f} × as long")
    target = TARGET_SECONDS_PER_MILLION * loans / 1_000_000
    print(f"target: {target:.0f} s and {TARGET_MEMORY_MB} MB: "
          f"{'met' if seconds <= target and closing['peak_mb'] < TARGET_MEMORY_MB else 'NOT met'}", flush=True)


def _show_growth(results: list[Result]) -> None:
    first = results[0]
    print("\ngrowth: " + "; ".join(
        f"{r.loans / first.loans:.0f} × the loans, {r.closing['seconds'] / first.closing['seconds']:.1f} × the time"
        for r in results[1:]))


if __name__ == "__main__":
    main()
