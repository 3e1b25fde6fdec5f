"""Tables of security: one-time codes, borrower sessions, payment passwords. Secrets are kept as digests or hashes."""

from django.db import models

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.ids import uuid7
from weidai.platform.models import CustomerOwned


class SmsChallenge(models.Model):
    """One code sent to one mobile for one purpose and context; used once, guessed at most five times.

    Before registration there is no customer, so the row is found by its own id, not by `customer_id`.
    """

    INSTITUTION_TABLE = "exists before there is a customer"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer_id = models.UUIDField(null=True)
    purpose = models.TextField()
    mobile_digest = models.TextField()
    code_digest = models.TextField(help_text="keyed digest over id, purpose, context and code")
    mobile = EncryptedTextField(purpose="security.sms_challenge.mobile", null=True)
    code = EncryptedTextField(
        purpose="security.sms_challenge.code", null=True, help_text="kept only until the message is handed over",
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)


class SmsAllowance(models.Model):
    """How often a mobile was sent a code: one row per number, locked while a code is issued."""

    INSTITUTION_TABLE = "counts per mobile number, with or without a customer"

    mobile_digest = models.TextField(primary_key=True)
    last_sent_at = models.DateTimeField(null=True)
    counted_on = models.DateField(null=True, help_text="Shanghai day the count belongs to")
    sent_count = models.PositiveSmallIntegerField(default=0)


class SmsAddressAllowance(models.Model):
    """How many codes were asked for from one network address or device: one row each, locked while a code is issued."""

    INSTITUTION_TABLE = "counts per network address, before it is known who asks"

    address_digest = models.TextField(primary_key=True, help_text="keyed digest; the address itself is not kept")
    window_began_at = models.DateTimeField(null=True)
    window_count = models.PositiveIntegerField(default=0)
    counted_on = models.DateField(null=True, help_text="Shanghai day the count belongs to")
    sent_count = models.PositiveIntegerField(default=0)


class Device(CustomerOwned):
    """A browser a customer signed in with: known by a random name in its cookie, and by a key it cannot give away."""

    digest = models.TextField(help_text="keyed digest of the name in the cookie")
    label = models.TextField(default="", help_text="kind of device and browser")
    public_key = models.TextField(default="", help_text="P-256 key (SPKI, base64) whose private half stays in the browser")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    key_proved_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "digest"], name="device_once_per_customer")]
        indexes = [models.Index(fields=["digest"], name="device_by_digest")]


class BorrowerSession(CustomerOwned):
    """One signed-in browser; the token itself is only in its cookie."""

    token_digest = models.TextField()
    device = models.TextField(default="", help_text="kind of device and browser, for the customer's own list")
    device_id = models.UUIDField(null=True, help_text="the registered device it began on")
    ip = EncryptedTextField(purpose="security.session.ip")
    started_at = models.DateTimeField(help_text="business instant")
    expires_at = models.DateTimeField(help_text="wall instant: a clock moved forward signs nobody out")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "token_digest"], name="session_token_once"),
        ]


class PaymentPassword(CustomerOwned):
    """The six digits a customer signs payments with: keyed digest (the key is outside the database), then argon2."""

    password_hash = models.TextField()
    set_at = models.DateTimeField()
    wrong_count = models.PositiveSmallIntegerField(default=0)
    lock_count = models.PositiveSmallIntegerField(default=0, help_text="locks since the last right attempt: each is longer")
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id"], name="payment_password_one_each")]
