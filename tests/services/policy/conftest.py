"""The credit rooms' partners and clock; what was published in a test is known to the timeline at once."""

from collections.abc import Iterator

import pytest
from tests.services.credit_support import AT, partners

from weidai.platform import clock
from weidai.policy import timeline
from weidai.policy.publications import Publications

__all__ = ["partners"]


@pytest.fixture(autouse=True)
def _published(db, partners) -> Iterator[None]:
    timeline.source_fill(Publications())
    with clock.travel_to(AT):
        yield
    timeline.source_fill(None)
