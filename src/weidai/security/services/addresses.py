"""How many codes one network address or device may ask for, so that nobody sends messages in bulk (R1.1, R8.4)."""

from __future__ import annotations

import math
from datetime import datetime

from weidai.kernel.days import shanghai_date
from weidai.platform.crypto import digest_text
from weidai.security import errors, rules
from weidai.security.models import SmsAddressAllowance


def address_allowance_take(ip: str, moment: datetime) -> None:
    """Count one message against the address in the caller's transaction, or refuse (SmsAddressLimitReached).

    Only a digest is kept. Without any address (asked for on the command line) nothing is counted.
    """
    network = rules.client_network(ip)
    if network is not None:
        _take(digest_text(network, "security.address"), rules.address_bounds(network), moment, _ADDRESS)


def device_allowance_take(device: str, moment: datetime) -> None:
    """Count one message against the device, or refuse; a browser that keeps no cookies is bounded by its address."""
    if device:
        _take(digest_text(device, "security.device"), rules.DEVICE_BOUNDS, moment, _DEVICE)


_ADDRESS = (errors.SmsAddressLimitReached, errors.SmsAddressDayLimitReached)
_DEVICE = (errors.SmsDeviceLimitReached, errors.SmsDeviceDayLimitReached)
_Refusals = tuple[
    type[errors.SmsAddressLimitReached] | type[errors.SmsDeviceLimitReached],
    type[errors.SmsAddressDayLimitReached] | type[errors.SmsDeviceDayLimitReached],
]


def _take(digest: str, bounds: rules.Bounds, moment: datetime, refusals: _Refusals) -> None:
    SmsAddressAllowance.objects.bulk_create([SmsAddressAllowance(address_digest=digest)], ignore_conflicts=True)
    row = SmsAddressAllowance.objects.select_for_update().get(address_digest=digest)
    began = row.window_began_at
    if began is None or not rules.NO_TIME <= moment - began < rules.ADDRESS_WINDOW:
        began, row.window_count = moment, 0
    today = shanghai_date(moment)
    if row.counted_on != today:
        row.sent_count = 0
    if row.sent_count >= bounds.per_day:
        raise refusals[1]
    if row.window_count >= bounds.per_window:
        left = began + rules.ADDRESS_WINDOW - moment
        raise refusals[0](minutes=math.ceil(left.total_seconds() / 60))
    row.window_began_at, row.counted_on = began, today
    row.window_count, row.sent_count = row.window_count + 1, row.sent_count + 1
    row.save(update_fields=["window_began_at", "window_count", "counted_on", "sent_count"])
