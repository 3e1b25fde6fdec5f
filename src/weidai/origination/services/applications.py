"""From draft to submitted, answering a question, withdrawing, expiring (R1.3, R3.4, R4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.identity import errors as identity_errors
from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.identity.services.accounts import INCOME_LIMIT_FEN
from weidai.kernel.days import SHANGHAI
from weidai.kernel.errors import Refusal
from weidai.kernel.money import yuan_text
from weidai.messaging.services import notice_send
from weidai.origination import rules, selectors
from weidai.origination.errors import (
    AnswerEmpty,
    ApplicationExists,
    CreditReportConsentRequired,
    DeclaredIncomeInvalid,
    NotEligible,
    PapersMissing,
    ProductNotOpen,
    RegionInvalid,
    RequestedAmountInvalid,
    SecondSourceRequired,
)
from weidai.origination.models import OPEN_STATES, Application, Offer
from weidai.origination.policy import calendar, current
from weidai.origination.selectors import ApplicationRow
from weidai.origination.services.papers import papers_drop
from weidai.origination.services.steps import (
    application_locked,
    move,
    product_name,
    state_conflict,
    task_open,
    tasks_cancel,
    timeline_add,
)
from weidai.platform import clock
from weidai.policy import selectors as policy_packs
from weidai.products import policy as products_policy
from weidai.products import rules as product_rules
from weidai.products import selectors as products
from weidai.products import services as product_services
from weidai.products.policy import ProductPolicy

# Products whose application path exists; the others are shown with eligibility and comparison only.
OPEN_ENTRIES = frozenset({"self_service", "invitation"})
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Declared:
    """What the customer states when applying."""

    declared_monthly_income_fen: int
    region_code: str
    employer: str = ""
    requested_fen: int | None = None
    note: str = ""
    wants_person: bool = False
    second_repayment_source: str = ""


def application_open(customer_id: UUID, *, product: str, channel: str = "page") -> ApplicationRow:
    """Open a draft, or return the customer's draft of that product; the same gates for every channel (R1.3, R3.4)."""
    offered = gates_pass(customer_id, product=product)
    with transaction.atomic():
        application = _draft(customer_id, offered, channel)
        if application.state != Application.State.DRAFT:
            raise ApplicationExists
    return selectors.application_get(customer_id, application.id)


def gates_pass(customer_id: UUID, *, product: str) -> ProductPolicy:
    """Raise the first gate that is closed for the customer and product, or return the product."""
    on = clock.today()
    offered = products.product_get(product, on=on)
    if not identity.is_real_name(customer_id):
        raise identity_errors.RealNameRequired
    if offered.entry not in OPEN_ENTRIES:
        raise ProductNotOpen
    if reasons := eligibility_reasons(customer_id, offered):
        raise NotEligible(reasons=reasons)
    return offered


def eligibility_reasons(customer_id: UUID, offered: ProductPolicy) -> list[product_rules.Reason]:
    """Return why not, leaving out what final review settles with the credit report (R3.2, R4.2)."""
    on = clock.today()
    found = product_rules.eligibility(offered, products.facts_for(customer_id, on=on), products_policy.current(on))
    return [reason for reason in found.reasons if reason.code not in rules.SETTLED_LATER]


def application_submit(
    customer_id: UUID, *, application_id: UUID, declared_monthly_income_fen: int, region_code: str, employer: str = "",
    requested_fen: int | None = None, note: str = "", wants_person: bool = False, second_repayment_source: str = "",
) -> ApplicationRow:
    """Hand the application in: screening starts by itself; again with the same draft changes nothing (R4.2–R4.4)."""
    declared = Declared(declared_monthly_income_fen, region_code, employer.strip(), requested_fen, note.strip(),
                        wants_person, second_repayment_source.strip())
    draft = selectors.application_get(customer_id, application_id)
    if draft.state == "draft":
        offered = gates_pass(customer_id, product=draft.product)
        occupation = identity.customer_get(customer_id).occupation or ""
        _declared_check(declared, offered, is_student=occupation == "student")
        if not identity.has_consent(customer_id, "credit_report"):
            raise CreditReportConsentRequired
        identity_services.consent_require(customer_id, "credit_reporting")
        if missing := selectors.papers_missing(customer_id, application_id, occupation=occupation):
            raise PapersMissing(papers=missing)
        _submit(customer_id, application_id, declared, occupation, is_automated=offered.skips_verification)
    elif draft.submitted_at is None:  # withdrawn or expired as a draft
        raise state_conflict(Application.objects.get(customer_id=customer_id, id=application_id))
    return selectors.application_get(customer_id, application_id)


@transaction.atomic
def _submit(
    customer_id: UUID, application_id: UUID, declared: Declared, occupation: str, *, is_automated: bool,
) -> None:
    application = application_locked(customer_id, application_id)
    if application.state != Application.State.DRAFT:
        return  # a twin of this request was faster
    moment, on = clock.now(), clock.today()
    if application.product == product_services.INVITED:
        application.invitation_id = product_services.invitation_use(
            customer_id, product=product_services.INVITED, application_id=application_id)
    application.declared_monthly_income_fen = declared.declared_monthly_income_fen
    application.requested_fen = declared.requested_fen
    application.region_code, application.occupation = declared.region_code, occupation
    application.employer, application.note = declared.employer or None, declared.note or None
    application.wants_person = declared.wants_person
    application.second_repayment_source = declared.second_repayment_source or None
    application.submitted_at, application.pack_version = moment, policy_packs.pack(on).version
    policy, days = current(on), calendar(on)
    has_papers = bool(selectors.application_papers(customer_id, application_id))
    by_person = declared.wants_person or occupation == "student" or has_papers or not is_automated
    expected = (days.after_working_minutes(moment, policy.stage("verification").sla_minutes) if by_person
                else days.after_minutes(moment, policy.automated_path_minutes))
    application.expected_by = expected.at
    application.save()
    move(application, Application.State.SUBMITTED, by="customer")
    local = expected.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    notice_send(customer_id, template="origination.submitted",
                values={"product": product_name(application), "expected": local})


@transaction.atomic
def application_answer(customer_id: UUID, *, application_id: UUID, note: str, employer: str = "") -> ApplicationRow:
    """Answer what a reviewer asked for; the case goes back to verification (R4.4, R4.6).

    A note is needed where no paper was sent since: nothing at all is no answer.
    """
    application = application_locked(customer_id, application_id)
    if application.state != Application.State.AWAITING_CUSTOMER:
        raise state_conflict(application)
    since = application.state_since
    has_papers = any(one.sent_at >= since for one in selectors.application_papers(customer_id, application_id))
    if not (note.strip() or has_papers):
        raise AnswerEmpty(field="note")
    if len(note) > LONGEST_TEXT:
        raise identity_errors.ProfileInvalid(field="note")
    if employer.strip():
        application.employer = employer.strip()
        application.save(update_fields=["employer"])
    move(application, Application.State.VERIFICATION, by="customer", note=note.strip() or None)
    task_open(application, stage="verification", reasons=["origination.customer_answered"])
    return selectors.application_get(customer_id, application_id)


@transaction.atomic
def withdraw(customer_id: UUID, *, application_id: UUID) -> ApplicationRow:
    """Withdraw an application that is not decided for good; again changes nothing."""
    application = application_locked(customer_id, application_id)
    if application.state != Application.State.WITHDRAWN:
        move(application, Application.State.WITHDRAWN, by="customer")
        _close(application, Offer.State.DECLINED)
    return selectors.application_get(customer_id, application_id)


def applications_expire(*, limit: int = 500) -> int:
    """Expire drafts, unanswered questions and offers that are past their time; one transaction each (R4.4)."""
    on, moment = clock.today(), clock.now()
    policy, states = current(on), Application.State
    waits = {states.DRAFT: policy.draft_valid_days, states.AWAITING_CUSTOMER: policy.awaiting_customer_days}
    due: list[tuple[UUID, UUID]] = []
    for state, days in waits.items():
        late = Application.objects.filter(state=state, state_since__lt=moment - timedelta(days=days))
        due += late.order_by("id").values_list("customer_id", "id")[:limit]
    due += Offer.objects.filter(state=Offer.State.OPEN, valid_until__lte=moment).order_by("id").values_list(
        "customer_id", "application_id")[:limit]
    return sum(_expire(customer_id, application_id) for customer_id, application_id in due)


@transaction.atomic
def _expire(customer_id: UUID, application_id: UUID) -> bool:
    application = application_locked(customer_id, application_id)
    try:
        with transaction.atomic():
            move(application, Application.State.EXPIRED, by="system")
    except Refusal:
        return False  # the customer was faster
    _close(application, Offer.State.EXPIRED)
    return True


def _close(application: Application, offer_state: str) -> None:
    """Close what hangs on an application that has ended; papers of one that was never handed in go."""
    if application.submitted_at is None:
        papers_drop(application)
    tasks_cancel(application)
    Offer.objects.filter(customer_id=application.customer_id, application=application, state=Offer.State.OPEN).update(
        state=offer_state, answered_at=clock.now())


def _draft(customer_id: UUID, offered: ProductPolicy, channel: str) -> Application:
    """Return the customer's open application of the product, or a new draft; two clicks at once give one."""
    moment = clock.now()
    application, is_new = Application.objects.get_or_create(
        customer_id=customer_id, product=offered.code, state__in=OPEN_STATES,
        defaults={"channel": channel, "state": Application.State.DRAFT, "state_since": moment, "opened_at": moment,
                  "pack_version": policy_packs.pack(clock.today()).version})
    if not is_new:
        return application
    timeline_add(application, source="", target=Application.State.DRAFT)
    event_record("origination.application.opened", customer_id=customer_id, subject_type="origination.application",
                 subject_id=application.id, facts={"product": offered.code, "channel": channel})
    return application


def _declared_check(declared: Declared, offered: ProductPolicy, *, is_student: bool) -> None:
    income = declared.declared_monthly_income_fen
    if type(income) is not int or not 0 <= income <= INCOME_LIMIT_FEN:
        raise DeclaredIncomeInvalid
    if len(declared.region_code) != 2 or not declared.region_code.isdecimal():
        raise RegionInvalid(field="region_code")
    wanted = declared.requested_fen
    if wanted is not None and not offered.minimum_line_fen <= wanted <= offered.maximum_line_fen:
        raise RequestedAmountInvalid(field="requested", least=yuan_text(offered.minimum_line_fen),
                                     most=yuan_text(offered.maximum_line_fen))
    for name in ("note", "employer", "second_repayment_source"):
        if len(getattr(declared, name)) > LONGEST_TEXT:
            raise identity_errors.ProfileInvalid(field=name)
    if is_student and not declared.second_repayment_source:
        raise SecondSourceRequired(field="second_repayment_source")
