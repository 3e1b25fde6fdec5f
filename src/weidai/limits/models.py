"""Tables of the limits room: credit lines, their movements and changes, holds (R5)."""

from django.db import models
from django.db.models import F, Q

from weidai.platform.models import CustomerOwned

HOLD_KINDS = ["overdue", "inactivity", "over_indebted", "fraud", "aml", "customer_lock", "dispute", "identity_expired"]


class CreditLine(CustomerOwned):
    """One approved limit for one product; `approved = used + reserved + available` always, available never negative."""

    class Status(models.TextChoices):
        GRANTED = "granted"      # accepted, not yet activated (R6.1)
        ACTIVATED = "activated"  # can be drawn when nothing holds it
        CLOSED = "closed"

    product = models.TextField()
    status = models.TextField(choices=Status.choices, default=Status.GRANTED)
    approved_fen = models.BigIntegerField()
    target_fen = models.BigIntegerField(help_text="where approved ratchets down to as debt is repaid (R5.3)")
    used_fen = models.BigIntegerField(default=0)
    reserved_fen = models.BigIntegerField(default=0)
    available_fen = models.GeneratedField(expression=F("approved_fen") - F("used_fen") - F("reserved_fen"),
                                          output_field=models.BigIntegerField(), db_persist=True)
    grade = models.TextField()
    daily_rate_e8 = models.IntegerField()
    application_id = models.UUIDField()
    pack_version = models.TextField()
    granted_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    next_review_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(approved_fen__gte=F("used_fen") + F("reserved_fen")),
                                   name="credit_line_available_not_negative"),
            models.CheckConstraint(condition=Q(used_fen__gte=0, reserved_fen__gte=0, target_fen__gte=0,
                                               approved_fen__gte=F("target_fen")), name="credit_line_money"),
            models.CheckConstraint(condition=Q(daily_rate_e8__gt=0), name="credit_line_rate"),
            models.CheckConstraint(condition=Q(status__in=["granted", "activated", "closed"]),
                                   name="credit_line_status"),
            models.CheckConstraint(condition=~Q(status="closed") | Q(used_fen=0, reserved_fen=0),
                                   name="credit_line_closed_is_unused"),
            models.UniqueConstraint(fields=["customer_id", "product"], condition=~Q(status="closed"),
                                    name="credit_line_one_open_per_product"),
            models.UniqueConstraint(fields=["customer_id", "application_id"], name="credit_line_once_per_application"),
        ]
        indexes = [models.Index(fields=["next_review_on"], condition=~Q(status="closed"),
                                name="credit_line_review_due")]


class LimitMovement(CustomerOwned):
    """Money moved between available, reserved and used, once per cause; a retry finds the row and changes nothing."""

    class Kind(models.TextChoices):
        RESERVE = "reserve"  # available → reserved
        USE = "use"          # reserved → used
        RELEASE = "release"  # reserved → available
        RESTORE = "restore"  # used → available
        REUSE = "reuse"      # available → used: a repayment was reversed

    line = models.ForeignKey(CreditLine, on_delete=models.PROTECT)
    kind = models.TextField(choices=Kind.choices)
    amount_fen = models.BigIntegerField()
    cause_id = models.UUIDField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "line", "kind", "cause_id"], name="limit_movement_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="limit_movement_positive"),
            models.CheckConstraint(condition=Q(kind__in=["reserve", "use", "release", "restore", "reuse"]),
                                   name="limit_movement_kind"),
        ]


class LimitChange(CustomerOwned):
    """Every change of an approved limit: why, from what, to what (R5.3)."""

    class Kind(models.TextChoices):
        GRANTED = "granted"
        DECREASED = "decreased"
        INCREASE_OFFERED = "increase_offered"
        INCREASED = "increased"
        RATCHETED = "ratcheted"
        EXCEEDED = "exceeded"  # approved follows what is owed above the target (R5.3)
        UNCHANGED = "unchanged"
        CLOSED = "closed"

    line = models.ForeignKey(CreditLine, on_delete=models.PROTECT)
    kind = models.TextField(choices=Kind.choices)
    before_fen = models.BigIntegerField()
    after_fen = models.BigIntegerField()
    target_fen = models.BigIntegerField()
    reason = models.TextField()
    terms = models.JSONField(default=list, help_text="each term of the formula, as shown to the customer (R5.2)")
    pack_version = models.TextField()
    cause_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()
    offer_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(before_fen__gte=0, after_fen__gte=0, target_fen__gte=0),
                                   name="limit_change_money"),
        ]
        indexes = [models.Index(fields=["customer_id", "line", "-changed_at"], name="limit_change_newest")]


class Hold(CustomerOwned):
    """A reason why nothing can be drawn, over all lines of the customer; several may stand at once (R5.5)."""

    kind = models.TextField()
    source = models.TextField(help_text="room or role that placed it; only the same source releases it")
    cause_id = models.UUIDField(null=True)
    reason = models.TextField()
    placed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    release_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=HOLD_KINDS), name="hold_kind_known"),
            models.UniqueConstraint(fields=["customer_id", "kind", "source", "cause_id"], condition=Q(released_at=None),
                                    nulls_distinct=False, name="hold_once"),
        ]
