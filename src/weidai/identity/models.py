"""Tables of identity. Personal data is sealed in place; equality goes through `DigestEntry` (R1.1, R9.6)."""

from django.db import models
from django.db.models import F, Q

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.ids import uuid7
from weidai.platform.models import CustomerOwned


class Customer(CustomerOwned):
    """One person, one account; `id` and `customer_id` are the same value, so that the row lives with what it owns."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        CLOSED = "closed"

    class Occupation(models.TextChoices):
        EMPLOYED = "employed"
        SELF_EMPLOYED = "self_employed"
        STUDENT = "student"
        OTHER = "other"

    book_id = models.SmallIntegerField(default=1)
    status = models.TextField(choices=Status.choices, default=Status.ACTIVE)
    mobile = EncryptedTextField(purpose="identity.customer.mobile")
    name = EncryptedTextField(purpose="identity.customer.name", null=True)
    id_number = EncryptedTextField(purpose="identity.customer.id_number", null=True)
    sex = models.TextField(default="")
    language = models.TextField(default="zh")
    region_code = models.TextField(default="", help_text="first two digits of the region, as in the ID number")
    occupation = models.TextField(choices=Occupation.choices, default="", blank=True)
    employer = EncryptedTextField(purpose="identity.customer.employer", null=True)
    declared_monthly_income_fen = models.BigIntegerField(null=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(customer_id=F("id")), name="customer_owns_itself"),
            models.CheckConstraint(
                condition=Q(declared_monthly_income_fen=None) | Q(declared_monthly_income_fen__gte=0),
                name="customer_income_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["book_id", "id"], name="customer_by_book")]


class DigestEntry(models.Model):
    """Whose is this ID number, mobile or card: the one table that is not spread by customer (ARCHITECTURE §4)."""

    class Kind(models.TextChoices):
        ID_NUMBER = "id_number"
        MOBILE = "mobile"
        CARD = "card"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    digest = models.TextField()
    customer_id = models.UUIDField(db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="digest_entry_one_owner")]


class Verification(CustomerOwned):
    """One check of one item with its outcome; the newest final one of an item counts, nothing is overwritten."""

    class Item(models.TextChoices):
        ID_CARD = "id_card"
        FACE = "face"
        STAFF_VIDEO = "staff_video"
        BANK_CARD = "bank_card"
        MOBILE = "mobile"

    class State(models.TextChoices):
        PASSED = "passed"
        FAILED = "failed"
        INCONCLUSIVE = "inconclusive"  # the partner could not tell; may be tried again

    item = models.TextField(choices=Item.choices)
    state = models.TextField(choices=State.choices)
    method = models.TextField(help_text="who answered: id_registry, face_vendor, card_network, mobile_operator, staff")
    purpose = models.TextField(default="real_name", help_text="real_name or activation (face and staff video)")
    facts = models.JSONField(default=dict, help_text="words, dates and scores of the answer, never personal data")
    checked_at = models.DateTimeField()
    valid_to = models.DateField(null=True, help_text="last day the passed item counts; null = no end")

    class Meta:
        indexes = [models.Index(fields=["customer_id", "item", "-checked_at"], name="verification_newest_first")]


class Consent(CustomerOwned):
    """One purpose, one recipient, one text version; given and withdrawn by the customer, never bundled (R1.9)."""

    purpose = models.TextField()
    recipient = models.TextField()
    text_version = models.TextField()
    text_digest = models.TextField(help_text="sha256 over the text in both languages as it was shown")
    channel = models.TextField(default="h5")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "purpose", "recipient"], condition=Q(withdrawn_at=None),
                name="consent_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_withdrawn_after_given",
            ),
        ]


class BankCard(CustomerOwned):
    """A debit card proved to be the customer's own by the four-element match (R1.6)."""

    class State(models.TextChoices):
        ACTIVE = "active"
        REMOVED = "removed"

    class AccountClass(models.TextChoices):
        TYPE_I = "I"
        TYPE_II = "II"

    card_number = EncryptedTextField(purpose="identity.bank_card.card_number")
    digest = models.TextField()
    bank_code = models.TextField()
    bank_name_zh = models.TextField()
    account_class = models.TextField(choices=AccountClass.choices)
    masked = models.TextField()
    is_default = models.BooleanField(default=False)
    state = models.TextField(choices=State.choices, default=State.ACTIVE)
    bound_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "digest"], condition=Q(state="active"), name="bank_card_bound_once",
            ),
            models.UniqueConstraint(
                fields=["customer_id"], condition=Q(is_default=True), name="bank_card_one_default",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(state="active"), name="bank_card_default_is_active",
            ),
        ]


class StaffVideoRequest(CustomerOwned):
    """The way without face recognition: a video talk with staff who compare card and person (R1.5, R6.1)."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for a person, or with `first_decided_by` for a second one
        PASSED = "passed"
        REFUSED = "refused"
        UNFINISHED = "unfinished"  # the talk did not come about or could not be told; nothing was decided

    purpose = models.TextField(help_text="real_name or activation")
    state = models.TextField(choices=State.choices, default=State.WAITING)
    requested_at = models.DateTimeField()
    claimed_by = models.TextField(default="", help_text="staff user id")
    locked_until = models.DateTimeField(null=True)
    first_decided_by = models.TextField(default="", help_text="who held the talk, where a second person confirms the pass")
    first_decided_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="", help_text="staff user id")
    code = models.TextField(default="", help_text="why it did not pass, one of STAFF_VIDEO_ENDS")
    remarks = models.JSONField(default=list, help_text="codes of what was noted beside a pass")
    note = EncryptedTextField(purpose="identity.staff_video.note", null=True,
                              help_text="for staff; the customer reads the words of `code`")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "purpose"], condition=Q(state="waiting"), name="staff_video_one_waiting",
            ),
            models.CheckConstraint(condition=Q(first_decided_by="") | ~Q(first_decided_by=F("decided_by")),
                                   name="staff_video_four_eyes"),
        ]
        indexes = [models.Index(fields=["requested_at"], condition=Q(state="waiting"), name="staff_video_queue")]


class IdCardSide(CustomerOwned):
    """One side of the verified ID card: what the customer and a reviewer said of what was read (R1.4, R4.1)."""

    reading_id = models.UUIDField()
    kept_at = models.DateTimeField(help_text="when the registry had confirmed the card")
    stated = EncryptedTextField(purpose="identity.id_card_side.stated", null=True,
                                help_text="what the customer put instead of what was read: code to value, JSON")
    verdicts = EncryptedTextField(purpose="identity.id_card_side.verdicts", null=True,
                                  help_text="a reviewer's word on each field: code to verdict, value, note, by, at, JSON")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "reading_id"], name="id_card_side_once")]
        indexes = [models.Index(fields=["customer_id", "-kept_at"], name="id_card_side_newest_first")]


class FaceChallenge(CustomerOwned):
    """One random challenge before the camera: issued by the server, for one session and purpose, used once (R1.5)."""

    class State(models.TextChoices):
        ISSUED = "issued"
        JUDGING = "judging"  # taken; nothing was decided if the server ended here
        PASSED = "passed"
        REFUSED = "refused"
        REPLACED = "replaced"  # a newer one was asked for

    purpose = models.TextField(help_text="real_name or activation")
    actions = models.JSONField(help_text="what to do, in order")
    session_digest = models.TextField(help_text="of the session that asked for it")
    state = models.TextField(choices=State.choices, default=State.ISSUED)
    outcome = models.TextField(default="", help_text="what the judgement said: passed, still, two_faces …")
    counts = models.BooleanField(default=True, help_text="against the day's attempts; not when a system was at fault")
    issued_at = models.DateTimeField(help_text="business time")
    expires_at = models.DateTimeField(help_text="real time")
    facts = models.JSONField(default=dict, help_text="distances, scores and signals, never a picture")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "purpose"], condition=Q(state="issued"), name="face_challenge_one_open",
            ),
        ]
        indexes = [models.Index(fields=["customer_id", "-issued_at"], name="face_challenge_newest_first")]


class FaceTemplate(CustomerOwned):
    """What a verified face looks like to the engine: 128 numbers, sealed with the key of the person's biometrics."""

    descriptor = EncryptedTextField(purpose="identity.face_template.descriptor", scope="b")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id"], name="face_template_one")]


class FaceBucket(CustomerOwned):
    """Keyed digests of coarse words of a template, by which alike faces are found (review signal only, R1.1, R8.1)."""

    band = models.SmallIntegerField()
    digest = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "band"], name="face_bucket_one_a_band")]
        indexes = [models.Index(fields=["digest"], name="face_bucket_by_digest")]


class Voiceprint(CustomerOwned):
    """How a person sounds saying the digits, as the engine keeps it; sealed with the key of their biometrics (R1.8)."""

    class ConfirmedBy(models.TextChoices):
        PAYMENT_PASSWORD = "payment_password"  # noqa: S105 (a word, no password)
        REAL_NAME = "real_name"  # there was no payment password yet: proves nothing in place of one

    content = EncryptedTextField(purpose="identity.voiceprint.content", scope="b")
    engine = models.TextField(help_text="which engine made it; another one asks for a new enrolment")
    confirmed_by = models.TextField(choices=ConfirmedBy.choices, help_text="what stood before the enrolment")
    enrolled_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, help_text="first spoken check that matched; from then on it gives points")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id"], name="voiceprint_one")]


class VoiceChallenge(CustomerOwned):
    """Random digits to be said: issued by the server, for one session and purpose, used once; sound is never kept (R1.8)."""

    class State(models.TextChoices):
        ISSUED = "issued"
        JUDGING = "judging"  # taken; nothing was decided if the server ended here
        PASSED = "passed"
        REFUSED = "refused"
        REPLACED = "replaced"  # a newer one was asked for, or the voiceprint was removed

    purpose = models.TextField(help_text="enrol, verify, default_card or drawdown")
    subject_id = models.UUIDField(null=True, help_text="the card or drawdown it is for; null for enrol and verify")
    digits = models.JSONField(help_text="what to say: one string of digits for each recording")
    session_digest = models.TextField(help_text="of the session that asked for it")
    state = models.TextField(choices=State.choices, default=State.ISSUED)
    outcome = models.TextField(default="", help_text="what was heard: passed, no_match, too_quiet …")
    counts = models.BooleanField(default=True, help_text="against the day's attempts; not when a system was at fault")
    issued_at = models.DateTimeField(help_text="business time")
    expires_at = models.DateTimeField(help_text="real time")
    decided_at = models.DateTimeField(null=True, help_text="business time")
    facts = models.JSONField(default=dict, help_text="figures and faults, never sound")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "purpose"], condition=Q(state="issued"), name="voice_challenge_one_open",
            ),
        ]
        indexes = [models.Index(fields=["customer_id", "-issued_at"], name="voice_challenge_newest_first")]
