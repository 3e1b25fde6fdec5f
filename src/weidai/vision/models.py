"""Tables of vision: what was read off a customer's paper, and what the customer made of it. Personal data is sealed."""

from django.db import models
from django.db.models import Q

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.models import CustomerOwned


class PaperReading(CustomerOwned):
    """One picture read once; the newest of a kind counts until it is confirmed, nothing is overwritten."""

    kind = models.TextField(help_text="id_front, id_back, debit_card, business_licence, payslip, tax_certificate, bank_statement")
    picture_digest = models.TextField(help_text="sha256 of the picture as it was sent")
    file_id = models.UUIDField(null=True, help_text="where the picture lies, null when it was not kept")
    content = EncryptedTextField(purpose="vision.paper_reading.content", help_text="fields, boxes, checks and rows as JSON")
    engine = models.TextField()
    faults = models.JSONField(default=list, help_text="what was wrong with the picture: small, blurred, glare")
    read_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    corrected = models.JSONField(default=list, help_text="codes of the fields the customer changed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "kind", "picture_digest"], name="paper_reading_once_a_picture"),
            models.CheckConstraint(condition=Q(confirmed_at=None) | Q(confirmed_at__gte=models.F("read_at")),
                                   name="paper_reading_confirmed_after_read"),
        ]
        indexes = [models.Index(fields=["customer_id", "kind", "-read_at"], name="paper_reading_newest_first")]


class ReadingAttempt(CustomerOwned):
    """A picture that was not read: too bad, busy, failed. With the readings it counts against the day's attempts."""

    kind = models.TextField()
    reason = models.TextField(help_text="code of the refusal, or of the faults of the picture")
    tried_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer_id", "-tried_at"], name="reading_attempt_newest_first")]
