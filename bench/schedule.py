"""A twelve-row schedule (R10.5) beside what Python programmers use for it, in one process, one after the other.

    make bench-schedule

What each gives is not the same: weidai's rows carry real dates, actual days, exact fen and a last row that takes the
residue; the others compute in floats, without dates except loan-calculator. The best of many rounds counts for all.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import timeit
from collections.abc import Callable
from datetime import date

from weidai.lending.rules import LoanTerms, RepaymentMethod, irr_annual, schedule_build

PRINCIPAL_YUAN, MONTHS, DAILY_RATE_E8, STARTS_ON = 12_000, 12, 45_000, date(2026, 1, 15)
ANNUAL_RATE = DAILY_RATE_E8 * 365 / 10**8
ROUNDS, SECONDS_A_ROUND = 25, 0.05
SCHEDULE_TARGET_US, APR_TARGET_US = 20, 100


def best_us(action: Callable[[], object]) -> float:
    """Return the best time of one call in µs."""
    timer = timeit.Timer(action)
    once = timer.timeit(20) / 20
    number = max(int(SECONDS_A_ROUND / once), 1)
    return min(timer.repeat(ROUNDS, number)) / number * 1e6


def contenders() -> dict[str, tuple[str, Callable[[], object]]]:
    """Return what is measured: what it gives, and the call. Others are left out when they are not installed."""
    level = LoanTerms(principal_fen=PRINCIPAL_YUAN * 100, daily_rate_e8=DAILY_RATE_E8, method=RepaymentMethod.LEVEL_PAYMENT,
                      term_months=MONTHS, starts_on=STARTS_ON)
    equal = LoanTerms(principal_fen=PRINCIPAL_YUAN * 100, daily_rate_e8=DAILY_RATE_E8,
                      method=RepaymentMethod.EQUAL_PRINCIPAL, term_months=MONTHS, starts_on=STARTS_ON)
    dates = [row.due_on for row in schedule_build(level).installments]
    found: dict[str, tuple[str, Callable[[], object]]] = {
        "weidai, level payment": ("12 dated rows, exact fen", lambda: schedule_build(level)),
        "weidai, equal principal": ("12 dated rows, exact fen", lambda: schedule_build(equal)),
    }
    try:
        import numpy_financial
        from amortization import amortization_schedule
        from loan_calculator import Loan
    except ImportError:
        print("the others are not installed: make bench-schedule installs requirements/bench.txt", file=sys.stderr)
        return found
    periods = list(range(1, MONTHS + 1))
    monthly = ANNUAL_RATE / 12
    return found | {
        "amortization": ("12 rows, floats, no dates",
                         lambda: list(amortization_schedule(PRINCIPAL_YUAN, ANNUAL_RATE, MONTHS))),
        "numpy-financial": ("12 rows as arrays, floats, no dates", lambda: (
            numpy_financial.ppmt(monthly, periods, MONTHS, -PRINCIPAL_YUAN),
            numpy_financial.ipmt(monthly, periods, MONTHS, -PRINCIPAL_YUAN))),
        "loan-calculator": ("12 dated rows, floats", lambda: Loan(PRINCIPAL_YUAN, ANNUAL_RATE, STARTS_ON, dates)),
    }


def main() -> None:
    """Print the table; with an argument, also write the figures to that file."""
    schedule = schedule_build(LoanTerms(
        principal_fen=PRINCIPAL_YUAN * 100, daily_rate_e8=DAILY_RATE_E8, method=RepaymentMethod.LEVEL_PAYMENT,
        term_months=MONTHS, starts_on=STARTS_ON))
    print(f"{PRINCIPAL_YUAN:,} yuan over {MONTHS} months at {DAILY_RATE_E8 / 10**6:.3f} % a day; Python"
          f" {platform.python_version()}, best of {ROUNDS} rounds, load average {os.getloadavg()[0]:.1f}")
    figures = {}
    print(f"{'':<28}{'µs':>8}{'times':>8}  gives")
    first = 0.0
    for name, (gives, action) in contenders().items():
        figures[name] = best_us(action)
        first = first or figures[name]
        print(f"{name:<28}{figures[name]:>8.1f}{figures[name] / first:>8.1f}  {gives}")
    figures["weidai, dated IRR"] = best_us(lambda: irr_annual(schedule))
    print(f"{'weidai, dated IRR (APR)':<28}{figures['weidai, dated IRR']:>8.1f}{'':>8}  to 1e-9, on actual days")
    slowest = max(figures["weidai, level payment"], figures["weidai, equal principal"])
    met = slowest < SCHEDULE_TARGET_US and figures["weidai, dated IRR"] < APR_TARGET_US
    print(f"target: schedule < {SCHEDULE_TARGET_US} µs, APR < {APR_TARGET_US} µs: {'met' if met else 'NOT met'}")
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
