"""Who signed an agreement, as it was kept and as it is found to hold now (R6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from weidai.lending.models import LoanAgreement
from weidai.security import signing


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who signed beside the code: `by` is device_key, face or staff_video; a kept signature is held against its key anew."""

    by: str
    key: str = ""
    public_key: str = ""
    text: str = ""
    signature: str = ""
    holds: bool = False


def signed_by(row: LoanAgreement) -> SignedBy | None:
    """The kept evidence; the text has to name this agreement."""
    kept = row.signed_by
    if kept is None:
        return None
    if kept["by"] != "device_key":
        return SignedBy(kept["by"])
    holds = f"agreement_sha256={row.sha256}\n" in kept["text"] and signing.signature_holds(
        kept["public_key"], text=kept["text"], signature=kept["signature"])
    return SignedBy(kept["by"], kept["key"], kept["public_key"], kept["text"], kept["signature"], holds)
