"""Real-name verification step by step, and what each step gives (R1.2 to R1.7)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.identity import policy, selectors, services
from weidai.platform import clock
from weidai.vision import selectors as vision
from weidai.web.h5.deeds import page_address, safe_address, was_done
from weidai.web.h5.onboarding_forms import CardForm, IdCardForm, PictureForm, ProfileForm
from weidai.web.h5.onboarding_steps import STEPS, done_steps, tasks_for, way_to_finish
from weidai.web.h5.pages.consents import consent_address
from weidai.web.h5.pages.face import face_context
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, status_of


@borrower_page
def overview(request: HttpRequest) -> HttpResponse:
    """Identity strength: what is done, what each item gives, what is missing and how to finish it (R1.2)."""
    customer = selectors.customer_get(request.customer_id)
    tasks = tasks_for(request.customer_id, customer)
    return render(
        request,
        "h5/pages/onboard.html",
        {
            "customer": customer,
            "strength": (strength := selectors.identity_strength(request.customer_id)),
            "items": [(row, way_to_finish(row, customer)) for row in strength.rows],
            "tasks": tasks,
            "gate": selectors.real_name_gate(request.customer_id),
            "next_task": next((task for task in tasks if not task.is_done and not task.is_waiting), None),
        },
    )


@borrower_page
def id_card(request: HttpRequest) -> HttpResponse:
    """Name and ID number typed in, where pictures cannot be read or are not wanted (R1.4)."""
    if (elsewhere := _consent_first(request, "real_name_check", "onboard_id_card")) is not None:
        return elsewhere
    customer = selectors.customer_get(request.customer_id)
    needed = not customer.has_id_card or customer.id_card_status == "expired"
    reads = needed and vision.is_available()
    if request.method != "POST" and reads and "typed" not in request.GET:
        return HttpResponseRedirect(page_address("onboard_id_photos"))
    form = IdCardForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and was_done(
            form,
            lambda: services.id_card_submit(
                request.customer_id, name=form.cleaned_data["name"], id_number=form.cleaned_data["id_number"].upper()
            ),
        )
    ):
        return HttpResponseRedirect(page_address("onboard_face"))
    return _step(request, "onboard_id_card", 1, form, {"customer": customer, "reads": reads})


@borrower_page
def face(request: HttpRequest) -> HttpResponse:
    """The face check, and beside it the staff video check that counts the same (R1.3, R1.5)."""
    customer = selectors.customer_get(request.customer_id)
    if not customer.has_id_card:
        return HttpResponseRedirect(page_address("onboard_id_card"))
    has_consent = selectors.has_present_consent(request.customer_id, "face")
    form = PictureForm(request.POST, request.FILES) if request.method == "POST" and has_consent else PictureForm()
    if (
        request.method == "POST"
        and has_consent
        and form.is_valid()
        and was_done(
            form,
            lambda: services.face_check(
                request.customer_id, image_digest=form.cleaned_data["picture"], purpose="real_name"
            ),
        )
    ):
        return HttpResponseRedirect(page_address("onboard"))
    here = page_address("onboard_face")
    return _step(
        request,
        "onboard_face",
        2,
        form,
        {
            "customer": customer,
            "has_consent": has_consent,
            "waiting": selectors.staff_video_waiting(request.customer_id, purpose="real_name"),
            "consent_url": consent_address("face", onward=here, back=here),
            "video_url": page_address("onboard_video"),
            "is_done": customer.has_face or customer.has_staff_video,
            **face_context("real_name", here=page_address("onboard")),
        },
    )


@borrower_page
def video(request: HttpRequest) -> HttpResponse:
    """Ask for the staff video check instead of the face check; both real-name and activation come here."""
    purpose = "activation" if request.POST.get("purpose") == "activation" else "real_name"
    back = safe_address(request, "next", page_address("onboard_face"))
    if request.method != "POST" or selectors.staff_video_waiting(request.customer_id, purpose=purpose) is not None:
        return HttpResponseRedirect(back)
    services.staff_video_request(request.customer_id, purpose=purpose)
    return HttpResponseRedirect(back)


@borrower_page
def bank_card(request: HttpRequest) -> HttpResponse:
    """Bind a debit card of one of the supported banks (R1.6)."""
    goal = safe_address(request, "next", page_address("onboard"))
    customer = selectors.customer_get(request.customer_id)
    if not customer.has_id_card:
        return HttpResponseRedirect(page_address("onboard_id_card"))
    if (elsewhere := _consent_first(request, "bank_card_check", "onboard_bank_card", goal)) is not None:
        return elsewhere
    form = CardForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and was_done(
            form,
            lambda: services.bank_card_bind(
                request.customer_id,
                card_number=form.cleaned_data["card_number"],
                mobile=form.cleaned_data["mobile"] or None,
            ),
        )
    ):
        return HttpResponseRedirect(goal)
    return _step(
        request,
        "onboard_bank_card",
        3,
        form,
        {
            "banks": policy.current(clock.today()).banks,
            "cards": selectors.bank_cards(request.customer_id),
            "goal": goal,
            "customer": customer,
            "can_photo": vision.is_available(),
        },
    )


@borrower_page
def mobile(request: HttpRequest) -> HttpResponse:
    """Ask the operator whether the number is the customer's own (R1.7)."""
    customer = selectors.customer_get(request.customer_id)
    if not customer.has_id_card:
        return HttpResponseRedirect(page_address("onboard_id_card"))
    if (elsewhere := _consent_first(request, "mobile_check", "onboard_mobile")) is not None:
        return elsewhere
    form = Form(request.POST or None)
    if request.method == "POST":
        form.is_valid()
        if was_done(form, lambda: services.mobile_check(request.customer_id)):
            return HttpResponseRedirect(page_address("onboard"))
    return _step(request, "onboard_mobile", 4, form, {"customer": customer})


@borrower_page
def profile(request: HttpRequest) -> HttpResponse:
    """Work, income and region (R5.6)."""
    goal = safe_address(request, "next", page_address("onboard"))
    customer = selectors.customer_get(request.customer_id)
    form = ProfileForm(
        request.POST or None,
        initial={
            "occupation": customer.occupation or None,
            "region_code": customer.region_code,
            "declared_monthly_income_fen": customer.declared_monthly_income_fen,
        },
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and was_done(
            form,
            lambda: services.profile_declare(
                request.customer_id,
                occupation=form.cleaned_data["occupation"],
                declared_monthly_income_fen=form.cleaned_data["declared_monthly_income_fen"],
                employer=form.cleaned_data["employer"],
                region_code=form.cleaned_data["region_code"],
            ),
        )
    ):
        return HttpResponseRedirect(goal)
    return render(request, "h5/pages/onboard_profile.html", {"form": form, "goal": goal}, status=status_of(form))


def _step(request: HttpRequest, page: str, current: int, form: Form, context: dict[str, Any]) -> HttpResponse:
    shown = {"form": form, "steps": STEPS, "current": current, "done_steps": done_steps(context["customer"]), **context}
    return render(request, f"h5/pages/{page}.html", shown, status=status_of(form))


def _consent_first(request: HttpRequest, purpose: str, page: str, goal: str = "") -> HttpResponse | None:
    """The consent page when the consent is missing; it comes back here."""
    if selectors.has_present_consent(request.customer_id, purpose):
        return None
    here = page_address(page) if request.method == "POST" else request.get_full_path()
    return HttpResponseRedirect(consent_address(purpose, onward=here, back=goal or page_address("onboard")))


urlpatterns = [
    path("onboard/", overview, name="onboard"),
    path("onboard/id-card", id_card, name="onboard_id_card"),
    path("onboard/face", face, name="onboard_face"),
    path("onboard/video", video, name="onboard_video"),
    path("onboard/bank-card", bank_card, name="onboard_bank_card"),
    path("onboard/mobile", mobile, name="onboard_mobile"),
    path("onboard/profile", profile, name="onboard_profile"),
]
