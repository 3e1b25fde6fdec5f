"""The customer: who they are, what is verified, what they agreed to, cards and profile (R1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import File, Form, Router, Status, UploadedFile

from weidai.identity import selectors, services
from weidai.identity.consent_texts import ConsentText, consent_text
from weidai.identity.errors import ConsentTextUnknown
from weidai.security.services import DeedProof
from weidai.servicing import selectors as servicing
from weidai.servicing import services as servicing_services
from weidai.web.api.errors import ConsentElsewhere
from weidai.web.api.fields import (
    Code,
    FenOrZero,
    Fingerprint,
    Input,
    Mobile,
    Schema,
    ShortLine,
    SignatureText,
    SignedNonce,
    Word,
    Words,
    device_proof,
)
from weidai.web.api.pictures import picture_digest

router = Router(tags=["me"])
AUTO_DEBIT = "auto_debit"
CHANNEL = "api"


class Me(Schema):
    """The customer; personal data is masked."""

    id: UUID
    status: str
    masked_name: str
    masked_mobile: str
    masked_id_number: str
    age: int | None
    region_code: str
    occupation: str
    declared_monthly_income_fen: int | None
    registered_at: datetime
    has_id_card: bool
    has_face: bool
    has_staff_video: bool
    has_bank_card: bool
    has_mobile_check: bool
    is_real_name: bool
    id_card_status: str
    id_card_valid_to: date | None


class StrengthItem(Schema):
    """One verification item: what it gives and how to do it."""

    code: str
    name: Words
    how: Words
    points: int
    is_done: bool
    is_step_up: bool


class GateReason(Schema):
    """One thing between the customer and an application."""

    code: str
    text: Words
    next_step: Words


class Identity(Schema):
    """Identity strength of 0 to 100, and whether applying is open (R1.2, R1.3)."""

    points: int
    is_full: bool
    needed_for_full_limits: int
    rows: list[StrengthItem]
    can_apply: bool
    reasons: list[GateReason]


class ConsentOut(Schema):
    """One purpose with its whole text, and whether it is agreed to."""

    purpose: str
    version: str
    title: Words
    recipient_name: Words
    body: Words
    kinds_of_data: Words
    period: Words
    refusal_means: Words
    how_to_withdraw: Words
    is_optional: bool
    is_given: bool
    is_present_text: bool
    given_at: datetime | None


class ConsentIn(Input):
    """Agreement to exactly the version that was shown."""

    purpose: Word
    text_version: Word


class IdCardIn(Input):
    """Name and number as printed on the card."""

    name: ShortLine
    id_number: ShortLine


class BankCardIn(Input):
    """A debit card of one's own; `mobile` is the number the bank keeps, if it is another one."""

    card_number: ShortLine
    mobile: Mobile | None = None


class CardOut(Schema):
    """A bound card."""

    id: UUID
    bank_code: str
    bank_name: Words
    account_class: str
    masked: str
    is_default: bool
    bound_at: datetime


class DefaultIn(Input):
    """Step-up: the payment password, once one is set; and what a bound device signed under a nonce of /me/signing-nonce.

    Without a bound device at hand, a face or staff video check within 30 minutes stands for its signature.
    """

    payment_password: Code | None = None
    device_nonce: SignedNonce | None = None
    device_key: Fingerprint | None = None
    device_signature: SignatureText | None = None


class ProfileIn(Input):
    """Work and income as stated; declared, not verified."""

    occupation: Literal["employed", "self_employed", "student", "other"]
    declared_monthly_income_fen: FenOrZero
    region_code: Word
    employer: ShortLine = ""


class VideoIn(Input):
    """What the video check is for."""

    purpose: Literal["real_name", "activation"]


class AutoDebitIn(Input):
    """Which card, backup cards in their order, and the version of the authorization that was shown."""

    card_id: UUID
    text_version: Word
    backup_card_ids: list[UUID] = []


class AutoDebitOut(Schema):
    """The agreement in force; `number` is null without one. Backup cards in the order in which they are tried."""

    number: str | None = None
    card_id: UUID | None = None
    granted_at: datetime | None = None
    backup_card_ids: list[UUID] = []


@router.get("", response=Me)
def me(request: HttpRequest) -> Any:
    """The signed-in customer."""
    return selectors.customer_get(request.customer_id)


@router.get("/identity", response=Identity)
def identity(request: HttpRequest) -> Any:
    """What is verified, what is missing, and what each item gives."""
    strength, gate = selectors.identity_strength(request.customer_id), selectors.real_name_gate(request.customer_id)
    return {"points": strength.points, "is_full": strength.is_full,
            "needed_for_full_limits": strength.needed_for_full_limits, "rows": strength.rows,
            "can_apply": gate.is_open, "reasons": gate.reasons}


@router.get("/consents", response=list[ConsentOut])
def consents(request: HttpRequest) -> Any:
    """Every purpose in its order, given or not."""
    return [_consent(row) for row in selectors.consents(request.customer_id)]


def _consent(row: selectors.ConsentRow) -> dict[str, object]:
    text = row.text
    words = {name: getattr(text, name) for name in (
        "purpose", "version", "title", "recipient_name", "body", "kinds_of_data", "period", "refusal_means",
        "how_to_withdraw", "is_optional")}
    return {**words, "is_given": row.is_given, "is_present_text": row.is_present_text, "given_at": row.given_at}


def _text(purpose: str) -> ConsentText:
    text = consent_text(purpose)
    if text is None:
        raise ConsentTextUnknown(field="purpose")
    return text


@router.post("/consents", response=list[ConsentOut])
def consent_give(request: HttpRequest, given: ConsentIn) -> Any:
    """Agree to one purpose; the auto-debit authorization is given with its agreement at /me/auto-debit."""
    if given.purpose == AUTO_DEBIT:
        raise ConsentElsewhere(field="purpose")
    services.consent_give(request.customer_id, purpose=given.purpose, recipient=_text(given.purpose).recipient,
                          text_version=given.text_version, channel=CHANNEL)
    return consents(request)


@router.delete("/consents/{slug:purpose}", response=list[ConsentOut])
def consent_withdraw(request: HttpRequest, purpose: str) -> Any:
    """Withdraw a consent at once, without a reason."""
    if purpose == AUTO_DEBIT:
        raise ConsentElsewhere(field="purpose")
    services.consent_withdraw(request.customer_id, purpose=purpose, recipient=_text(purpose).recipient)
    return consents(request)


@router.post("/id-card", response=Identity)
def id_card(request: HttpRequest, card: IdCardIn) -> Any:
    """Name and ID number against the registry (R1.4)."""
    services.id_card_submit(request.customer_id, name=card.name, id_number=card.id_number.upper())
    return identity(request)


@router.post("/face", response=Identity)
def face(
    request: HttpRequest, picture: File[UploadedFile], purpose: Form[Literal["real_name", "activation"]],
) -> Any:
    """A picture taken now against the ID portrait (R1.5); multipart form. Only its digest is used, nothing is stored."""
    services.face_check(request.customer_id, image_digest=picture_digest(picture), purpose=purpose)
    return identity(request)


@router.post("/staff-video", response={202: Identity})
def staff_video(request: HttpRequest, wish: VideoIn) -> Any:
    """Ask for a video check by staff in place of the face check; it counts the same (R1.3)."""
    services.staff_video_request(request.customer_id, purpose=wish.purpose)
    return Status(202, identity(request))


@router.post("/mobile-check", response=Identity)
def mobile_check(request: HttpRequest) -> Any:
    """Ask the operator whether the sign-in number is the customer's own (R1.7)."""
    services.mobile_check(request.customer_id)
    return identity(request)


@router.put("/profile", response=Me)
def profile(request: HttpRequest, stated: ProfileIn) -> Any:
    """State work, income and region (R5.6)."""
    services.profile_declare(
        request.customer_id, occupation=stated.occupation, employer=stated.employer,
        declared_monthly_income_fen=stated.declared_monthly_income_fen, region_code=stated.region_code)
    return me(request)


@router.get("/cards", response=list[CardOut])
def cards(request: HttpRequest) -> Any:
    """Bound cards, the default one first."""
    return list(selectors.bank_cards(request.customer_id))


@router.post("/cards", response={201: CardOut})
def card_bind(request: HttpRequest, card: BankCardIn) -> Any:
    """Bind a debit card by the four-element match (R1.6)."""
    row = services.bank_card_bind(request.customer_id, card_number=card.card_number, mobile=card.mobile)
    return Status(201, row)


@router.post("/cards/{uuid:card_id}/default", response=list[CardOut])
def card_default(request: HttpRequest, card_id: UUID, proof: DefaultIn) -> Any:
    """Make a card the default one; needs the payment password once one is set."""
    signed = device_proof(proof.device_key, proof.device_signature)
    services.bank_card_set_default(
        request.customer_id, card_id=card_id, payment_password=proof.payment_password,
        proof=DeedProof(proof.device_nonce or "", signed) if signed else None)
    return cards(request)


@router.get("/auto-debit", response=AutoDebitOut)
def auto_debit(request: HttpRequest) -> Any:
    """The auto-debit agreement in force, if there is one (R6.5)."""
    return servicing.auto_debit_for(request.customer_id) or {}


@router.put("/auto-debit", response=AutoDebitOut)
def auto_debit_authorize(request: HttpRequest, wish: AutoDebitIn) -> Any:
    """Authorize auto-debit from a card: consent and agreement together."""
    with transaction.atomic():
        services.consent_give(request.customer_id, purpose=AUTO_DEBIT, recipient=_text(AUTO_DEBIT).recipient,
                              text_version=wish.text_version, channel=CHANNEL)
        servicing_services.auto_debit_authorize(
            request.customer_id, card_id=wish.card_id, backup_card_ids=wish.backup_card_ids)
    return auto_debit(request)


@router.delete("/auto-debit", response=AutoDebitOut)
def auto_debit_revoke(request: HttpRequest) -> Any:
    """End the authorization at once; a second time changes nothing."""
    with transaction.atomic():
        servicing_services.auto_debit_revoke(request.customer_id)
        if selectors.has_consent(request.customer_id, AUTO_DEBIT):
            services.consent_withdraw(request.customer_id, purpose=AUTO_DEBIT)
    return auto_debit(request)
