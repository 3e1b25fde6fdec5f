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
    told = models.JSONField(default=dict, help_text="what the message says beside the code: amount_fen, term_months")
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
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "digest"], name="device_once_per_customer")]
        indexes = [models.Index(fields=["digest"], name="device_by_digest")]


class DeviceKey(CustomerOwned):
    """A P-256 key a device was bound by; its private half never leaves the device. Retired keys stay as evidence (R6.2)."""

    class Bound(models.TextChoices):
        FIRST = "first"  # the account's first key: code by text message and payment password
        AGAIN = "again"  # a further or lost key: a face or staff video check as well

    device_id = models.UUIDField()
    fingerprint = models.TextField(help_text="SHA-256 of the key (SPKI), hex")
    public_key = models.TextField(help_text="SPKI, base64")
    bound = models.TextField(choices=Bound.choices)
    seen_by = models.TextField(default="", help_text="face or staff_video, where one was asked for")
    registered_at = models.DateTimeField()
    full_from = models.DateTimeField(help_text="until then a drawdown signed with it is held to a lower amount")
    retired_at = models.DateTimeField(null=True)
    retired_why = models.TextField(default="", help_text="replaced or locked")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "fingerprint"], condition=models.Q(retired_at=None),
                                    name="device_key_once"),
            models.CheckConstraint(condition=models.Q(bound__in=["first", "again"]), name="device_key_bound_known"),
        ]


class DeviceSignature(CustomerOwned):
    """What a device signed to change how an account is protected; a signed nonce counts once."""

    deed = models.TextField(help_text="payment_password, default_card")
    subject = models.TextField(help_text="what it is done to: an id")
    key_id = models.UUIDField()
    nonce = models.TextField()
    signature = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "nonce"], name="device_signature_nonce_once")]


class PasswordGuesses(models.Model):
    """Wrong payment passwords from one device, or from one address where a device has no name, whatever the account."""

    INSTITUTION_TABLE = "counts per device or address, over all accounts"

    asking_digest = models.TextField(primary_key=True)
    window_began_at = models.DateTimeField(null=True)
    wrong_count = models.PositiveSmallIntegerField(default=0)


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
    """The six digits a customer signs payments with: keyed digest (a pepper sealed for this person), then argon2."""

    password_hash = models.TextField()
    pepper = EncryptedTextField(purpose="security.payment_password.pepper", null=True)
    set_at = models.DateTimeField()
    wrong_count = models.PositiveSmallIntegerField(default=0)
    lock_count = models.PositiveSmallIntegerField(default=0, help_text="locks since the last right attempt: each is longer")
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id"], name="payment_password_one_each")]
