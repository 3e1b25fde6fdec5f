"""The credit rooms' partners and clock."""

from collections.abc import Iterator

import pytest
from tests.services.credit_support import AT, partners

from weidai.platform import clock

__all__ = ["partners"]


@pytest.fixture(autouse=True)
def _fixed_clock(partners) -> Iterator[None]:
    with clock.travel_to(AT):
        yield
