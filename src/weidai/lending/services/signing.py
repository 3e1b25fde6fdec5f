"""Who signs a drawdown: the key of a bound device; without one, the person seen just now, for a lower amount (R6.2, R8.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from weidai.identity import selectors as identity
from weidai.kernel.days import SHANGHAI
from weidai.kernel.money import yuan_text
from weidai.lending import policy
from weidai.lending.errors import DeviceNeeded, DeviceTooFresh, StepUpRequired
from weidai.lending.models import Drawdown
from weidai.platform import clock
from weidai.security import services as security
from weidai.security import signing
from weidai.security.errors import DeviceNotBound, DeviceProofInvalid
from weidai.security.services import BindRequest, BoundKey, DeviceProof, Signer, SmsChallenge

PERSON_FRESH_FOR = security.PERSON_FRESH_FOR


class Signature(NamedTuple):
    """What a borrower signs with: the code, and the device's signature or else the payment password."""

    challenge_id: UUID
    code: str
    device: DeviceProof | None = None
    payment_password: str = ""


def summary_of(drawdown: Drawdown, *, agreement_sha256: str) -> str:
    """Return the transaction that code and signature are bound to."""
    return signing.drawdown_summary(
        drawdown.customer_id, drawdown_id=drawdown.id, agreement_sha256=agreement_sha256, amount_fen=drawdown.amount_fen,
        term_months=drawdown.term_months)


def signature_require(drawdown: Drawdown, signature: Signature, *, agreement_sha256: str) -> dict[str, Any]:
    """Use up the code, hold the signature against the device's key, and return what is kept as evidence; or refuse.

    Without a signature the payment password and a face or staff video check within 30 minutes take its place.
    """
    summary = summary_of(drawdown, agreement_sha256=agreement_sha256)
    if signature.device is None and not signature.payment_password:
        raise DeviceNotBound
    seen_by = _person_require(drawdown, signature.payment_password) if signature.device is None else ""
    signer = security.sms_code_check(
        signature.challenge_id, code=signature.code, purpose="drawdown", context=summary,
        customer_id=drawdown.customer_id, key=signature.device.key if signature.device else "")
    if signature.device is None:
        return {"by": seen_by}
    return _key_require(drawdown, signer, signature.device,
                        text=signing.drawdown_text(summary, challenge_id=signature.challenge_id))


def _key_require(drawdown: Drawdown, signer: Signer | None, proof: DeviceProof, *, text: str) -> dict[str, Any]:
    if signer is None:
        raise DeviceNotBound
    if not signing.signature_holds(signer.public_key, text=text, signature=proof.signature):
        raise DeviceProofInvalid
    if clock.now() < signer.full_from:
        most = policy.current(clock.today()).device.cooling_off_drawdown_fen
        if drawdown.amount_fen > most:
            raise DeviceTooFresh(most=yuan_text(most), until=f"{signer.full_from.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    return {"by": "device_key", "key_id": str(signer.key_id), "key": proof.key, "public_key": signer.public_key,
            "text": text, "signature": proof.signature}


def _person_require(drawdown: Drawdown, payment_password: str) -> str:
    most = policy.current(clock.today()).device.without_key_drawdown_fen
    if drawdown.amount_fen > most:
        raise DeviceNeeded(most=yuan_text(most))
    who, why = drawdown.customer_id, "activation"
    security.payment_password_check(who, password=payment_password)
    if identity.has_fresh_face(who, purpose=why, within=PERSON_FRESH_FOR):
        return "face"
    if identity.has_fresh_staff_video(who, purpose=why, within=PERSON_FRESH_FOR):
        return "staff_video"
    raise StepUpRequired


def device_code_send(customer_id: UUID) -> SmsChallenge:
    """Send the code that binds a device to the customer's number."""
    mobile = identity.customer_private(customer_id, purpose="drawdown_code").mobile
    return security.device_code_send(customer_id, mobile=mobile)


def device_bind(customer_id: UUID, *, session_id: UUID, request: BindRequest) -> BoundKey:
    """Bind the device of a session; a further one waits out the pack's cooling-off (R8.4)."""
    hours = policy.current(clock.today()).device.cooling_off_hours
    return security.device_key_bind(customer_id, session_id=session_id, request=request,
                                    cooling_off=timedelta(hours=hours))
