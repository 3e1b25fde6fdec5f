"""Tables of the products room: invitations (R3.4). The catalogue itself lives in the policy pack."""

from django.db import models

from weidai.platform.models import CustomerOwned


class Invitation(CustomerOwned):
    """One customer may apply for one invited product until a date."""

    class State(models.TextChoices):
        ISSUED = "issued"
        USED = "used"
        WITHDRAWN = "withdrawn"

    product = models.TextField()
    state = models.TextField(choices=State.choices, default=State.ISSUED)
    batch_id = models.UUIDField(null=True)
    pack_version = models.TextField()
    issued_at = models.DateTimeField()
    expires_on = models.DateField(help_text="last day on which it can be used")
    used_by = models.UUIDField(null=True, help_text="the application that used it")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "product", "issued_at"], name="invitation_once"),
            models.CheckConstraint(
                condition=models.Q(state="used", used_by__isnull=False)
                | (~models.Q(state="used") & models.Q(used_by=None)),
                name="invitation_used_by_application"),
        ]
