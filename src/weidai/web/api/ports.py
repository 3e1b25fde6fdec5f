"""What the callback address needs: somebody who can tell a partner's signature from a forged one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from weidai.platform.ports import PortSlot


class CallbackVerifier(Protocol):
    """Checks the signature of an incoming callback."""

    def verify_callback(self, *, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether the partner signed exactly this path (with query) and body, a short time ago."""


sandbox_callbacks: PortSlot[CallbackVerifier] = PortSlot("web.api.sandbox_callbacks")
