"""The ID card from two pictures: take each side, look at what was read, correct it, submit (R1.4).

Every step has a way on: a file instead of the camera, a picture once more, typing instead of pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.identity import selectors, services
from weidai.identity.consent_texts import ID_CARD_PICTURES
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.vision import selectors as vision
from weidai.vision.rules.fields import SURE, Field, Kind
from weidai.vision.rules.id_card import NO_END
from weidai.vision.selectors import PaperReadingRow
from weidai.web.h5.deeds import page_address, picture_digest, posted, was_done, with_query
from weidai.web.h5.onboarding_forms import AUTO_OFF, ID_NUMBER_ERRORS
from weidai.web.h5.onboarding_steps import STEPS
from weidai.web.h5.pages.consents import consent_address
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, status_of
from weidai.web.shared.language import lazy_text

RESUMED_WITHIN = timedelta(days=1)  # a side taken longer ago is taken again
SIDES = {"front": Kind.ID_FRONT, "back": Kind.ID_BACK}
_SEX = {"男": Text("男", "Male"), "女": Text("女", "Female")}  # as printed


class PhotoForm(Form):
    """One side of the card, from the camera or a file."""

    picture = forms.FileField(
        label=lazy_text("证件照片", "Picture of the card"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment", "class": "ob-file"}),
        error_messages={
            "required": lazy_text("请先拍摄或选择照片。", "Take or choose a picture first."),
            "empty": lazy_text("照片是空的，请重新拍摄。", "The picture is empty; take it again."),
        },
    )

    def clean_picture(self) -> UploadedFile:
        """The upload, once size and first bytes are those of a picture."""
        upload = self.cleaned_data["picture"]
        picture_digest(upload)
        upload.seek(0)
        return upload


class ConfirmForm(Form):
    """What was read, for the customer to compare with the card."""

    name = forms.CharField(label=lazy_text("姓名", "Name"), max_length=50, widget=forms.TextInput(attrs=AUTO_OFF))
    id_number = forms.CharField(label=lazy_text("公民身份号码", "ID number"), max_length=18, min_length=18,
                                widget=forms.TextInput(attrs=AUTO_OFF), error_messages=ID_NUMBER_ERRORS)
    ethnicity = forms.CharField(label=lazy_text("民族", "Ethnic group"), max_length=12, required=False,
                                widget=forms.TextInput(attrs=AUTO_OFF))
    address = forms.CharField(label=lazy_text("住址", "Address"), max_length=100, required=False,
                              widget=forms.Textarea(attrs={**AUTO_OFF, "rows": 2}))
    authority = forms.CharField(label=lazy_text("签发机关", "Issued by"), max_length=40, required=False,
                                widget=forms.TextInput(attrs=AUTO_OFF))
    valid_from = forms.CharField(label=lazy_text("有效期起", "Valid from"), max_length=10, required=False,
                                 widget=forms.TextInput(attrs={**AUTO_OFF, "placeholder": "2019-09-07"}))
    valid_to = forms.CharField(label=lazy_text("有效期至", "Valid to"), max_length=10,
                               widget=forms.TextInput(attrs={**AUTO_OFF, "placeholder": "2039-09-07 / 长期"}),
                               error_messages={"required": lazy_text("请填写有效期至。", "Enter the last day.")})


@dataclass(frozen=True, slots=True)
class ReadField:
    """One field on the confirmation: its control, and how sure the reading was."""

    control: Any
    percent: int
    is_sure: bool
    was_read: bool


@borrower_page
def photos(request: HttpRequest) -> HttpResponse:
    """Take the side that is missing; `?side=` takes one again. Taken sides are kept for a day (R1.4)."""
    if (elsewhere := _elsewhere(request)) is not None:
        return elsewhere
    taken = _taken(request.customer_id)
    side = request.POST.get("side") or request.GET.get("side") or next((one for one in SIDES if one not in taken), "")
    if side not in SIDES:
        return HttpResponseRedirect(page_address("onboard_id_confirm"))
    form = PhotoForm(posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: services.id_card_picture_take(
            request.customer_id, side=side, picture=form.cleaned_data["picture"].read())):
        return HttpResponseRedirect(page_address("onboard_id_photos"))
    context = {"form": form, "steps": STEPS, "current": 1, "side": side, "taken": taken,
               "number": 1 if side == "front" else 2, "typed_url": _typed_address()}
    return render(request, "h5/pages/onboard_id_photos.html", context, status=status_of(form))


@borrower_page
def confirm(request: HttpRequest) -> HttpResponse:
    """Look at what was read, correct it, and have it verified (R1.4)."""
    if (elsewhere := _elsewhere(request)) is not None:
        return elsewhere
    taken = _taken(request.customer_id)
    if len(taken) < len(SIDES):
        return HttpResponseRedirect(page_address("onboard_id_photos"))
    read = {field.code: field for row in taken.values() for field in row.fields}
    form = ConfirmForm(posted(request), initial={code: field.value for code, field in read.items()})
    if request.method == "POST" and form.is_valid() and was_done(form, lambda: services.id_card_confirm(
            request.customer_id, front_id=taken["front"].id, back_id=taken["back"].id, values=_values(form))):
        return HttpResponseRedirect(page_address("onboard_face"))
    context = {
        "form": form, "steps": STEPS, "current": 1, "rows": [_read_field(form[code], read[code]) for code in form.fields],
        "sex": _SEX.get(read["sex"].value), "birth": read["birth_on"].value, "warnings": _warnings(taken),
        "typed_url": _typed_address(),
    }
    return render(request, "h5/pages/onboard_id_confirm.html", context, status=status_of(form))


def _elsewhere(request: HttpRequest) -> HttpResponse | None:
    """Where to go instead: the two consents first (typing without the second), nothing to do, or no reading here."""
    here = page_address("onboard_id_photos")
    if not selectors.has_present_consent(request.customer_id, "real_name_check"):
        return HttpResponseRedirect(consent_address("real_name_check", onward=here, back=page_address("onboard")))
    customer = selectors.customer_get(request.customer_id)
    if customer.has_id_card and customer.id_card_status != "expired":
        return HttpResponseRedirect(page_address("onboard_id_card"))
    if request.method != "POST" and not vision.is_available():
        return HttpResponseRedirect(_typed_address())
    if not selectors.has_present_consent(request.customer_id, ID_CARD_PICTURES):
        return HttpResponseRedirect(consent_address(ID_CARD_PICTURES, onward=here, back=_typed_address()))
    return None


def _taken(customer_id: UUID) -> dict[str, PaperReadingRow]:
    """The sides taken lately, in order."""
    since = clock.now() - RESUMED_WITHIN
    found = {side: vision.reading_newest(customer_id, kind) for side, kind in SIDES.items()}
    return {side: row for side, row in found.items() if row is not None and row.read_at >= since}


def _values(form: ConfirmForm) -> dict[str, str]:
    said = {code: str(value).strip() for code, value in form.cleaned_data.items()}
    ends = said["valid_to"].replace(".", "-").replace("/", "-")
    return said | {"id_number": said["id_number"].upper(), "valid_to": NO_END if ends.lower() in ("长期", "long") else ends}


def _read_field(control: Any, field: Field) -> ReadField:
    is_sure = field.confidence >= SURE and not field.is_doubtful
    return ReadField(control, round(field.confidence * 100), is_sure, bool(field.value))


def _warnings(taken: dict[str, PaperReadingRow]) -> list[Text]:
    """What the two pictures contradict themselves in, in words."""
    said = {check.code for row in taken.values() for check in (
        *row.paper.reading.checks, *(check for field in row.fields for check in field.checks)) if check.passed is False}
    words = {
        "check_digit": Text("身份号码的校验位不符，可能有一位识别错误。",
                            "The number's check digit does not fit; a digit may be misread."),
        "birth_matches_number": Text("印刷的出生日期与号码中的不一致。",
                                     "The printed birth date differs from the one in the number."),
        "sex_matches_number": Text("印刷的性别与号码不一致。", "The printed sex differs from the number's."),
        "period_length": Text("有效期不是 5、10、20 年或长期。",
                              "The validity is not 5, 10 or 20 years, nor without end."),
    }
    return [text for code, text in words.items() if code in said]


def _typed_address() -> str:
    return with_query(page_address("onboard_id_card"), typed="1")


urlpatterns = [
    path("onboard/id-card/photos", photos, name="onboard_id_photos"),
    path("onboard/id-card/confirm", confirm, name="onboard_id_confirm"),
]
