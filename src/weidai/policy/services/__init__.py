"""Checking packs; drafting, approving and publishing versions; keeping decisions; replaying them (R8.6)."""

from weidai.policy.services.checking import Checked, cases_of, files_check, pack_check, pack_faults, simulation_of
from weidai.policy.services.decisions import Made, decision_keep, shadow_note
from weidai.policy.services.replays import Remade, month_bounds, remake, replay_ask, replay_defer, replay_run
from weidai.policy.services.versions import (
    version_approve,
    version_check,
    version_draft,
    version_edit,
    version_publish,
    version_reopen,
    version_rollback,
    version_shadow,
    version_submit,
    version_withdraw,
)

__all__ = [
    "Checked", "Made", "Remade", "cases_of", "decision_keep", "files_check", "month_bounds", "pack_check", "pack_faults",
    "remake", "replay_ask", "replay_defer", "replay_run", "shadow_note", "simulation_of", "version_approve",
    "version_check", "version_draft", "version_edit", "version_publish", "version_reopen", "version_rollback",
    "version_shadow", "version_submit", "version_withdraw",
]
