"""Who asks, as far as the network tells: set by the web for each request, so that no service has to hand it on (R1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asking:
    """The client's address and the device's own random name; empty where the web did not say."""

    ip: str = ""
    device: str = ""


_asking: ContextVar[Asking] = ContextVar("weidai_asking", default=Asking())  # noqa: B039 (it is frozen)


@contextmanager
def asked_from(*, ip: str, device: str) -> Iterator[None]:
    """Attribute what happens in the block to an address and a device."""
    token = _asking.set(Asking(ip, device))
    try:
        yield
    finally:
        _asking.reset(token)


def asking() -> Asking:
    """Return who asks now."""
    return _asking.get()
