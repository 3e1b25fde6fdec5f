"""What the bank tells us by itself about debits, refunds and transfers. Callbacks are hints; the query decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from weidai.platform import inbox, outbox
from weidai.platform.crypto import decrypt_text
from weidai.servicing.models import DebitInstruction, Refund
from weidai.servicing.services.debits import DEBIT_KIND, OPEN, discrepancy_note
from weidai.servicing.services.refunds import REFUND_KIND, refund_contradicted
from weidai.servicing.services.suspense import IncomingTransfer, transfer_receive

_FINAL = ("succeeded", "failed")


@inbox.handles("bank.debit.updated")
def debit_updated(payload: dict[str, Any]) -> None:
    """Wake the debit's own delivery, or keep a contradiction of what is already booked; early messages wait."""
    row = DebitInstruction.objects.filter(request_id=str(payload.get("request_id", ""))).first()
    if row is None:
        raise inbox.Park("no such debit")
    claimed = str(payload.get("state", ""))
    if claimed not in _FINAL or claimed == row.state:
        return
    if row.state in OPEN:
        outbox.wake(row.customer_id, kind=DEBIT_KIND, subject_id=row.id)
    else:
        discrepancy_note(row, claimed_state=claimed, source="callback")


@inbox.handles("bank.refund.updated")
def refund_updated(payload: dict[str, Any]) -> None:
    """Wake the refund's own delivery, or keep a contradiction of what is already final; early messages wait."""
    row = Refund.objects.filter(request_id=str(payload.get("request_id", ""))).first()
    if row is None:
        raise inbox.Park("no such refund")
    claimed = str(payload.get("state", ""))
    if claimed not in _FINAL or claimed == row.state:
        return
    if row.state in (Refund.State.CREATED, Refund.State.SENT):
        outbox.wake(row.customer_id, kind=REFUND_KIND, subject_id=row.id)
    else:
        refund_contradicted(row.customer_id, refund_id=row.id, claimed_state=claimed, source="callback")


@inbox.handles("bank.transfer.received")
def transfer_received(payload: dict[str, Any]) -> None:
    """Book money that a borrower sent by bank transfer, or keep it in suspense until somebody is named (R7.1)."""
    transfer_receive(IncomingTransfer(
        transfer_id=str(payload["transfer_id"]), amount_fen=int(payload["amount_fen"]),
        received_at=datetime.fromisoformat(str(payload["booked_at"])), memo=_opened(payload, "memo"),
        entry_id=str(payload.get("entry_id", "")), payer_name=_opened(payload, "payer_name"),
        payer_masked=str(payload.get("payer_masked", "")),
        payer_card_number=_opened(payload, "payer_card_number")))


def _opened(payload: dict[str, Any], field: str) -> str:
    """Open personal data that the callback address sealed before the message was kept (R9.6)."""
    sealed = payload.get(f"{field}_sealed")
    return decrypt_text(str(sealed), "inbox.payload") if sealed else str(payload.get(field, ""))
