"""The keys that sign cookies and staff sessions: the newest one signs, every one in the key file is accepted (R9.6).

They stand in the key file beside the others, so `weidai keys rotate` changes them and `retire` ends the old ones. An
operator who gives them by environment changes them there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import SupportsIndex

from django.conf import settings

from weidai.platform.keys.keyfile import keyring

GIVEN, GIVEN_BEFORE = "WEIDAI_SECRET_KEY", "WEIDAI_SECRET_KEY_FALLBACKS"


def accepted_keys() -> tuple[str, ...]:
    """Return the signing keys in force at this moment, the one for new signatures first."""
    if given := os.environ.get(GIVEN):
        return given, *os.environ.get(GIVEN_BEFORE, "").split()
    return keyring(fresh=True).signing


class AcceptedKeys(list[str]):
    """Django's SECRET_KEY_FALLBACKS, looked up each time something is checked.

    What another process signed with a key made a moment ago is good here, and a retired key is bad, without a restart.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(accepted_keys())

    def __len__(self) -> int:
        return len(accepted_keys())

    def __getitem__(self, place: SupportsIndex | slice) -> str | list[str]:  # type: ignore[override]
        return list(accepted_keys())[place]

    def __repr__(self) -> str:
        return "AcceptedKeys(…)"


def newest_key_sign(**_: object) -> None:
    """Sign with the newest key from here on; called as each request begins, and after a rotation."""
    newest = accepted_keys()[0]
    if newest != settings.SECRET_KEY:
        settings.SECRET_KEY = newest
