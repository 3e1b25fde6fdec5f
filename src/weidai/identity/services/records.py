"""Shared by the use cases: the customer's row, who owns a digest, what was checked and how often today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.identity import errors, selectors
from weidai.identity.consent_texts import consent_text
from weidai.identity.models import Customer, DigestEntry, Verification
from weidai.kernel.days import shanghai_date, shanghai_instant
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.crypto import index_digests, index_digests_for_writing
from weidai.platform.ids import uuid7


@dataclass(frozen=True, slots=True)
class Checked:
    """One outcome to keep; `facts` are words, dates and scores, never personal data."""

    item: str
    state: str
    method: str
    purpose: str = "real_name"
    facts: dict[str, object] = field(default_factory=dict)
    valid_to: date | None = None


def customer(customer_id: UUID) -> Customer:
    """Return the active customer or refuse."""
    row = Customer.objects.filter(customer_id=customer_id).first()
    if row is None:
        raise errors.CustomerNotFound
    if row.status != Customer.Status.ACTIVE:
        raise errors.AccountClosed
    return row


def customer_lock(customer_id: UUID) -> Customer:
    """Lock the customer's row in the caller's transaction, so that two steps of one person follow each other."""
    row = Customer.objects.select_for_update().filter(customer_id=customer_id).first()
    if row is None:
        raise errors.CustomerNotFound
    if row.status != Customer.Status.ACTIVE:
        raise errors.AccountClosed
    return row


def digest_claim(kind: str, value: str, customer_id: UUID) -> UUID:
    """Make the customer the owner of a value unless it has one; return the owner (R1.1)."""
    digests = index_digests_for_writing(kind, value)
    owner = _digest_owner(kind, digests) or customer_id
    DigestEntry.objects.bulk_create(
        [DigestEntry(id=uuid7(), kind=kind, digest=digest, customer_id=owner, created_at=clock.now())
         for digest in digests],
        ignore_conflicts=True,
    )
    owner = _digest_owner(kind, digests) or customer_id
    if len(digests) > 1:  # while keys are changed: every version names the owner whom the oldest one names
        DigestEntry.objects.filter(kind=kind, digest__in=digests).exclude(customer_id=owner).update(customer_id=owner)
    return owner


def _digest_owner(kind: str, digests: Sequence[str]) -> UUID | None:
    """Return who owns a value: where versions stand side by side, the oldest one decides."""
    owners = dict(DigestEntry.objects.filter(kind=kind, digest__in=digests).values_list("digest", "customer_id"))
    return next((owners[digest] for digest in digests if digest in owners), None)


def digest_release(kind: str, value: str, customer_id: UUID) -> None:
    """Give a value up, so that somebody else may own it."""
    DigestEntry.objects.filter(kind=kind, digest__in=index_digests(kind, value), customer_id=customer_id).delete()


def consent_require(customer_id: UUID, purpose: str) -> None:
    """Refuse a step whose separate consent is not in force, to whichever text it was given (R1.9)."""
    if not selectors.has_consent(customer_id, purpose):
        raise _consent_lacking(purpose)


def present_consent_require(customer_id: UUID, purpose: str) -> None:
    """Refuse an act on personal data unless its present text was agreed to: an earlier one is asked again (R1.9)."""
    if not selectors.has_present_consent(customer_id, purpose):
        raise _consent_lacking(purpose)


def _consent_lacking(purpose: str) -> errors.ConsentRequired:
    text = consent_text(purpose)
    assert text is not None, purpose
    return errors.ConsentRequired(purpose=purpose, title=text.title)


def attempts_limit(customer_id: UUID, item: str, *, per_day: int) -> None:
    """Refuse when the item was checked often enough today (Shanghai day of business time)."""
    midnight: datetime = shanghai_instant(shanghai_date(clock.now()), time.min)
    today = Verification.objects.filter(
        customer_id=customer_id, item=item, checked_at__gte=midnight, checked_at__lt=midnight + timedelta(days=1))
    if today.count() >= per_day:
        raise errors.TooManyAttempts


def checked_keep(customer_id: UUID, checked: Checked) -> UUID:
    """Keep one outcome with its event in the caller's transaction; tell the customer when the gate opens (R1.3)."""
    was_real_name = selectors.is_real_name(customer_id)
    row = Verification.objects.create(
        id=uuid7(), customer_id=customer_id, item=checked.item, state=checked.state, method=checked.method,
        purpose=checked.purpose, facts=checked.facts, valid_to=checked.valid_to, checked_at=clock.now(),
    )
    audit.event_record(
        f"identity.{checked.item}.{checked.state}", customer_id=customer_id, subject_type="verification",
        subject_id=row.id, facts={"method": checked.method, "purpose": checked.purpose, **checked.facts},
    )
    if not was_real_name and selectors.is_real_name(customer_id):
        messaging.notice_send(customer_id, template="identity.real_name_passed", values={}, channels=("in_app",))
    return row.id


def refusal_keep(customer_id: UUID, checked: Checked, *, per_day: int | None = None) -> None:
    """Keep a partner's "no" for good, before the refusal is raised: it counts against the day's attempts.

    `per_day` counts once more under the lock: who asks many times at once learns no more than who asks one by one.
    """
    with transaction.atomic():
        customer_lock(customer_id)
        if per_day is not None:
            attempts_limit(customer_id, checked.item, per_day=per_day)
        checked_keep(customer_id, checked)
