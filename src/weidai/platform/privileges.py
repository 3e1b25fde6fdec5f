"""Append-only by revoked rights: the application's role may add evidence and postings, never change or remove them."""

from __future__ import annotations

from django.db import connection

APPEND_ONLY = ("ledger_ledgertransfer", "audit_event", "audit_seal", "audit_sealedevent", "policy_policyterm", "policy_keptpack")
APP_ROLE = "weidai_app"


def privileges_apply() -> bool:
    """Grant the application role its rights and revoke change on append-only tables; called after every migration.

    Returns False when there is no separate application role (a single-role DATABASE_URL): then the rights are taken
    from the owner itself, which can only be undone by granting them again on purpose.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        has_role = cursor.fetchone() is not None
        role = APP_ROLE if has_role else "CURRENT_USER"
        if has_role:
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in APPEND_ONLY:
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
    return has_role
