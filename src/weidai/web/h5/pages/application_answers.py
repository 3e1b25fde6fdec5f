"""Answering what a reviewer asked for, and asking a person to look at a decision again (R4.4, R4.5, R4.6)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.origination import policy, selectors, services
from weidai.platform import clock
from weidai.web.h5.deeds import page_address, posted, was_done
from weidai.web.h5.pages.papers import papers_context
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, status_of
from weidai.web.shared.language import lazy_text


class AppealForm(Form):
    """Why the customer thinks the decision is wrong."""

    statement = forms.CharField(
        label=lazy_text("申诉理由", "Your reasons"),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": 1000}),
        max_length=1000,
        help_text=lazy_text("至少 10 个字。", "At least 10 characters."),
        error_messages={"required": lazy_text("请写明申诉理由。", "Write your reasons.")},
    )


class AnswerForm(Form):
    """What the reviewer asked for; where papers were sent, words are optional."""

    note = forms.CharField(
        label=lazy_text("补充说明", "Your answer"), widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}), max_length=500,
        required=False,
    )


@borrower_page
def answer(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Send the papers the reviewer asked for, say what is to be said, and hand back."""
    application = selectors.application_get(request.customer_id, application_id)
    form = AnswerForm(posted(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and was_done(
            form,
            lambda: services.application_answer(
                request.customer_id, application_id=application_id, note=form.cleaned_data["note"]
            ),
        )
    ):
        return HttpResponseRedirect(_progress(application_id))
    if request.method == "GET" and application.state != "awaiting_customer":
        return HttpResponseRedirect(_progress(application_id))
    events = selectors.timeline(request.customer_id, application_id)
    asked = next((event for event in reversed(events) if event.to_state == "awaiting_customer"), None)
    return render(
        request,
        "h5/pages/application_answer.html",
        {**papers_context(request.customer_id, application), "form": form, "wanted": asked.wanted if asked else (),
         "wanted_note": asked.note if asked else None},
        status=status_of(form),
    )


@borrower_page
def appeal(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Ask a person to look again."""
    application = selectors.application_get(request.customer_id, application_id)
    form = AppealForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and was_done(
            form,
            lambda: services.appeal_open(
                request.customer_id, application_id=application_id, statement=form.cleaned_data["statement"]
            ),
        )
    ):
        return HttpResponseRedirect(_progress(application_id))
    if request.method == "GET" and not application.can_appeal:
        return HttpResponseRedirect(_progress(application_id))
    return render(
        request,
        "h5/pages/appeal.html",
        {
            "form": form,
            "application": application,
            "days": policy.current(clock.today()).appeal_working_days,
        },
        status=status_of(form),
    )


def _progress(application_id: UUID) -> str:
    return page_address("application", application_id=application_id)


urlpatterns = [
    path("applications/<uuid:application_id>/answer", answer, name="application_answer"),
    path("applications/<uuid:application_id>/appeal", appeal, name="appeal"),
]
