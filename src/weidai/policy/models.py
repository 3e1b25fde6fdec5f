"""Tables of the policy room: drafted versions, the terms for which they hold, decisions kept, replays (R8.6)."""

from django.db import models
from django.db.models import F, Q

from weidai.platform.ids import uuid7
from weidai.platform.models import CustomerOwned

STATES = ["draft", "validated", "shadow", "approved", "live", "retired", "withdrawn"]


class PackVersion(models.Model):
    """One version on its way from a draft to being in force. What has been validated never changes again."""

    INSTITUTION_TABLE = "the lender's rules, not one customer's"

    class State(models.TextChoices):
        DRAFT = "draft"
        VALIDATED = "validated"  # checked without fault; its content is fixed
        SHADOW = "shadow"        # decides beside the live version, without effect
        APPROVED = "approved"    # by a second person
        LIVE = "live"            # published: holds from its day on
        RETIRED = "retired"      # rolled back
        WITHDRAWN = "withdrawn"  # given up before it was ever published

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.TextField(help_text="what it is for, in the author's words")
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    revision = models.IntegerField(default=1, help_text="grows with each edit; an edit names the one it saw")
    files = models.JSONField(help_text="file name → TOML text")
    based_on = models.TextField(help_text="the version it was copied from")
    version = models.TextField(default="", help_text="code@effective_from+digest, once validated")
    content_hash = models.TextField(default="", help_text="SHA-256 of the files byte for byte, once validated")
    effective_from = models.DateField(null=True)
    author = models.TextField()
    editors = models.JSONField(default=list, help_text="everyone who changed it; none of them may approve it")
    drafted_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    validated_by = models.TextField(default="")
    validated_at = models.DateTimeField(null=True)
    shadow_at = models.DateTimeField(null=True)
    approved_by = models.TextField(default="")
    approved_at = models.DateTimeField(null=True)
    approval_note = models.TextField(default="")
    published_by = models.TextField(default="")
    published_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="pack_version_state_known"),
            models.CheckConstraint(condition=Q(approved_by="") | ~Q(approved_by=F("author")),
                                   name="pack_version_two_persons"),
            models.CheckConstraint(condition=~Q(state__in=["approved", "live", "retired"]) | ~Q(approved_by=""),
                                   name="pack_version_approved_by_somebody"),
            models.CheckConstraint(condition=Q(state="draft") | Q(state="withdrawn") | ~Q(version=""),
                                   name="pack_version_fixed_when_validated"),
            models.UniqueConstraint(fields=["version"], name="pack_version_once",
                                    condition=Q(state__in=["validated", "shadow", "approved", "live"])),
            models.UniqueConstraint(models.Value(1), name="pack_version_one_in_shadow",
                                    condition=Q(state__in=["shadow", "approved"])),
        ]


class PolicyTerm(models.Model):
    """From a day on a version holds, until a later term or a later version of the folder. Append-only."""

    INSTITUTION_TABLE = "which rules held when, for everybody"

    id = models.BigAutoField(primary_key=True)
    effective_from = models.DateField()
    version = models.TextField(help_text="a published version, or one of the folder after a roll-back")
    replaces = models.TextField()
    reason = models.TextField()
    placed_by = models.TextField()
    placed_at = models.DateTimeField()


class KeptPack(models.Model):
    """The files of a version of the folder, as they were when this installation first ran with them. Append-only.

    Files can be edited or lost; decisions made with them must be made again all the same (R2.2).
    """

    INSTITUTION_TABLE = "the lender's rules, not one customer's"

    version = models.TextField(primary_key=True)
    files = models.JSONField()
    kept_at = models.DateTimeField()


class KeptDecision(CustomerOwned):
    """A decision with everything it was made from, so that it can be made again (numbers, codes and dates only)."""

    kind = models.TextField()
    subject_id = models.UUIDField(help_text="what was decided about: an application, a limit change")
    decided_on = models.DateField()
    decided_at = models.DateTimeField()
    pack_version = models.TextField()
    inputs = models.JSONField()
    outcome = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "kind", "subject_id"], name="kept_decision_once"),
        ]
        indexes = [models.Index(fields=["kind", "decided_at"], name="kept_decision_by_time")]


class ShadowDecision(CustomerOwned):
    """What the version in shadow would have decided, beside what was decided."""

    kind = models.TextField()
    subject_id = models.UUIDField()
    decided_at = models.DateTimeField()
    live_version = models.TextField()
    shadow_version = models.TextField()
    is_same = models.BooleanField()
    changes = models.JSONField(default=list, help_text="[key, live, shadow] of what differs")
    live_effect = models.JSONField()
    shadow_effect = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "kind", "subject_id", "shadow_version"],
                                    name="shadow_decision_once"),
        ]
        indexes = [models.Index(fields=["shadow_version", "kind"], name="shadow_decision_by_version")]


class ReplayRun(models.Model):
    """Past decisions of a period made again, under the version each was made with or under another one."""

    INSTITUTION_TABLE = "totals over many customers; the changed decisions are customer-owned rows"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    under = models.TextField(help_text="version replayed under; empty: the one each decision was made with")
    since = models.DateTimeField()
    until = models.DateTimeField()
    kinds = models.JSONField()
    state = models.TextField(choices=State.choices, default=State.WAITING)
    total_count = models.IntegerField(default=0)
    done_count = models.IntegerField(default=0)
    totals = models.JSONField(default=dict, help_text="by kind, as `rules.comparing.Totals` writes them")
    failure = models.TextField(default="")
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "running", "done", "failed"]),
                                   name="replay_run_state_known"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="replay_run_period"),
        ]


class ReplayChange(CustomerOwned):
    """One decision that comes out differently in a replay."""

    run = models.ForeignKey(ReplayRun, on_delete=models.PROTECT)
    kind = models.TextField()
    subject_id = models.UUIDField()
    decided_at = models.DateTimeField()
    pack_version = models.TextField()
    changes = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "run", "kind", "subject_id"], name="replay_change_once"),
        ]
        indexes = [models.Index(fields=["run", "decided_at"], name="replay_change_by_run")]
