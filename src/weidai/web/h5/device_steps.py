"""What pages with a signature share: the bound device's proof in a form, and what this device may sign (R6.2, R8.4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from weidai.identity import selectors as identity
from weidai.lending import policy
from weidai.platform import clock
from weidai.security import selectors, services, signing
from weidai.security.errors import DeviceNotBound, DeviceProofMissing
from weidai.security.services import PERSON_FRESH_FOR, DeedProof, DeviceProof, KeyOffer
from weidai.security.services.deeds import Deed
from weidai.web.h5.deeds import page_address, with_query
from weidai.web.shared.forms import Form

_LONGEST = 500


def device_proof(request: HttpRequest) -> DeviceProof | None:
    """Return what the page's script signed; None from a browser without scripts or without a key."""
    key, signature = request.POST.get("device_key", ""), request.POST.get("device_signature", "")
    return DeviceProof(key[:_LONGEST], signature[:_LONGEST]) if key and signature else None


def key_offer(request: HttpRequest) -> KeyOffer | None:
    """Return the key a browser offers to be bound by."""
    key, signature = request.POST.get("device_public_key", ""), request.POST.get("device_signature", "")
    return KeyOffer(key[:_LONGEST], signature[:_LONGEST]) if key and signature else None


def deed_proof(request: HttpRequest) -> DeedProof | None:
    """Return what was signed to change how the account is protected."""
    proof = device_proof(request)
    return DeedProof(request.POST.get("device_nonce", "")[:_LONGEST], proof) if proof else None


def deed_context(request: HttpRequest, deed: Deed, subject: str = "", *, form: Form) -> dict[str, Any]:
    """What `device_sign.html` needs for such a change; nothing where no device is bound.

    After a refusal for want of a signature the form leads to binding this device, and back here.
    """
    keys = selectors.device_keys(request.customer_id)
    if not keys:
        return {"to_sign": ""}
    bind_url = with_query(page_address("device_bind"), next=request.path) if isinstance(
        form.refusal, DeviceNotBound | DeviceProofMissing) else ""
    nonce = services.deed_nonce(request.customer_id, deed=deed, subject=subject)
    return {"to_sign": signing.deed_text(request.customer_id, deed=deed, subject=subject, nonce=nonce),
            "device_nonce": nonce, "bind_url": bind_url, "known_keys": " ".join(key.fingerprint for key in keys)}


def person_is_seen(request: HttpRequest) -> bool:
    """Whether a face or staff video check passed within 30 minutes."""
    who, why = request.customer_id, "activation"
    return identity.has_fresh_face(who, purpose=why, within=PERSON_FRESH_FOR) or identity.has_fresh_staff_video(
        who, purpose=why, within=PERSON_FRESH_FOR)


def device_context(request: HttpRequest, amount_fen: int = 0) -> dict[str, Any]:
    """What this device may sign: the keys in force, the end of its cooling-off, and the amounts of the pack."""
    terms = policy.current(clock.today()).device
    keys = selectors.device_keys(request.customer_id)
    mine = next((key for key in keys if key.device_id == request.borrower.device_id), None)
    cooling_until = mine.full_from if mine is not None and mine.full_from > clock.now() else None
    return {"known_keys": " ".join(key.fingerprint for key in keys), "cooling_until": cooling_until, "is_bound": bool(mine),
            "cooling_fen": terms.cooling_off_drawdown_fen, "unbound_fen": terms.without_key_drawdown_fen,
            "is_too_much": cooling_until is not None and amount_fen > terms.cooling_off_drawdown_fen,
            "may_be_unbound": amount_fen <= terms.without_key_drawdown_fen}
