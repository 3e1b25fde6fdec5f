"""Real-name verification step by step, and what each step gives (R1.2 to R1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.identity import policy, selectors, services
from weidai.identity.rules import StrengthRow
from weidai.identity.services.accounts import EMPLOYER_LENGTH, INCOME_LIMIT_FEN
from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.vision import selectors as vision
from weidai.web.h5.deeds import page_address, picture_digest, safe_address, was_done, with_query
from weidai.web.h5.pages.consents import consent_address
from weidai.web.h5.pages.face import face_context
from weidai.web.h5.provinces import OCCUPATION_CHOICES, PROVINCE_CHOICES
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, MobileField, YuanField, status_of
from weidai.web.shared.language import lazy_text

STEPS = [
    Text("身份证", "ID card"),
    Text("本人核验", "Face or video"),
    Text("银行卡", "Bank card"),
    Text("手机号", "Mobile"),
]
_AUTO_OFF = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, as listed on the overview."""

    page: str
    name: Text
    is_done: bool
    note: Text
    is_waiting: bool = False


class IdCardForm(Form):
    """Name and number as printed on the card."""

    name = forms.CharField(
        label=lazy_text("姓名", "Name"),
        max_length=50,
        widget=forms.TextInput(attrs=_AUTO_OFF),
        error_messages={"required": lazy_text("请填写姓名。", "Enter your name.")},
    )
    id_number = forms.CharField(
        label=lazy_text("身份证号", "ID number"),
        max_length=18,
        min_length=18,
        widget=forms.TextInput(attrs={**_AUTO_OFF, "inputmode": "text"}),
        error_messages={
            "required": lazy_text("请填写身份证号。", "Enter the ID number."),
            "min_length": lazy_text("身份证号应为 18 位。", "The ID number has 18 characters."),
            "max_length": lazy_text("身份证号应为 18 位。", "The ID number has 18 characters."),
        },
    )


class PictureForm(Form):
    """A picture of the face taken now; only its digest leaves this form."""

    picture = forms.FileField(
        label=lazy_text("现场照片", "Picture taken now"),
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "user", "class": "ob-file"}),
        error_messages={
            "required": lazy_text("请先拍摄照片。", "Take a picture first."),
            "empty": lazy_text("照片是空的,请重新拍摄。", "The picture is empty; take it again."),
        },
    )

    def clean_picture(self) -> str:
        """The digest of the picture instead of the picture."""
        return picture_digest(self.cleaned_data["picture"])


class CardForm(Form):
    """The customer's own debit card."""

    card_number = forms.CharField(
        label=lazy_text("银行卡号", "Card number"),
        max_length=30,
        widget=forms.TextInput(attrs={**_AUTO_OFF, "inputmode": "numeric"}),
        error_messages={"required": lazy_text("请填写银行卡号。", "Enter the card number.")},
    )
    mobile = MobileField(
        label=lazy_text("银行预留手机号", "Mobile number kept by the bank"),
        required=False,
        help_text=lazy_text("与登录手机号相同可不填。", "Leave empty if it is the one you sign in with."),
    )

    def clean_card_number(self) -> str:
        """The digits without spaces."""
        digits = self.cleaned_data["card_number"].replace(" ", "")
        if not (digits.isascii() and digits.isdecimal() and 16 <= len(digits) <= 19):
            raise ValidationError(lazy_text("银行卡号为 16 至 19 位数字。", "A card number has 16 to 19 digits."))
        return digits


class ProfileForm(Form):
    """Work and income as the customer states them."""

    occupation = forms.ChoiceField(
        label=lazy_text("职业状况", "Occupation"),
        choices=OCCUPATION_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": lazy_text("请选择职业状况。", "Choose one.")},
    )
    employer = forms.CharField(
        label=lazy_text("工作单位", "Employer"),
        max_length=EMPLOYER_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    declared_monthly_income_fen = YuanField(
        label=lazy_text("月收入(税后)", "Monthly income after tax"),
        min_fen=0,
        max_fen=INCOME_LIMIT_FEN,
        help_text=lazy_text("如实填写;没有收入请填 0。", "State it as it is; 0 if there is none."),
        error_messages={
            "required": lazy_text("请填写月收入,没有请填 0。", "Enter your monthly income, 0 if there is none.")
        },
    )
    region_code = forms.ChoiceField(
        label=lazy_text("常住地区", "Where you live"),
        choices=PROVINCE_CHOICES,
        error_messages={"required": lazy_text("请选择地区。", "Choose a region.")},
    )


@borrower_page
def overview(request: HttpRequest) -> HttpResponse:
    """Identity strength: what is done, what each item gives, what is missing and how to finish it (R1.2)."""
    customer = selectors.customer_get(request.customer_id)
    tasks = _tasks(request, customer)
    return render(
        request,
        "h5/pages/onboard.html",
        {
            "customer": customer,
            "strength": (strength := selectors.identity_strength(request.customer_id)),
            "items": [(row, _way_to_finish(row, customer)) for row in strength.rows],
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


def _way_to_finish(row: StrengthRow, customer: selectors.CustomerRow) -> str:
    """The page on which a missing item is done; empty when it is done, not offered, or its turn has not come (R1.2)."""
    if row.is_done or not row.is_offered:
        return ""
    if row.code == "id_card_face" or not customer.has_id_card:
        return page_address("onboard_face" if customer.has_id_card else "onboard_id_card")
    if row.code == "certified_liveness":
        return with_query(page_address("face_camera"), purpose="real_name", next=page_address("onboard"))
    if row.code == "voiceprint":
        return page_address("voice") if customer.is_real_name else page_address("onboard_face")
    return page_address({"bank_card": "onboard_bank_card", "mobile": "onboard_mobile"}[row.code])


def _step(request: HttpRequest, page: str, current: int, form: Form, context: dict[str, Any]) -> HttpResponse:
    shown = {"form": form, "steps": STEPS, "current": current, "done_steps": _done_steps(context["customer"]), **context}
    return render(request, f"h5/pages/{page}.html", shown, status=status_of(form))


def _done_steps(customer: selectors.CustomerRow) -> list[int]:
    """The numbers of the steps that are done, whichever of them were left out on the way."""
    done = (customer.has_id_card and customer.id_card_status != "expired", customer.has_face or customer.has_staff_video,
            customer.has_bank_card, customer.has_mobile_check)
    return [number for number, is_done in enumerate(done, 1) if is_done]


def _consent_first(request: HttpRequest, purpose: str, page: str, goal: str = "") -> HttpResponse | None:
    """The consent page when the consent is missing; it comes back here."""
    if selectors.has_present_consent(request.customer_id, purpose):
        return None
    here = page_address(page) if request.method == "POST" else request.get_full_path()
    return HttpResponseRedirect(consent_address(purpose, onward=here, back=goal or page_address("onboard")))


def _tasks(request: HttpRequest, customer: selectors.CustomerRow) -> list[Task]:
    waiting = None if customer.is_real_name else selectors.staff_video_waiting(request.customer_id, purpose="real_name")
    has_profile = bool(customer.occupation and customer.region_code)
    return [
        Task(
            "onboard_id_card",
            Text("身份证核验", "ID card"),
            customer.has_id_card and customer.id_card_status != "expired",
            Text("拍照或填写,约 1 分钟", "Two pictures or typing, about a minute"),
        ),
        Task(
            "onboard_face",
            Text("人脸识别或人工视频", "Face check or staff video"),
            customer.has_face or customer.has_staff_video,
            Text("人工视频核验预约中", "Waiting for the staff video check")
            if waiting
            else Text("二选一,效力相同", "Either one; they count the same"),
            waiting is not None,
        ),
        Task(
            "onboard_bank_card",
            Text("绑定借记卡", "Bank card"),
            customer.has_bank_card,
            Text("收款与还款用,建议一类账户", "For payout and repayment; Type I recommended"),
        ),
        Task(
            "onboard_mobile",
            Text("手机号三要素", "Mobile number"),
            customer.has_mobile_check,
            Text("由运营商核验,无需填写", "Checked with your operator; nothing to type"),
        ),
        Task(
            "onboard_profile",
            Text("职业与收入", "Work and income"),
            has_profile,
            Text("申请额度时使用", "Used when you apply"),
        ),
    ]


urlpatterns = [
    path("onboard/", overview, name="onboard"),
    path("onboard/id-card", id_card, name="onboard_id_card"),
    path("onboard/face", face, name="onboard_face"),
    path("onboard/video", video, name="onboard_video"),
    path("onboard/bank-card", bank_card, name="onboard_bank_card"),
    path("onboard/mobile", mobile, name="onboard_mobile"),
    path("onboard/profile", profile, name="onboard_profile"),
]
