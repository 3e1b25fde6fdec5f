"""The hand-written queries of `bench.assess`: indicators, points, score and grade of the reference pack in one statement.

They may use what a careful analyst may: numbers of the pack written in, floats for the ratio. Two ways to the monthly
sums: one pass over the events with a conditional sum per month, or sums by person and month first.
"""

# ruff: noqa: S608 - paths and numbers of the benchmark itself

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

SHANGHAI_AHEAD = timedelta(hours=8)


def _later(month: date, by: int) -> date:
    place = month.year * 12 + month.month - 1 + by
    return date(place // 12, place % 12 + 1, 1)


def _at(day: date) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - SHANGHAI_AHEAD
    return int(midnight.timestamp()) * 1_000_000


def _files(paths: Sequence[Path]) -> str:
    return "read_parquet([" + ", ".join(f"'{path}'" for path in paths) + "])"


def query(variant: str, files: dict[str, list[Path]], month: date) -> str:
    """Return the whole statement for `hand, one pass` or `hand, by month`."""
    as_of = _later(month, 1)
    edges = [_at(_later(as_of, -back)) for back in range(13)]
    monthly = _one_pass(files, edges) if variant == "hand, one pass" else _by_month(files, edges)
    days = {day: as_of - timedelta(days=day) for day in (90,)}
    february = [(_later(as_of, -back + 1) - _later(as_of, -back)).days * 5 for back in (1, 2, 3)]
    fast = " AND ".join(f"c{back} >= {least}" for back, least in enumerate(february, start=1))
    return f"""
WITH monthly AS ({monthly}),
balance AS (SELECT person_no, sum(wallet_fen + wealth_fen)::BIGINT // count(*) AS held FROM {_files(files['balances'])}
            WHERE "on" >= DATE '{days[90]}' AND "on" < DATE '{as_of}' GROUP BY person_no),
contact AS (SELECT person_no, count(*) FILTER (last_at_us >= {_at(days[90])} AND last_at_us < {edges[0]}) AS known
            FROM {_files(files['contacts'])} GROUP BY person_no),
facts AS (SELECT p.person_no, has6, has3, m1, m2, m3, m4, m5, m6, c1, c2, c3, m1 + m2 + m3 + m4 + m5 + m6 AS total, held,
                 coalesce(known, 0) AS known
          FROM {_files(files['people'])} p LEFT JOIN monthly USING (person_no) LEFT JOIN balance USING (person_no)
          LEFT JOIN contact USING (person_no)),
ratios AS (SELECT *, coalesce(has3 AND {fast}, false) AS fast, CASE WHEN has6 THEN total END AS spend,
                  CASE WHEN has6 AND total > 0 THEN least(floor(sqrt(((6 * m1 - total)::DOUBLE ** 2
                  + (6 * m2 - total)::DOUBLE ** 2 + (6 * m3 - total)::DOUBLE ** 2 + (6 * m4 - total)::DOUBLE ** 2
                  + (6 * m5 - total)::DOUBLE ** 2 + (6 * m6 - total)::DOUBLE ** 2) / 5) / total * 1000000 + 0.5), 1000000000)
                  ::BIGINT END AS ratio FROM facts),
points AS (SELECT *,
    CASE WHEN spend IS NULL OR spend <= 0 THEN 0 WHEN spend >= 1800000 THEN 200
         ELSE (1600 * spend + 9000000) // 18000000 END AS p1,
    CASE WHEN known >= 200 THEN 50 ELSE (400 * known + 1000) // 2000 END AS p2,
    CASE WHEN held IS NULL THEN 0 WHEN held >= 500000 THEN 150 ELSE (1200 * held + 2500000) // 5000000 END AS p3,
    CASE WHEN ratio IS NULL THEN 0 WHEN ratio <= 150000 THEN 150
         ELSE floor((36000000 + ratio) / (2 * ratio))::BIGINT END AS p5
    FROM ratios),
scored AS (SELECT *, least(p1 + p2 + p3 + 250 + p5 + CASE WHEN fast THEN 20 ELSE 0 END, 1000) AS score FROM points)
SELECT person_no, spend AS payment_activity__value, p1 AS payment_activity__points, known AS social_ties__value,
       p2 AS social_ties__points, held AS asset_balance__value, p3 AS asset_balance__points, 0 AS repayment_record__value,
       250 AS repayment_record__points, ratio AS spending_stability__value, p5 AS spending_stability__points,
       NULL::BIGINT AS bureau_score__value, 0 AS bureau_score__points, score,
       CASE WHEN score >= 850 THEN 'A' WHEN score >= 720 THEN 'B' WHEN score >= 600 THEN 'C' WHEN score >= 450 THEN 'D'
            ELSE 'E' END AS base_grade, base_grade AS grade
FROM scored"""


_SIGNED = "CASE kind WHEN 'payment' THEN amount_fen WHEN 'refund' THEN -amount_fen ELSE 0 END"


def _one_pass(files: dict[str, list[Path]], edges: list[int]) -> str:
    sums = [f"sum(CASE WHEN at_us >= {edges[back]} AND at_us < {edges[back - 1]} THEN s ELSE 0 END)::BIGINT AS m{back}"
            for back in range(1, 7)]
    counts = [f"count(*) FILTER (kind = 'payment' AND at_us >= {edges[back]} AND at_us < {edges[back - 1]}) AS c{back}"
              for back in range(1, 4)]
    return (f"SELECT person_no, min(at_us) < {edges[5]} AS has6, min(at_us) < {edges[2]} AS has3, {', '.join(sums + counts)}"
            f" FROM (SELECT person_no, at_us, kind, {_SIGNED} AS s FROM {_files(files['payments'])})"
            f" WHERE at_us >= {edges[12]} AND at_us < {edges[0]} GROUP BY person_no")


def _by_month(files: dict[str, list[Path]], edges: list[int]) -> str:
    number = " + ".join(f"(at_us < {edge})::INT" for edge in edges[1:12])
    sums = [f"sum(CASE WHEN b = {back} THEN s ELSE 0 END)::BIGINT AS m{back}" for back in range(1, 7)]
    counts = [f"sum(CASE WHEN b = {back} THEN c ELSE 0 END)::BIGINT AS c{back}" for back in range(1, 4)]
    return (f"SELECT person_no, max(b) >= 6 AS has6, max(b) >= 3 AS has3, {', '.join(sums + counts)} FROM ("
            f"SELECT person_no, 1 + {number} AS b, sum({_SIGNED}) AS s, count(*) FILTER (kind = 'payment') AS c"
            f" FROM {_files(files['payments'])} WHERE at_us >= {edges[12]} AND at_us < {edges[0]} GROUP BY 1, 2)"
            " GROUP BY person_no")
