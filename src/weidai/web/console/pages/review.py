"""Review: queues with their clocks, one case at a time, decisions with reasons, appeals (R4.2 to R4.6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from weidai.audit import selectors as audit
from weidai.identity import selectors as identity
from weidai.kernel.text import Text
from weidai.limits import selectors as limits
from weidai.origination import selectors, services
from weidai.origination.errors import ReviewTaskNotClaimed, ReviewTaskNotFound
from weidai.platform import clock
from weidai.products import selectors as products
from weidai.staff import services as staff_services
from weidai.web.console.acting import FilterForm, day_filter, staff_id, staff_names, text_filter
from weidai.web.console.case_identity import identity_shown
from weidai.web.console.menu import MenuItem, Section
from weidai.web.console.words import choices, status_of, word
from weidai.web.shared.formats import instant, yuan
from weidai.web.shared.forms import Form, YuanField, form_with_refusal
from weidai.web.shared.forms import status_of as http_status_of
from weidai.web.shared.language import current_language, lazy_text, say
from weidai.web.shared.paging import MAX_CSV_ROWS, csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_may, staff_page

MENU = (
    MenuItem(Section.REVIEW, Text("审批队列", "Review queue"), "console:review_queue", "origination.application.review"),
    MenuItem(Section.REVIEW, Text("申诉队列", "Appeals"), "console:appeal_queue", "origination.appeal.decide"),
    MenuItem(Section.REVIEW, Text("申请", "Applications"), "console:application_list", "origination.application.view"),
)
VERIFICATION, APPEAL = "verification", "appeal"
DECIDE = {VERIFICATION: "origination.application.review", APPEAL: "origination.appeal.decide"}
SOON_MINUTES = 60


class QueueFilters(FilterForm):
    """Whose cases."""

    only = forms.ChoiceField(label=lazy_text("范围", "Whose"), choices=[
        ("", lazy_text("全部", "All")), ("mine", lazy_text("我领取的", "Mine")), ("free", lazy_text("待领取", "Free"))])


def _queue(request: HttpRequest, stage: str) -> HttpResponse:
    form, asked = QueueFilters(request.GET), slice_asked(request)
    rows = selectors.queue(stage, staff_id=staff_id(request), only=form.value("only") or "all", limit=asked.limit,
                           offset=asked.offset)
    page = page_of(asked, rows)
    return render(request, "console/pages/review_queue.html", {
        "page": page, "filters": form, "stage": stage, "now": clock.now(), "soon_minutes": SOON_MINUTES,
        "counts": selectors.queue_counts(), "me": staff_id(request),
        "names": staff_names([row.claimed_by for row in page.rows]),
        "customers": identity.masked_names({row.customer_id for row in page.rows})})


@staff_page(DECIDE[VERIFICATION])
def review_queue(request: HttpRequest) -> HttpResponse:
    """Cases that wait for verification, the most urgent first."""
    return _queue(request, VERIFICATION)


@staff_page(DECIDE[APPEAL])
def appeal_queue(request: HttpRequest) -> HttpResponse:
    """Appeals that wait for an answer, the most urgent first."""
    return _queue(request, APPEAL)


def _next(request: HttpRequest, stage: str) -> HttpResponse:
    found = services.next_case(staff_id=staff_id(request), stage=stage)
    if found is None:
        messages.info(request, say(Text("没有待领取的案件。", "No case is waiting.")))
        return HttpResponseRedirect(reverse(f"console:{'appeal' if stage == APPEAL else 'review'}_queue"))
    return _to_case(selectors.application_of_task(*found))


@staff_page(DECIDE[VERIFICATION])
@require_POST
def review_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent free case and open it."""
    return _next(request, VERIFICATION)


@staff_page(DECIDE[APPEAL])
@require_POST
def appeal_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent free appeal and open it."""
    return _next(request, APPEAL)


class ApplicationFilters(FilterForm):
    """Which applications."""

    q = text_filter("申请编号 / 客户编号", "Application or customer id")
    state = forms.ChoiceField(label=lazy_text("状态", "State"), choices=choices("application"))
    product = forms.ChoiceField(label=lazy_text("产品", "Product"))
    since = day_filter("不早于", "Opened from")
    until = day_filter("不晚于", "Opened to")

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.fields["product"].choices = product_choices()  # type: ignore[attr-defined]


def product_choices() -> list[tuple[str, object]]:
    """The products of the pack in force, "all" first."""
    rows = products.catalogue(clock.today())
    return [("", lazy_text("全部", "All")), *((row.code, lazy_text(row.name.zh, row.name.en)) for row in rows)]


@staff_page("origination.application.view")
def application_list(request: HttpRequest) -> HttpResponse:
    """All applications, newest first; also as CSV."""
    form = ApplicationFilters(request.GET)
    wanted = selectors.ApplicationFilter(
        state=form.value("state"), product=form.value("product"), text=form.value("q"), opened_from=form.day("since"),
        opened_to=form.day("until"))
    if request.GET.get("format") == "csv":
        staff_services.export_record("applications", filters=[key for key in form.fields if form.value(key)],
                                     user_id=request.user.pk)
        language = current_language()
        headings = [Text("申请编号", "Application"), Text("客户编号", "Customer"), Text("产品", "Product"),
                    Text("状态", "State"), Text("申请金额（元）", "Requested (CNY)"), Text("开始", "Opened"),
                    Text("提交", "Submitted"), Text("决定", "Decided")]
        return csv_response("applications", headings, selectors.applications_iterate(wanted, limit=MAX_CSV_ROWS),
                            lambda row: [
            str(row.id), str(row.customer_id), row.product_name.in_language(language),
            status_of("application", row.state)[1].in_language(language),
            yuan(row.requested_fen).replace(",", "") if row.requested_fen else "",
            *(instant(at, language) if at else "" for at in (row.opened_at, row.submitted_at, row.decided_at))])
    asked = slice_asked(request)
    page = page_of(asked, selectors.applications_page(wanted, offset=asked.offset, limit=asked.limit))
    return render(request, "console/pages/application_list.html", {
        "page": page, "filters": form, "now": clock.now(),
        "customers": identity.masked_names({row.customer_id for row in page.rows})})


class OutcomeRadios(forms.RadioSelect):
    """Radio buttons of which some cannot be chosen yet; the service refuses them as well."""

    blocked: frozenset[str] = frozenset()

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Draw one option, dead when it is blocked."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if str(option["value"]) in self.blocked:
            option["attrs"]["disabled"] = True
        return option


class DecisionForm(Form):
    """The outcome of a verification."""

    outcome = forms.ChoiceField(label=lazy_text("结论", "Outcome"), widget=OutcomeRadios, choices=[
        ("approve", lazy_text("通过，进入终审", "Approve, to final review")),
        ("return", lazy_text("退回客户补充资料", "Return to the customer for more")),
        ("decline", lazy_text("拒绝", "Decline"))])
    codes = forms.MultipleChoiceField(
        label=lazy_text("拒绝原因 / 需补充的资料", "Reasons for declining, or what is missing"), required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text=lazy_text("拒绝或退回时至少选择一项；客户会看到原因。",
                            "At least one when declining or returning. The customer sees the reasons."))
    verified_monthly_income_fen = YuanField(
        label=lazy_text("核实的月收入（元）", "Verified monthly income (CNY)"), required=False, min_fen=0,
        help_text=lazy_text("以您填写的为准；材料测算只是参考。", "Your figure counts; what the papers propose is a start."))
    note = forms.CharField(label=lazy_text("审批说明", "Note"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
                           help_text=lazy_text("退回时客户会看到这段说明。", "When returning, the customer reads this note."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {**selectors.REVIEWER_REASONS, **selectors.RETURN_REASONS}
        self.fields["codes"].choices = [  # type: ignore[attr-defined]
            (code, lazy_text(text.zh, text.en)) for code, text in rows.items()]

    def code_groups(self) -> list[tuple[Text, list[Any]]]:
        """The reasons to tick under the outcome they belong to."""
        options = {str(option.data["value"]): option for option in self["codes"]}
        groups = ((Text("拒绝时", "When declining"), selectors.REVIEWER_REASONS),
                  (Text("退回时需补充", "When returning, what is missing"), selectors.RETURN_REASONS))
        return [(label, [options[code] for code in rows]) for label, rows in groups]

    def codes_for(self, outcome: str) -> list[str]:
        """The chosen codes that belong to the outcome; those of the other one are not meant."""
        known = selectors.REVIEWER_REASONS if outcome == "decline" else selectors.RETURN_REASONS
        return [code for code in self.cleaned_data["codes"] if code in known] if outcome != "approve" else []


class AppealForm(Form):
    """The answer to an appeal."""

    outcome = forms.ChoiceField(label=lazy_text("结论", "Outcome"), widget=forms.RadioSelect, choices=[
        ("reopen", lazy_text("重新审核", "Look at the case again")), ("uphold", lazy_text("维持原决定", "Uphold the decision"))])
    answer = forms.CharField(label=lazy_text("给客户的答复", "Answer to the customer"), max_length=1000,
                             widget=forms.Textarea(attrs={"rows": 4}))


@staff_page("origination.application.view")
def case_page(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Everything about one application, and the decision for whoever holds the case."""
    return _case(request, selectors.case(application_id), None)


def _case(request: HttpRequest, case: selectors.CaseRow, form: Form | None) -> HttpResponse:
    task, me, application = case.open_task, staff_id(request), case.application
    may_decide = task is not None and staff_may(request, DECIDE[task.stage])
    is_mine = may_decide and task is not None and task.is_locked and task.claimed_by == me
    review = selectors.papers_review(application.customer_id, application.id, staff_id=me)
    if form is None and is_mine and task is not None:
        form = AppealForm() if task.stage == APPEAL else DecisionForm(initial=_started(request, task, review))
    if isinstance(form, DecisionForm) and not review.is_complete:
        form.fields["outcome"].widget.blocked = frozenset({"approve"})  # type: ignore[attr-defined]
    people = [row.actor_id for row in case.timeline if row.actor_kind == "staff"]
    people += [name for row in case.tasks for name in (row.claimed_by, row.first_decided_by, row.decided_by)]
    context = {
        "case": case, "application": application, "customer": case.customer, "task": task, "form": form, "me": me,
        "is_mine": is_mine, "may_decide": may_decide, "now": clock.now(), "names": staff_names(people),
        "line": limits.line_for_application(application.customer_id, application.id), "soon_minutes": SOON_MINUTES,
        "review": review, "shown": identity_shown(application.customer_id),
        "can_see": staff_may(request, "origination.paper.view"), "wage": _wage(review), "findings": _by_page(review)}
    if staff_may(request, "audit.event.view"):
        context["events"] = audit.events_search(audit.EventSearch(subject_id=application.id), limit=20)
    return render(request, "console/pages/case.html", context, status=http_status_of(form) if form else 200)


def _started(request: HttpRequest, task: selectors.TaskRow, review: selectors.PapersReview) -> dict[str, Any]:
    """What the income field begins with: what the first person found, or the papers' figure when it is taken over."""
    taken = review.found.proposal.monthly_fen if request.GET.get("income") == "papers" else None
    return {"verified_monthly_income_fen": task.verified_monthly_income_fen if taken is None else taken}


def _by_page(review: selectors.PapersReview) -> list[tuple[Text, list[Text]]]:
    """What does not fit, under the page, the kind of paper or all of them together."""
    found: dict[tuple[str, int], list[Text]] = {}
    for one in review.found.findings:
        found.setdefault((one.kind, one.page), []).append(one.text)
    every, place = Text("各份材料之间", "Between the papers"), Text("{kind} {page}", "{kind} {page}")
    return [(place.format(kind=word("paper_kind", kind), page=page or "") if kind else every, texts)
            for (kind, page), texts in found.items()]


def _wage(review: selectors.PapersReview) -> dict[str, Any] | None:
    """The wage test of the proposed income, with the region it was compared with."""
    test = review.found.test
    return None if test is None else {"needed_fen": test.needed_fen, "year": test.wage_year, "source": test.wage_source,
                                      "state": test.state, "points_below": review.found.points_below}


def _to_case(application_id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console:case", kwargs={"application_id": application_id}))


def _task(case: selectors.CaseRow, stage: str) -> selectors.TaskRow:
    if case.open_task is None or case.open_task.stage != stage:
        raise ReviewTaskNotFound
    return case.open_task


def _claim(request: HttpRequest, application_id: UUID, stage: str) -> HttpResponse:
    task = _task(selectors.case(application_id), stage)
    services.verification_claim(task.customer_id, task_id=task.id, staff_id=staff_id(request))
    return _to_case(application_id)


@staff_page(DECIDE[VERIFICATION])
@require_POST
def case_claim(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Lock the case for this person; again extends the lock."""
    return _claim(request, application_id, VERIFICATION)


@staff_page(DECIDE[APPEAL])
@require_POST
def appeal_claim(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Lock the appeal for this person."""
    return _claim(request, application_id, APPEAL)


@staff_page(DECIDE[VERIFICATION])
@require_POST
def case_release(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Give the case back to the queue."""
    case = selectors.case(application_id)
    task = case.open_task
    if task is None or not staff_may(request, DECIDE[task.stage]):
        raise ReviewTaskNotFound
    services.verification_release(task.customer_id, task_id=task.id, staff_id=staff_id(request))
    return HttpResponseRedirect(reverse(f"console:{'appeal' if task.stage == APPEAL else 'review'}_queue"))


@staff_page(DECIDE[VERIFICATION])
@require_POST
def case_decide(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Approve, return or decline; above the four-eyes limit an approval waits for a second person."""
    case = selectors.case(application_id)
    task, form = _task(case, VERIFICATION), DecisionForm(request.POST)
    if not form.is_valid():
        return _case(request, case, form)
    outcome = form.cleaned_data["outcome"]
    state = form_with_refusal(form, lambda: services.verification_decide(
        task.customer_id, task_id=task.id, staff_id=staff_id(request), outcome=outcome,
        note=form.cleaned_data["note"], codes=form.codes_for(outcome),
        verified_monthly_income_fen=form.cleaned_data["verified_monthly_income_fen"]))
    if state is None:
        return _refused(request, application_id, form)
    waits = outcome == "approve" and state == VERIFICATION
    messages.success(request, say(
        Text("已通过初核，等待第二人复核。", "Approved; it now waits for a second person.") if waits
        else Text("决定已保存。", "The decision is kept.")))
    return _to_case(application_id)


@staff_page(DECIDE[APPEAL])
@require_POST
def appeal_answer(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Uphold the decision or have the case looked at again."""
    case = selectors.case(application_id)
    task, form = _task(case, APPEAL), AppealForm(request.POST)
    if not form.is_valid():
        return _case(request, case, form)
    state = form_with_refusal(form, lambda: services.appeal_answer(
        task.customer_id, task_id=task.id, staff_id=staff_id(request), outcome=form.cleaned_data["outcome"],
        answer=form.cleaned_data["answer"]))
    if state is None:
        return _refused(request, application_id, form)
    messages.success(request, say(Text("答复已发送给客户。", "The answer was sent to the customer.")))
    return _to_case(application_id)


def _refused(request: HttpRequest, application_id: UUID, form: Form) -> HttpResponse:
    """Show the case as it stands now with the refusal; a case that is not held any more is only shown."""
    if isinstance(form.refusal, ReviewTaskNotFound | ReviewTaskNotClaimed):
        messages.error(request, say(form.refusal.message))
        return _to_case(application_id)
    return _case(request, selectors.case(application_id), form)


urlpatterns = [
    path("review", review_queue, name="review_queue"),
    path("review/next", review_next, name="review_next"),
    path("appeals", appeal_queue, name="appeal_queue"),
    path("appeals/next", appeal_next, name="appeal_next"),
    path("applications", application_list, name="application_list"),
    path("applications/<uuid:application_id>", case_page, name="case"),
    path("applications/<uuid:application_id>/claim", case_claim, name="case_claim"),
    path("applications/<uuid:application_id>/release", case_release, name="case_release"),
    path("applications/<uuid:application_id>/decide", case_decide, name="case_decide"),
    path("applications/<uuid:application_id>/appeal/claim", appeal_claim, name="appeal_claim"),
    path("applications/<uuid:application_id>/appeal/answer", appeal_answer, name="appeal_answer"),
]
