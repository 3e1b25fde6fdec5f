"""Identity strength, the real-name gate, age and ID-card validity (R1.1 to R1.4). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from weidai.identity.policy import IdentityPolicy, ItemCode
from weidai.kernel.errors import Invalid
from weidai.kernel.id_card import age_on, id_card_number
from weidai.kernel.text import Text

AgeVerdict = Literal["allowed", "too_young", "too_old"]
IdCardStatus = Literal["missing", "not_yet_valid", "valid", "expiring", "expired"]


@dataclass(frozen=True, slots=True)
class IdCardPeriod:
    """Validity printed on the card; `valid_to` is its last valid day, None for 长期."""

    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """What has been verified about a customer so far."""

    id_card_verified: bool = False  # name and number match at the registry, card in force (R1.4)
    id_card_period: IdCardPeriod | None = None
    face_verified: bool = False
    staff_video_verified: bool = False  # the alternative without face, equal in points (R1.3, R1.5)
    bank_card_verified: bool = False
    mobile_verified: bool = False
    certified_liveness: bool = False  # by a certified vendor, not the embedded engine
    voiceprint_verified: bool = False
    birth_on: date | None = None


@dataclass(frozen=True, slots=True)
class StrengthRow:
    """One verification item as the customer sees it (R1.2)."""

    code: ItemCode
    name: Text
    how: Text
    points: int
    is_done: bool
    is_step_up: bool
    is_offered: bool = True  # there is a way to do it here

    @property
    def earned(self) -> int:
        """Points this item gives now."""
        return self.points if self.is_done else 0


@dataclass(frozen=True, slots=True)
class Strength:
    """Identity strength of 0 to 100 and where it comes from (R1.2)."""

    points: int
    rows: tuple[StrengthRow, ...]
    needed_for_full_limits: int

    @property
    def missing(self) -> tuple[StrengthRow, ...]:
        """Items not done yet."""
        return tuple(row for row in self.rows if not row.is_done)

    @property
    def is_full(self) -> bool:
        """Enough for segments above starter (R5.1)."""
        return self.points >= self.needed_for_full_limits


@dataclass(frozen=True, slots=True)
class GateReason:
    """One thing between the customer and an application."""

    code: str
    text: Text
    next_step: Text


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether an application may be opened at all, by any channel (R1.3)."""

    reasons: tuple[GateReason, ...]

    @property
    def is_open(self) -> bool:
        """No reason stands in the way."""
        return not self.reasons


_ID_CARD = GateReason(
    "identity.id_card_missing",
    Text("尚未完成身份证核验。", "The ID card has not been verified."),
    Text("填写身份证上的姓名和号码，由核验机构确认。", "Enter name and number from the ID card; the registry confirms them."),
)
_FACE = GateReason(
    "identity.face_missing",
    Text("尚未完成人脸识别或人工视频核验。", "Neither the face check nor the staff video check is done."),
    Text(
        "完成人脸识别；不愿使用人脸的，可选择人工视频核验。",
        "Do the face check, or choose the staff video check if you prefer not to.",
    ),
)
_EXPIRED = GateReason(
    "identity.id_card_expired",
    Text("身份证已过有效期。", "The ID card has expired."),
    Text("换领新证后重新核验身份证。", "Renew the card and have the new one checked."),
)
_NOT_YET = GateReason(
    "identity.id_card_not_yet_valid",
    Text("身份证尚未生效。", "The ID card is not valid yet."),
    Text("请核对有效期起始日，或在生效后再来。", "Check the start date, or come back when it has begun."),
)


def strength(
    facts: IdentityFacts, policy: IdentityPolicy, *, not_offered: Collection[ItemCode] = frozenset(),
) -> Strength:
    """Return identity strength with a row for each item, done or missing (R1.2); `not_offered` have no way to be done here."""
    done: Mapping[ItemCode, bool] = {
        "id_card_face": facts.id_card_verified and _person_seen(facts),
        "bank_card": facts.bank_card_verified,
        "mobile": facts.mobile_verified,
        "certified_liveness": facts.certified_liveness,
        "voiceprint": facts.voiceprint_verified,
    }
    rows = tuple(
        StrengthRow(item.code, item.name, item.how, item.points, done[item.code], item.is_step_up,
                    is_offered=item.code not in not_offered)
        for item in policy.items
    )
    return Strength(sum(row.earned for row in rows), rows, policy.strength_for_full_limits)


def can_apply(facts: IdentityFacts, policy: IdentityPolicy, *, on: date) -> Gate:
    """Return the real-name gate: ID card and (face or staff video), a valid card, an allowed age (R1.1, R1.3)."""
    reasons: list[GateReason] = []
    if not facts.id_card_verified:
        reasons.append(_ID_CARD)
    else:
        status = id_card_status(facts.id_card_period, policy, on=on)
        if status == "expired":
            reasons.append(_EXPIRED)
        elif status == "not_yet_valid":
            reasons.append(_NOT_YET)
    if not _person_seen(facts):
        reasons.append(_FACE)
    if facts.birth_on is not None:
        reasons += age_reasons(facts.birth_on, policy, on=on)
    return Gate(tuple(reasons))


def age_check(birth_on: date, policy: IdentityPolicy, *, on: date) -> AgeVerdict:
    """Say whether someone's age lets them borrow on a day: completed years, both bounds included (R1.1)."""
    age = age_on(birth_on, on=on)
    if age < policy.minimum_age:
        return "too_young"
    return "too_old" if age > policy.maximum_age else "allowed"


def age_reasons(birth_on: date, policy: IdentityPolicy, *, on: date) -> list[GateReason]:
    """Return why an age refuses, in words; empty when it does not."""
    verdict = age_check(birth_on, policy, on=on)
    if verdict == "too_young":
        return [
            GateReason(
                "identity.too_young",
                Text("未满 {age} 周岁，不能申请。", "Applicants must be at least {age}.").format(age=policy.minimum_age),
                Text("年满 {age} 周岁后再申请。", "Apply once you are {age}.").format(age=policy.minimum_age),
            )
        ]
    if verdict == "too_old":
        return [
            GateReason(
                "identity.too_old",
                Text("已超过 {age} 周岁，不能申请。", "Applicants may be at most {age}.").format(age=policy.maximum_age),
                Text("如有疑问，请联系客服。", "Please ask customer service if this looks wrong."),
            )
        ]
    return []


def id_card_status(period: IdCardPeriod | None, policy: IdentityPolicy, *, on: date) -> IdCardStatus:
    """Say whether an ID card is valid on a day; `valid_to` itself still counts, 长期 never ends (R1.4)."""
    if period is None:
        return "missing"
    if on < period.valid_from:
        return "not_yet_valid"
    if period.valid_to is None:
        return "valid"
    days_left = (period.valid_to - on).days
    if days_left < 0:
        return "expired"
    return "expiring" if days_left <= policy.id_card_warning_days else "valid"


def _person_seen(facts: IdentityFacts) -> bool:
    return facts.face_verified or facts.staff_video_verified


_LONGEST_VALUE = 100
NO_END = "长期"


def id_card_value_is_valid(code: str, value: str, *, on: date) -> bool:
    """Say whether a field of the ID card can have this value: a real day, a number whose check digit fits, a text (R1.4)."""
    if not value or len(value) > _LONGEST_VALUE:
        return False
    if code == "sex":
        return value in ("男", "女")
    if code in ("birth_on", "valid_from", "valid_to"):
        return _is_day(value) or (code == "valid_to" and value == NO_END)
    if code == "id_number":
        try:
            id_card_number(value, on=on)
        except Invalid:
            return False
    return True


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
