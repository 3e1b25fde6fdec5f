"""Tables of lending. Money in fen, rates in 1e-8 a day; every row belongs to one customer (ARCHITECTURE §4)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from weidai.platform.models import CustomerOwned


class Activation(CustomerOwned):
    """Opening a granted line for use: card, payment password, face, in this order (R6.1)."""

    class State(models.TextChoices):
        STARTED = "started"
        CARD_CONFIRMED = "card_confirmed"
        PASSWORD_SET = "password_set"  # noqa: S105 (a state, not a secret)
        COMPLETED = "completed"

    line_id = models.UUIDField()
    state = models.TextField(choices=State.choices, default=State.STARTED)
    card_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    card_confirmed_at = models.DateTimeField(null=True)
    password_set_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "line_id"], name="activation_once_per_line"),
            models.CheckConstraint(
                condition=~Q(state="completed") | Q(card_id__isnull=False, password_set_at__isnull=False,
                                                    completed_at__isnull=False),
                name="activation_completed_has_every_step"),
        ]


class Drawdown(CustomerOwned):
    """The borrower's act of drawing: from the first figures to the money's arrival (R6.2)."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SHEET_SHOWN = "sheet_shown"
        CONFIRMED = "confirmed"  # cost sheet read and confirmed
        SIGNED = "signed"  # agreement accepted; waits for the SMS code
        SUBMITTED = "submitted"  # limit reserved, payout decided
        PAYING = "paying"  # the bank has been asked
        POSTED = "posted"
        FAILED = "failed"
        CANCELLED = "cancelled"

    line_id = models.UUIDField()
    book_id = models.SmallIntegerField()
    product = models.TextField()
    amount_fen = models.BigIntegerField()
    purpose = models.TextField()
    term_months = models.PositiveSmallIntegerField()
    method = models.TextField()
    due_day = models.PositiveSmallIntegerField(null=True)
    daily_rate_e8 = models.BigIntegerField()
    penalty_daily_rate_e8 = models.BigIntegerField()
    annual_cap_ppm = models.BigIntegerField()
    grace_days = models.PositiveSmallIntegerField(default=0)
    card_id = models.UUIDField()
    policy_version = models.TextField()
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    failure_code = models.TextField(default="")
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="drawdown_amount_positive"),
            models.CheckConstraint(condition=Q(term_months__gte=1, term_months__lte=120), name="drawdown_term_bounds"),
            models.CheckConstraint(condition=Q(daily_rate_e8__gte=0, penalty_daily_rate_e8__gte=0),
                                   name="drawdown_rates_not_negative"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "sheet_shown", "confirmed", "signed", "submitted", "paying", "posted",
                                       "failed", "cancelled"]), name="drawdown_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "paying", "posted"]) | Q(submitted_at__isnull=False),
                name="drawdown_submitted_has_instant"),
        ]
        indexes = [models.Index(fields=["customer_id", "-started_at"], name="drawdown_recent")]


class CostSheet(CustomerOwned):
    """综合融资成本明示表 exactly as shown, in both languages, with its hash (R6.2, FACTS §2.1)."""

    drawdown = models.ForeignKey(Drawdown, on_delete=models.PROTECT, related_name="cost_sheets")
    content_zh = models.TextField()
    content_en = models.TextField()
    figures = models.JSONField(help_text="the numbers on the sheet: fen, 1e-8 rates, dates")
    sha256 = models.CharField(max_length=64)
    reading_seconds = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "drawdown"], name="cost_sheet_once_per_drawdown"),
            models.CheckConstraint(condition=Q(confirmed_at__isnull=True) | Q(confirmed_at__gte=F("opened_at")),
                                   name="cost_sheet_confirmed_after_opened"),
        ]


class LoanAgreement(CustomerOwned):
    """The contract as signed: text in both languages, hash-sealed, naming the hash of the cost sheet (R6.2)."""

    drawdown = models.ForeignKey(Drawdown, on_delete=models.PROTECT, related_name="agreements")
    number = models.TextField()
    template_version = models.TextField()
    text_zh = models.TextField()
    text_en = models.TextField()
    sha256 = models.CharField(max_length=64)
    cost_sheet_sha256 = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True, help_text="instant of the SMS code that signed it")
    signed_by = models.JSONField(null=True, help_text="who signed: device key, text and signature; or how the person was seen")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "number"], name="agreement_number_once"),
            models.UniqueConstraint(fields=["customer_id", "drawdown"], name="agreement_once_per_drawdown"),
            models.CheckConstraint(condition=Q(signed_at__isnull=True) | Q(accepted_at__isnull=False),
                                   name="agreement_signed_was_accepted"),
        ]


class Loan(CustomerOwned):
    """One drawn amount. The row is an anchor: events move it, days do not (ARCHITECTURE §3)."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        SETTLED = "settled"
        CANCELLED = "cancelled"

    customer_id = models.UUIDField(editable=False)  # looked up through `loan_number_once`
    book_id = models.SmallIntegerField()
    line_id = models.UUIDField()
    drawdown = models.ForeignKey(Drawdown, on_delete=models.PROTECT, related_name="loans", db_index=False)
    number = models.TextField()
    product = models.TextField()
    state = models.TextField(choices=State.choices, default=State.PENDING)
    principal_fen = models.BigIntegerField()
    daily_rate_e8 = models.BigIntegerField()
    penalty_daily_rate_e8 = models.BigIntegerField()
    annual_cap_ppm = models.BigIntegerField()
    grace_days = models.PositiveSmallIntegerField(default=0)
    method = models.TextField()
    term_months = models.PositiveSmallIntegerField()
    due_day = models.PositiveSmallIntegerField(null=True)
    card_id = models.UUIDField()
    policy_version = models.TextField()
    created_at = models.DateTimeField()
    starts_on = models.DateField(null=True, help_text="the day the money arrived; interest counts from here (R6.3)")
    matures_on = models.DateField(null=True)
    settled_on = models.DateField(null=True)
    # the anchor: `lending.rules.state.LoanState` without its rows
    anchored_on = models.DateField(null=True, help_text="business day of the last event that moved this row")
    interest_numerator = models.BigIntegerField(default=0, help_text="exact contract interest to the anchor, 1e-8 fen")
    principal_days = models.BigIntegerField(default=0, help_text="Σ daily principal to the anchor, fen × days (R7.3)")
    prepaid_principal_fen = models.BigIntegerField(default=0)
    size_fen = models.BigIntegerField(default=0, help_text="regular installment of the current plan")
    # read by set-based statements
    outstanding_fen = models.BigIntegerField(default=0, help_text="principal not yet repaid")
    overdue_principal_fen = models.BigIntegerField(default=0, help_text="principal of installments marked overdue")
    overdue_since = models.DateField(null=True, help_text="due date of the oldest installment marked overdue")
    next_due_on = models.DateField(null=True, help_text="due date of the oldest installment not fully paid")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "number"], name="loan_number_once"),
            models.UniqueConstraint(fields=["customer_id", "drawdown"], name="loan_once_per_drawdown"),
            models.CheckConstraint(condition=Q(principal_fen__gt=0), name="loan_principal_positive"),
            models.CheckConstraint(
                condition=Q(outstanding_fen__gte=0, outstanding_fen__lte=F("principal_fen")),
                name="loan_outstanding_within_principal"),
            models.CheckConstraint(
                condition=Q(overdue_principal_fen__gte=0, overdue_principal_fen__lte=F("outstanding_fen")),
                name="loan_overdue_within_outstanding"),
            models.CheckConstraint(condition=Q(state__in=["pending", "active", "settled", "cancelled"]),
                                   name="loan_state_known"),
            models.CheckConstraint(condition=~Q(state__in=["active", "settled"]) | Q(starts_on__isnull=False),
                                   name="loan_active_has_start"),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(outstanding_fen=0, settled_on__isnull=False,
                                                  next_due_on__isnull=True),
                name="loan_settled_owes_nothing"),
            models.CheckConstraint(condition=Q(overdue_principal_fen=0) | Q(overdue_since__isnull=False),
                                   name="loan_overdue_has_since"),
        ]
        indexes = [
            models.Index(fields=["book_id", "customer_id"], condition=Q(state="active"), name="loan_active_book"),
            models.Index(fields=["book_id", "next_due_on", "customer_id"], condition=Q(state="active"),
                         name="loan_active_next_due"),
            models.Index(fields=["-created_at"], name="loan_newest"),
            models.Index(fields=["number"], name="loan_by_number"),  # named in a transfer's memo or a call: whose is it?
        ]


class Installment(CustomerOwned):
    """One row of the current plan: what was planned, billed and paid (R7.1). Mirrors `rules.state.InstallmentState`."""

    customer_id = models.UUIDField(editable=False)  # looked up, as its loan is, through `installment_number_once`
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="installments", db_index=False)
    book_id = models.SmallIntegerField()
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    due_on = models.DateField()
    principal_fen = models.BigIntegerField()
    interest_fen = models.BigIntegerField()
    principal_paid_fen = models.BigIntegerField(default=0)
    interest_paid_fen = models.BigIntegerField(default=0)
    penalty_paid_fen = models.BigIntegerField(default=0)
    fee_fen = models.BigIntegerField(default=0)
    fee_paid_fen = models.BigIntegerField(default=0)
    penalty_numerator = models.BigIntegerField(default=0, help_text="exact penalty to its anchor, 1e-8 fen")
    penalty_anchored_on = models.DateField(null=True)
    settled_on = models.DateField(null=True)
    interest_billed_fen = models.BigIntegerField(default=0, help_text="already income in the ledger")
    is_overdue = models.BooleanField(default=False, help_text="marked by the end of its due day")
    is_interest_suspended = models.BooleanField(
        default=False, db_default=False, help_text="billed while the loan did not accrue: income only as it is paid")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "loan", "number"], name="installment_number_once"),
            models.CheckConstraint(condition=Q(principal_fen__gte=0, interest_fen__gte=0, fee_fen__gte=0),
                                   name="installment_plan_not_negative"),
            models.CheckConstraint(
                condition=Q(principal_paid_fen__gte=0, principal_paid_fen__lte=F("principal_fen"),
                            interest_paid_fen__gte=0, interest_paid_fen__lte=F("interest_fen"),
                            fee_paid_fen__gte=0, fee_paid_fen__lte=F("fee_fen"), penalty_paid_fen__gte=0),
                name="installment_paid_within_plan"),
            models.CheckConstraint(
                condition=Q(interest_billed_fen__gte=F("interest_paid_fen"),
                            interest_billed_fen__lte=F("interest_fen")),
                name="installment_billed_between_paid_and_plan"),
            models.CheckConstraint(
                condition=Q(settled_on__isnull=True) | Q(principal_paid_fen=F("principal_fen"),
                                                         interest_paid_fen=F("interest_fen")),
                name="installment_settled_is_whole"),
        ]
        indexes = [
            models.Index(fields=["book_id", "due_on", "customer_id"], condition=Q(settled_on__isnull=True),
                         name="installment_open_due"),
        ]


class Disbursement(CustomerOwned):
    """The lender's payment of one loan. `request_id` is the same on every try: the bank pays once (R6.3)."""

    class State(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="disbursements")
    request_id = models.TextField()
    amount_fen = models.BigIntegerField()
    card_id = models.UUIDField()
    journal_id = models.UUIDField()
    state = models.TextField(choices=State.choices, default=State.PENDING)
    sent_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)
    entry_id = models.TextField(default="")
    failure_reason = models.TextField(default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "request_id"], name="disbursement_request_once"),
            models.UniqueConstraint(fields=["customer_id", "loan"], name="disbursement_once_per_loan"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="disbursement_amount_positive"),
            models.CheckConstraint(condition=~Q(state="succeeded") | Q(booked_at__isnull=False),
                                   name="disbursement_succeeded_has_booking"),
        ]
        indexes = [models.Index(fields=["request_id"], name="disbursement_by_request")]


class PayoutDiscrepancy(CustomerOwned):
    """The bank said one thing and later another about a payout already booked: waits for a person (R6.3)."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="discrepancies")
    booked_state = models.TextField(help_text="what our books hold")
    claimed_state = models.TextField(help_text="what the bank says now")
    source = models.TextField(help_text="callback, query or statement")
    amount_fen = models.BigIntegerField()
    noted_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "loan", "booked_state", "claimed_state"],
                                    name="payout_discrepancy_once"),
        ]
        indexes = [models.Index(fields=["noted_at"], condition=Q(resolved_at__isnull=True),
                                name="payout_discrepancy_open")]
