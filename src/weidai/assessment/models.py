"""Tables of the assessment room: credit reports obtained and every assessment with the inputs it used."""

from django.db import models

from weidai.platform.crypto import EncryptedTextField
from weidai.platform.ids import uuid7
from weidai.platform.models import CustomerOwned

GRADES = ["A", "B", "C", "D", "E"]


class CreditReport(CustomerOwned):
    """What the bureau answered to one authorized query (R4.2); amounts in fen, employer sealed."""

    report_ref = models.TextField(help_text="the bureau's own id of the report")
    authorization_id = models.UUIDField(help_text="the consent row that allowed the query")
    reason = models.TextField()
    is_found = models.BooleanField()
    score = models.IntegerField(null=True)
    total_debt_fen = models.BigIntegerField(null=True)
    monthly_payment_fen = models.BigIntegerField(null=True)
    overdue_24m_count = models.IntegerField(null=True)
    credit_card_limit_fen = models.BigIntegerField(null=True)
    inquiries_3m = models.IntegerField(null=True)
    is_employed = models.BooleanField(default=False, help_text="employment stands in the report (R5.1)")
    employer = EncryptedTextField(purpose="assessment.employer", null=True)
    employed_since = models.TextField(default="")
    as_of = models.DateField()
    queried_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "report_ref"], name="credit_report_once"),
            models.CheckConstraint(condition=models.Q(score=None) | models.Q(score__gte=0, score__lte=1000),
                                   name="credit_report_score_range"),
            models.CheckConstraint(
                condition=(models.Q(total_debt_fen=None) | models.Q(total_debt_fen__gte=0))
                & (models.Q(credit_card_limit_fen=None) | models.Q(credit_card_limit_fen__gte=0)),
                name="credit_report_money_not_negative"),
        ]
        indexes = [models.Index(fields=["customer_id", "-queried_at"], name="credit_report_newest")]


class Assessment(CustomerOwned):
    """One run of the rules for one customer: inputs (numbers only), pack version and result; never changed."""

    class Trigger(models.TextChoices):
        REQUESTED = "requested"
        APPLICATION = "application"
        MONTHLY = "monthly"
        CORRECTED = "corrected"
        FAST_TRACK = "fast_track"
        LIMIT_REVIEW = "limit_review"

    trigger = models.TextField(choices=Trigger.choices)
    cause_id = models.UUIDField(null=True, help_text="the application or review it was run for")
    assessed_on = models.DateField()
    assessed_at = models.DateTimeField()
    pack_version = models.TextField()
    inputs = models.JSONField()
    indicators = models.JSONField()
    bonuses = models.JSONField(default=list)
    score = models.IntegerField()
    grade = models.TextField(help_text="from the score alone")
    standing_notches = models.IntegerField(default=0)
    effective_grade = models.TextField(help_text="lowered by the standing overlay (R7.6)")
    credit_report = models.ForeignKey(CreditReport, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=1000), name="assessment_score_range"),
            models.CheckConstraint(condition=models.Q(grade__in=GRADES, effective_grade__in=GRADES),
                                   name="assessment_grade_known"),
            models.CheckConstraint(condition=models.Q(standing_notches__gte=0), name="assessment_notches_not_negative"),
            models.UniqueConstraint(fields=["customer_id", "trigger", "cause_id"],
                                    condition=models.Q(cause_id__isnull=False), name="assessment_once_per_cause"),
            models.UniqueConstraint(fields=["customer_id", "assessed_on"], condition=models.Q(trigger="monthly"),
                                    name="assessment_monthly_once"),
        ]
        indexes = [models.Index(fields=["customer_id", "-assessed_at"], name="assessment_newest")]


class PopulationRun(models.Model):
    """A run over a whole book that came to its end: it is not started again for the month (R2.3, R2.4)."""

    INSTITUTION_TABLE = "one run over a whole book"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    book_id = models.SmallIntegerField()
    month = models.DateField(help_text="its first day")
    trigger = models.TextField(choices=[("monthly", "monthly"), ("fast_track", "fast_track")])
    finished_at = models.DateTimeField(help_text="business instant")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book_id", "month", "trigger"], name="population_run_once"),
            models.CheckConstraint(condition=models.Q(trigger__in=["monthly", "fast_track"]),
                                   name="population_run_trigger_known"),
        ]


class RulesAnnouncement(models.Model):
    """Customers were told that other rules judge them from a day on, or there was nothing to tell (R2.3)."""

    INSTITUTION_TABLE = "one announcement to everybody"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pack_version = models.TextField()
    replaces = models.TextField(default="", help_text="the version before; empty for the first one ever")
    effective_on = models.DateField()
    change_count = models.IntegerField()
    told_through = models.UUIDField(null=True, help_text="the last customer told; in the order of their ids")
    told_count = models.IntegerField(default=0)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(change_count__gte=0, told_count__gte=0),
                                   name="rules_announcement_counts"),
        ]


class ScoringModel(models.Model):
    """One registered version of a statistical model: its bytes, where it came from, who registered and who put it to work."""

    INSTITUTION_TABLE = "a model is the lender's, not one customer's"

    class State(models.TextChoices):
        CANDIDATE = "candidate"
        SHADOW = "shadow"
        CHAMPION = "champion"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    version = models.IntegerField()
    kind = models.TextField(choices=[("scorecard", "scorecard"), ("boosting", "boosting")])
    state = models.TextField(choices=State.choices, default=State.CANDIDATE)
    artefact_hash = models.TextField(unique=True, help_text="SHA-256 over content and trees")
    data_hash = models.TextField(help_text="SHA-256 of the table it learned from")
    pack_version = models.TextField(help_text="rules in force when it was registered")
    content = models.BinaryField(help_text="model.json, byte for byte")
    trees = models.BinaryField(help_text="challenger.onnx")
    report = models.TextField(help_text="the validation report, HTML")
    card = models.TextField(help_text="the model card, Markdown")
    registered_by = models.UUIDField()
    registered_at = models.DateTimeField()
    promoted_by = models.UUIDField(null=True)
    promoted_at = models.DateTimeField(null=True)
    note = models.TextField(default="", help_text="what the second person looked at")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="scoring_model_version_once"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="champion"), name="scoring_model_one_champion"),
            models.CheckConstraint(condition=~models.Q(promoted_by=models.F("registered_by")),
                                   name="scoring_model_second_person"),
            models.CheckConstraint(
                condition=models.Q(state__in=["candidate", "retired"]) | models.Q(promoted_by__isnull=False),
                name="scoring_model_promoted_by_somebody"),
        ]


class ModelScore(CustomerOwned):
    """What one model said beside one live assessment: points, probability, reasons, the bin of each input; never changed."""

    assessment_id = models.UUIDField()
    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT)
    role = models.TextField(help_text="champion or shadow at that moment")
    scored_on = models.DateField()
    points = models.IntegerField()
    probability = models.FloatField()
    reasons = models.JSONField()
    bins = models.JSONField()
    micros = models.IntegerField(help_text="microseconds the scoring took")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "assessment_id", "model"], name="model_score_once"),
            models.CheckConstraint(condition=models.Q(probability__gte=0, probability__lte=1), name="model_score_probability"),
        ]
        indexes = [models.Index(fields=["model", "scored_on"], name="model_score_by_month")]


class ModelDrift(models.Model):
    """How far one month's scores and inputs lie from what a model learned from (PSI)."""

    INSTITUTION_TABLE = "sums over a month of scores"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT)
    month = models.DateField(help_text="its first day")
    rows = models.IntegerField()
    score_psi = models.FloatField()
    mean_points = models.FloatField()
    inputs = models.JSONField(help_text="PSI by column")
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "month"], name="model_drift_once")]
