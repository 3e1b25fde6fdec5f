"""Which papers an application needs, why, and what is there; what the papers propose for the income (R4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from weidai.identity import selectors as identity
from weidai.identity.errors import IdCardRequired
from weidai.kernel.days import shanghai_date
from weidai.kernel.text import Text
from weidai.limits import policy as limits_policy
from weidai.origination import paper_words, rules
from weidai.origination.errors import ApplicationNotFound
from weidai.origination.models import Application, ApplicationEvent, ApplicationPaper
from weidai.origination.policy import DocumentRequirement, OriginationPolicy, current
from weidai.origination.reasons import RETURN_REASONS
from weidai.origination.selectors.papers import ApplicationPaperRow, BookingRow, application_papers
from weidai.platform import clock
from weidai.products import selectors as products

ASKED_KINDS: dict[str, tuple[str, ...]] = {  # by return reason; of each one is enough
    "income_proof": ("salary_statement", "payslip", "tax_certificate"),
    "statement": ("salary_statement", "bank_statement"),
    "business_licence": ("business_licence",),
    "supporting_papers": ("social_insurance", "property_certificate"),
    "second_source_proof": ("second_repayment_source",),
    "employer_details": ("payslip", "social_insurance"),
}


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of paper one can send."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class NeedRow:
    """One requirement with what was sent for it; `is_asked` when a reviewer asked for it since the hand-in."""

    code: str
    name: Text
    why: Text
    kinds: tuple[KindRow, ...]
    is_required: bool
    is_asked: bool
    is_met: bool
    papers: tuple[ApplicationPaperRow, ...]


@dataclass(frozen=True, slots=True)
class PapersFound:
    """What the papers of an application say; the income that counts is the reviewer's (R4.1)."""

    proposal: rules.IncomeProposal
    test: rules.IncomeTest | None  # None without a proposal
    points_below: int  # of the pack, taken off when the verified income is below the test
    findings: tuple[rules.Finding, ...]
    basis: str  # net or gross


def kinds_open(application: Application) -> frozenset[str]:
    """Return the kinds of paper an application takes now: what its product lists, and what a reviewer asked for."""
    listed = {kind for row in _listed(application) for kind in row.any_of}
    asked = {kind for code in _asked(application) for kind in ASKED_KINDS.get(code, ())}
    return frozenset(listed | asked)


def paper_needs(
    customer_id: UUID, application_id: UUID, *, pages: Sequence[ApplicationPaperRow] | None = None,
) -> tuple[NeedRow, ...]:
    """Return what the application needs in the pack's order, each with its pages; what was asked for comes first."""
    application = _application(customer_id, application_id)
    pages = application_papers(customer_id, application_id) if pages is None else pages
    needs = [_need(f"listed.{place}", row.name, _why(row), row.any_of, pages, is_required=_is_required(row))
             for place, row in enumerate(_listed(application))]
    asked = []
    since = application.state_since
    for code in _asked(application):
        kinds = ASKED_KINDS.get(code, ())
        if kinds:
            fresh = tuple(page for page in pages if page.sent_at >= since)
            asked.append(_need(f"asked.{code}", RETURN_REASONS[code], Text("审核人员要求补充。", "The reviewer asked for it."),
                               kinds, fresh, is_asked=True))
    shown = {page.id for need in asked for page in need.papers}
    return (*asked, *(_without(need, shown) for need in needs))


def product_papers(customer_id: UUID, product: str) -> tuple[NeedRow, ...]:
    """Return what one may send with an application for a product before there is one; nothing is there yet."""
    occupation = identity.customer_get(customer_id).occupation or ""
    return tuple(_need(f"listed.{place}", row.name, _why(row), row.any_of, (), is_required=_is_required(row))
                 for place, row in enumerate(current(clock.today()).papers_of(product, occupation=occupation)))


def papers_sent(customer_id: UUID, application_id: UUID) -> int:
    """Return how many pages an application has."""
    return ApplicationPaper.objects.filter(customer_id=customer_id, application_id=application_id).exclude(
        state=ApplicationPaper.State.REMOVED).count()


def papers_withdrawn(customer_id: UUID, application_id: UUID) -> int:
    """Return how many pages were deleted because their consent was withdrawn (R1.9)."""
    return ApplicationPaper.objects.filter(
        customer_id=customer_id, application_id=application_id, removed_reason="consent_withdrawn").count()


def papers_missing(customer_id: UUID, application_id: UUID, *, occupation: str) -> tuple[Text, ...]:
    """Return the names of required papers of which no page was sent (R4.1)."""
    application = _application(customer_id, application_id)
    sent = {page.kind for page in application_papers(customer_id, application_id)}
    listed = current(clock.today()).papers_of(application.product, occupation=occupation)
    required = [(row.name, row.any_of) for row in listed if _is_required(row)]
    return rules.missing_documents(required, present=sent)


def papers_found(
    customer_id: UUID, application_id: UUID, *, pages: Sequence[ApplicationPaperRow] | None = None,
) -> PapersFound:
    """Return the income the papers propose with its working, the wage test and what does not fit together (R4.1)."""
    application, on = _application(customer_id, application_id), clock.today()
    policy, wages = current(on), limits_policy.wages(on)
    shown = application_papers(customer_id, application_id) if pages is None else pages
    read, terms = pages_read(shown), paper_terms(policy)
    proposal = rules.income_proposed(read, terms)
    try:
        name = identity.customer_private(customer_id, purpose="papers").name
    except IdCardRequired:
        name = ""
    declared = rules.Declared(name, application.employer or "", application.declared_monthly_income_fen)
    region = wages.region(application.region_code)
    test = rules.income_test(
        income_fen=proposal.monthly_fen, monthly_wage_fen=wages.monthly_fen(application.region_code),
        wage_multiple=policy.income_test.wage_multiple, province_code=region.province_code, wage_year=region.year,
        wage_source=region.source) if proposal.monthly_fen is not None else None
    return PapersFound(proposal, test, policy.income_test.points_below,
                       rules.paper_findings(read, proposal, declared, terms, on=on), policy.papers.income_basis)


def paper_terms(policy: OriginationPolicy) -> rules.PaperTerms:
    """Return what the pack says of papers as the rules take it."""
    papers = policy.papers
    return rules.PaperTerms(papers.income_basis, papers.salary_words, papers.statement_months,
                            {str(kind): days for kind, days in papers.maximum_age_days.items()})


def pages_read(papers: Sequence[ApplicationPaperRow]) -> tuple[rules.PageRead, ...]:
    """Return what was read of the pages as the rules take it."""
    return tuple(rules.PageRead(
        kind=one.kind, page=one.page, sent_on=shanghai_date(one.sent_at),
        values={row.code: row.value for row in one.fields}, bookings=tuple(_booking(row) for row in one.bookings),
        corrected=frozenset(row.code for row in one.fields if row.is_corrected),
        doubted=frozenset(row.code for row in one.fields if row.verdict and row.verdict.verdict == "doubted"),
        failed_checks=frozenset(check.code for check in one.checks if check.passed is False),
        judged=frozenset(row.code for row in one.fields if row.verdict and row.verdict.verdict in ("accepted", "corrected")),
        is_marked=one.is_marked) for one in papers if one.fields or one.bookings)


def _booking(row: BookingRow) -> rules.Booking:
    verdict = row.verdict.verdict if row.verdict else ""
    is_settled = verdict in ("accepted", "corrected")
    return rules.Booking(_day(row.booked_on), row.summary, row.amount_fen, True if is_settled else row.follows,
                         is_doubted=verdict == "doubted", is_unsure=row.is_unsure)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _application(customer_id: UUID, application_id: UUID) -> Application:
    row = Application.objects.filter(customer_id=customer_id, id=application_id).first()
    if row is None:
        raise ApplicationNotFound
    return row


def _listed(application: Application) -> tuple[DocumentRequirement, ...]:
    occupation = application.occupation or identity.customer_get(application.customer_id).occupation or ""
    return current(clock.today()).papers_of(application.product, occupation=occupation)


def _asked(application: Application) -> tuple[str, ...]:
    """Return the reasons of the return that is open, none otherwise."""
    if application.state != Application.State.AWAITING_CUSTOMER:
        return ()
    event = ApplicationEvent.objects.filter(
        customer_id=application.customer_id, application=application,
        to_state=Application.State.AWAITING_CUSTOMER).order_by("-sequence").first()
    return tuple(event.codes) if event else ()


def _is_required(row: DocumentRequirement) -> bool:
    return row.is_required and not products.product_get(row.product, on=clock.today()).skips_verification


def _why(row: DocumentRequirement) -> Text:
    """Return the pack's reason; for income with what it opens (R5.1)."""
    if not set(row.any_of) & set(rules.INCOME_KINDS) or row.any_of == ("bank_statement",):
        return row.why
    limits = limits_policy.current(clock.today())
    starter, salaried = limits.segment("starter").maximum_fen, limits.segment("salaried").maximum_fen
    more = Text("未核实收入时额度上限一般为 {low:,} 元，核实后可到 {high:,} 元。",
                "Without verified income the limit is usually at most {low:,} yuan, with it up to {high:,}.").format(
                    low=starter // 100, high=salaried // 100)
    return Text(f"{row.why.zh}{more.zh}", f"{row.why.en} {more.en}".strip())


def _need(
    code: str, name: Text, why: Text, kinds: Sequence[str], pages: Sequence[ApplicationPaperRow], *,
    is_required: bool = False, is_asked: bool = False,
) -> NeedRow:
    mine = tuple(page for page in pages if page.kind in kinds)
    return NeedRow(code, name, why, tuple(KindRow(kind, paper_words.KIND_TEXTS[kind]) for kind in kinds),
                   is_required, is_asked, bool(mine), mine)


def _without(need: NeedRow, shown: set[UUID]) -> NeedRow:
    """A page stands in one place only."""
    return replace(need, papers=tuple(page for page in need.papers if page.id not in shown)) if need.papers else need
