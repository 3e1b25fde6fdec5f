"""Personal data in the clear for a member of staff: with a reason, for minutes, on record (R8.6)."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from weidai.audit.services import event_record
from weidai.identity import errors
from weidai.identity.models import Customer
from weidai.identity.selectors.console import REVEALED
from weidai.kernel.text import Text

REVEAL_REFERENCE = re.compile(r"(?!.*[0-9]{11})[A-Za-z0-9-]{0,40}", re.ASCII)
REVEAL_FIELDS: dict[str, Text] = {
    "name": Text("姓名", "Name"),
    "id_number": Text("身份证号", "ID number"),
    "mobile": Text("手机号", "Mobile number"),
}
REVEAL_REASONS: dict[str, Text] = {
    "identity_check": Text("人工核验身份", "Identity check by hand"),
    "customer_request": Text("应客户本人要求", "Asked for by the customer"),
    "dispute": Text("处理争议或投诉", "Dispute or complaint"),
    "fraud_check": Text("反欺诈调查", "Fraud investigation"),
    "regulator": Text("监管或司法要求", "Regulator or court"),
}


@transaction.atomic
def personal_data_reveal(
    customer_id: UUID, *, fields: Collection[str], reason: str, reference: str = "",
) -> UUID:
    """Record that the acting person looks at `fields` of a customer, and why; return the event's id.

    The event is the permission: the page shows the fields only to the actor of a recent event. `reference` is a case
    or ticket number; free text and runs of digits as long as a mobile, ID or card number are not taken, so that no
    personal data can enter the log.
    """
    wanted = [name for name in REVEAL_FIELDS if name in fields]
    if not wanted or reason not in REVEAL_REASONS:
        raise errors.RevealNotJustified(field="reason" if wanted else "fields")
    if not REVEAL_REFERENCE.fullmatch(reference):
        raise errors.RevealReferenceInvalid(field="reference")
    if not Customer.objects.filter(customer_id=customer_id).exists():
        raise errors.CustomerNotFound
    return event_record(REVEALED, customer_id=customer_id, subject_type="identity.customer", subject_id=customer_id,
                        facts={"fields": wanted, "reason": reason, "reference": reference})
