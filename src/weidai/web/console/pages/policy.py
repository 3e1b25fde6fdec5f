"""Policy packs: which version holds when, one version with its numbers, and its way from draft to publication (R8.6)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from weidai.identity import selectors as identity
from weidai.kernel.days import months_later
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.policy import errors, services
from weidai.policy import selectors_console as lists
from weidai.policy.selectors_console import VersionRow
from weidai.web.console.acting import Act, ReasonForm, act_page, staff_id, staff_names
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.formats import day
from weidai.web.shared.forms import Form, form_with_refusal, status_of
from weidai.web.shared.language import current_language, lazy_text, say
from weidai.web.shared.permissions import staff_may, staff_page

VIEW, DRAFT, APPROVE = "policy.pack.view", "policy.pack.draft", "policy.pack.approve"
MENU = (MenuItem(Section.POLICY, Text("规则集", "Rules"), "console:policy_list", VIEW),)
LIST = Text("规则集", "Rules")
SHOWN_DIFFERENCES = 20


def date_input() -> forms.DateInput:
    """A day field; browsers want the day as 2026-03-01 whatever the language of the page."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DraftForm(Form):
    """What the version is for, what it is copied from and when it begins."""

    title = forms.CharField(label=lazy_text("标题", "Title"), min_length=4, max_length=80, help_text=lazy_text(
        "说明为什么调整，例如：下调 D 级额度。", "Why it is changed, for example: lower limits for grade D."))
    based_on = forms.ChoiceField(label=lazy_text("复制自", "Copied from"))
    effective_from = forms.DateField(
        label=lazy_text("生效日期", "In force from"), widget=date_input(),
        error_messages={"invalid": lazy_text("请输入日期，例如 2026-03-01。", "Enter a day such as 2026-03-01.")})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["based_on"].choices = version_choices()  # type: ignore[attr-defined]


class NoteForm(Form):
    """What the second person looked at."""

    reason = forms.CharField(
        label=lazy_text("复核意见", "What you looked at"), min_length=4, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy_text("将留痕保存；请勿填写客户个人信息。", "Kept on record. No personal data."))


class NothingForm(Form):
    """An act that needs no words."""


def version_choices() -> list[tuple[str, object]]:
    """Every version that has one, the one in force first."""
    found: dict[str, object] = {}
    for held in sorted(lists.held_list(), key=lambda row: (not row.is_now, row.since), reverse=False):
        label = lazy_text(f"{held.version}（生效中）", f"{held.version} (in force)") if held.is_now else held.version
        found.setdefault(held.version, label)
    for row in lists.versions_list():
        if row.version:
            found.setdefault(row.version, f"{row.version} · {row.title}")
    return list(found.items())


@staff_page(VIEW)
def policy_list(request: HttpRequest) -> HttpResponse:
    """Which version held when, and every version drafted here."""
    rows, held = lists.versions_list(), lists.held_list()
    names = staff_names([row.author for row in rows] + [row.approved_by for row in rows] + [row.placed_by for row in held])
    drafted = {row.version: row.id for row in reversed(rows) if row.version}
    return render(request, "console/pages/policy_list.html", {
        "rows": rows, "held": list(reversed(held)), "names": names, "drafted": drafted, "now": clock.now()})


@staff_page(DRAFT)
def policy_draft(request: HttpRequest) -> HttpResponse:
    """Begin a version as a copy of another."""
    following = months_later(clock.today().replace(day=1), 1)
    form = DraftForm(request.POST or None, initial={"effective_from": following})
    if request.method == "POST" and form.is_valid():
        version_id = form_with_refusal(form, lambda: services.version_draft(
            title=form.cleaned_data["title"], based_on=form.cleaned_data["based_on"], staff_id=staff_id(request),
            effective_from=form.cleaned_data["effective_from"]))
        if version_id is not None:
            messages.success(request, say(Text("草稿已建立。", "The draft is there.")))
            return HttpResponseRedirect(reverse("console:policy_edit", kwargs={"version_id": version_id}))
    act = Act(title=Text("起草版本", "Draft a version"), facts=[], button=Text("建立草稿", "Make the draft"),
              done=Text("", ""), back_url=reverse("console:policy_list"), back_label=LIST,
              note=Text("草稿不影响任何决定。验证、影子运行并由第二人复核后才能发布。",
                        "A draft decides nothing. It is validated, run in shadow and approved by a second person first."))
    return render(request, "console/pages/act.html", {"act": act, "form": form}, status=status_of(form))


@staff_page(VIEW)
def policy_version(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """One drafted version: where it stands, its faults, what it changes, how its shadow agrees, its numbers."""
    row = lists.version_get(version_id)
    checked = services.version_check(version_id)
    pack = checked.pack
    base = _base_of(row)
    found = lists.diff(base, pack) if pack is not None and base is not None else []
    shadow = lists.shadow_totals(row.version) if row.version else []
    people = [row.author, *row.editors, row.validated_by, row.approved_by, row.published_by, row.ended_by]
    unlike = lists.shadow_differences(row.version, limit=SHOWN_DIFFERENCES) if shadow else []
    return render(request, "console/pages/policy_version.html", {
        "row": row, "checked": checked, "names": staff_names(people), "differences": found, "shadow": shadow,
        "unlike": unlike, "customers": identity.masked_names({one.customer_id for one in unlike}),
        "pack_sections": lists.sections_of(pack) if pack is not None else [], "base": base,
        "is_mine": staff_id(request) in {row.author, *row.editors}, "now": clock.now(),
        "may_draft": staff_may(request, DRAFT), "may_approve": staff_may(request, APPROVE)})


def _base_of(row: VersionRow):  # type: ignore[no-untyped-def]
    try:
        return lists.pack_named(row.based_on)
    except errors.PolicyNotFound:
        return None


@staff_page(VIEW)
def policy_pack(request: HttpRequest) -> HttpResponse:
    """A version's numbers as tables, by its version (`?v=`); the one in force without."""
    pack = lists.pack_named(request.GET.get("v", ""))
    return render(request, "console/pages/policy_pack.html", {"pack": pack, "pack_sections": lists.sections_of(pack)})


class DiffForm(forms.Form):
    """Which two."""

    a = forms.ChoiceField(label=lazy_text("原版本", "Before"), required=False)
    b = forms.ChoiceField(label=lazy_text("新版本", "After"), required=False)

    def __init__(self, *args: object) -> None:
        super().__init__(*args, label_suffix="")  # type: ignore[arg-type]
        for field in self.fields.values():
            field.choices = version_choices()  # type: ignore[attr-defined]


@staff_page(VIEW)
def policy_diff(request: HttpRequest) -> HttpResponse:
    """Two versions key by key, what was and what becomes of it in colour."""
    known = [str(code) for code, _ in version_choices()]
    asked = {"a": request.GET.get("a") or known[min(1, len(known) - 1)], "b": request.GET.get("b") or known[0]}
    before, after = lists.pack_named(asked["a"]), lists.pack_named(asked["b"])
    return render(request, "console/pages/policy_diff.html", {
        "filters": DiffForm(asked), "before": before, "after": after, "differences": lists.diff(before, after)})


def _step(
    request: HttpRequest, row: VersionRow, action: Callable[[str], object], *, title: Text, button: Text, done: Text,
    note: Text, form: type[Form] = NothingForm, is_dangerous: bool = False,
) -> HttpResponse:
    """One step of a version's way on the page that all acts share; the reason, if it asks for one, goes to `action`."""
    bound = form(request.POST if request.method == "POST" else None)
    language = current_language()
    act = Act(
        title=title, button=button, done=done, note=note, is_dangerous=is_dangerous, back_label=Text("版本", "Version"),
        back_url=reverse("console:policy_version", kwargs={"version_id": row.id}),
        facts=[(Text("标题", "Title"), row.title), (Text("版本", "Version"), row.version or "—"),
               (Text("状态", "State"), row.state_text),
               (Text("生效日期", "In force from"), day(row.effective_from, language) if row.effective_from else "—"),
               (Text("起草人", "Author"), staff_names([row.author]).get(row.author, "—"))])
    return act_page(request, act, bound, lambda: action(str(bound.cleaned_data.get("reason", ""))))


@staff_page(DRAFT)
def policy_submit(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Validate a draft and fix its content."""
    return _step(request, lists.version_get(version_id),
                 lambda _: services.version_submit(version_id, staff_id=staff_id(request)),
                 title=Text("验证版本", "Validate the version"), button=Text("验证并固定内容", "Validate and fix"),
                 done=Text("验证通过，内容已固定。", "Validated; its content is fixed now."),
                 note=Text("将检查全部规则、法定上限与标准用例。通过后内容不可再改，除非退回草稿。",
                           "Every rule, the law and the golden cases are checked. Afterwards it can only be changed by "
                           "returning it to draft."))


@staff_page(DRAFT)
def policy_shadow(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Start deciding beside the live version."""
    return _step(request, lists.version_get(version_id),
                 lambda _: services.version_shadow(version_id, staff_id=staff_id(request)) or True,
                 title=Text("开始影子运行", "Run in shadow"), button=Text("开始影子运行", "Start"),
                 done=Text("影子运行已开始。", "It decides in shadow now."),
                 note=Text("此后每个新决定都会同时按该版本计算并保存对比，不影响客户。",
                           "From now on every new decision is also made under this version and compared. Customers are "
                           "not affected."))


@staff_page(APPROVE)
def policy_approve(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Approve as a second person."""
    return _step(request, lists.version_get(version_id),
                 lambda note: services.version_approve(version_id, staff_id=staff_id(request), note=note) or True,
                 title=Text("复核版本", "Approve the version"), button=Text("复核通过", "Approve"), form=NoteForm,
                 done=Text("已复核，可以发布。", "Approved; it can be published."),
                 note=Text("复核人不能是起草或修改过该版本的人。请先查看差异、回放与影子对比。",
                           "Whoever wrote or changed it cannot approve it. Look at differences, replay and shadow first."))


@staff_page(APPROVE)
def policy_publish(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Put an approved version in force from its day on."""
    return _step(request, lists.version_get(version_id),
                 lambda _: services.version_publish(version_id, staff_id=staff_id(request)),
                 title=Text("发布版本", "Publish the version"), button=Text("发布", "Publish"), is_dangerous=True,
                 done=Text("已发布。", "Published."),
                 note=Text("自生效日期起，所有新决定适用该版本；此前的决定与已签合同不变。",
                           "From its first day on every new decision follows it. Earlier decisions and signed contracts "
                           "stay as they are."))


@staff_page(APPROVE)
def policy_rollback(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Take the newest published version out of force."""
    return _step(request, lists.version_get(version_id),
                 lambda reason: services.version_rollback(version_id, reason=reason, staff_id=staff_id(request)),
                 title=Text("回滚版本", "Roll back"), button=Text("回滚", "Roll back"), form=ReasonForm, is_dangerous=True,
                 done=Text("已回滚，前一版本重新生效。", "Rolled back; the version before is in force again."),
                 note=Text("立即恢复前一版本。期间作出的决定保留其所用版本，可继续复算。",
                           "The version before holds again at once. Decisions made meanwhile keep the version they used."))


@staff_page(DRAFT)
def policy_reopen(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Return a version to draft."""
    return _step(request, lists.version_get(version_id),
                 lambda reason: services.version_reopen(version_id, reason=reason, staff_id=staff_id(request)) or True,
                 title=Text("退回草稿", "Return to draft"), button=Text("退回草稿", "Return"), form=ReasonForm,
                 done=Text("已退回草稿。", "A draft again."),
                 note=Text("验证与复核结果将作废。", "Validation and approval are lost."))


@staff_page(DRAFT)
def policy_withdraw(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Give a version up."""
    return _step(request, lists.version_get(version_id),
                 lambda reason: services.version_withdraw(version_id, reason=reason, staff_id=staff_id(request)) or True,
                 title=Text("撤回版本", "Withdraw"), button=Text("撤回", "Withdraw"), form=ReasonForm, is_dangerous=True,
                 done=Text("已撤回。", "Withdrawn."), note=Text("撤回后不能恢复，内容保留备查。",
                                                            "There is no way back; the content is kept."))


_STEPS: dict[str, Callable[..., HttpResponse]] = {
    "submit": policy_submit, "shadow": policy_shadow, "approve": policy_approve, "publish": policy_publish,
    "rollback": policy_rollback, "reopen": policy_reopen, "withdraw": policy_withdraw}
urlpatterns = [
    path("policy", policy_list, name="policy_list"),
    path("policy/draft", policy_draft, name="policy_draft"),
    path("policy/pack", policy_pack, name="policy_pack"),
    path("policy/diff", policy_diff, name="policy_diff"),
    path("policy/versions/<uuid:version_id>", policy_version, name="policy_version"),
    *(path(f"policy/versions/<uuid:version_id>/{name}", view, name=f"policy_{name}") for name, view in _STEPS.items()),
]
