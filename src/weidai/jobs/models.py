"""Progress of the runs that the clock drives: enough to go on exactly where a killed process stopped (R7.10)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from weidai.platform.ids import uuid7


class EodRun(models.Model):
    """The closing of one business day of one book."""

    INSTITUTION_TABLE = "progress of a whole book"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    book_id = models.SmallIntegerField()
    day = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    bounds = models.JSONField(help_text="last customer id of every chunk; fixed when the run starts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book_id", "day"], name="eod_run_once")]


class EodStep(models.Model):
    """One chunk of one step, written in the transaction that did its work."""

    INSTITUTION_TABLE = "progress of a whole book"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(EodRun, on_delete=models.PROTECT, related_name="steps")
    step = models.TextField()
    chunk = models.PositiveIntegerField()
    row_count = models.BigIntegerField()
    milliseconds = models.PositiveIntegerField()
    finished_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step", "chunk"], name="eod_step_once")]


class EodException(models.Model):
    """A customer whose loans could not be closed with the rest: set aside, shown, tried again the next day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(EodRun, on_delete=models.PROTECT, related_name="exceptions")
    step = models.TextField()
    customer_id = models.UUIDField()
    loan_ids = models.JSONField(default=list)
    reason = models.TextField()
    noted_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step", "customer_id"], name="eod_exception_once")]
        indexes = [models.Index(fields=["noted_at"], condition=Q(resolved_at__isnull=True), name="eod_exception_open")]
