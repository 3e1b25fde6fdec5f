"""Tables of messaging: notices in the app and text messages. Wording lives in `templates.py`, rows keep its values."""

from django.db import models

from weidai.platform.models import CustomerOwned


class Notice(CustomerOwned):
    """One thing the customer was told in the app; template and values give the same sentence in either language."""

    template = models.TextField()
    values = models.JSONField(default=dict, help_text="amounts, dates and masked words only, never personal data")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "-created_at", "-id"], name="notice_newest_first"),
            models.Index(fields=["customer_id"], condition=models.Q(read_at=None), name="notice_unread"),
        ]


class TextMessage(CustomerOwned):
    """One text message to the customer's own mobile; the number is asked from the contact book when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"  # the gateway said a final no

    template = models.TextField()
    values = models.JSONField(default=dict, help_text="amounts, dates and masked words only, never personal data")
    state = models.TextField(choices=State.choices, default=State.WAITING)
    reason = models.TextField(default="")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["customer_id", "-created_at"], name="text_message_newest_first")]
