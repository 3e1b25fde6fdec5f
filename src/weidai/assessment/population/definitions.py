"""From accepted rows to the columns the measures read: written once, in Narwhals, run by any engine (R2.1, R2.5).

Instants are whole microseconds since 1970 in UTC; a month begins at midnight in Asia/Shanghai. Amounts are whole fen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import narwhals as nw

from weidai.assessment.measures import month_columns
from weidai.assessment.measures.columns import COUNT, SPEND, month_column, month_names, place_of
from weidai.assessment.policy import AssessmentPolicy
from weidai.kernel.days import months_later, shanghai_instant

KEY = "person_no"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(day: date) -> int:
    """Return the instant at which a day begins in Shanghai."""
    return (shanghai_instant(day) - _EPOCH) // _MICROSECOND


def month_edges(days: Sequence[date]) -> list[int]:
    """Return the instants at which days begin in Shanghai, in microseconds."""
    return [microseconds(day) for day in days]


def month_number(month: date) -> int:
    """Return a month as one whole number: months since year 0."""
    return month.year * 12 + month.month - 1


def customer_month(events: nw.LazyFrame, months: Sequence[date]) -> nw.LazyFrame:
    """Sum payments by person and month, for months in a row (their first days), refunds netted in their own month.

    Transfers are no spending; a month with transfers only is a month with data. A further sum is null where the extract
    told no merchant category at all.
    """
    edges = month_edges([*months, months_later(months[-1], 1)])
    at = nw.col("at_us")
    chosen = events.filter((at >= edges[0]) & (at < edges[-1]))
    sums = _event_sums(events)
    by = [KEY]
    if len(months) > 1:
        number: nw.Expr = nw.lit(month_number(months[0]))
        for one, edge in zip(months[1:], edges[1:], strict=False):
            number = nw.when(at >= edge).then(nw.lit(month_number(one))).otherwise(number)
        chosen = chosen.with_columns(month=number)
        by.append("month")
    found = chosen.with_columns(**sums).group_by(*by).agg(*(nw.col(name).sum() for name in sums))
    if len(months) == 1:
        found = found.with_columns(month=nw.lit(month_number(months[0])))
    missing = [column.name for column in month_columns() if column.name not in sums]
    kept = [nw.col(KEY).cast(nw.Int64), nw.col("month").cast(nw.Int64), *(nw.col(name).cast(nw.Int64) for name in sums)]
    return found.select(*kept, *(nw.lit(None).cast(nw.Int64).alias(name) for name in missing))


def _event_sums(events: nw.LazyFrame) -> dict[str, nw.Expr]:
    """What one event adds to each sum of its month: refunds come off, transfers are no spending, payments are counted."""
    kind, amount = nw.col("kind"), nw.col("amount_fen")
    signed = nw.when(kind == "payment").then(amount).otherwise(nw.when(kind == "refund").then(-amount).otherwise(nw.lit(0)))
    counted = nw.when(kind == "payment").then(nw.lit(1)).otherwise(nw.lit(0))
    sums = {SPEND: signed, COUNT: counted}
    if "category" in events.collect_schema().names():
        for column in month_columns():
            part = signed if column.of == "amount_fen" else counted
            sums[column.name] = nw.when(nw.col("category") == column.category).then(part).otherwise(nw.lit(0))
    return sums


@dataclass(frozen=True, slots=True)
class Rows:
    """Payments in either form, events or sums by person and month, as the window over months wants them."""

    frame: nw.LazyFrame
    in_month: Callable[[int], nw.Expr]  # months back → whether a row lies in it
    sums: dict[str, nw.Expr]
    time: str  # column whose least value tells the first month
    history_of: Callable[[nw.Expr], nw.Expr]  # that least value → complete months since


def rows_of_sums(sums: nw.LazyFrame, *, as_of: date, history: int) -> Rows:
    """Return the rows of a store's customer_month: what a month's load left."""
    newest, month = month_number(as_of) - 1, nw.col("month")
    return Rows(
        sums.filter((month <= newest) & (month > newest - history)), lambda back: month == newest + 1 - back,
        {name: nw.col(name) for name in month_names()}, "month", lambda first: newest + 1 - first)


def rows_of_events(events: nw.LazyFrame, *, as_of: date, history: int) -> Rows:
    """Return the rows of raw events: a whole history at once, without the sums by month between."""
    edges, at = month_edges([months_later(as_of, -back) for back in range(history + 1)]), nw.col("at_us")

    def history_of(first: nw.Expr) -> nw.Expr:
        result: nw.Expr = nw.lit(history)
        for back in range(history - 1, 0, -1):
            result = nw.when(first >= edges[back]).then(nw.lit(back)).otherwise(result)
        return result

    return Rows(events.filter((at >= edges[history]) & (at < edges[0])),
                lambda back: (at >= edges[back]) & (at < edges[back - 1]), _event_sums(events), "at_us", history_of)


@dataclass(frozen=True, slots=True)
class Tables:
    """What profiles are made of; a table that no extract told is None, and its facts are not available."""

    people: nw.LazyFrame
    payments: Rows
    balances: nw.LazyFrame | None
    contacts: nw.LazyFrame | None
    card_limits: nw.LazyFrame | None


Wanted = tuple[str, int]  # a sum's name and how many months back


def wanted_by(policy: AssessmentPolicy) -> tuple[Wanted, ...]:
    """Return the sums by month that a policy's enabled indicators and its fast track read."""
    names = {column.name for row in policy.enabled for column in row.taken_by.month_columns}
    spends = [(name, back) for name in (SPEND, *sorted(names)) for back in range(1, policy.window_months + 1)]
    return (*spends, *((COUNT, back) for back in range(1, policy.fast_track.months + 1)))


def wanted_whole(months: int) -> tuple[Wanted, ...]:
    """Return every sum of the last months: what a person's profile holds."""
    return tuple((name, back) for name in month_names() for back in range(1, months + 1))


def profiles(
    tables: Tables, *, as_of: date, wanted: Sequence[Wanted], balance_days: int, contact_days: int, keeps_absence: bool,
) -> nw.LazyFrame:
    """Return one row per person: sums of complete months before `as_of`, mean balance, contacts.

    `keeps_absence` leaves spend and count null in a month without a row, as a single profile tells it; the indicators
    take such a month for 0 and need no such care.
    """
    found = tables.people.select(nw.col(KEY).cast(nw.Int64), "id_digest")
    parts = [_months_wide(tables.payments, wanted, keeps_absence=keeps_absence)]
    if tables.balances is not None:
        parts.append(_mean_balance(tables.balances, as_of, balance_days))
    if tables.contacts is not None:
        parts.append(_effective_contacts(tables.contacts, as_of, contact_days))
    if tables.card_limits is not None:
        parts.append(tables.card_limits.group_by(KEY).agg(nw.col("limit_fen").sum().alias("card_limit_total_fen")))
    for part in parts:
        found = found.join(part, on=KEY, how="left")
    if tables.contacts is not None:
        found = found.with_columns(nw.col("contacts").fill_null(0), nw.col("effective_contacts").fill_null(0))
    return found.with_columns(nw.col("history_months").fill_null(0))


def _months_wide(rows: Rows, wanted: Sequence[Wanted], *, keeps_absence: bool) -> nw.LazyFrame:
    """One row per person; several rows of one month are added up. Null where no row told the sum.

    Engines differ about the sum of nothing, so what was told is counted beside it: one count a month for spend and
    payments, which always come together.
    """
    columns, counts, told = {}, {}, {}
    for name, back in wanted:
        is_month, column = rows.in_month(back), month_column(name, back)
        amount = rows.sums.get(name)
        columns[column] = nw.lit(0) if amount is None else nw.when(is_month).then(amount).otherwise(nw.lit(0))
        if amount is None:
            counts[_told(name, back)] = nw.lit(0)
        elif name not in (SPEND, COUNT):
            counts[_told(name, back)] = nw.when(is_month & ~amount.is_null()).then(nw.lit(1)).otherwise(nw.lit(0))
        elif keeps_absence:
            counts[_told(name, back)] = nw.when(is_month).then(nw.lit(1)).otherwise(nw.lit(0))
        if _told(name, back) in counts:
            told[column] = _told(name, back)
    wide = rows.frame.with_columns(**columns, **counts).group_by(KEY).agg(
        nw.col(rows.time).min().alias("_first"), *(nw.col(name).sum() for name in (*columns, *counts)))
    return wide.select(nw.col(KEY), rows.history_of(nw.col("_first")).cast(nw.Int64).alias("history_months"), *(
        nw.when(nw.col(told[name]) > 0).then(nw.col(name)).cast(nw.Int64).alias(name) if name in told
        else nw.col(name).cast(nw.Int64) for name in columns))


def _told(name: str, back: int) -> str:
    return f"_told_m{back}" if name in (SPEND, COUNT) else f"_told_{month_column(name, back)}"


def _mean_balance(balances: nw.LazyFrame, as_of: date, days: int) -> nw.LazyFrame:
    """The floor of the mean over the days that were told within the window; no such day is no fact."""
    day = nw.col("on")
    chosen = balances.filter((day >= nw.lit(as_of - timedelta(days=days))) & (day < nw.lit(as_of)))
    total = nw.col("wallet_fen") + nw.col("wealth_fen")
    sums = chosen.with_columns(_total=total).group_by(KEY).agg(
        nw.col("_total").sum(), nw.col("_total").count().alias("balance_days"))
    whole, number = nw.col("_total").cast(nw.Int64), nw.col("balance_days").cast(nw.Int64)
    return sums.select(KEY, number.alias("balance_days"), (whole // number).cast(nw.Int64).alias("mean_daily_balance_fen"))


def _effective_contacts(contacts: nw.LazyFrame, as_of: date, days: int) -> nw.LazyFrame:
    since, until = month_edges([as_of - timedelta(days=days), as_of])
    last = nw.col("last_at_us")
    is_effective = nw.when((last >= since) & (last < until)).then(nw.lit(1)).otherwise(nw.lit(0))
    sums = contacts.with_columns(contacts=nw.lit(1), effective_contacts=is_effective).group_by(KEY).agg(
        nw.col("contacts").sum(), nw.col("effective_contacts").sum())
    return sums.select(KEY, *(nw.col(name).cast(nw.Int64) for name in ("contacts", "effective_contacts")))


def fact_frame(found: nw.LazyFrame, wanted: Sequence[Wanted]) -> nw.LazyFrame:
    """Turn profiles into the measures' columns, for people of whom nothing but the extract is known.

    Both data consents are taken as given, own loans as none, the credit report as not asked for.
    """
    has = set(found.collect_schema().names())
    filled = [nw.col(month_column(name, back)).fill_null(0) for name, back in wanted if name in (SPEND, COUNT)]
    absent = {name: nw.lit(None).cast(nw.Int64) for name in ("mean_daily_balance_fen", "effective_contacts")
              if name not in has}
    return found.with_columns(
        *filled, **absent, overdue_events=nw.lit(0), standing_notches=nw.lit(0),
        bureau_score=nw.lit(None).cast(nw.Int64), report_age_days=nw.lit(None).cast(nw.Int64),
        bureau_absence=nw.lit(place_of("no_report")), has_payment_consent=nw.lit(True), has_social_consent=nw.lit(True),
        has_type_i_default_card=nw.lit(False))
