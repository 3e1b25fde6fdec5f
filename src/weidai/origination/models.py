"""Tables of the origination room: applications, their timeline, review tasks, offers and appeals (R4)."""

from django.db import models
from django.db.models import Q

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.models import CustomerOwned

OPEN_STATES = ["draft", "submitted", "screening", "verification", "awaiting_customer", "final_review", "offered"]


class Application(CustomerOwned):
    """One request for one product, from draft to its end (R4.4)."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        SCREENING = "screening"
        VERIFICATION = "verification"
        AWAITING_CUSTOMER = "awaiting_customer"
        FINAL_REVIEW = "final_review"
        OFFERED = "offered"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"

    product = models.TextField()
    channel = models.TextField(default="page", help_text="page, api or staff; the same gates hold for all (R1.3)")
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    state_since = models.DateTimeField()
    requested_fen = models.BigIntegerField(null=True)
    declared_monthly_income_fen = models.BigIntegerField(null=True)
    verified_monthly_income_fen = models.BigIntegerField(null=True)
    occupation = models.TextField(default="")
    employer = EncryptedTextField(purpose="origination.employer", null=True)
    region_code = models.TextField(default="")
    note = EncryptedTextField(purpose="origination.note", null=True)
    wants_person = models.BooleanField(default=False, help_text="refused a purely automated decision")
    second_repayment_source = EncryptedTextField(purpose="origination.second_source", null=True)
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    expected_by = models.DateTimeField(null=True, help_text="the honest time told to the customer (R4.3)")
    decided_at = models.DateTimeField(null=True)
    pack_version = models.TextField()
    checks = models.JSONField(default=list, help_text="every screening check with its result (R4.2)")
    risk_decision_id = models.UUIDField(null=True)
    assessment_id = models.UUIDField(null=True)
    decline_reasons = models.JSONField(default=list, help_text="code, zh and en of each reason, as told (R4.5)")
    invitation_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "product"], condition=Q(state__in=OPEN_STATES),
                                    name="application_one_open_per_product"),
            models.CheckConstraint(
                condition=Q(state__in=[*OPEN_STATES, "accepted", "declined", "withdrawn", "expired"]),
                name="application_state_known"),
            models.CheckConstraint(
                condition=(Q(requested_fen=None) | Q(requested_fen__gt=0))
                & (Q(declared_monthly_income_fen=None) | Q(declared_monthly_income_fen__gte=0))
                & (Q(verified_monthly_income_fen=None) | Q(verified_monthly_income_fen__gte=0)),
                name="application_money"),
        ]
        indexes = [models.Index(fields=["customer_id", "-opened_at"], name="application_newest")]


class ApplicationEvent(CustomerOwned):
    """One step of an application's timeline; append-only."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    sequence = models.IntegerField()
    from_state = models.TextField()
    to_state = models.TextField()
    codes = models.JSONField(default=list)
    actor_kind = models.TextField()
    actor_id = models.TextField()
    note = EncryptedTextField(purpose="origination.event_note", null=True)
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "application", "sequence"], name="application_event_once"),
        ]


class ApplicationPaper(CustomerOwned):
    """One page of a paper the customer sent with an application: a picture, or a PDF of several pages (R4.1)."""

    class State(models.TextChoices):
        SENT = "sent"
        CONFIRMED = "confirmed"  # the customer looked at what was read
        REMOVED = "removed"  # taken back before it was handed in; the file is gone, the row stays as proof

    class Reading(models.TextChoices):
        WAITING = "waiting"  # in the outbox, read as soon as there is room
        READ = "read"
        BY_PERSON = "by_person"  # a kind without a reader, or nothing that could be read: see `unread_reason`

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    kind = models.TextField(help_text="kind of document of the pack's origination section")
    file_id = models.UUIDField()
    media_type = models.TextField()
    state = models.TextField(choices=State.choices, default=State.SENT)
    reading = models.TextField(choices=Reading.choices, default=Reading.WAITING)
    reading_id = models.UUIDField(null=True)
    unread_reason = models.TextField(default="", help_text="code of why nothing was read, empty when it was")
    sent_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    stated = EncryptedTextField(purpose="origination.paper_stated", null=True,
                                help_text="what the customer put instead of what was read: code to value, JSON")
    verdicts = EncryptedTextField(purpose="origination.paper_verdicts", null=True,
                                  help_text="a reviewer's word on each field: code to verdict, value, by, at, JSON")
    looked_at = models.DateTimeField(null=True)
    looked_by = models.TextField(default="")
    removed_at = models.DateTimeField(null=True)
    removed_reason = models.TextField(default="", help_text="why file and reading were deleted, empty while they are there")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "application", "kind", "file_id"],
                                    condition=~Q(state="removed"), name="application_paper_once_per_file"),
            models.CheckConstraint(condition=~Q(reading="read") | Q(reading_id__isnull=False),
                                   name="application_paper_read_has_reading"),
            models.CheckConstraint(condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False),
                                   name="application_paper_confirmed_at"),
        ]
        indexes = [models.Index(fields=["customer_id", "application", "sent_at"], name="application_paper_of")]


class ReviewTask(CustomerOwned):
    """Work for a person: a stage of an application, claimed with a lock that expires (R4.6)."""

    class State(models.TextChoices):
        OPEN = "open"
        AWAITING_SECOND = "awaiting_second"  # four-eyes: the second person is never the first
        DONE = "done"
        CANCELLED = "cancelled"

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    stage = models.TextField(help_text="verification or appeal")
    round = models.IntegerField(default=1)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    reasons = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="end of the SLA, counted in working time (R4.3)")
    claimed_by = models.TextField(default="")
    locked_until = models.DateTimeField(null=True)
    outcome = models.TextField(default="")
    verified_monthly_income_fen = models.BigIntegerField(null=True)
    note = EncryptedTextField(purpose="origination.review_note", null=True)
    first_decided_by = models.TextField(default="")
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "application", "stage", "round"], name="review_task_once"),
            models.CheckConstraint(condition=Q(first_decided_by="") | ~Q(first_decided_by=models.F("decided_by")),
                                   name="review_task_four_eyes"),
        ]
        indexes = [models.Index(fields=["stage", "due_at"], condition=Q(state__in=["open", "awaiting_second"]),
                                name="review_task_queue")]


class Offer(CustomerOwned):
    """What the lender offers after final review, with each term of the formula (R5.2)."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        EXPIRED = "expired"

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    amount_fen = models.BigIntegerField()
    grade = models.TextField()
    daily_rate_e8 = models.IntegerField()
    segment = models.TextField()
    terms = models.JSONField()
    inputs = models.JSONField(help_text="what the formula was given, so that it can be run again")
    pack_version = models.TextField()
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    line_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "application"], name="offer_once_per_application"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0, daily_rate_e8__gt=0), name="offer_money"),
        ]


class Appeal(CustomerOwned):
    """A declined or reduced customer asks for a human other than the first decider (R4.5)."""

    class State(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"      # the decision stands
        REOPENED = "reopened"  # the application goes to verification again

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    task = models.ForeignKey(ReviewTask, on_delete=models.PROTECT)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    statement = EncryptedTextField(purpose="origination.appeal")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    answered_at = models.DateTimeField(null=True)
    answer = EncryptedTextField(purpose="origination.appeal_answer", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "application"], name="appeal_once_per_application"),
        ]
