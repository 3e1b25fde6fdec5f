"""How many codes one network address or device may ask for, so that nobody sends messages in bulk (R1.1, R8.4)."""

from __future__ import annotations

import math
from datetime import datetime

from weidai.kernel.days import shanghai_date
from weidai.platform.crypto import digest_text
from weidai.security import errors, rules
from weidai.security.asking import asking
from weidai.security.models import PasswordGuesses, SmsAddressAllowance


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


def guesses_require(moment: datetime) -> None:
    """Refuse when the asking device or its address gave too many wrong payment passwords, whatever the accounts."""
    bounds = _guess_bounds()
    for row in PasswordGuesses.objects.filter(asking_digest__in=list(bounds)):
        left = row.window_began_at + rules.GUESS_WINDOW - moment if row.window_began_at else rules.NO_TIME
        if row.wrong_count >= bounds[row.asking_digest] and rules.NO_TIME < left <= rules.GUESS_WINDOW:
            raise errors.PaymentPasswordDeviceLocked(hours=math.ceil(left.total_seconds() / 3600))


def guess_count(moment: datetime) -> None:
    """Count a wrong payment password against the asking device and its address (IDENTITY §6)."""
    digests = sorted(_guess_bounds())
    PasswordGuesses.objects.bulk_create([PasswordGuesses(asking_digest=one) for one in digests], ignore_conflicts=True)
    for row in PasswordGuesses.objects.select_for_update().filter(asking_digest__in=digests).order_by("asking_digest"):
        began = row.window_began_at
        if began is None or not rules.NO_TIME <= moment - began < rules.GUESS_WINDOW:
            row.window_began_at, row.wrong_count = moment, 0
        row.wrong_count += 1
        row.save(update_fields=["window_began_at", "wrong_count"])


def _guess_bounds() -> dict[str, int]:
    """Return what wrong attempts are counted by, and how many are looked at in a day.

    A browser that keeps no cookies is a new device each time, so its address counts as well; not this machine itself,
    behind which everybody may stand.
    """
    found = {digest_text(asking().device, "security.guesses.device"): rules.GUESSES_PER_DEVICE} if asking().device else {}
    network = rules.client_network(asking().ip)
    if network is not None and network != rules.LOOPBACK:
        found[digest_text(network, "security.guesses.address")] = rules.GUESSES_PER_ADDRESS
    return found
