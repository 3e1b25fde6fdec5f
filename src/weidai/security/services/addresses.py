"""How many codes one network address may ask for, so that nobody sends messages to other people's numbers in bulk."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from weidai.kernel.days import shanghai_date
from weidai.platform.crypto import digest_text
from weidai.security import errors, rules
from weidai.security.models import SmsAddressAllowance


def address_allowance_take(ip: str, moment: datetime) -> None:
    """Count one message against the address in the caller's transaction, or refuse (SmsAddressLimitReached).

    Only a digest is kept. Without a client's address (a text message asked for on this machine) nothing is counted.
    """
    network = rules.client_network(ip)
    if network is None:
        return
    digest = digest_text(network, "security.address")
    SmsAddressAllowance.objects.bulk_create([SmsAddressAllowance(address_digest=digest)], ignore_conflicts=True)
    row = SmsAddressAllowance.objects.select_for_update().get(address_digest=digest)
    began = row.window_began_at
    if began is None or not timedelta(0) <= moment - began < rules.ADDRESS_WINDOW:
        began, row.window_count = moment, 0
    today = shanghai_date(moment)
    if row.counted_on != today:
        row.sent_count = 0
    if row.sent_count >= rules.ADDRESS_CODES_PER_DAY:
        raise errors.SmsAddressDayLimitReached
    if row.window_count >= rules.ADDRESS_CODES_PER_WINDOW:
        left = began + rules.ADDRESS_WINDOW - moment
        raise errors.SmsAddressLimitReached(minutes=math.ceil(left.total_seconds() / 60))
    row.window_began_at, row.counted_on = began, today
    row.window_count, row.sent_count = row.window_count + 1, row.sent_count + 1
    row.save(update_fields=["window_began_at", "window_count", "counted_on", "sent_count"])
