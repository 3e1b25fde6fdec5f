"""Slots for ports: a room declares what it needs from outside; only `wiring` decides who answers."""

from __future__ import annotations

from typing import Generic, TypeVar

from weidai.kernel.errors import PartnerUnavailable
from weidai.kernel.text import Text

T = TypeVar("T")


class PartnerNotConfigured(PartnerUnavailable):
    """Nobody answers this port: neither the sandbox world nor a real adapter is configured."""

    code = "platform.partner_not_configured"
    text = Text("外部服务 {port} 尚未配置，您的资料没有变化。",
                "The outside service {port} is not configured. Nothing was changed.")
    next_step = Text("请联系系统管理员。", "Please contact the administrator.")


class PortSlot(Generic[T]):
    """Holds the one adapter in force for a port; without one, asking is refused and nothing is changed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._adapter: T | None = None

    def fill(self, adapter: T) -> None:
        """Put the adapter in force (wiring at start-up, tests with their own)."""
        self._adapter = adapter

    def __call__(self) -> T:
        """Return the adapter in force."""
        if self._adapter is None:
            raise PartnerNotConfigured(port=self.name)
        return self._adapter
