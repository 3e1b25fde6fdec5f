"""Tables of files. The content itself lies sealed on a shelf; a row says what it is and what became of it."""

from django.db import models
from django.db.models import Q

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.models import CustomerOwned


class StoredFile(CustomerOwned):
    """One file of one customer. After deletion the row stays: kind, digest and times are the proof."""

    kind = models.TextField(help_text="kind code of the retention section of the policy pack")
    name = EncryptedTextField(purpose="files.stored_file.name", help_text="what the sender called it, cleaned")
    media_type = models.TextField()
    size_bytes = models.IntegerField()
    width = models.IntegerField(default=0, help_text="pixels; 0 for what is no picture")
    height = models.IntegerField(default=0)
    digest = models.TextField(help_text="sha256 of the content as kept")
    source_digest = models.TextField(help_text="sha256 of the content as it was sent")
    removed = models.JSONField(default=list, help_text="codes of what cleaning took away")
    key_id = models.TextField(help_text="the data key that seals the content")
    stored_at = models.DateTimeField()
    keep_until = models.DateField(null=True, help_text="last day it is kept; null = as long as the record it belongs to")
    deleted_at = models.DateTimeField(null=True)
    deletion_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(deleted_at=None) | ~Q(deletion_reason=""), name="file_deleted_for_a_reason"),
            models.UniqueConstraint(fields=["customer_id", "kind", "source_digest"], condition=Q(deleted_at=None),
                                    name="file_once_per_kind"),
        ]
        indexes = [
            models.Index(fields=["customer_id", "kind", "-stored_at"], name="file_newest_first"),
            models.Index(fields=["keep_until"], condition=Q(deleted_at=None), name="file_due_for_deletion"),
        ]


class DeletionReceipt(CustomerOwned):
    """What was made unreadable, when, by whose order; the audit event of the same id seals it."""

    what = models.TextField(help_text="file, biometrics or everything")
    reason = models.TextField()
    counts = models.JSONField(help_text="what kind, how many: files, keys, rows")
    digest = models.TextField(help_text="sha256 over the digests of what was deleted")
    deleted_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["customer_id", "-deleted_at"], name="deletion_receipt_newest")]
