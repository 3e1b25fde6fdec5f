"""Tables of the risk room: allow and block lists by digest, and every decision with its reasons."""

from django.db import models

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.ids import uuid7
from weidai.platform.models import CustomerOwned


class ListEntry(models.Model):
    """A value that must be stopped or looked at: found by its keyed digest, kept sealed for the day the key is changed.

    Once taken off the list, neither is kept.
    """

    INSTITUTION_TABLE = "lists concern people who may not be customers at all"

    class Kind(models.TextChoices):
        ID_NUMBER = "id_number"
        MOBILE = "mobile"
        CARD_NUMBER = "card_number"
        CUSTOMER = "customer"

    class Effect(models.TextChoices):
        BLOCK = "block"
        CHALLENGE = "challenge"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    digest = models.TextField()
    value = EncryptedTextField(purpose="risk.list_entry.value", null=True)
    effect = models.TextField(choices=Effect.choices)
    reason = models.TextField()
    added_at = models.DateTimeField()
    added_by = models.TextField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "digest"], condition=models.Q(removed_at=None),
                                    name="risk_list_entry_once"),
            models.CheckConstraint(condition=models.Q(effect__in=["block", "challenge"]), name="risk_list_effect"),
        ]


class Decision(CustomerOwned):
    """What was decided about one event of one customer, why, and from which facts (R8.2)."""

    class Outcome(models.TextChoices):
        ALLOW = "allow"
        CHALLENGE = "challenge"
        BLOCK = "block"

    event = models.TextField(help_text="application, drawdown, payment, card_change, device_change")
    subject_id = models.UUIDField()
    outcome = models.TextField(choices=Outcome.choices)
    reasons = models.JSONField(default=list)
    facts = models.JSONField(default=dict, help_text="numbers and codes only, never personal data")
    pack_version = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "event", "subject_id"], name="risk_decision_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=["allow", "challenge", "block"]),
                                   name="risk_decision_outcome"),
        ]
        indexes = [models.Index(fields=["customer_id", "event", "decided_at"], name="risk_decision_velocity")]
