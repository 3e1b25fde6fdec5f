"""The editor of a draft: one file at a time, saved with the result of its check beside the line (R8.6)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode

from weidai.kernel.text import Text
from weidai.policy import selectors_console as lists
from weidai.policy import services
from weidai.policy.errors import PackVersionStateConflict, PolicyRefused
from weidai.policy.pack import HEAD, MAX_FILE_BYTES
from weidai.web.console.acting import staff_id
from weidai.web.console.menu import MenuItem
from weidai.web.console.pages.policy import DRAFT
from weidai.web.shared.forms import Form, form_with_refusal, status_of
from weidai.web.shared.language import lazy_text, say
from weidai.web.shared.permissions import staff_page

MENU: tuple[MenuItem, ...] = ()  # reached from a version


class FileForm(Form):
    """The text of one file, and the revision the editor saw."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=lazy_text("内容", "Content"), max_length=MAX_FILE_BYTES, strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "autocomplete": "off", "wrap": "off"}))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file with what is wrong there."""

    number: int
    text: str
    faults: tuple[PolicyRefused, ...]


@staff_page(DRAFT)
def policy_edit(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show a file of a draft and save it; what stays wrong is shown at its line, the draft is kept all the same."""
    row = lists.version_get(version_id)
    if row.state != "draft":
        raise PackVersionStateConflict(state_zh=row.state_text.zh, state_en=row.state_text.en)
    names = sorted(row.files, key=lambda name: (name != f"{HEAD}.toml", name))
    name = request.GET.get("file", names[0])
    name = name if name in row.files else names[0]
    form = FileForm(request.POST if request.method == "POST" else None,
                    initial={"revision": row.revision, "text": row.files[name]})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"].replace("\r\n", "\n")
        checked = form_with_refusal(form, lambda: services.version_edit(
            version_id, files={name: text}, revision=form.cleaned_data["revision"], staff_id=staff_id(request)))
        if checked is not None:
            told = (Text("已保存，没有错误。", "Saved; no fault.") if checked.is_sound
                    else Text(f"已保存，仍有 {len(checked.faults)} 处错误。", f"Saved; {len(checked.faults)} fault(s) remain."))
            (messages.success if checked.is_sound else messages.info)(request, say(told))
            address = reverse("console:policy_edit", kwargs={"version_id": version_id})
            return HttpResponseRedirect(f"{address}?{urlencode({'file': name})}")
    faults = services.version_check(version_id).faults
    by_file = {one: sum(fault.file.endswith(f"/{one}") for fault in faults) for one in names}
    return render(request, "console/pages/policy_edit.html", {
        "row": row, "form": form, "file": name, "files": [(one, by_file[one]) for one in names],
        "faults": [fault for fault in faults if fault.file.endswith(f"/{name}")], "fault_count": len(faults),
        "others": [fault for fault in faults if not any(fault.file.endswith(f"/{one}") for one in names)],
        "lines": _lines(row.files[name], [fault for fault in faults if fault.file.endswith(f"/{name}")])},
        status=status_of(form))


def _lines(text: str, faults: list[PolicyRefused]) -> list[Line]:
    """Return the file's lines; a fault of the whole file stands at its first."""
    return [Line(number, line, tuple(fault for fault in faults if (fault.line or 1) == number))
            for number, line in enumerate(text.splitlines() or [""], start=1)]


urlpatterns = [path("policy/versions/<uuid:version_id>/edit", policy_edit, name="policy_edit")]
