"""What security keeps under the digest key, when keys are changed: moved, expired, or begun anew (R9.6).

Sessions and devices are found by plain digests of long random names and need no key; only those of older homes do.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q, QuerySet

from weidai.platform import clock
from weidai.platform.crypto import digest_mark
from weidai.platform.keys.rotation import RotationPlace
from weidai.platform.keys.sealing import SECRET_MARK
from weidai.security.models import (
    BorrowerSession,
    Device,
    PasswordGuesses,
    PaymentPassword,
    SmsAddressAllowance,
    SmsAllowance,
    SmsChallenge,
)
from weidai.security.services.passwords import OLD_PEPPERED, old_pepper

CHUNK = 500


def _old(field: str) -> Q:
    """What stands under another version of the digest key than the newest; plain digests and emptied ones do not."""
    mark = digest_mark()
    is_new = Q(**{f"{field}__startswith": mark}) if mark else ~Q(**{f"{field}__contains": ":"})
    return ~is_new & ~Q(**{f"{field}__startswith": SECRET_MARK}) & ~Q(**{field: ""})


class SmsCodes:
    """One-time codes: valid under the key they were sent with, until they expire; used ones lose their digests."""

    name = "security.sms_codes"
    expires = True

    def waiting(self) -> int:
        """Return how many digests of codes and their numbers stand under an older key."""
        return SmsChallenge.objects.filter(_old("code_digest") | _old("mobile_digest")).count()

    def rewrite(self) -> Iterator[int]:
        """Empty what is used up or too old."""
        over = Q(consumed_at__isnull=False) | Q(expires_at__lte=clock.now())
        old = SmsChallenge.objects.filter(_old("code_digest") | _old("mobile_digest")).filter(over)
        while ids := list(old.order_by("id").values_list("id", flat=True)[:CHUNK]):
            yield SmsChallenge.objects.filter(over, id__in=ids).update(code_digest="", mobile_digest="")

    def drop(self) -> None:
        """Nothing stands beside the new form."""


class Allowances:
    """Counts of messages and wrong passwords per number, address and device: of the day, and begun anew."""

    name = "security.allowances"

    def _rows(self) -> tuple[QuerySet[SmsAllowance] | QuerySet[SmsAddressAllowance] | QuerySet[PasswordGuesses], ...]:
        return (SmsAllowance.objects.filter(_old("mobile_digest")),
                SmsAddressAllowance.objects.filter(_old("address_digest")),
                PasswordGuesses.objects.filter(_old("asking_digest")))

    def waiting(self) -> int:
        """Return how many counts stand under an older key."""
        return sum(rows.count() for rows in self._rows())

    def rewrite(self) -> Iterator[int]:
        """Nothing is moved: whose count it is cannot be told from its digest."""
        yield from ()

    def drop(self) -> None:
        """Forget them; nobody looks for them any more."""
        for rows in self._rows():
            rows.delete()


class Peppers:
    """Payment passwords of older homes get the pepper they were hashed with sealed beside them, for their owner only."""

    name = "security.payment_passwords"

    def _rows(self) -> QuerySet[PaymentPassword]:
        return PaymentPassword.objects.filter(password_hash__startswith=OLD_PEPPERED, pepper__isnull=True)

    def waiting(self) -> int:
        """Return how many passwords hang on the digest key."""
        return self._rows().count()

    def rewrite(self) -> Iterator[int]:
        """Seal the pepper with the person's key; a fresh one comes with the next right password."""
        while True:
            with transaction.atomic():
                rows = list(self._rows().select_for_update().order_by("id")[:CHUNK])
                for row in rows:
                    row.pepper = old_pepper()
                    row.save(update_fields=["pepper"])
            if not rows:
                return
            yield len(rows)

    def drop(self) -> None:
        """Nothing stands beside the new form."""


class OldSecrets:
    """Sessions and devices that older homes kept by keyed digests: signed out, and new again at the next sign-in."""

    name = "security.sessions_and_devices"

    def waiting(self) -> int:
        """Return how many there are."""
        return self._sessions().count() + self._devices().count()

    def rewrite(self) -> Iterator[int]:
        """Nothing is moved: the token is in its owner's browser only."""
        yield from ()

    def drop(self) -> None:
        """End the sessions and let go of the names."""
        moment = clock.now()
        self._sessions().filter(ended_at=None).update(ended_at=moment)
        for model, field in ((BorrowerSession, "token_digest"), (Device, "digest")):
            for row_id in list(model.objects.exclude(**{f"{field}__startswith": SECRET_MARK}).values_list("id", flat=True)):
                model.objects.filter(id=row_id).update(**{field: f"{SECRET_MARK}gone:{row_id}"})

    def _sessions(self) -> QuerySet[BorrowerSession]:
        return BorrowerSession.objects.exclude(token_digest__startswith=SECRET_MARK)

    def _devices(self) -> QuerySet[Device]:
        return Device.objects.exclude(digest__startswith=SECRET_MARK)


def rotation_places() -> list[RotationPlace]:
    """Return security's part of `platform.keys.rotation.places`."""
    return [Peppers(), SmsCodes(), Allowances(), OldSecrets()]
