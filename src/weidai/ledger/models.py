"""Tables of the ledger: accounts (projection), transfers (append-only), general ledger by day."""

from django.db import models

from weidai.platform.models import CustomerOwned


class Account(CustomerOwned):
    """A customer's sub-account with running totals; `subject_id` is the nil UUID for accounts not tied to a loan."""

    customer_id = models.UUIDField(editable=False)  # looked up through `account_once`
    code = models.TextField()
    subject_id = models.UUIDField()
    is_debit_normal = models.BooleanField()
    may_overdraw = models.BooleanField()
    debits_posted_fen = models.BigIntegerField(default=0)
    credits_posted_fen = models.BigIntegerField(default=0)
    debits_pending_fen = models.BigIntegerField(default=0)
    credits_pending_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "code", "subject_id"], name="account_once"),
            models.CheckConstraint(
                name="account_totals_not_negative",
                condition=models.Q(debits_posted_fen__gte=0, credits_posted_fen__gte=0, debits_pending_fen__gte=0,
                                   credits_pending_fen__gte=0),
            ),
            models.CheckConstraint(
                name="account_never_overdrawn",
                condition=models.Q(may_overdraw=True)
                | models.Q(is_debit_normal=True,
                           debits_posted_fen__gte=models.F("credits_posted_fen") + models.F("credits_pending_fen"))
                | models.Q(is_debit_normal=False,
                           credits_posted_fen__gte=models.F("debits_posted_fen") + models.F("debits_pending_fen")),
            ),
        ]


class LedgerTransfer(CustomerOwned):
    """One balanced movement. A pending one is resolved by a later row that names it; no row is ever changed."""

    class Phase(models.TextChoices):
        POSTED = "posted"
        PENDING = "pending"
        POST_PENDING = "post_pending"
        VOID_PENDING = "void_pending"

    customer_id = models.UUIDField(editable=False)  # looked up through `transfer_cause`
    journal_id = models.UUIDField(db_index=True)
    phase = models.TextField(choices=Phase.choices)
    resolves_id = models.UUIDField(null=True)
    reverses_id = models.UUIDField(null=True)
    debit_account_id = models.UUIDField()
    credit_account_id = models.UUIDField()
    amount_fen = models.BigIntegerField()
    kind = models.TextField()
    cause_type = models.TextField()
    cause_id = models.UUIDField()
    book_id = models.SmallIntegerField()
    booked_on = models.DateField(help_text="open business date of the book")
    occurred_at = models.DateTimeField(help_text="business instant of the fact")

    class Meta:
        constraints = [
            models.CheckConstraint(name="transfer_amount_positive", condition=models.Q(amount_fen__gt=0)),
            models.CheckConstraint(name="transfer_two_accounts",
                                   condition=~models.Q(debit_account_id=models.F("credit_account_id"))),
            models.CheckConstraint(
                name="transfer_resolution_names_pending",
                condition=models.Q(phase__in=["posted", "pending"], resolves_id__isnull=True)
                | models.Q(phase__in=["post_pending", "void_pending"], resolves_id__isnull=False),
            ),
            models.UniqueConstraint(fields=["customer_id", "resolves_id"], name="transfer_resolved_once",
                                    condition=models.Q(resolves_id__isnull=False)),
            models.UniqueConstraint(fields=["customer_id", "reverses_id"], name="transfer_reversed_once",
                                    condition=models.Q(reverses_id__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["customer_id", "cause_id"], name="transfer_cause"),
            models.Index(fields=["book_id", "booked_on"], name="transfer_booked"),
        ]


class GeneralLedgerDay(models.Model):
    """Institution totals of a closed day, derived per book and account code; rewritten whole for a rerun of the day."""

    book_id = models.SmallIntegerField()
    day = models.DateField()
    code = models.TextField()
    debits_fen = models.BigIntegerField()
    credits_fen = models.BigIntegerField()
    transfer_count = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book_id", "day", "code"], name="general_ledger_day_once")]
