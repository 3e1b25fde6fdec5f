"""Tables of the ground: data keys, clock, books, idempotency keys, outbox and inbox."""

from django.db import models

from weidai.platform.ids import uuid7


class CustomerOwned(models.Model):
    """Base of every table that belongs to one customer: spread by `customer_id`, never joined across customers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer_id = models.UUIDField(editable=False, db_index=True)

    class Meta:
        abstract = True


class DataKey(CustomerOwned):
    """A person's data key, wrapped by the master key; the nil customer's is the institution's own (R9.6)."""

    scope = models.TextField(help_text="p personal data, b biometrics, i the institution's own")
    number = models.IntegerField()
    kek_version = models.IntegerField(help_text="which version of the master key wraps it")
    wrapped = models.BinaryField(null=True, help_text="null once it was destroyed: what it sealed is gone")
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "scope", "number"], name="data_key_once"),
            models.CheckConstraint(
                condition=models.Q(wrapped=None) ^ models.Q(destroyed_at=None), name="data_key_destroyed_is_empty"),
        ]
        indexes = [models.Index(fields=["kek_version", "id"], condition=models.Q(destroyed_at=None), name="data_key_by_kek")]


class ClockOffset(models.Model):
    """One row: how many seconds business time is ahead of wall time."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="clock_offset_single_row"),
            models.CheckConstraint(condition=models.Q(seconds__gte=0), name="clock_offset_forward_only"),
        ]


class Book(models.Model):
    """A part of the portfolio that is closed day by day as one: all of it in book 1 unless a portfolio is being loaded."""

    class State(models.TextChoices):
        LOADING = "loading"  # history is being lived in; the nightly run leaves it alone
        LIVE = "live"

    id = models.SmallIntegerField(primary_key=True)
    name = models.TextField()
    open_on = models.DateField(help_text="the open business date; everything before it is closed")
    state = models.TextField(choices=State.choices, default=State.LIVE)


class IdempotencyKey(CustomerOwned):
    """A request already answered: same key and body gives the stored reply, another body is refused."""

    scope = models.TextField()
    key = models.TextField()
    request_digest = models.TextField()
    reply = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "scope", "key"], name="idempotency_key_once"),
        ]


class OutboxMessage(CustomerOwned):
    """One call to make to the outside, written in the transaction that decided it; carries ids, never personal data."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"  # gave up after the last try; shown to operations, may be re-opened

    kind = models.TextField()
    subject_id = models.UUIDField()
    state = models.TextField(choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    business_at = models.DateTimeField(help_text="business instant at which it was decided")
    last_error = models.TextField(default="")
    lane = models.TextField(default="", help_text="whose clock it was decided by; empty for the present")

    class Meta:
        indexes = [models.Index(fields=["lane", "not_before"], condition=models.Q(state="pending"), name="outbox_due")]
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "kind", "subject_id"], name="outbox_once_per_subject"),
        ]


class InboxMessage(models.Model):
    """A message a partner sent us, kept once per (partner, partner's id), applied or parked, never lost."""

    class State(models.TextChoices):
        RECEIVED = "received"
        APPLIED = "applied"
        PARKED = "parked"  # early or contradictory: waits for its subject or for a person

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.TextField()
    partner_event_id = models.TextField()
    kind = models.TextField()
    payload = models.JSONField()
    state = models.TextField(choices=State.choices, default=State.RECEIVED)
    note = models.TextField(default="")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "partner_event_id"], name="inbox_once_per_partner_event"),
        ]
        indexes = [models.Index(fields=["received_at"], condition=~models.Q(state="applied"), name="inbox_open")]


class KeyDestruction(models.Model):
    """How many destructions of data keys there were: one row, by which every process sees that it must forget (R8.5)."""

    INSTITUTION_TABLE = "counts for all customers, names none"

    id = models.SmallIntegerField(primary_key=True)
    count = models.BigIntegerField(default=0)
