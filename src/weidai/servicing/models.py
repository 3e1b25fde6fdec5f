"""Tables of servicing. Money in fen; every row belongs to one customer (ARCHITECTURE §4)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.ids import uuid7
from weidai.platform.models import CustomerOwned


class Repayment(CustomerOwned):
    """Money received, booked once per (channel, reference). What it paid stands in its lines (R7.1)."""

    class State(models.TextChoices):
        BOOKED = "booked"
        REVERSED = "reversed"

    book_id = models.SmallIntegerField()
    channel = models.TextField(help_text="debit, transfer, counter")
    reference = models.TextField(help_text="the channel's own number of this money")
    amount_fen = models.BigIntegerField()
    applied_fen = models.BigIntegerField(help_text="what debts took when it was booked")
    excess_fen = models.BigIntegerField(help_text="what was owed back to the customer when it was booked")
    loan_id = models.UUIDField(null=True, help_text="the loan the payer named, if one")
    received_at = models.DateTimeField()
    received_on = models.DateField(help_text="Shanghai day of `received_at`: lateness is judged by it (R7.2)")
    booked_on = models.DateField(help_text="open business date at booking")
    booked_at = models.DateTimeField()
    journal_id = models.UUIDField()
    entry_id = models.TextField(default="", help_text="the bank's own entry number, if it told one")
    state = models.TextField(choices=State.choices, default=State.BOOKED)
    reversed_at = models.DateTimeField(null=True)
    reversal_reason = models.TextField(default="", help_text="returned_by_bank, never_received")
    reversal_journal_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "channel", "reference"], name="repayment_once"),
            models.CheckConstraint(condition=~Q(state="reversed") | Q(reversed_at__isnull=False,
                                                                      reversal_journal_id__isnull=False),
                                   name="repayment_reversed_is_booked"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0, applied_fen__gte=0, excess_fen__gte=0),
                                   name="repayment_amounts"),
            models.CheckConstraint(condition=Q(amount_fen=F("applied_fen") + F("excess_fen")),
                                   name="repayment_adds_up"),
        ]
        indexes = [models.Index(fields=["customer_id", "-received_at"], name="repayment_recent"),
                   models.Index(fields=["-booked_at"], name="repayment_newest")]


class RepaymentShare(CustomerOwned):
    """One loan's part of a repayment: an event of the loan's history, replayed when an earlier one turns up (R7.1)."""

    class Kind(models.TextChoices):
        PAID = "paid"
        COOLED_OFF = "cooled_off"

    repayment = models.ForeignKey(Repayment, on_delete=models.PROTECT, related_name="shares")
    loan_id = models.UUIDField()
    kind = models.TextField(choices=Kind.choices, default=Kind.PAID)
    amount_fen = models.BigIntegerField()
    effective_on = models.DateField(help_text="the day the loan counts it: day of receipt, never before its start")
    choice = models.TextField()
    allocation_order = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "repayment", "loan_id"], name="repayment_share_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="repayment_share_positive"),
        ]
        indexes = [models.Index(fields=["customer_id", "loan_id", "effective_on"], name="repayment_share_history")]


class RepaymentLine(CustomerOwned):
    """What a share paid, by installment; 0 is principal paid ahead, outside any row. Redrawn by a replay."""

    share = models.ForeignKey(RepaymentShare, on_delete=models.PROTECT, related_name="lines")
    installment_number = models.PositiveSmallIntegerField()
    fee_fen = models.BigIntegerField(default=0)
    penalty_fen = models.BigIntegerField(default=0)
    interest_fen = models.BigIntegerField(default=0)
    principal_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "share", "installment_number"], name="repayment_line_once"),
            models.CheckConstraint(condition=Q(fee_fen__gte=0, penalty_fen__gte=0, interest_fen__gte=0,
                                               principal_fen__gte=0), name="repayment_line_not_negative"),
        ]


class AutoDebitAgreement(CustomerOwned):
    """The borrower's standing permission to debit a card on due dates; withdrawable (R6.5)."""

    number = models.TextField()
    card_id = models.UUIDField()
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id"], condition=Q(revoked_at__isnull=True),
                                    name="auto_debit_one_in_force"),
            models.UniqueConstraint(fields=["customer_id", "number"], name="auto_debit_number_once"),
        ]


class AutoDebitBackup(CustomerOwned):
    """A further card of an agreement: tried in order when the one before it failed (R6.5)."""

    agreement = models.ForeignKey(AutoDebitAgreement, on_delete=models.PROTECT, related_name="backups")
    place = models.PositiveSmallIntegerField(help_text="1, 2, …; the agreement's own card is 0")
    card_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "agreement", "place"], name="auto_debit_backup_place_once"),
            models.UniqueConstraint(fields=["customer_id", "agreement", "card_id"], name="auto_debit_backup_card_once"),
            models.CheckConstraint(condition=Q(place__gte=1), name="auto_debit_backup_after_the_first"),
        ]


class DebitInstruction(CustomerOwned):
    """One request to the bank to take a fixed amount from a card (R7.1, R7.2). At most one open per loan."""

    class Kind(models.TextChoices):
        REQUESTED = "requested"  # the borrower pays now
        AUTOMATIC = "automatic"  # due-date windows

    class State(models.TextChoices):
        CREATED = "created"
        SENT = "sent"
        UNKNOWN = "unknown"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"  # never sent: nothing was owed any more

    loan_id = models.UUIDField()
    book_id = models.SmallIntegerField()
    kind = models.TextField(choices=Kind.choices)
    intent = models.TextField(help_text="amount, due, settle")
    choice = models.TextField(db_default="shorten_term", default="shorten_term",
                              help_text="what money ahead of time does (R7.1)")
    card_id = models.UUIDField()
    agreement_number = models.TextField(default="")
    request_id = models.TextField()
    amount_fen = models.BigIntegerField()
    due_on = models.DateField(null=True, help_text="due day of an automatic debit")
    window = models.PositiveSmallIntegerField(default=0, help_text="1, 2, 3 of the due date; 0 when requested")
    place = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="0 the agreement's card, then its backups")
    send_at = models.DateTimeField(help_text="business instant from which it may be sent")
    state = models.TextField(choices=State.choices, default=State.CREATED)
    failure_reason = models.TextField(default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True, help_text="the bank's instant")
    entry_id = models.TextField(default="")
    repayment = models.ForeignKey(Repayment, null=True, on_delete=models.PROTECT, related_name="debits")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "loan_id"], condition=Q(state__in=["created", "sent", "unknown"]),
                name="debit_one_open_per_loan"),
            models.UniqueConstraint(fields=["customer_id", "request_id"], name="debit_request_once"),
            models.UniqueConstraint(fields=["customer_id", "repayment"], name="debit_repayment_once"),
            models.UniqueConstraint(fields=["customer_id", "loan_id", "due_on", "window", "place"],
                                    condition=Q(kind="automatic"), name="debit_window_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="debit_amount_positive"),
            models.CheckConstraint(condition=Q(state__in=["created", "sent", "unknown", "succeeded", "failed",
                                                         "cancelled"]), name="debit_state_known"),
            models.CheckConstraint(condition=~Q(state="succeeded") | Q(booked_at__isnull=False),
                                   name="debit_succeeded_has_booking"),
        ]
        indexes = [
            models.Index(fields=["request_id"], name="debit_by_request"),
            models.Index(fields=["send_at"], condition=Q(state="created"), name="debit_waiting"),
            models.Index(fields=["book_id", "due_on"], condition=Q(state__in=["created", "sent", "unknown"]),
                         name="debit_open_by_day"),
        ]


class Refund(CustomerOwned):
    """Money given back: overpaid or taken twice (R7.1). Pending in the ledger until the bank has booked it."""

    class State(models.TextChoices):
        CREATED = "created"
        SENT = "sent"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    repayment = models.ForeignKey(Repayment, on_delete=models.PROTECT, related_name="refunds")
    book_id = models.SmallIntegerField()
    request_id = models.TextField()
    original_request_id = models.TextField()
    amount_fen = models.BigIntegerField()
    reason = models.TextField(help_text="overpaid, duplicate, reversed")
    journal_id = models.UUIDField()
    state = models.TextField(choices=State.choices, default=State.CREATED)
    failure_reason = models.TextField(default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    retry_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="retries")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "request_id"], name="refund_request_once"),
            models.UniqueConstraint(fields=["customer_id", "retry_of"], name="refund_retried_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_amount_positive"),
        ]
        indexes = [models.Index(fields=["request_id"], name="refund_by_request")]


class MoneyDiscrepancy(CustomerOwned):
    """The bank contradicts what was already booked about a debit or refund: waits for a person."""

    subject_type = models.TextField(help_text="debit or refund")
    subject_id = models.UUIDField()
    booked_state = models.TextField()
    claimed_state = models.TextField()
    source = models.TextField()
    amount_fen = models.BigIntegerField()
    noted_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "subject_id", "booked_state", "claimed_state"],
                                    name="money_discrepancy_once"),
        ]


class OverdueSpell(CustomerOwned):
    """One continuous time of being late over all own products = one event of the repayment record (R2.1, R7.6)."""

    book_id = models.SmallIntegerField()
    first_due_on = models.DateField(help_text="the missed due date")
    started_at = models.DateTimeField(help_text="the due instant, 24:00 of the due date")
    ended_at = models.DateTimeField(null=True, help_text="receipt of the money that paid everything overdue")
    cured_within_72h = models.BooleanField(null=True)
    is_void = models.BooleanField(default=False, help_text="money received in time was told to us late: it never was")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id"], condition=Q(ended_at__isnull=True, is_void=False),
                                    name="overdue_spell_one_open"),
            models.CheckConstraint(condition=Q(is_void=True) | Q(ended_at__isnull=True)
                                   | Q(ended_at__gte=F("started_at")),
                                   name="overdue_spell_ends_after_start"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) | Q(is_void=True)
                                   | Q(cured_within_72h__isnull=False),
                                   name="overdue_spell_ended_is_judged"),
        ]
        indexes = [models.Index(fields=["customer_id", "started_at"], name="overdue_spell_history")]


class Reminder(CustomerOwned):
    """One reminder about one due date of a loan: sent once, whatever runs twice (R6.5)."""

    loan_id = models.UUIDField()
    book_id = models.SmallIntegerField()
    due_on = models.DateField()
    days_before = models.SmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "loan_id", "due_on", "days_before"], name="reminder_once"),
            models.CheckConstraint(condition=Q(days_before__gte=0), name="reminder_not_late"),
        ]


class SettlementCertificate(CustomerOwned):
    """结清证明: the facts of a settled loan as certified, with their hash; the PDF is drawn from them (R6.6)."""

    loan_id = models.UUIDField()
    number = models.TextField()
    facts = models.JSONField()
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, help_text="the repayment that settled the loan was reversed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "loan_id"], condition=Q(revoked_at__isnull=True),
                                    name="certificate_once_per_loan"),
        ]


class SuspenseItem(models.Model):
    """Money nobody could be named for yet. Not a customer's row until somebody is (R7.1)."""

    INSTITUTION_TABLE = "money received from somebody not yet known"

    class State(models.TextChoices):
        WAITING = "waiting"
        ASSIGNED = "assigned"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    book_id = models.SmallIntegerField()
    reference = models.TextField(unique=True)
    amount_fen = models.BigIntegerField()
    payer_masked = models.TextField(default="")
    payer_name = EncryptedTextField(purpose="suspense_payer", default="")
    memo = EncryptedTextField(purpose="suspense_memo", default="")
    received_at = models.DateTimeField()
    journal_id = models.UUIDField()
    state = models.TextField(choices=State.choices, default=State.WAITING)
    assigned_customer_id = models.UUIDField(null=True)
    assigned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="suspense_amount_positive"),
            models.CheckConstraint(condition=~Q(state="assigned") | Q(assigned_customer_id__isnull=False),
                                   name="suspense_assigned_has_customer"),
        ]


class AccrualDay(models.Model):
    """What a book's loans of one product earned on one day: a read-only scan at its closing (R7.10)."""

    INSTITUTION_TABLE = "totals of a book and product"

    id = models.BigAutoField(primary_key=True)
    book_id = models.SmallIntegerField()
    day = models.DateField()
    product = models.TextField()
    loan_count = models.BigIntegerField()
    outstanding_fen = models.BigIntegerField()
    overdue_principal_fen = models.BigIntegerField()
    interest_e8 = models.DecimalField(max_digits=38, decimal_places=0, help_text="contract interest, 1e-8 fen")
    penalty_e8 = models.DecimalField(max_digits=38, decimal_places=0, help_text="penalty before the cap, 1e-8 fen")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book_id", "day", "product"], name="accrual_day_once"),
        ]


from weidai.servicing.models_adjustments import Adjustment  # noqa: E402 (one app, three modules)
from weidai.servicing.models_books import (  # noqa: E402
    LoanClassification,
    NonAccrualSpell,
    ReconciliationItem,
    ReconciliationRun,
    ReconciliationTotal,
    VatDay,
)

__all__ = [
    "AccrualDay", "Adjustment", "AutoDebitAgreement", "AutoDebitBackup", "DebitInstruction", "LoanClassification",
    "MoneyDiscrepancy", "NonAccrualSpell", "OverdueSpell", "ReconciliationItem", "ReconciliationRun",
    "ReconciliationTotal", "Refund", "Reminder", "Repayment", "RepaymentLine", "RepaymentShare",
    "SettlementCertificate", "SuspenseItem", "VatDay",
]
