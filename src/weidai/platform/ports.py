"""Slots for ports: a room declares what it needs from outside; only `wiring` decides who answers."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class PortSlot(Generic[T]):
    """Holds the one adapter in force for a port. Calling it before wiring is a bug, not a refusal."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._adapter: T | None = None

    def fill(self, adapter: T) -> None:
        """Put the adapter in force (wiring at start-up, tests with their own)."""
        self._adapter = adapter

    def __call__(self) -> T:
        """Return the adapter in force."""
        assert self._adapter is not None, f"port {self.name} is not wired"
        return self._adapter
