"""Partners that answer, a bank, an open book and a fixed clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.credit_support import partners
from tests.services.lending_support import AT, FakeBank, bank_wire, book_open
from weidai.platform import clock

__all__ = ["partners"]


@pytest.fixture(autouse=True)
def bank(db: Any, partners: Any) -> Iterator[FakeBank]:
    wired = bank_wire()
    with clock.travel_to(AT):
        book_open(clock.today())
        yield wired
