"""How many examples the laws get: 200 by default, HYPOTHESIS_PROFILE=long for a soak."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("rules", max_examples=200, deadline=None)
settings.register_profile("long", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "rules"))
