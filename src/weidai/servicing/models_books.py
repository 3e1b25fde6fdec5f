"""Tables of the books that close: categories, non-accrual, VAT by day, reconciliation with the bank (R7.7, R7.11)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from weidai.platform.ids import uuid7
from weidai.platform.models import CustomerOwned


class LoanClassification(CustomerOwned):
    """A category a loan had from a closing on; the row without an end is the present one. No row: normal (R7.7)."""

    loan_id = models.UUIDField()
    book_id = models.SmallIntegerField()
    category = models.TextField()
    from_on = models.DateField(help_text="business day whose closing gave it")
    until_on = models.DateField(null=True, help_text="business day whose closing ended it")
    days_past_due = models.PositiveIntegerField(help_text="on `from_on`")
    observed_from = models.DateField(null=True, help_text="since when nothing was overdue, while it waits to go up")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "loan_id"], condition=Q(until_on__isnull=True),
                                    name="classification_one_present"),
            models.CheckConstraint(condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                                   name="classification_ends_after_start"),
            models.CheckConstraint(
                condition=Q(category__in=["normal", "special_mention", "substandard", "doubtful", "loss"]),
                name="classification_category_known"),
        ]
        indexes = [
            models.Index(fields=["customer_id", "loan_id", "from_on"], name="classification_history"),
            models.Index(fields=["book_id", "customer_id"], condition=Q(until_on__isnull=True),
                         name="classification_present"),
        ]


class NonAccrualSpell(CustomerOwned):
    """A time in which a loan's interest is no income until it is paid: from more than 90 days overdue until all is paid."""

    loan_id = models.UUIDField()
    book_id = models.SmallIntegerField()
    began_on = models.DateField(help_text="first day past the policy's days; rows due from it on are suspended")
    noted_on = models.DateField(help_text="business day whose closing began it")
    ended_on = models.DateField(null=True, help_text="business day whose closing found nothing overdue")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "loan_id"], condition=Q(ended_on__isnull=True),
                                    name="non_accrual_one_open"),
            models.CheckConstraint(condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("noted_on")),
                                   name="non_accrual_ends_after_start"),
        ]
        indexes = [models.Index(fields=["book_id", "customer_id"], condition=Q(ended_on__isnull=True),
                                name="non_accrual_open")]


class VatDay(models.Model):
    """The VAT contained in one day's income of one kind, split off at its closing (R7.11)."""

    INSTITUTION_TABLE = "totals of a book"

    id = models.BigAutoField(primary_key=True)
    book_id = models.SmallIntegerField()
    day = models.DateField()
    income_code = models.TextField(help_text="interest_income or penalty_income")
    income_fen = models.BigIntegerField(help_text="recognized on the day, VAT included; corrections are negative")
    late_fen = models.BigIntegerField(help_text="booked on the day before after that day's split")
    tax_fen = models.BigIntegerField()
    net_fen = models.BigIntegerField()
    rate_ppm = models.PositiveIntegerField(help_text="VAT rate, millionths")
    carried_numerator = models.BigIntegerField(help_text="what rounding left over, fen")
    carried_denominator = models.BigIntegerField()
    journal_id = models.UUIDField(null=True, help_text="null when the tax is 0")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book_id", "day", "income_code"], name="vat_day_once"),
            models.CheckConstraint(condition=Q(income_fen=F("tax_fen") + F("net_fen") - F("late_fen")),
                                   name="vat_day_adds_up"),
            models.CheckConstraint(condition=Q(carried_denominator__gt=0), name="vat_day_carry_is_a_number"),
        ]


class ReconciliationRun(models.Model):
    """The comparison of one day of the bank's file with requests and ledger; a rerun writes it again (R7.11)."""

    INSTITUTION_TABLE = "a day of the lender's bank accounts"

    class State(models.TextChoices):
        WAITING = "waiting"  # the bank has not given its file yet
        BALANCED = "balanced"  # nothing is left but timing
        DIFFERENT = "different"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    day = models.DateField(unique=True)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(default="")
    tried_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    bank_row_count = models.PositiveIntegerField(default=0)
    resolved_count = models.PositiveIntegerField(default=0, help_text="pending requests the file resolved")
    is_proven = models.BooleanField(default=False, help_text="closing − opening = ledger movement + explained items")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "balanced", "different"]),
                                   name="reconciliation_state_known"),
            models.CheckConstraint(condition=Q(state="waiting") | Q(finished_at__isnull=False),
                                   name="reconciliation_finished_has_instant"),
        ]


class ReconciliationTotal(models.Model):
    """The proof for one bank account on one day, in fen: bank and ledger, and what stands between them."""

    INSTITUTION_TABLE = "a day of a lender's bank account"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="totals")
    account = models.TextField(help_text="settlement or collection")
    opening_fen = models.BigIntegerField()
    in_fen = models.BigIntegerField()
    out_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    previous_closing_fen = models.BigIntegerField(null=True, help_text="of the day before, when it was reconciled")
    ledger_fen = models.BigIntegerField(help_text="movement of the clearing account booked on the day")
    timing_fen = models.BigIntegerField(help_text="bank − ledger of items that the neighbouring day explains")
    difference_fen = models.BigIntegerField(help_text="bank − ledger of every other item")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "account"], name="reconciliation_total_once")]


class ReconciliationItem(models.Model):
    """One request as the bank's file and our books tell it on a day; amounts are signed, + is money to the lender."""

    INSTITUTION_TABLE = "a line of the lender's bank statement; it may be nobody's"

    class Outcome(models.TextChoices):
        MATCHED = "matched"
        TIMING = "timing"
        MISSING_AT_BANK = "missing_at_bank"
        MISSING_HERE = "missing_here"
        AMOUNT_DIFFERS = "amount_differs"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="items")
    day = models.DateField()
    account = models.TextField()
    reference = models.TextField(help_text="the request's number, the same on both sides")
    kind = models.TextField(help_text="payout, debit, refund, transfer, other")
    outcome = models.TextField(choices=Outcome.choices)
    advice = models.TextField(default="", help_text="code of what to do, or of what was done")
    bank_fen = models.BigIntegerField()
    ledger_fen = models.BigIntegerField()
    entry_ids = models.TextField(default="", help_text="the bank's own entry numbers, separated by spaces")
    customer_id = models.UUIDField(null=True)
    expected_on = models.DateField(null=True, help_text="the neighbouring day that explains a timing item")
    settled_on = models.DateField(null=True, help_text="the later day whose run closed it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "account", "reference"], name="reconciliation_item_once"),
            models.CheckConstraint(condition=~Q(outcome="matched") | Q(bank_fen=F("ledger_fen")),
                                   name="reconciliation_matched_is_equal"),
        ]
        indexes = [
            models.Index(fields=["reference", "account"], name="reconciliation_by_reference"),
            models.Index(fields=["day"], condition=~Q(outcome="matched") & Q(settled_on__isnull=True),
                         name="reconciliation_open"),
        ]
