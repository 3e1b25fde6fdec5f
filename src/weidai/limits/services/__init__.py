"""The only writer of credit lines, movements, changes and holds. Lines are locked by id before any check."""

from weidai.limits.services.holds import BulkHold, hold_place, hold_release, holds_bulk_place, holds_bulk_release
from weidai.limits.services.lines import line_activate, line_close, line_grant
from weidai.limits.services.movements import (
    limit_release,
    limit_reserve,
    limit_restore,
    limit_reuse,
    limit_use,
    line_lock,
)
from weidai.limits.services.reviews import ReviewResult, increase_accept, increase_decline, line_review

__all__ = [
    "BulkHold", "ReviewResult", "hold_place", "hold_release", "holds_bulk_place", "holds_bulk_release",
    "increase_accept", "increase_decline", "limit_release", "limit_reserve", "limit_restore", "limit_reuse", "limit_use",
    "line_activate", "line_close", "line_grant", "line_lock", "line_review",
]
