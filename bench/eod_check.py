"""What a closed day must leave behind, told as JSON: the ledger rebuilt, and totals that two runs can be compared by."""

from __future__ import annotations

import json
import os
import sys
from datetime import date

import django

TOTALS = {
    "installments": "SELECT count(*) FILTER (WHERE is_overdue), sum(interest_billed_fen)::bigint,"
                    " md5(string_agg(id::text || interest_billed_fen || is_overdue, ',' ORDER BY id)) FROM lending_installment",
    "loans": "SELECT count(*) FILTER (WHERE overdue_since IS NOT NULL), sum(overdue_principal_fen)::bigint,"
             " md5(string_agg(id::text || overdue_principal_fen || coalesce(overdue_since::text, ''), ',' ORDER BY id))"
             " FROM lending_loan",
    "balances": "SELECT count(*), sum(debits_posted_fen)::bigint, md5(string_agg(customer_id::text || code || subject_id"
                " || debits_posted_fen || '/' || credits_posted_fen, ',' ORDER BY customer_id, code, subject_id))"
                " FROM ledger_account",
    "transfers": "SELECT count(*), sum(amount_fen)::bigint, md5(string_agg(customer_id::text || {cause} || kind || amount_fen"
                 " || booked_on, ',' ORDER BY customer_id, {cause}, kind, amount_fen)) FROM ledger_ledgertransfer".replace(
                     "{cause}", "CASE cause_type WHEN 'lending.loan' THEN cause_id::text ELSE cause_type END"),
    "general_ledger": "SELECT count(*), md5(string_agg(day::text || code || debits_fen || '/' || credits_fen || '/'"
                      " || transfer_count, ',' ORDER BY day, code)) FROM ledger_generalledgerday",
    "accruals": "SELECT count(*), md5(string_agg(day::text || product || interest_e8 || '/' || penalty_e8, ','"
                " ORDER BY day, product)) FROM servicing_accrualday",
    "holds": "SELECT count(*), md5(string_agg(customer_id::text || kind || coalesce(release_reason, ''), ','"
             " ORDER BY customer_id, kind)) FROM limits_hold",
    "spells": "SELECT count(*), md5(string_agg(customer_id::text || first_due_on, ',' ORDER BY customer_id))"
              " FROM servicing_overduespell",
    "debits": "SELECT count(*), sum(amount_fen)::bigint, md5(string_agg(customer_id::text || loan_id || amount_fen || due_on"
              " || state, ',' ORDER BY customer_id, loan_id, due_on)) FROM servicing_debitinstruction",
    "categories": "SELECT count(*), md5(string_agg(customer_id::text || loan_id || category || from_on, ','"
                  " ORDER BY customer_id, loan_id, from_on)) FROM servicing_loanclassification",
    "non_accrual": "SELECT count(*), md5(string_agg(customer_id::text || loan_id || began_on, ',' ORDER BY customer_id,"
                   " loan_id)) FROM servicing_nonaccrualspell",
    "suspended": "SELECT count(*), sum(interest_billed_fen - interest_paid_fen)::bigint FROM lending_installment"
                 " WHERE is_interest_suspended",
    "tax": "SELECT count(*), sum(income_fen)::bigint, sum(tax_fen)::bigint FROM servicing_vatday",
    "notices": "SELECT count(*), md5(string_agg(customer_id::text || template || values, ',' ORDER BY customer_id))"
               " FROM messaging_notice",
    "text_messages": "SELECT count(*) FROM messaging_textmessage",
    "outbox": "SELECT count(*), count(DISTINCT (customer_id, subject_id)) FROM platform_outboxmessage",
    "events": "SELECT name, count(*), count(DISTINCT customer_id) FROM audit_event GROUP BY name ORDER BY name",
    "sealed": "SELECT count(*), count(DISTINCT event_id) FROM audit_sealedevent",
    "book": "SELECT open_on::text FROM platform_book WHERE id = 1",
}


def totals() -> dict[str, object]:
    """Return every total that must not depend on how often a run was killed."""
    from django.db import connection

    found: dict[str, object] = {}
    with connection.cursor() as cursor:
        for name, sql in TOTALS.items():
            cursor.execute(sql)
            found[name] = [list(row) for row in cursor.fetchall()]
    return found


def main() -> None:
    """Print the ledger's own check, the verification of the evidence and the totals."""
    django.setup()
    from weidai.audit import selectors as audit
    from weidai.ledger import selectors as ledger

    with_totals = "--totals" in sys.argv
    books, evidence = ledger.check(), audit.verify()
    print(json.dumps({
        "ledger_is_sound": books.is_sound, "transfers": books.transfer_count, "accounts": books.account_count,
        "evidence_is_sound": evidence.is_sound, "events": evidence.event_count, "sealed": evidence.sealed_count,
        "totals": totals() if with_totals else {}}, default=lambda value: value.isoformat() if isinstance(value, date)
        else str(value)))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    main()
