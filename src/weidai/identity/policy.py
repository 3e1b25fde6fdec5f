"""Identity section of the policy pack: ages, verification items and their points, supported banks (R1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits
from weidai.policy.rules.law import at_least

ItemCode = Literal["id_card_face", "bank_card", "mobile", "certified_liveness", "voiceprint"]
ChallengeAction = Literal["turn_left", "turn_right", "nod", "come_closer", "blink"]
SecondPerson = Literal["never", "remarked", "always"]
VoiceStepUp = Literal["default_card", "drawdown"]


@dataclass(frozen=True, slots=True)
class ItemPolicy:
    """One verification item (R1.2)."""

    code: ItemCode
    name: Text
    how: Text
    points: int
    is_step_up: bool


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank whose debit cards may be bound (R1.6). The prefixes are the sandbox network's, not the real table."""

    code: str
    name: Text
    card_prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacePolicy:
    """The live capture's random challenge (R1.5)."""

    actions: tuple[ChallengeAction, ...]
    action_count: int
    challenge_seconds: int
    attempts_per_day: int
    step_milliseconds: int  # how long the page shows one action
    match_distance: Fraction  # of two descriptors: at most, the same person
    mismatch_distance: Fraction  # above, another person; between the two nothing is decided
    near_duplicate_distance: Fraction  # at most, a reviewer is asked whether two accounts are one person
    vendor_score: int  # of 100: the certified vendor's likeness from which it counts


@dataclass(frozen=True, slots=True)
class VoicePolicy:
    """Spoken random digits (R1.8): one more way where `step_ups` says so, never the only one."""

    verify_digits: int
    digit_milliseconds: int  # how long the page shows one digit
    challenge_seconds: int  # from the digits being drawn to the recording being handed in
    attempts_per_day: int
    fresh_minutes: int  # how long a check that matched holds, for the step it was made for
    step_ups: tuple[VoiceStepUp, ...]  # the steps for which a voice is one more way
    drawdown_limit_fen: int  # a drawdown above it asks for the face check or staff video

    def __post_init__(self) -> None:
        if not 4 <= self.verify_digits <= 10:
            raise Fault("verify_digits", Text("须为 4 至 10 个。", "must be 4 to 10."), rule="R1.8")
        if not 800 <= self.digit_milliseconds <= 3_000:
            raise Fault("digit_milliseconds", Text("须为 800 至 3000 毫秒。", "must be 800 to 3,000."), rule="R1.8")


@dataclass(frozen=True, slots=True)
class AnswersPolicy:
    """How long an answer from outside is relied on (R1.1, R1.2)."""

    mobile_days: int  # at a sign-in so long after its last answer the operator is asked again; 0 = never
    certified_face_days: int  # how long a certified liveness check gives its points; a weaker later one takes nothing

    def __post_init__(self) -> None:
        if not self.certified_face_days:
            raise Fault("certified_face_days", Text("不能为 0。", "cannot be 0."), rule="R1.2")


@dataclass(frozen=True, slots=True)
class StaffVideoPolicy:
    """The way without face recognition (R1.5)."""

    answer_minutes: int  # working minutes within which somebody calls
    lock_minutes: int  # how long one person holds a request
    second_person: SecondPerson  # who confirms a pass: nobody else, a second person when something was remarked, always one

    def __post_init__(self) -> None:
        if not 5 <= self.lock_minutes <= 240:
            raise Fault("lock_minutes", Text("须为 5 至 240 分钟。", "must be 5 to 240."), rule="R1.5")
        if not self.answer_minutes:
            raise Fault("answer_minutes", Text("不能为 0。", "cannot be 0."), rule="R1.5")


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """Everything of R1 that a lender could change."""

    minimum_age: int
    maximum_age: int
    strength_for_full_limits: int  # below it the customer stays in the starter segment (R1.2)
    id_card_warning_days: int
    maximum_bank_cards: int
    face: FacePolicy
    items: tuple[ItemPolicy, ...]
    banks: tuple[Bank, ...]
    voice: VoicePolicy = VoicePolicy(6, 1_400, 240, 10, 30, (), 0)  # packs from before: enrolling is possible, it proves nothing
    answers: AnswersPolicy = AnswersPolicy(0, 1_095)  # packs from before: the operator is not asked again
    staff_video: StaffVideoPolicy = StaffVideoPolicy(480, 30, "never")  # packs from before: one working day, one person

    def __post_init__(self) -> None:
        if self.minimum_age > self.maximum_age:
            raise Fault("maximum_age", Text("小于最低年龄。", "is below the minimum age."), rule="R1.1")
        codes = [item.code for item in self.items]
        if sorted(codes) != sorted(ItemCode.__args__):  # type: ignore[attr-defined]
            raise Fault(
                "items", Text("五个认证项必须各出现一次。", "must name each of the five items once."), rule="R1.2"
            )
        if sum(item.points for item in self.items) != 100:
            raise Fault("items", Text("各项分值之和必须为 100。", "points must add up to 100."), rule="R1.2")
        if self.face.action_count > len(self.face.actions) or not self.face.action_count:
            raise Fault(
                "face.action_count", Text("超出可选动作数。", "does not fit the number of actions."), rule="R1.5"
            )
        if self.face.match_distance > self.face.mismatch_distance:
            raise Fault(
                "face.match_distance", Text("大于判为他人的距离。", "is above the distance of another person."), rule="R1.5"
            )
        seen: set[str] = set()
        for place, bank in enumerate(self.banks):
            for word in (bank.code, *bank.card_prefixes):
                if word in seen:
                    raise Fault(
                        f"banks[{place}]",
                        Text("银行代码或卡号前缀重复。", "repeats a bank code or card prefix."),
                        rule="R1.6",
                    )
                seen.add(word)

    def item(self, code: ItemCode) -> ItemPolicy:
        """Return one verification item."""
        return next(item for item in self.items if item.code == code)

    def bank(self, code: str) -> Bank | None:
        """Return a supported bank by its code, or None when its cards cannot be bound."""
        return next((bank for bank in self.banks if bank.code == code), None)

    def bank_of_card(self, card_number: str) -> Bank | None:
        """Guess the supported bank from a card number's first digits; the network's answer decides."""
        return next((bank for bank in self.banks if card_number.startswith(bank.card_prefixes)), None)


def _check(policy: IdentityPolicy, law: LegalLimits) -> None:
    at_least("minimum_age", policy.minimum_age, law.minimum_age, law.rule("minimum_age"))


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> IdentityPolicy:
    """Return the identity section of a pack, or raise PolicyRefused."""
    return pack.checked("identity", pack.parse("identity", IdentityPolicy), law, _check)


def current(on: date) -> IdentityPolicy:
    """Return the identity policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))
