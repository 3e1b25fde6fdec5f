"""Moving the look-up digests of identity to new keys: both versions side by side, then the old one is dropped (R9.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from weidai.identity.models import BankCard, Customer, DigestEntry, FaceBucket
from weidai.identity.services.face_templates import words_renew
from weidai.identity.services.records import digest_claim
from weidai.platform.crypto import digest_mark, index_digests_for_writing
from weidai.platform.keys.indexes import index_versions
from weidai.platform.keys.keyfile import index_mark

CHUNK = 200
_KINDS = DigestEntry.Kind
_LEAST_ID = UUID(int=0)


class LookUps:
    """Fills `platform.keys.rotation.places`: ID numbers, mobiles and cards by digest."""

    name = "identity.look_ups"

    def waiting(self) -> int:
        """Return how many digests of an old version there are."""
        return sum(self._old(kind, index_versions(kind)[-1:]).count() for kind in _KINDS.values)

    def rewrite(self) -> Iterator[int]:
        """Write the newest version beside the old one, customer by customer; who registers meanwhile has both already."""
        last, newest = _LEAST_ID, Customer.objects.order_by("-id").values_list("id", flat=True).first() or _LEAST_ID
        while True:
            with transaction.atomic():
                people = list(Customer.objects.select_for_update().filter(id__gt=last, id__lte=newest).order_by("id")[:CHUNK])
                if not people:
                    return
                count = self._customers(people)
            last = people[-1].id
            yield count

    def drop(self) -> None:
        """Remove the digests of versions that are no longer in force."""
        for kind in _KINDS.values:
            self._old(kind, index_versions(kind)).delete()

    def _old(self, kind: str, versions: Sequence[int]) -> QuerySet[DigestEntry]:
        """Return the digests of a kind that carry none of these versions' marks."""
        rows = DigestEntry.objects.filter(kind=kind)
        for version in versions:
            mark = index_mark(version)
            rows = rows.exclude(digest__startswith=mark) if mark else rows.filter(digest__contains=":")
        return rows

    def _customers(self, people: Sequence[Customer]) -> int:
        cards = BankCard.objects.filter(customer_id__in=[person.id for person in people], state=BankCard.State.ACTIVE)
        values = [(person.id, _KINDS.MOBILE, person.mobile) for person in people if person.mobile]
        values += [(person.id, _KINDS.ID_NUMBER, person.id_number) for person in people if person.id_number]
        for card in cards:
            values.append((card.customer_id, _KINDS.CARD, card.card_number))
            BankCard.objects.filter(customer_id=card.customer_id, id=card.id).update(
                digest=index_digests_for_writing(_KINDS.CARD, card.card_number)[-1])
        owned = set(DigestEntry.objects.filter(customer_id__in=[person.id for person in people]).values_list(
            "customer_id", "kind"))
        for customer_id, kind, value in values:
            if (customer_id, kind) in owned:  # what nobody may be found by stays so
                digest_claim(kind, value, customer_id)
        return len(values)


class FaceWords:
    """Coarse words of verified faces, by digest: made anew from the sealed templates."""

    name = "identity.face_words"

    def waiting(self) -> int:
        """Return how many words stand under an older key."""
        return self._old().count()

    def rewrite(self) -> Iterator[int]:
        """Make them anew, person by person; look-ups find both forms meanwhile."""
        while customer_id := self._old().order_by("id").values_list("customer_id", flat=True).first():
            with transaction.atomic():
                count = words_renew(customer_id)
            yield count

    def drop(self) -> None:
        """Nothing stands beside the new form."""

    def _old(self) -> QuerySet[FaceBucket]:
        mark, rows = digest_mark(), FaceBucket.objects.all()
        return rows.exclude(digest__startswith=mark) if mark else rows.filter(digest__contains=":")
