"""Tells the timeline what was published: two small reads, made by the timeline at most every two seconds a process."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from django.db import DatabaseError, connection

from weidai.platform import clock
from weidai.policy import selectors
from weidai.policy.errors import PolicyRefused
from weidai.policy.models import KeptPack, PackVersion
from weidai.policy.timeline import Term

log = structlog.get_logger(__name__)


class Publications:
    """The source of `policy.timeline` in a running installation."""

    def __init__(self) -> None:
        self._is_there = False

    def read(self) -> tuple[tuple[Term, ...], str | None] | None:
        """Return terms and the version in shadow; None while the database does not answer or has no such table yet."""
        try:
            if not self._is_there and not self._tables_found():
                return (), None
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT effective_from, version, id FROM policy_policyterm UNION ALL"
                    " SELECT NULL, version, NULL FROM policy_packversion WHERE state IN ('shadow', 'approved')"
                    " ORDER BY id NULLS LAST")
                rows = cursor.fetchall()
        except DatabaseError as error:
            log.warning("policy.publications_unreadable", error=type(error).__name__)
            return None
        terms = tuple(Term(effective_from, version) for effective_from, version, place in rows if place is not None)
        return terms, next((version for _, version, place in rows if place is None), None)

    def files(self, version: str) -> Mapping[str, str] | None:
        """Return the files of a version that was validated here, or was in the folder once."""
        if not self._is_there and not self._tables_found():
            return None
        drafted = PackVersion.objects.filter(version=version).order_by("-id").values_list("files", flat=True).first()
        return drafted or KeptPack.objects.filter(version=version).values_list("files", flat=True).first()

    def _tables_found(self) -> bool:
        """Before the migrations there is nothing to read, and asking would break the transaction they run in."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('policy_policyterm') IS NOT NULL")
            self._is_there = bool(cursor.fetchone()[0])
        return self._is_there


def folder_keep(**_: object) -> None:
    """Keep the folder's versions that are not kept yet; called after every migration, so with every start and upgrade."""
    try:
        packs = selectors.pack_list()
    except PolicyRefused as refused:  # told by `weidai policy validate` and at the first decision; tables come first
        log.warning("policy.folder_refused", file=refused.file, rule=refused.rule)
        return
    KeptPack.objects.bulk_create(
        [KeptPack(version=pack.version, files=dict(pack.files), kept_at=clock.wall_now()) for pack in packs],
        ignore_conflicts=True)
