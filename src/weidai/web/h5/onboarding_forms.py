"""The forms of real-name verification: what is typed, pictured and chosen (R1.4 to R1.6, R5.6)."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from weidai.identity.services.accounts import EMPLOYER_LENGTH, INCOME_LIMIT_FEN
from weidai.web.h5.deeds import picture_digest
from weidai.web.h5.provinces import OCCUPATION_CHOICES, PROVINCE_CHOICES
from weidai.web.shared.forms import Form, MobileField, YuanField
from weidai.web.shared.language import lazy_text

AUTO_OFF = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
_EIGHTEEN = lazy_text("身份证号应为 18 位。", "The ID number has 18 characters.")
ID_NUMBER_ERRORS = {"required": lazy_text("请填写身份证号。", "Enter the ID number."), "min_length": _EIGHTEEN,
                    "max_length": _EIGHTEEN}


class IdCardForm(Form):
    """Name and number as printed on the card."""

    name = forms.CharField(
        label=lazy_text("姓名", "Name"),
        max_length=50,
        widget=forms.TextInput(attrs=AUTO_OFF),
        error_messages={"required": lazy_text("请填写姓名。", "Enter your name.")},
    )
    id_number = forms.CharField(
        label=lazy_text("身份证号", "ID number"),
        max_length=18,
        min_length=18,
        widget=forms.TextInput(attrs={**AUTO_OFF, "inputmode": "text"}),
        error_messages=ID_NUMBER_ERRORS,
    )


class PictureForm(Form):
    """A picture of the face taken now; only its digest leaves this form."""

    picture = forms.FileField(
        label=lazy_text("现场照片", "Picture taken now"),
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "user", "class": "ob-file"}),
        error_messages={
            "required": lazy_text("请先拍摄照片。", "Take a picture first."),
            "empty": lazy_text("照片是空的，请重新拍摄。", "The picture is empty; take it again."),
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
        widget=forms.TextInput(attrs={**AUTO_OFF, "inputmode": "numeric"}),
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
        label=lazy_text("月收入（税后）", "Monthly income after tax"),
        min_fen=0,
        max_fen=INCOME_LIMIT_FEN,
        help_text=lazy_text("如实填写；没有收入请填 0。", "State it as it is; 0 if there is none."),
        error_messages={
            "required": lazy_text("请填写月收入，没有请填 0。", "Enter your monthly income, 0 if there is none.")
        },
    )
    region_code = forms.ChoiceField(
        label=lazy_text("常住地区", "Where you live"),
        choices=PROVINCE_CHOICES,
        error_messages={"required": lazy_text("请选择地区。", "Choose a region.")},
    )
