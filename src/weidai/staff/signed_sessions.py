"""Staff sessions, signed anew when the signing key is changed, so that nobody has to log in again (R8.6, R9.6)."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing

from weidai.platform import clock
from weidai.platform.keys.signing_keys import accepted_keys

_AT_ONCE = 200


class SignedSessions:
    """Fills `platform.keys.rotation.places`."""

    name = "staff.sessions"

    def waiting(self) -> int:
        """Return how many living sessions an earlier key signed."""
        return sum(1 for _ in self._old())

    def rewrite(self) -> Iterator[int]:
        """Sign them with the newest key, one row at a time; what a request saved meanwhile stays as that request left it."""
        for key, kept in list(self._old()):
            yield Session.objects.filter(session_key=key, session_data=kept).update(session_data=_signed_anew(kept))

    def drop(self) -> None:
        """Nothing stands beside the new form."""

    def _old(self) -> Iterator[tuple[str, str]]:
        living = Session.objects.filter(expire_date__gt=clock.wall_now()).order_by("session_key")
        for key, kept in living.values_list("session_key", "session_data").iterator(_AT_ONCE):
            if not _opens(kept, accepted_keys()[:1]) and _opens(kept, accepted_keys()):
                yield key, kept


def _opens(kept: str, keys: tuple[str, ...]) -> bool:
    """Say whether one of these keys signed a session; one that none did is nobody's, and ends at its time."""
    try:
        signing.loads(kept, key=keys[0], fallback_keys=list(keys[1:]), salt=SessionStore().key_salt,
                      serializer=SessionStore().serializer)
    except signing.BadSignature:
        return False
    return True


def _signed_anew(kept: str) -> str:
    store = SessionStore()
    content = signing.loads(kept, salt=store.key_salt, serializer=store.serializer)
    return signing.dumps(content, key=accepted_keys()[0], salt=store.key_salt, serializer=store.serializer, compress=True)
