"""A debit card from a picture: the number is filled in, the customer confirms it; the picture is kept nowhere (R1.6)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.identity import policy, selectors
from weidai.platform import clock
from weidai.vision import selectors as vision
from weidai.vision import services as vision_services
from weidai.vision.rules.fields import SURE, Kind, PaperRead
from weidai.web.h5.deeds import page_address, posted, safe_address, was_done, with_query
from weidai.web.h5.onboarding_forms import CardForm
from weidai.web.h5.onboarding_steps import STEPS
from weidai.web.h5.pages.id_card import PhotoForm
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import status_of


@borrower_page
def card_photo(request: HttpRequest) -> HttpResponse:
    """Take a picture of the card; what was read stands in the form of the bank-card page, for the customer to confirm."""
    goal = safe_address(request, "next", page_address("onboard"))
    typed = with_query(page_address("onboard_bank_card"), next=goal)
    may = selectors.customer_get(request.customer_id).has_id_card and selectors.has_present_consent(
        request.customer_id, "bank_card_check")
    if not may or (request.method != "POST" and not vision.is_available()):
        return HttpResponseRedirect(typed)
    form = PhotoForm(posted(request), request.FILES if request.method == "POST" else None)
    seen: list[PaperRead] = []
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: seen.append(vision_services.paper_glance(
            request.customer_id, picture=form.cleaned_data["picture"].read(), kind=Kind.DEBIT_CARD))):
        return _to_confirm(request, seen[0], goal)
    return render(request, "h5/pages/card_photo.html", {"form": form, "steps": STEPS, "current": 3, "goal": goal,
                                                        "typed_url": typed}, status=status_of(form))


def _to_confirm(request: HttpRequest, paper: PaperRead, goal: str) -> HttpResponse:
    """The bank-card page with the number filled in; sent from there, it is checked like a typed one."""
    number = paper.reading.field("card_number")
    assert number is not None, "a reading without a number was refused"
    return render(request, "h5/pages/onboard_bank_card.html", {
        "form": CardForm(initial={"card_number": " ".join(number.value[at:at + 4] for at in range(0, len(number.value), 4))}),
        "steps": STEPS, "current": 3, "banks": policy.current(clock.today()).banks, "goal": goal,
        "cards": selectors.bank_cards(request.customer_id), "customer": selectors.customer_get(request.customer_id),
        "can_photo": True, "read_percent": round(number.confidence * 100),
        "is_sure": number.confidence >= SURE and not number.is_doubtful})


urlpatterns = [path("onboard/bank-card/photo", card_photo, name="onboard_card_photo")]
