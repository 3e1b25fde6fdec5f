"""A portfolio of any size, written by set-based statements: copies of exact templates, whose ledger balances add up.

A typical day: every active loan accrues, 1/30 has a row due, 3 % are overdue at all ages, most customers pay by
auto-debit; settled, pending and cancelled loans lie among them. Rows lie in the order in which the loans were drawn, as in
a book that grew over the years; customers own them in no particular order, so that a chunk of customers is spread over
the pages of every table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg

from bench.templates import PAST_DUE_DAYS, SLOTS, VARIANTS, Template, templates
from weidai.kernel.days import due_instant, shanghai_instant
from weidai.lending.rules.state import LoanStatus

BOOK = 1
DAY = date(2026, 6, 15)
OVERDUE_PERCENT = 3
SETTLED_PERCENT = 5
AGREEMENT_PERCENT = 70
_PRODUCTS = sorted({variant[0] for variant in VARIANTS})
_TABLES = ("lending_drawdown", "lending_loan", "lending_installment", "limits_creditline", "limits_hold",
           "ledger_account", "ledger_ledgertransfer", "servicing_autodebitagreement", "servicing_overduespell",
           "servicing_debitinstruction", "servicing_loanclassification")


@dataclass(frozen=True, slots=True)
class Plan:
    """How big, which day is open, how many of the rows due on it are unpaid at its end, and how many debits hang."""

    loans: int
    day: date = DAY
    unpaid_percent: int = 100
    unanswered_percent: int = 2

    @property
    def customers(self) -> int:
        """Four customers for five loans; a prime step over them needs a count that it does not divide."""
        return max(self.loans * 4 // 5, 1)


def portfolio_load(url: str, plan: Plan) -> None:
    """Fill an empty, migrated database. Indexes and keys are made afterwards, which checks them all over again."""
    with psycopg.connect(url) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'; SET synchronous_commit = off")
        rebuilt = _keys_drop(connection)
        _functions(connection)
        _templates_load(connection, plan.day)
        _assign(connection, plan)
        for statement in _STATEMENTS:
            connection.execute(statement, _values(plan))
        for statement in rebuilt:
            connection.execute(statement)
        connection.execute("DROP FUNCTION bench_id(bigint, text, bigint)")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _values(plan: Plan) -> dict[str, object]:
    return {
        "book": BOOK, "day": plan.day, "night": due_instant(plan.day), "six": shanghai_instant(plan.day),
        "past": shanghai_instant(plan.day - timedelta(days=400)), "agreement": AGREEMENT_PERCENT,
        "unanswered": plan.unanswered_percent, "customers": plan.customers, "loans": plan.loans,
        "next_review": plan.day + timedelta(days=90),
    }


def _keys_drop(connection: psycopg.Connection) -> list[str]:
    """Drop foreign keys, unique constraints and plain indexes of the tables; return what makes them again."""
    found = connection.execute(
        """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype::text
             FROM pg_constraint
            WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u') ORDER BY contype""", [list(_TABLES)]).fetchall()
    for table, name, _, _ in found:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")  # type: ignore[arg-type]
    indexes = connection.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
            WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary""", [list(_TABLES)]).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]
    keys = sorted(found, key=lambda row: row[3], reverse=True)  # unique before foreign
    return [row[1] for row in indexes] + [
        f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition, _ in keys]


def _functions(connection: psycopg.Connection) -> None:
    connection.execute(
        """CREATE FUNCTION bench_id(n bigint, kind text, row_number bigint DEFAULT 0) RETURNS uuid LANGUAGE sql IMMUTABLE
           AS $$ SELECT (lpad(to_hex(n), 8, '0') || kind || '70008000' || lpad(to_hex(row_number), 12, '0'))::uuid $$""")


def _templates_load(connection: psycopg.Connection, day: date) -> None:
    connection.execute(
        """CREATE TEMP TABLE template (id int PRIMARY KEY, kind text, variant int, place int, product text, method text,
             term int, rate bigint, principal bigint, starts_on date, matures_on date, settled_on date, anchored_on date,
             numerator bigint, principal_days bigint, size bigint, outstanding bigint, overdue_principal bigint,
             overdue_since date, next_due_on date, billed bigint, interest_paid bigint, state text);
           CREATE TEMP TABLE template_row (template int, number int, starts_on date, due_on date, principal bigint,
             interest bigint, principal_paid bigint, interest_paid bigint, settled_on date, billed bigint,
             is_overdue bool)""")
    every = list(enumerate(templates(day)))
    with connection.cursor() as cursor:
        with cursor.copy("COPY template FROM STDIN") as copy:
            for number, template in every:
                copy.write_row(_template_row(number, template))
        with cursor.copy("COPY template_row FROM STDIN") as copy:
            for number, template in every:
                for row in template.state.installments:
                    copy.write_row((
                        number, row.number, row.starts_on, row.due_on, row.principal_fen, row.interest_fen,
                        row.principal_paid_fen, row.interest_paid_fen, row.settled_on,
                        template.billed_fen[row.number], row.number in template.overdue_numbers))
    connection.execute("CREATE INDEX ON template_row (template); ANALYZE template; ANALYZE template_row")


def _template_row(number: int, template: Template) -> Sequence[object]:
    state = template.state
    unsettled = [row for row in state.installments if not row.is_settled]
    late = [row for row in unsettled if row.number in template.overdue_numbers]
    is_settled = state.status is LoanStatus.SETTLED
    return (
        number, template.kind, template.variant, template.place, template.product, state.terms.method,
        state.terms.term_months, state.terms.daily_rate_e8, state.terms.principal_fen, state.terms.starts_on,
        state.installments[-1].due_on, state.anchored_on if is_settled else None, state.anchored_on,
        state.interest_numerator, state.principal_days, state.size_fen, state.outstanding_principal_fen,
        sum(row.principal_unpaid_fen for row in late), min((row.due_on for row in late), default=None),
        min((row.due_on for row in unsettled), default=None), sum(template.billed_fen.values()),
        sum(row.interest_paid_fen for row in state.installments), "settled" if is_settled else "active")


def _assign(connection: psycopg.Connection, plan: Plan) -> None:
    """Say of every loan whose it is and which template it copies."""
    connection.execute(
        f"""CREATE TEMP TABLE copy_of AS
        WITH numbered AS (
          SELECT n, n %% 100 AS percent, n / 100 AS block FROM generate_series(1, %(all)s) AS n),
        kinds AS (
          SELECT n, percent, CASE WHEN n > %(loans)s THEN 'settled' WHEN percent < {OVERDUE_PERCENT} THEN 'overdue'
                                  ELSE 'running' END AS kind,
                 CASE WHEN percent < {OVERDUE_PERCENT} THEN block * {OVERDUE_PERCENT} + percent
                      ELSE block * {100 - OVERDUE_PERCENT} + percent - {OVERDUE_PERCENT} END AS j FROM numbered),
        keyed AS (
          SELECT n, kind,
                 CASE kind WHEN 'running' THEN j / {SLOTS} %% {len(VARIANTS)} ELSE j %% {len(VARIANTS)} END AS variant,
                 CASE kind WHEN 'running' THEN j %% {SLOTS}
                           WHEN 'overdue' THEN j / {len(VARIANTS)} %% {len(PAST_DUE_DAYS)} ELSE 0 END AS place,
                 j / {SLOTS * len(VARIANTS)} %% 100 AS percentile FROM kinds)
        SELECT row_number() OVER (ORDER BY t.starts_on, k.n)::int AS n, k.n / 37 AS lot,
               (k.n::bigint * 7919) %% %(customers)s + 1 AS customer, t.id AS template FROM keyed AS k
          JOIN template AS t ON t.variant = k.variant AND t.place = k.place AND t.kind = CASE
            WHEN k.kind <> 'running' THEN k.kind WHEN k.place > 0 THEN 'current'
            WHEN k.percentile < %(unpaid)s OR t.method = 'bullet' THEN 'due_unpaid' ELSE 'due_paid' END""",  # noqa: S608
        {"all": plan.loans * (100 + SETTLED_PERCENT) // 100, "loans": plan.loans, "customers": plan.customers,
         "unpaid": plan.unpaid_percent})
    places = ", ".join(f"('{name}', {place})" for place, name in enumerate(_PRODUCTS))
    connection.execute(f"CREATE TEMP TABLE product AS SELECT * FROM (VALUES {places}) AS v(code, place)")  # noqa: S608
    connection.execute("ANALYZE copy_of")


_LOAN = "bench_id(c.n, '1000')"
_CUSTOMER = "bench_id(c.customer, 'c000')"
_FROM = "FROM copy_of AS c JOIN template AS t ON t.id = c.template"
_STATEMENTS: tuple[str, ...] = (  # fixed text with named values
    f"""INSERT INTO lending_drawdown (id, customer_id, line_id, book_id, product, amount_fen, purpose, term_months, method,
          daily_rate_e8, penalty_daily_rate_e8, annual_cap_ppm, grace_days, card_id, policy_version, state, failure_code,
          started_at, submitted_at, finished_at)
        SELECT bench_id(c.n, 'd000'), {_CUSTOMER}, bench_id(c.customer, '1100', p.place), %(book)s, t.product, t.principal,
               'daily_consumption', t.term, t.method, t.rate, 50000, 240000, 0, bench_id(c.customer, 'ca00'), 'bench',
               'posted', '', t.starts_on, t.starts_on, t.starts_on
          {_FROM} JOIN product AS p ON p.code = t.product ORDER BY c.n""",
    f"""INSERT INTO lending_loan (id, customer_id, book_id, line_id, drawdown_id, number, product, state, principal_fen,
          daily_rate_e8, penalty_daily_rate_e8, annual_cap_ppm, grace_days, method, term_months, card_id, policy_version,
          created_at, starts_on, matures_on, settled_on, anchored_on, interest_numerator, principal_days,
          prepaid_principal_fen, size_fen, outstanding_fen, overdue_principal_fen, overdue_since, next_due_on)
        SELECT {_LOAN}, {_CUSTOMER}, %(book)s, bench_id(c.customer, '1100', p.place), bench_id(c.n, 'd000'), 'B' || c.n,
               t.product, t.state, t.principal, t.rate, 50000, 240000, 0, t.method, t.term, bench_id(c.customer, 'ca00'),
               'bench', t.starts_on, t.starts_on, t.matures_on, t.settled_on, t.anchored_on, t.numerator,
               t.principal_days, 0, t.size, t.outstanding, t.overdue_principal, t.overdue_since, t.next_due_on
          {_FROM} JOIN product AS p ON p.code = t.product ORDER BY c.n""",
    f"""INSERT INTO lending_drawdown (id, customer_id, line_id, book_id, product, amount_fen, purpose, term_months, method,
          daily_rate_e8, penalty_daily_rate_e8, annual_cap_ppm, grace_days, card_id, policy_version, state, failure_code,
          started_at, submitted_at)
        SELECT bench_id(c.n, 'd001'), {_CUSTOMER}, bench_id(c.customer, '1100', p.place), %(book)s, t.product, t.principal,
               'daily_consumption', t.term, t.method, t.rate, 50000, 240000, 0, bench_id(c.customer, 'ca00'), 'bench',
               CASE WHEN c.n %% 2 = 0 THEN 'paying' ELSE 'failed' END, '', %(six)s, %(six)s
          {_FROM} JOIN product AS p ON p.code = t.product WHERE t.state = 'settled' AND c.n %% 5 = 0""",
    f"""INSERT INTO lending_loan (id, customer_id, book_id, line_id, drawdown_id, number, product, state, principal_fen,
          daily_rate_e8, penalty_daily_rate_e8, annual_cap_ppm, grace_days, method, term_months, card_id, policy_version,
          created_at, interest_numerator, principal_days, prepaid_principal_fen, size_fen, outstanding_fen,
          overdue_principal_fen)
        SELECT bench_id(c.n, '1001'), {_CUSTOMER}, %(book)s, bench_id(c.customer, '1100', p.place), bench_id(c.n, 'd001'),
               'P' || c.n, t.product, CASE WHEN c.n %% 2 = 0 THEN 'pending' ELSE 'cancelled' END, t.principal, t.rate,
               50000, 240000, 0, t.method, t.term, bench_id(c.customer, 'ca00'), 'bench', %(six)s, 0, 0, 0, 0, 0, 0
          {_FROM} JOIN product AS p ON p.code = t.product WHERE t.state = 'settled' AND c.n %% 5 = 0""",
    f"""INSERT INTO lending_installment (id, customer_id, loan_id, book_id, number, starts_on, due_on, principal_fen,
          interest_fen, principal_paid_fen, interest_paid_fen, penalty_paid_fen, fee_fen, fee_paid_fen, penalty_numerator,
          settled_on, interest_billed_fen, is_overdue)
        SELECT bench_id(c.n, '1200', r.number), {_CUSTOMER}, {_LOAN}, %(book)s, r.number, r.starts_on, r.due_on, r.principal,
               r.interest, r.principal_paid, r.interest_paid, 0, 0, 0, 0, r.settled_on, r.billed, r.is_overdue
          FROM copy_of AS c JOIN template_row AS r ON r.template = c.template ORDER BY c.n, r.number""",  # noqa: S608
    f"""INSERT INTO limits_creditline (id, customer_id, product, status, approved_fen, target_fen, used_fen, reserved_fen,
          grade, daily_rate_e8, application_id, pack_version, granted_at, activated_at, next_review_on)
        SELECT bench_id(c.customer, '1100', p.place), {_CUSTOMER}, t.product, 'activated', sum(t.principal), sum(t.principal),
               sum(t.outstanding), 0, 'B', min(t.rate), bench_id(c.customer, 'a000', p.place), 'bench', %(past)s, %(past)s,
               %(next_review)s
          {_FROM} JOIN product AS p ON p.code = t.product GROUP BY c.customer, t.product, p.place""",
    """INSERT INTO servicing_autodebitagreement (id, customer_id, number, card_id, granted_at)
        SELECT bench_id(n, 'ad00'), bench_id(n, 'c000'), 'AD' || n, bench_id(n, 'ca00'), %(past)s
          FROM generate_series(1, %(customers)s) AS n WHERE (n * 31) %% 100 < %(agreement)s""",
    f"""INSERT INTO servicing_overduespell (id, customer_id, book_id, first_due_on, started_at, is_void)
        SELECT bench_id(c.customer, 'e000'), {_CUSTOMER}, %(book)s, min(t.overdue_since),
               (min(t.overdue_since) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', false
          {_FROM} WHERE t.overdue_since IS NOT NULL GROUP BY c.customer""",
    """INSERT INTO limits_hold (id, customer_id, kind, source, reason, placed_at, release_reason)
        SELECT gen_random_uuid(), customer_id, 'overdue', 'servicing', 'overdue', started_at, ''
          FROM servicing_overduespell""",
    f"""INSERT INTO servicing_loanclassification (id, customer_id, loan_id, book_id, category, from_on, days_past_due)
        SELECT bench_id(c.n, 'cc00'), {_CUSTOMER}, {_LOAN}, %(book)s, 'special_mention', t.overdue_since, 1
          {_FROM} WHERE t.overdue_since BETWEEN %(day)s::date - 90 AND %(day)s::date - 1""",
    f"""INSERT INTO servicing_debitinstruction (id, customer_id, loan_id, book_id, kind, intent, card_id, agreement_number,
          request_id, amount_fen, due_on, "window", send_at, state, failure_reason, created_at, sent_at, entry_id)
        SELECT bench_id(c.n, 'db00'), {_CUSTOMER}, {_LOAN}, %(book)s, 'automatic', 'due', bench_id(c.customer, 'ca00'),
               'AD' || c.customer, 'ad-' || c.n, r.principal + r.interest, %(day)s, 3, %(six)s, 'unknown', '', %(six)s,
               %(six)s, ''
          {_FROM} JOIN template_row AS r ON r.template = t.id AND r.due_on = %(day)s AND r.settled_on IS NULL
         WHERE t.kind = 'due_unpaid' AND (c.customer * 31) %% 100 < %(agreement)s AND c.lot %% 100 < %(unanswered)s""",
    f"""CREATE TEMP TABLE leg ON COMMIT DROP AS
        SELECT c.n, c.customer, v.place, v.debit, v.credit, v.debit_subject, v.credit_subject, v.amount, v.kind, t.starts_on
          {_FROM} CROSS JOIN LATERAL (VALUES
            (1, 'loan_principal', 'disbursement_clearing', true, false, t.principal, 'drawdown.disbursed'),
            (2, 'interest_receivable', 'interest_income', true, true, t.billed, 'interest.billed'),
            (3, 'collection_clearing', 'interest_receivable', false, true, t.interest_paid, 'interest.collected'),
            (4, 'collection_clearing', 'loan_principal', false, true, t.principal - t.outstanding, 'principal.collected'))
            AS v(place, debit, credit, debit_subject, credit_subject, amount, kind)
         WHERE v.amount > 0""",
    """INSERT INTO ledger_account (id, customer_id, code, subject_id, is_debit_normal, may_overdraw, debits_posted_fen,
          credits_posted_fen, debits_pending_fen, credits_pending_fen)
        SELECT bench_id(coalesce(loan, customer), CASE code WHEN 'loan_principal' THEN 'a001'
                 WHEN 'interest_receivable' THEN 'a002' WHEN 'interest_income' THEN 'a003'
                 WHEN 'disbursement_clearing' THEN 'a004' ELSE 'a005' END),
               bench_id(customer, 'c000'), code,
               coalesce(bench_id(loan, '1000'), '00000000-0000-0000-0000-000000000000'), code <> 'interest_income',
               code NOT IN ('loan_principal', 'interest_receivable'), sum(debit), sum(credit), 0, 0
          FROM (SELECT customer, CASE WHEN debit_subject THEN n END AS loan, debit AS code, amount AS debit, 0::bigint AS credit
                  FROM leg
                UNION ALL
                SELECT customer, CASE WHEN credit_subject THEN n END, credit, 0, amount FROM leg) AS s
         GROUP BY customer, loan, code ORDER BY loan, customer, code""",
    """INSERT INTO ledger_ledgertransfer (id, customer_id, journal_id, phase, debit_account_id, credit_account_id, amount_fen,
          kind, cause_type, cause_id, book_id, booked_on, occurred_at)
        SELECT bench_id(n, 'f000', place), bench_id(customer, 'c000'), bench_id(n, 'f100', place), 'posted',
               CASE place WHEN 1 THEN bench_id(n, 'a001') WHEN 2 THEN bench_id(n, 'a002')
                          ELSE bench_id(customer, 'a005') END,
               CASE place WHEN 1 THEN bench_id(customer, 'a004') WHEN 2 THEN bench_id(n, 'a003')
                          WHEN 3 THEN bench_id(n, 'a002') ELSE bench_id(n, 'a001') END,
               amount, kind, 'lending.loan', bench_id(n, '1000'), %(book)s, starts_on, starts_on
          FROM leg ORDER BY n, place""",
    "INSERT INTO platform_book (id, name, open_on, state) VALUES (%(book)s, 'main', %(day)s, 'live')",
)
