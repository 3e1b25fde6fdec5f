"""Every component on a page, with made-up figures, to look at and to test. Never mounted in production."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from weidai.kernel.errors import Invalid, Refused
from weidai.kernel.text import Text
from weidai.web.shared.forms import CodeField, Form, MobileField, YuanField, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text
from weidai.web.shared.paging import Page

PAGES = ("components", "form", "confirm", "reading", "success", "processing", "refused", "failed", "empty")
AS_OF = datetime(2026, 3, 1, 6, 5, tzinfo=UTC)
STEPS = [Text("协议", "Terms"), Text("实名", "Identity"), Text("银行卡", "Card"), Text("完成", "Done")]
SCHEDULE = [(n, date(2026, 3 + n, 1), 50_000, 1_505 - 100 * n) for n in range(1, 7)]
AGREEMENT = Text(
    "\n\n".join(f"第{n}条 借款人应当按照约定的还款计划足额还款。提前结清不收取任何费用，利息按实际使用天数计算。"
                for n in range(1, 16)),
    "\n\n".join(f"Article {n}. The borrower repays in full according to the agreed schedule. Early settlement costs "
                "nothing; interest is charged for the days actually used." for n in range(1, 16)))


class ExampleRefused(Refused):
    """An example of a refusal."""

    code = "style_guide.example"
    text = Text("您的额度已冻结，暂时不能借款。", "Your credit line is frozen; you cannot borrow now.")
    next_step = Text("请在还清逾期款项后的次日再试，或联系客服。",
                     "Try again the day after the overdue amount is repaid, or contact us.")


class ExampleAmountInvalid(Invalid):
    """An example of a refusal that belongs to a field."""

    code = "style_guide.amount"
    text = Text("最多可借 3,000.00 元。", "You can borrow at most CNY 3,000.00.")


class ExampleForm(Form):
    """One field of each kind."""

    amount_fen = YuanField(label=lazy_text("借款金额", "Amount"),
                           help_text=lazy_text("最低 500 元，以 100 元为单位", "At least CNY 500, in steps of 100"))
    term_months = forms.ChoiceField(
        label=lazy_text("借款期限", "Term"), widget=forms.RadioSelect,
        choices=[(n, lazy_text(f"{n} 期", f"{n} months")) for n in (3, 6, 12)])
    purpose = forms.ChoiceField(
        label=lazy_text("借款用途", "Purpose"),
        choices=[("", lazy_text("请选择", "Choose")), ("daily", lazy_text("日常消费", "Daily needs")),
                 ("study", lazy_text("学习", "Study"))])
    mobile = MobileField()
    note = forms.CharField(label=lazy_text("备注", "Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    code = CodeField(label=lazy_text("短信验证码", "Text message code"))
    payment_password = CodeField(label=lazy_text("支付密码", "Payment password"))
    has_agreed = forms.BooleanField(
        label=lazy_text("我已阅读并同意借款合同", "I have read and agree to the loan agreement"))


def h5(request: HttpRequest, page: str = "components") -> HttpResponse:
    """The borrower's components."""
    if page not in PAGES:
        raise Http404
    context: dict[str, Any] = {
        "pages": PAGES, "steps": STEPS, "schedule": SCHEDULE, "refusal": ExampleRefused(), "as_of": AS_OF,
        "agreement": AGREEMENT, "active_tab": "home" if page in ("components", "empty") else "",
        "back_url": "/style-guide/",
    }
    status = 200
    if page == "form":
        form = ExampleForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            form_with_refusal(form, _refuse_large if form.cleaned_data["amount_fen"] > 300_000 else _refuse)
        context["form"], status = form, status_of(form)
    return render(request, f"shared/style_guide/{page}.html", context, status=status)


def console(request: HttpRequest) -> HttpResponse:
    """The console's components."""
    months = [Text(f"{n} 月", f"2026-{n:02d}") for n in range(1, 7)]
    rates = [1.2, 1.4, 1.1, 1.6, 1.5, 1.3]
    option = {
        "xAxis": {"type": "category", "data": months},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "{value}%"}},
        "series": [{"type": "line", "name": Text("30 天以上逾期率", "30+ days past due"), "data": rates}],
    }
    rows = [(f"L2026030{n}", "张三", 300_000 - n * 1_234, date(2026, 4, n + 1), n) for n in range(1, 9)]
    return render(request, "shared/style_guide/console.html", {
        "page": Page(rows=rows, number=2, size=25, has_next=True, total=58), "option": option,
        "headings": [Text("月份", "Month"), Text("逾期率 %", "Rate %")], "as_of": AS_OF,
        "chart_rows": list(zip(months, [str(rate) for rate in rates], strict=True)),
        "filter_form": FilterForm(request.GET), "form": ExampleForm(request.POST or None), "refusal": ExampleRefused(),
        "title_text": Text("逾期率", "Delinquency rate"),
    })


class FilterForm(forms.Form):
    """An example of filters."""

    number = forms.CharField(label=lazy_text("借据号", "Loan"), required=False)
    state = forms.ChoiceField(label=lazy_text("状态", "State"), required=False,
                              choices=[("", lazy_text("全部", "All")), ("active", lazy_text("使用中", "Active"))])


def _refuse() -> None:
    raise ExampleRefused


def _refuse_large() -> None:
    raise ExampleAmountInvalid(field="amount_fen")
