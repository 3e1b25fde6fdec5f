"""What the bank tells us about payouts by itself. A callback is a hint to look; the query decides (R6.3)."""

from __future__ import annotations

from typing import Any

from weidai.lending.models import Disbursement
from weidai.lending.services.confirmation import PAYOUT_KIND
from weidai.lending.services.payouts import discrepancy_note
from weidai.platform import inbox, outbox

_FINAL = ("succeeded", "failed")


@inbox.handles("bank.payout.updated")
def payout_updated(payload: dict[str, Any]) -> None:
    """Wake the payout's own delivery, or keep a contradiction of what is already booked; early messages wait."""
    row = Disbursement.objects.select_related("loan").filter(request_id=str(payload.get("request_id", ""))).first()
    if row is None:
        raise inbox.Park("no such payout")
    claimed = str(payload.get("state", ""))
    if claimed not in _FINAL or claimed == row.state:
        return
    if row.state == Disbursement.State.PENDING:
        outbox.wake(row.customer_id, kind=PAYOUT_KIND, subject_id=row.loan_id)
        return
    discrepancy_note(row.loan, booked_state=row.state, claimed_state=claimed, source="callback")
