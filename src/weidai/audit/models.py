"""Tables of the audit room: events (append-only) and day seals."""

from django.db import models

from weidai.platform.ids import uuid7


class Event(models.Model):
    """Something that happened. Facts are ids, codes, amounts and dates: personal data never enters."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer_id = models.UUIDField(null=True, db_index=True)
    name = models.TextField()
    subject_type = models.TextField()
    subject_id = models.UUIDField(db_index=True)
    actor_kind = models.TextField()
    actor_id = models.TextField()
    occurred_at = models.DateTimeField(help_text="business instant")
    recorded_at = models.DateTimeField(help_text="wall-clock instant", db_index=True)
    day = models.DateField(help_text="Shanghai day of the fact, under which it is sealed")
    request_id = models.TextField(default="")
    facts = models.JSONField(default=dict)
    digest = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["day"], name="event_by_day"),
            models.Index(fields=["name", "-id"], name="event_by_name"),
        ]


class Seal(models.Model):
    """A Merkle tree over the events of a day not sealed before, signed and chained to the seal before it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(unique=True, help_text="position in the chain of seals, from 1")
    day = models.DateField()
    sequence = models.IntegerField(help_text="0 for the day's closing; later arrivals of a sealed day get the next one")
    tree_size = models.BigIntegerField()
    root = models.TextField()
    previous = models.TextField()
    signature = models.TextField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "sequence"], name="seal_once")]


class SealedEvent(models.Model):
    """Which seal an event belongs to and at which leaf."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT)
    leaf_index = models.BigIntegerField()
