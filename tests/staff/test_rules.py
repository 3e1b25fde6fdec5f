"""The permission table keeps duties apart (R8.6)."""

from __future__ import annotations

import re

import pytest

from weidai.staff.rules import PERMISSIONS, ROLE_NAMES, Role, may, permissions_of


def test_codes_read_room_thing_action_and_are_explained_in_both_languages() -> None:
    for code, permission in PERMISSIONS.items():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.[a-z_]+", code)
        assert permission.meaning.zh
        assert permission.meaning.en
        assert permission.roles, f"nobody may {code}"


def test_every_role_has_a_name_and_something_to_do() -> None:
    assert set(ROLE_NAMES) == set(Role)
    for role in Role:
        assert len(permissions_of({role})) > 1, role


def test_auditor_changes_nothing() -> None:
    actions = {code.rsplit(".", 1)[1] for code in permissions_of({Role.AUDITOR})}
    assert actions <= {"view", "verify"}


def test_administrator_decides_nothing_about_customers() -> None:
    rooms = {code.split(".", 1)[0] for code in permissions_of({Role.ADMINISTRATOR})}
    assert rooms <= {"staff", "jobs", "platform"}


@pytest.mark.parametrize("thing", sorted(
    code.rsplit(".", 1)[0] for code in PERMISSIONS if code.endswith((".propose", ".draft", ".prepare"))))
def test_somebody_else_can_always_approve_what_one_role_proposes(thing: str) -> None:
    makers = PERMISSIONS.get(f"{thing}.propose") or PERMISSIONS.get(f"{thing}.draft") or PERMISSIONS[f"{thing}.prepare"]
    checkers = PERMISSIONS[f"{thing}.approve"]
    assert checkers.roles
    assert makers.roles - checkers.roles, "somebody proposes who cannot approve"


def test_unknown_permission_is_a_mistake_not_a_no() -> None:
    with pytest.raises(LookupError):
        may({Role.ADMINISTRATOR}, "staff.user.fly")


def test_no_roles_no_permissions() -> None:
    assert permissions_of([]) == frozenset()
    assert not may([], "staff.workbench.view")
