"""Papers of an application: what is needed and why, sending pages, checking what was read, taking back (R4.1, R4.4).

A page is kept as soon as it arrives; a machine reads it afterwards, and a person where no machine can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.files import services as files
from weidai.identity import selectors as identity
from weidai.identity.consent_texts import INCOME_PAPERS
from weidai.kernel.text import Text
from weidai.origination import selectors, services
from weidai.origination.errors import PaperNotFound
from weidai.origination.selectors import ApplicationPaperRow, ApplicationRow, NeedRow, PaperFieldRow
from weidai.vision import selectors as vision
from weidai.web.h5.deeds import page_address, posted, was_done
from weidai.web.h5.pages.consents import consent_address
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, YuanField, status_of
from weidai.web.shared.language import lazy_text
from weidai.web.shared.pdf_pages import file_or_page, page_asked

MOST_AT_ONCE = 12
_ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf"
_HINTS = {
    "pay_month": lazy_text("如 2026-08", "Such as 2026-08"),
    "period": lazy_text("如 2025-09/2026-08", "Such as 2025-09/2026-08"),
    "founded_on": lazy_text("如 2019-08-31", "Such as 2019-08-31"),
}


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files at once; each is checked by its content where it is kept."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files in the order they were chosen."""
        given = data if isinstance(data, list | tuple) and data else [data or None]
        if len(given) > MOST_AT_ONCE:
            raise forms.ValidationError(lazy_text(f"一次最多选择 {MOST_AT_ONCE} 个文件。",
                                                  f"Choose at most {MOST_AT_ONCE} files at once."))
        return [super(FilesField, self).clean(one, initial) for one in given]


class SendForm(Form):
    """Pages of one kind of paper, from the camera or from files."""

    file = FilesField(
        label=lazy_text("照片或文件", "Pictures or files"),
        widget=_ManyFiles(attrs={"accept": _ACCEPTED, "multiple": True, "class": "ob-file"}),
        error_messages={
            "required": lazy_text("请先拍摄或选择文件。", "Take a picture or choose a file first."),
            "empty": lazy_text("文件是空的，请重新选择。", "The file is empty; choose it again."),
        },
    )


class CheckForm(Form):
    """The fields read off one page; what is left as it is counts as confirmed."""

    def __init__(self, fields: tuple[PaperFieldRow, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in fields:
            label = lazy_text(row.label.zh, row.label.en)
            if row.is_money:
                self.fields[row.code] = YuanField(label=label, min_fen=0, required=False)
                self.initial[row.code] = int(row.value) if row.value.isdecimal() else row.value
            else:
                attrs = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
                self.fields[row.code] = forms.CharField(
                    label=label, max_length=100, required=False, help_text=_HINTS.get(row.code, ""),
                    widget=forms.TextInput(attrs=attrs))
                self.initial[row.code] = row.value
            self.fields[row.code].tells_when_required = True  # what was not read may stay empty: no word about it each time

    def values(self) -> dict[str, str]:
        """What was stated: amounts in fen as digits."""
        return {code: "" if value is None else str(value) for code, value in self.cleaned_data.items()}


@dataclass(frozen=True, slots=True)
class CheckField:
    """One control with how surely its field was read."""

    control: Any
    row: PaperFieldRow

    @property
    def fen(self) -> int:
        """The amount of a field that holds one."""
        return int(self.row.value) if self.row.value.isdecimal() else 0


@borrower_page
@require_POST
def start(request: HttpRequest, product: str) -> HttpResponse:
    """Open the draft that the papers belong to, or find it."""
    draft = services.application_open(request.customer_id, product=product)
    return HttpResponseRedirect(page_address("papers", application_id=draft.id))


@borrower_page
def papers(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """What is needed, why, and what is there."""
    application = selectors.application_get(request.customer_id, application_id)
    if application.state == "awaiting_customer":
        return HttpResponseRedirect(page_address("application_answer", application_id=application.id))
    return render(request, "h5/pages/papers.html", papers_context(request.customer_id, application))


@borrower_page
def papers_part(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """The same without the page around it: asked for every two seconds while a page is being read."""
    application = selectors.application_get(request.customer_id, application_id)
    return render(request, "h5/pages/papers_part.html", papers_context(request.customer_id, application))


def papers_context(customer_id: UUID, application: ApplicationRow) -> dict[str, Any]:
    """What the list of papers is drawn from."""
    pages = selectors.application_papers(customer_id, application.id)
    needs = selectors.paper_needs(customer_id, application.id, pages=pages)
    waiting = [page for page in pages if page.reading == "waiting"]
    return {
        "application": application, "needs": needs, "is_open": application.state in ("draft", "awaiting_customer"),
        "is_polling": bool(waiting), "waiting": len(waiting), "total": len(pages),
        "withdrawn": selectors.papers_withdrawn(customer_id, application.id),
        "to_check": sum(page.needs_confirm and page.is_mutable for page in pages),
    }


@borrower_page
def send(request: HttpRequest, application_id: UUID, kind: str) -> HttpResponse:
    """Take pages of one kind: each is kept at once, what is wrong with one keeps the others."""
    application = selectors.application_get(request.customer_id, application_id)
    need = _need(selectors.paper_needs(request.customer_id, application_id), kind)
    if application.state not in ("draft", "awaiting_customer"):
        return HttpResponseRedirect(papers_address(application))
    if not identity.has_present_consent(request.customer_id, INCOME_PAPERS):  # asked once, before the first page (R1.9)
        here = page_address("paper_send", application_id=application.id, kind=kind)
        return HttpResponseRedirect(consent_address(INCOME_PAPERS, onward=here, back=papers_address(application)))
    form = SendForm(posted(request), request.FILES if request.method == "POST" else None)
    kept = 0
    if request.method == "POST" and form.is_valid():
        for upload in form.cleaned_data["file"]:
            kept += was_done(form, lambda upload=upload: services.paper_send(
                request.customer_id, application_id=application_id, kind=kind, content=upload, name=upload.name or ""))
        if not form.errors:
            return HttpResponseRedirect(papers_address(application))
    return render(request, "h5/pages/paper_send.html", {
        "application": application, "form": form, "need": need, "kind": kind, "kept": kept,
        "kind_text": next(one.text for one in need.kinds if one.code == kind), "back_url": papers_address(application),
        "has_pages": kind in ("salary_statement", "bank_statement", "turnover_record"),
        "is_card": kind == "business_licence", "most_pages": vision.MOST_PDF_PAGES}, status=status_of(form))


@borrower_page
def check(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """Compare what was read with the page, correct it, confirm."""
    application = selectors.application_get(request.customer_id, application_id)
    paper = _paper(request, application_id, paper_id)
    form = CheckForm(paper.fields, posted(request))
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: services.paper_confirm(
            request.customer_id, paper_id=paper_id, values=form.values())):
        pages = selectors.application_papers(request.customer_id, application_id)
        onward = next((page for page in pages if page.needs_confirm and page.is_mutable), None)
        return HttpResponseRedirect(page_address("paper", application_id=application_id, paper_id=onward.id) if onward
                                    else papers_address(application))
    return render(request, "h5/pages/paper_check.html", {
        "application": application, "paper": paper, "form": form, "back_url": papers_address(application),
        "rows": [CheckField(form[row.code], row) for row in paper.fields], "warnings": _warnings(paper)},
        status=status_of(form))


@borrower_page
@require_POST
def remove(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """Take a page back that was not handed in."""
    application = selectors.application_get(request.customer_id, application_id)
    services.paper_remove(request.customer_id, paper_id=paper_id)
    return HttpResponseRedirect(papers_address(application))


@borrower_page
def picture(request: HttpRequest, application_id: UUID, paper_id: UUID) -> HttpResponse:
    """The customer's own page as it is kept, or one page of a PDF as a picture."""
    paper = _paper(request, application_id, paper_id)
    opened = files.file_open(request.customer_id, paper.file_id, reason="origination.paper_own")
    return file_or_page(opened, page_asked(request))


def papers_address(application: ApplicationRow) -> str:
    """The page on which the papers of an application are listed now."""
    name = "application_answer" if application.state == "awaiting_customer" else "papers"
    return page_address(name, application_id=application.id)


def _need(needs: tuple[NeedRow, ...], kind: str) -> NeedRow:
    """The first requirement this kind of paper serves."""
    found = next((need for need in needs if any(one.code == kind for one in need.kinds)), None)
    if found is None:
        raise PaperNotFound
    return found


def _paper(request: HttpRequest, application_id: UUID, paper_id: UUID) -> ApplicationPaperRow:
    paper = selectors.paper_get(request.customer_id, paper_id)
    if paper.application_id != application_id:
        raise PaperNotFound
    return paper


def _warnings(paper: ApplicationPaperRow) -> list[Text]:
    """What the page contradicts itself in, in words."""
    words = {
        "rows_clear": Text("这一页多数行没有看清，没看清的不会计入收入。请在亮处把纸摊平、靠近些重拍，或上传银行给的 PDF。",
                           "Most rows of this page could not be read clearly and do not count as income. Take it again closer, "
                           "flat and in good light, or send the PDF from your bank."),
        "pay_adds_up": Text("应发减扣款不等于实发，可能有一个金额识别错误。",
                            "Gross less deductions is not net; an amount may be misread."),
        "tax_adds_up": Text("合计与各行之和不一致，可能有一个金额识别错误。",
                            "The totals are not the sums of the rows; an amount may be misread."),
        "balance_runs": Text("标出的行与上一行的余额接不上，不会计入收入；可重拍更清晰的照片。",
                             "The marked rows do not follow from the balance before and do not count as income; "
                             "a clearer picture may help."),
        "text_as_drawn": Text("这份 PDF 里的文字与页面上显示的不一致，不会计入收入。请重新下载原件上传，或上传清晰照片。",
                              "The text inside this PDF is not what its pages show, so it does not count as income. "
                              "Download the original again and send that, or send clear pictures."),
    }
    return [words[one.code] for one in paper.checks if one.passed is False and one.code in words]


urlpatterns = [
    path("apply/<slug:product>/papers", start, name="papers_start"),
    path("applications/<uuid:application_id>/papers/", papers, name="papers"),
    path("applications/<uuid:application_id>/papers/part", papers_part, name="papers_part"),
    path("applications/<uuid:application_id>/papers/send/<slug:kind>", send, name="paper_send"),
    path("applications/<uuid:application_id>/papers/<uuid:paper_id>/", check, name="paper"),
    path("applications/<uuid:application_id>/papers/<uuid:paper_id>/remove", remove, name="paper_remove"),
    path("applications/<uuid:application_id>/papers/<uuid:paper_id>/picture", picture, name="paper_picture"),
]
