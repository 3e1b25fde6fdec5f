"""Applying for a line: what is needed, the form, progress, the offer or the refusal, appeal (R4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.assessment.selectors import next_run_on
from weidai.identity import selectors as identity
from weidai.identity import services as identity_services
from weidai.identity.services.accounts import EMPLOYER_LENGTH, INCOME_LIMIT_FEN
from weidai.kernel.text import Text
from weidai.limits import selectors as limits
from weidai.origination import policy, selectors, services
from weidai.origination.selectors import ApplicationRow, EventRow, NeedRow
from weidai.platform import clock
from weidai.products import selectors as products
from weidai.products.rules import apr_e8
from weidai.web.h5.deeds import lender, page_address, was_done
from weidai.web.h5.pages.consents import consent_address
from weidai.web.h5.pages.products import STAGE_NAMES, ProductView, product_view
from weidai.web.h5.provinces import OCCUPATION_CHOICES, PROVINCE_CHOICES
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, YuanField, status_of
from weidai.web.shared.language import lazy_text

IN_PROGRESS = frozenset({"submitted", "screening", "verification", "final_review"})
_BY_ITSELF = frozenset({"submitted", "screening", "final_review"})  # stages that move on within moments


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the timeline on the progress page."""

    name: Text
    state: str  # done, current, ahead
    at: datetime | None
    note: Text | None


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """An authorization without which no application is taken, and the page that decides it."""

    title: Text
    is_given: bool
    address: str


class _NeededBySome(forms.CharField):
    """Its label says who must fill it in, so that it is not marked as optional."""

    tells_when_required = True


class ApplyForm(Form):
    """What the customer declares; no amount is filled in beforehand."""

    requested = YuanField(
        label=lazy_text("希望额度", "Wanted limit"),
        required=False,
        help_text=lazy_text("可不填，由系统按评估结果给出。", "May be left empty; the assessment decides."),
    )
    declared_monthly_income = YuanField(
        label=lazy_text("月收入（税后）", "Monthly income after tax"),
        min_fen=0,
        max_fen=INCOME_LIMIT_FEN,
        error_messages={"required": lazy_text("请填写月收入，没有请填 0。", "Enter your monthly income, 0 if there is none.")},
    )
    occupation = forms.ChoiceField(
        label=lazy_text("职业状况", "Occupation"),
        choices=OCCUPATION_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": lazy_text("请选择职业状况。", "Choose one.")},
    )
    employer = forms.CharField(label=lazy_text("工作单位", "Employer"), max_length=EMPLOYER_LENGTH, required=False)
    region_code = forms.ChoiceField(
        label=lazy_text("常住地区", "Where you live"),
        choices=PROVINCE_CHOICES,
        error_messages={"required": lazy_text("请选择地区。", "Choose a region.")},
    )
    second_repayment_source = _NeededBySome(
        label=lazy_text("第二还款来源（在校学生必填）", "Second source of repayment (students only)"),
        max_length=500,
        required=False,
    )
    wants_person = forms.BooleanField(
        label=lazy_text(
            "不接受纯自动化决定，要求人工审核（需 1–2 个工作日）",
            "No purely automated decision: a person reviews (1–2 working days)",
        ),
        required=False,
    )


@borrower_page
def apply(request: HttpRequest, product: str) -> HttpResponse:
    """What is needed, the separate authorization, and the form."""
    on = clock.today()
    products.product_get(product, on=on)
    running = selectors.open_application(request.customer_id, product=product)
    if running is not None and running.state != "draft":
        return HttpResponseRedirect(_progress(running.id))
    view = next(
        product_view(row) for row in products.comparison_for(request.customer_id, on=on) if row.product_code == product
    )
    customer = identity.customer_get(request.customer_id)
    consents = _consents_needed(request.customer_id, here=page_address("apply", product=product))
    missing = next((row for row in consents if not row.is_given), None)
    is_open = customer.is_real_name and missing is None and _may_apply(view, running)
    form = ApplyForm(
        request.POST or None,
        initial={
            "occupation": customer.occupation or None,
            "region_code": customer.region_code,
            "declared_monthly_income": customer.declared_monthly_income_fen,
        },
    )
    if request.method == "POST" and is_open and form.is_valid():
        submitted: list[ApplicationRow] = []
        if was_done(form, lambda: submitted.append(_submit(request.customer_id, product, form))):
            return HttpResponseRedirect(_progress(submitted[0].id))
    return render(
        request,
        "h5/pages/apply.html",
        {
            "product": view,
            "customer": customer,
            "form": form,
            "is_open": is_open,
            "consents": consents,
            "missing_consent": missing,
            "lender": lender(on),
            "papers": _papers(request.customer_id, product, running),
            "draft": running,
            "is_draft": running is not None,
        },
        status=status_of(form),
    )


def _papers(customer_id: UUID, product: str, draft: ApplicationRow | None) -> tuple[NeedRow, ...]:
    """What may be sent with the application, and what of it is there."""
    if draft is not None:
        return selectors.paper_needs(customer_id, draft.id)
    return selectors.product_papers(customer_id, product)


def _consents_needed(customer_id: UUID, *, here: str) -> list[ConsentNeeded]:
    """What is agreed to separately before applying, in the order it is asked."""
    rows = {row.text.purpose: row for row in identity.consents(customer_id)}
    return [
        ConsentNeeded(rows[purpose].text.title, rows[purpose].is_given, consent_address(purpose, onward=here, back=here))
        for purpose in ("credit_report", "credit_reporting")
    ]


def _may_apply(view: ProductView, running: ApplicationRow | None) -> bool:
    """Nothing in the way but the customer's own draft of this product."""
    bars = [reason for reason in view.bars if running is None or reason.code != "products.application_open"]
    return view.has_path and not bars


def _submit(customer_id: UUID, product: str, form: ApplyForm) -> ApplicationRow:
    """Open or find the draft, keep the profile, hand it in; a refusal leaves the draft for another try."""
    stated = form.cleaned_data
    draft = services.application_open(customer_id, product=product)
    identity_services.profile_declare(
        customer_id,
        occupation=stated["occupation"],
        declared_monthly_income_fen=stated["declared_monthly_income"],
        employer=stated["employer"],
        region_code=stated["region_code"],
    )
    return services.application_submit(
        customer_id,
        application_id=draft.id,
        declared_monthly_income_fen=stated["declared_monthly_income"],
        region_code=stated["region_code"],
        employer=stated["employer"],
        requested_fen=stated["requested"],
        wants_person=stated["wants_person"],
        second_repayment_source=stated["second_repayment_source"],
    )


@borrower_page
def progress(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Where an application stands; then the offer, or the reasons."""
    return _show(request, application_id, "h5/pages/application.html")


@borrower_page
def progress_part(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """The same, without the page around it: asked for every two seconds while a stage runs by itself."""
    return _show(request, application_id, "h5/pages/application_part.html")


def _show(request: HttpRequest, application_id: UUID, template: str) -> HttpResponse:
    application = selectors.application_get(request.customer_id, application_id)
    if application.state == "draft":
        return HttpResponseRedirect(page_address("apply", product=application.product))
    events, on = selectors.timeline(request.customer_id, application_id), clock.today()
    offer, papers = application.offer, selectors.papers_sent(request.customer_id, application_id)
    line = limits.line_for_application(request.customer_id, application_id) if application.state == "accepted" else None
    return render(
        request,
        template,
        {
            "application": application,
            "steps": _steps(application, events, has_papers=papers > 0),
            "papers": papers,
            "in_progress": application.state in IN_PROGRESS,
            "is_polling": application.state in _BY_ITSELF,
            "offer": offer,
            "line": line,
            "offer_apr_e8": apr_e8(offer.daily_rate_e8) if offer else None,
            "is_late": application.state in IN_PROGRESS
            and application.expected_by is not None
            and application.expected_by < clock.now(),
            "wanted": next((event.wanted for event in reversed(events) if event.to_state == "awaiting_customer"), ()),
            "wanted_note": next(
                (event.note for event in reversed(events) if event.to_state == "awaiting_customer"), None
            ),
            "next_run_on": next_run_on(on),
            "lender": lender(on),
            "appeal_days": policy.current(on).appeal_working_days,
        },
    )


def _steps(application: ApplicationRow, events: list[EventRow], *, has_papers: bool) -> list[Step]:
    """Stages passed, the present one, and those ahead."""
    stages = ["screening", "verification", "final_review"]
    reached = {event.to_state: event.happened_at for event in events}
    is_automated = products.product_get(application.product, on=clock.today()).skips_verification
    by_person = application.wants_person or application.occupation == "student" or has_papers or not is_automated
    is_past = "final_review" in reached or application.state in ("declined", "offered")
    if "verification" not in reached and (is_past or not by_person):
        stages.remove("verification")
    now = application.state
    order = ["submitted", *stages]
    shown = "verification" if now == "awaiting_customer" else now
    place = order.index(shown) if shown in order else len(order)
    names = {"submitted": Text("已提交", "Submitted"), **STAGE_NAMES}
    pack = policy.current(clock.today())
    notes = {stage: pack.stage(stage).description for stage in stages}  # type: ignore[arg-type]
    steps = []
    for index, stage in enumerate(order):
        is_done = index < place and stage in reached
        state = "current" if index == place else "done" if is_done else "ahead"
        if stage == "submitted":
            state = "done"
        steps.append(Step(names[stage], state, reached.get(stage), notes.get(stage)))
    result_at = application.decided_at if place == len(order) else None
    steps.append(
        Step(
            application.state_text if result_at else Text("结果", "Result"),
            "done" if result_at else "ahead",
            result_at,
            None,
        )
    )
    return steps


@borrower_page
@require_POST
def accept(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Take the offered line and go on to activation."""
    services.offer_accept(request.customer_id, application_id=application_id)
    line = limits.line_for_application(request.customer_id, application_id)
    if line is None:
        raise Http404
    return HttpResponseRedirect(page_address("activate", line_id=line.id))


@borrower_page
@require_POST
def decline(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Say no to the offer; nothing is granted."""
    services.offer_decline(request.customer_id, application_id=application_id)
    return HttpResponseRedirect(_progress(application_id))


@borrower_page
@require_POST
def withdraw(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Withdraw an application that is not decided."""
    services.withdraw(request.customer_id, application_id=application_id)
    return HttpResponseRedirect(_progress(application_id))


@borrower_page
def history(request: HttpRequest) -> HttpResponse:
    """The customer's applications, newest first."""
    return render(
        request,
        "h5/pages/applications.html",
        {"applications": selectors.applications_for(request.customer_id, limit=20), "active_tab": "me"},
    )


def _progress(application_id: UUID) -> str:
    return page_address("application", application_id=application_id)


urlpatterns = [
    path("apply/<slug:product>/", apply, name="apply"),
    path("applications/", history, name="applications"),
    path("applications/<uuid:application_id>/", progress, name="application"),
    path("applications/<uuid:application_id>/part", progress_part, name="application_part"),
    path("applications/<uuid:application_id>/accept", accept, name="offer_accept"),
    path("applications/<uuid:application_id>/decline", decline, name="offer_decline"),
    path("applications/<uuid:application_id>/withdraw", withdraw, name="application_withdraw"),
]
