"""Templates of verified faces: kept sealed, looked up by coarse words, forgotten at once (R1.1, R1.5, R8.1).

Likeness is a review signal: the models are no proof that two accounts are one person, and never refuse anybody.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from weidai.faces.buckets import NUMBERS, bucket_words
from weidai.faces.seen import distance
from weidai.identity import policy
from weidai.identity.models import FaceBucket, FaceChallenge, FaceTemplate
from weidai.platform import clock
from weidai.platform.crypto import digest_text_for_writing, digest_texts
from weidai.platform.ids import uuid7

T = TypeVar("T")
MOST_COMPARED, MOST_TOLD = 2_000, 5


def template_keep(customer_id: UUID, descriptor: Sequence[float]) -> None:
    """Keep the newest template of a person, in the caller's transaction."""
    template_forget(customer_id)
    packed = base64.b64encode(struct.pack(f"<{NUMBERS}f", *descriptor)).decode()
    FaceTemplate.objects.create(id=uuid7(), customer_id=customer_id, descriptor=packed, taken_at=clock.now())
    FaceBucket.objects.bulk_create([
        FaceBucket(id=uuid7(), customer_id=customer_id, band=band, digest=digest)
        for band, digest in enumerate(_digests(descriptor, digest_text_for_writing))])


def template_forget(customer_id: UUID) -> None:
    """Remove a person's template and its words (withdrawn consent, closed account, retention)."""
    FaceTemplate.objects.filter(customer_id=customer_id).delete()
    FaceBucket.objects.filter(customer_id=customer_id).delete()


def face_forget(customer_id: UUID) -> None:
    """Remove the template and void challenges, also one that is being judged at this moment (erasure)."""
    template_forget(customer_id)
    states = FaceChallenge.State
    FaceChallenge.objects.filter(customer_id=customer_id, state__in=(states.ISSUED, states.JUDGING)).update(
        state=states.REPLACED, counts=False)


def alike(customer_id: UUID, descriptor: Sequence[float]) -> list[UUID]:
    """Return other customers whose verified face is very much like this one, the most alike first."""
    wanted = [digest for versions in _digests(descriptor, digest_texts) for digest in versions]
    sharing = FaceBucket.objects.filter(digest__in=wanted).exclude(customer_id=customer_id)
    candidates = sharing.values_list("customer_id", flat=True).distinct()[:MOST_COMPARED]
    limit = float(policy.current(clock.today()).face.near_duplicate_distance)
    found = []
    for row in FaceTemplate.objects.filter(customer_id__in=list(candidates)):
        other = _unpacked(row.descriptor)
        if other is not None and (apart := distance(descriptor, other)) <= limit:
            found.append((apart, row.customer_id))
    return [other for _, other in sorted(found)[:MOST_TOLD]]


def words_renew(customer_id: UUID) -> int:
    """Digest a person's words anew under the newest key, in the caller's transaction; returns how many (R9.6).

    Of a template that can no longer be opened, nothing is left to find it by.
    """
    row = FaceTemplate.objects.select_for_update().filter(customer_id=customer_id).first()
    descriptor = _unpacked(row.descriptor) if row else None
    count, _ = FaceBucket.objects.filter(customer_id=customer_id).delete()
    if descriptor is not None:
        FaceBucket.objects.bulk_create([
            FaceBucket(id=uuid7(), customer_id=customer_id, band=band, digest=digest)
            for band, digest in enumerate(_digests(descriptor, digest_text_for_writing))])
    return count


def _digests(descriptor: Sequence[float], digest: Callable[[str, str], T]) -> list[T]:
    return [digest(f"{band}:{word}", "identity.face_bucket") for band, word in enumerate(bucket_words(descriptor))]


def _unpacked(text: str) -> tuple[float, ...] | None:
    """The numbers, None when the key of this person's biometrics was destroyed."""
    raw = base64.b64decode(text)
    return struct.unpack(f"<{NUMBERS}f", raw) if len(raw) == 4 * NUMBERS else None
