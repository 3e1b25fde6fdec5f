"""What every test of pages shares."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.support.browsers import browser, playwright  # noqa: F401 (fixtures)


@pytest.fixture(autouse=True, scope="session")
def _static_root() -> None:
    """WhiteNoise warns about a missing folder, and warnings are errors here; nothing is collected into it in tests."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
