"""The Django app of the staff room."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Staff accounts and roles."""

    name = "weidai.staff"
    label = "staff"

    def ready(self) -> None:
        """Log-ins go on record, whichever second factor was used."""
        from django.contrib.auth.signals import user_logged_in

        user_logged_in.connect(_log_in_record, dispatch_uid="staff.session.started")


def _log_in_record(*, user: Any, **_rest: object) -> None:
    from weidai.audit.services import Actor, event_record

    event_record("staff.session.started", subject_type="staff_user", subject_id=user.pk,
                 actor=Actor("staff", str(user.pk)))
