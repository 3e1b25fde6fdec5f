"""ID card, face and mobile number against those who know (R1.4, R1.5, R1.7).

Each use case asks first, outside any transaction, and then books the answer in one. A partner that gives no answer
changes nothing; a "no" is kept as a failed check and refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from weidai.identity import errors, policy, rules, selectors
from weidai.identity.evidence import IdCardEvidence
from weidai.identity.face_errors import FaceCaptureRequired
from weidai.identity.models import DigestEntry, Verification
from weidai.identity.ports import FaceAnswer, MatchResult, OperatorAnswer, RegistryAnswer
from weidai.identity.ports import face_vendor as face_vendor_port
from weidai.identity.ports import id_registry as id_registry_port
from weidai.identity.ports import mobile_operator as mobile_operator_port
from weidai.identity.services import records
from weidai.identity.services.id_card_sides import SideStated, sides_forget, sides_keep
from weidai.identity.services.records import Checked
from weidai.kernel.id_card import IdCardNumber, id_card_number
from weidai.platform import clock
from weidai.platform.ids import uuid7

ID_CARD_ATTEMPTS_PER_DAY = 5
MOBILE_ATTEMPTS_PER_DAY = 5

_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·•]{2,30}")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PASSED, _FAILED = Verification.State.PASSED, Verification.State.FAILED
_INCONCLUSIVE = Verification.State.INCONCLUSIVE
_TYPED = IdCardEvidence()


def id_card_submit(
    customer_id: UUID, *, name: str, id_number: str, evidence: IdCardEvidence = _TYPED, sides: Sequence[SideStated] = (),
) -> None:
    """Verify name and ID number with the registry and make them the account's own (R1.1, R1.4).

    `evidence` says how they came to us, `sides` what the customer put right on the pictures; both are kept with the
    outcome, for whoever looks at it.
    """
    today = clock.today()
    name, number = name.strip().replace("•", "·"), id_card_number(id_number, on=today)
    if not _NAME.fullmatch(name):
        raise errors.NameInvalid(field="name")
    row = records.customer(customer_id)
    _age_require(number.birth_on, today)
    records.present_consent_require(customer_id, "real_name_check")
    if row.id_number is not None and row.id_number != number.number:
        raise errors.AlreadyVerified
    if selectors.customer_by_id_number(number.number) not in (None, customer_id):
        raise errors.IdNumberTaken(field="id_number")
    records.attempts_limit(customer_id, Verification.Item.ID_CARD, per_day=ID_CARD_ATTEMPTS_PER_DAY)
    answer = id_registry_port().check(name, number.number)
    _id_card_refuse(customer_id, answer)
    _id_card_keep(customer_id, name, number, (answer, evidence, sides))


def _age_require(birth_on: date, today: date) -> None:
    ages = policy.current(today)
    match rules.age_check(birth_on, ages, on=today):
        case "too_young":
            raise errors.AgeTooYoung(field="id_number", age=ages.minimum_age)
        case "too_old":
            raise errors.AgeTooOld(field="id_number", age=ages.maximum_age)


def _id_card_refuse(customer_id: UUID, answer: RegistryAnswer) -> None:
    facts: dict[str, object] = {"result": answer.result.value, "card_status": answer.card_status}
    failed = Checked(Verification.Item.ID_CARD, _FAILED, "id_registry", facts=facts)
    if answer.result is MatchResult.INCONCLUSIVE:
        unclear = Checked(Verification.Item.ID_CARD, _INCONCLUSIVE, "id_registry", facts=facts)
        records.refusal_keep(customer_id, unclear, per_day=ID_CARD_ATTEMPTS_PER_DAY)
        raise errors.VerificationInconclusive
    if answer.result is not MatchResult.MATCH:
        records.refusal_keep(customer_id, failed, per_day=ID_CARD_ATTEMPTS_PER_DAY)
        raise errors.IdCardMismatch
    starts_later = answer.valid_from is not None and answer.valid_from > clock.today()
    if answer.card_status != "valid" or starts_later:
        records.refusal_keep(customer_id, failed, per_day=ID_CARD_ATTEMPTS_PER_DAY)
        raise errors.IdCardNotValid


@transaction.atomic
def _id_card_keep(
    customer_id: UUID, name: str, number: IdCardNumber, outcome: tuple[RegistryAnswer, IdCardEvidence, Sequence[SideStated]],
) -> None:
    answer, evidence, sides = outcome
    row = records.customer_lock(customer_id)
    records.attempts_limit(customer_id, Verification.Item.ID_CARD, per_day=ID_CARD_ATTEMPTS_PER_DAY)
    if records.digest_claim(DigestEntry.Kind.ID_NUMBER, number.number, customer_id) != customer_id:
        raise errors.IdNumberTaken(field="id_number")
    if row.id_number is not None and row.id_number != number.number:
        raise errors.AlreadyVerified
    row.name, row.id_number, row.sex = name, number.number, number.sex
    row.region_code = row.region_code or number.province_code
    row.save(update_fields=["name", "id_number", "sex", "region_code"])
    sides_forget(customer_id)  # of a card before; a typed one has none
    sides_keep(customer_id, sides, at=clock.now())
    records.checked_keep(customer_id, Checked(
        Verification.Item.ID_CARD, _PASSED, "id_registry", valid_to=answer.valid_to,
        facts={"result": answer.result.value, "card_status": answer.card_status,
               "valid_from": answer.valid_from.isoformat() if answer.valid_from else None,
               "valid_to": answer.valid_to.isoformat() if answer.valid_to else None,
               **evidence.facts(registry_valid_to=answer.valid_to)},
    ))


def face_check(customer_id: UUID, *, image_digest: str, purpose: str) -> None:
    """Let the sandbox's vendor play a check it made by itself, for the demonstration only (R1.5, R6.1, R9.4).

    Elsewhere a picture alone proves no living person: FaceCaptureRequired, `face_challenge_issue` begins the real check.
    """
    assert purpose in ("real_name", "activation"), purpose
    if not settings.DEMO:
        raise FaceCaptureRequired
    if not _SHA256.fullmatch(image_digest):
        raise errors.PictureInvalid(field="image_digest")
    row = records.customer(customer_id)
    records.present_consent_require(customer_id, "face")
    if row.name is None or row.id_number is None:
        raise errors.IdCardRequired
    if purpose == "activation" and not selectors.is_real_name(customer_id):
        raise errors.RealNameRequired
    per_day = policy.current(clock.today()).face.attempts_per_day
    records.attempts_limit(customer_id, Verification.Item.FACE, per_day=per_day)
    answer = face_vendor_port().verify(f"face-{uuid7()}", row.name, row.id_number, image_digest)
    _face_keep(customer_id, purpose, answer)


def _face_keep(customer_id: UUID, purpose: str, answer: FaceAnswer) -> None:
    passed = answer.result is MatchResult.MATCH and answer.is_alive
    unclear = answer.result is MatchResult.INCONCLUSIVE
    with transaction.atomic():
        records.customer_lock(customer_id)
        state = _PASSED if passed else _INCONCLUSIVE if unclear else _FAILED
        records.checked_keep(customer_id, Checked(
            Verification.Item.FACE, state, "face_vendor", purpose,
            facts={"result": answer.result.value, "is_alive": answer.is_alive, "score": answer.score,
                   "assurance": answer.assurance},
        ))
    if unclear:
        raise errors.VerificationInconclusive
    if not passed:
        raise errors.FaceNotMatched


def mobile_check(customer_id: UUID) -> None:
    """Ask the operator whether the number is this person's own and in use (R1.7)."""
    row = records.customer(customer_id)
    records.present_consent_require(customer_id, "mobile_check")
    if row.name is None or row.id_number is None:
        raise errors.IdCardRequired
    records.attempts_limit(customer_id, Verification.Item.MOBILE, per_day=MOBILE_ATTEMPTS_PER_DAY)
    answer = mobile_operator_port().three_elements(row.name, row.id_number, row.mobile)
    _mobile_keep(customer_id, row.mobile, answer)


def _mobile_keep(customer_id: UUID, asked_about: str, answer: OperatorAnswer) -> None:
    """Keep what the operator said of a number, as long as it is the account's number still."""
    matches, in_use = answer.result is MatchResult.MATCH, answer.number_status == "in_use"
    unclear = answer.result is MatchResult.INCONCLUSIVE
    state = _PASSED if matches and in_use else _INCONCLUSIVE if unclear else _FAILED
    with transaction.atomic():
        if records.customer_lock(customer_id).mobile != asked_about:
            raise errors.MobileChangedMeanwhile
        records.attempts_limit(customer_id, Verification.Item.MOBILE, per_day=MOBILE_ATTEMPTS_PER_DAY)
        records.checked_keep(customer_id, Checked(
            Verification.Item.MOBILE, state, "mobile_operator",
            facts={"result": answer.result.value, "operator": answer.operator, "number_status": answer.number_status,
                   "months_in_use": answer.months_in_use, "mismatched": list(answer.mismatched)},
        ))
    if unclear:
        raise errors.VerificationInconclusive
    if not matches:
        raise errors.MobileMismatch
    if not in_use:
        raise errors.MobileNotInUse
