"""A wired bank and a fixed clock."""

from collections.abc import Iterator

import pytest
from tests.services.lending_support import AT, FakeBank, bank_wire, book_open

from weidai.platform import clock


@pytest.fixture(autouse=True)
def bank(db) -> Iterator[FakeBank]:
    wired = bank_wire()
    with clock.travel_to(AT):
        book_open(clock.today())
        yield wired
