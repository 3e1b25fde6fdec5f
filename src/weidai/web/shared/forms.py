"""Forms: bilingual labels, yuan typed and fen kept, and refusals shown beside their field with the value kept."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from weidai.kernel.errors import Invalid, Refusal
from weidai.kernel.text import Text
from weidai.web.shared.formats import yuan
from weidai.web.shared.language import lazy_text, say

Result = TypeVar("Result")
_MAX_FEN = 10**15  # no form of this product moves more than ten trillion yuan


class IdempotencyKeyMissing(Invalid):
    """The form came without its key: drawn by something else than our page (422)."""

    code = "web.idempotency_key_missing"
    text = Text("表单缺少防重复编号。", "The form lacks its key against double submission.")
    next_step = Text("请返回上一页，刷新后重新提交。", "Go back, reload the page and submit again.")


class Form(forms.Form):
    """A form whose fields carry bilingual labels (`lazy_text`) and that can show a refusal."""

    use_required_attribute = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.refusal: Refusal | None = None

    def refusal_add(self, refusal: Refusal) -> None:
        """Show the refusal beside its field if it names one of ours, else in the panel above the button."""
        name = self._field_of(refusal)
        if name:
            sentences = [say(refusal.message), say(refusal.advice)]
            self.add_error(name, " ".join(sentence for sentence in sentences if sentence))
        else:
            self.refusal = refusal
            self.add_error(None, say(refusal.message))

    def _field_of(self, refusal: Refusal) -> str | None:
        """The field a refusal is about; what is wrong with a file stands beside the only file field, whatever its name."""
        if refusal.field in self.fields:
            return refusal.field
        files = [name for name, field in self.fields.items() if isinstance(field, forms.FileField)]
        return files[0] if refusal.field == "file" and len(files) == 1 else None


def form_with_refusal(form: Form, action: Callable[[], Result]) -> Result | None:
    """Run `action` (a service call) and return its result; a refusal goes into the form and the answer is None.

    Services write in one transaction, so a refusal means nothing happened.
    """
    try:
        return action()
    except Refusal as refusal:
        form.refusal_add(refusal)
        return None


def status_of(form: Form) -> int:
    """The HTTP status for showing this form: 200 fresh, 422 with mistakes, the refusal's own when refused."""
    if form.refusal is not None:
        return form.refusal.http_status
    return 422 if form.is_bound and form.errors else 200


def idempotency_key(request: HttpRequest) -> str:
    """The key that `{% idempotency_field %}` put into the form."""
    try:
        return str(UUID(request.POST.get("idempotency_key", "")))
    except ValueError:
        raise IdempotencyKeyMissing from None


class YuanField(forms.Field):
    """An amount typed in yuan with at most two decimals, kept as integer fen."""

    default_error_messages = {
        "invalid": lazy_text("请输入金额，例如 3000 或 3000.50。", "Enter an amount such as 3000 or 3000.50."),
        "precision": lazy_text("金额最多两位小数。", "At most two decimals."),
        "min_fen": lazy_text("金额太小。", "The amount is too small."),
        "max_fen": lazy_text("金额太大，最多 %(most)s 元。", "The amount is too large: at most CNY %(most)s."),
    }

    def __init__(self, *, min_fen: int = 1, max_fen: int = _MAX_FEN, **kwargs: Any) -> None:
        self.min_fen, self.max_fen = min_fen, max_fen
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        """Yuan text to fen, exactly."""
        if value in self.empty_values:
            return None
        try:
            amount = Decimal(str(value).replace(",", "").replace("，", "").strip())
        except InvalidOperation:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not amount.is_finite() or abs(amount) > Decimal(_MAX_FEN):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        fen = amount * 100
        if fen != fen.to_integral_value():
            raise ValidationError(self.error_messages["precision"], code="precision")
        return int(fen)

    def prepare_value(self, value: Any) -> Any:
        """Fen to yuan when the form is drawn with an initial amount."""
        return yuan(value).replace(",", "") if isinstance(value, int) else value

    def validate(self, value: int | None) -> None:
        """Keep the amount within the field's bounds."""
        super().validate(value)
        if value is not None and value < self.min_fen:
            raise ValidationError(self.error_messages["min_fen"], code="min_fen")
        if value is not None and value > self.max_fen:
            raise ValidationError(self.error_messages["max_fen"], code="max_fen", params={"most": yuan(self.max_fen)})


class MobileField(forms.RegexField):
    """A mainland mobile number of eleven digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", lazy_text("手机号", "Mobile number"))
        kwargs.setdefault("widget", forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "tel-national", "maxlength": "11", "type": "tel"}))
        message = lazy_text("请输入 11 位手机号。", "Enter the 11-digit mobile number.")
        super().__init__(regex=r"^1[3-9]\d{9}$", error_messages={"invalid": message}, **kwargs)


class CodeField(forms.RegexField):
    """A six-digit code: one-time code or payment password."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", lazy_text("验证码", "Code"))
        message = lazy_text("请输入 6 位数字。", "Enter 6 digits.")
        messages = {"invalid": message, "required": message, **kwargs.pop("error_messages", {})}
        super().__init__(regex=r"^\d{6}$", error_messages=messages, strip=True, **kwargs)
