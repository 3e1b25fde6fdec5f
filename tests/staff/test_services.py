"""Staff accounts: creation, roles, closing, the demonstration's accounts (R8.6)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from weidai.audit.models import Event
from weidai.staff import errors, selectors, services
from weidai.staff.models import StaffRole, StaffUser
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db


def _create(username: str = "li.lei", roles: frozenset[Role] = frozenset({Role.REVIEWER}), **changes: object) -> UUID:
    values = {"username": username, "display_name": "李雷", "password": "correct horse battery", "roles": roles,
              "created_by": None} | changes
    return services.staff_user_create(services.CreateStaffUser(**values))  # type: ignore[arg-type]


def test_account_has_its_roles_and_an_argon2_password() -> None:
    user_id = _create(roles=frozenset({Role.REVIEWER, Role.COLLECTOR}))
    row = selectors.staff_user_get(user_id)
    assert (row.username, row.roles, row.is_active, row.has_second_factor) == (
        "li.lei", (Role.COLLECTOR, Role.REVIEWER), True, False)
    assert StaffUser.objects.get(pk=user_id).password.startswith("argon2")
    assert selectors.display_names({user_id}) == {user_id: "李雷"}


@pytest.mark.parametrize(("changes", "refusal"), [
    ({"username": "Li Lei"}, errors.UsernameMalformed), ({"username": ""}, errors.UsernameMalformed),
    ({"password": "short"}, errors.PasswordTooWeak), ({"password": "password1234"}, errors.PasswordTooWeak),
])
def test_bad_input_is_refused_and_nothing_is_written(changes: dict, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        _create(**changes)
    assert not StaffUser.objects.exists()


def test_user_name_is_unique() -> None:
    _create()
    with pytest.raises(errors.UsernameTaken):
        _create()
    assert StaffUser.objects.count() == 1


def test_roles_are_granted_and_revoked_by_somebody_else() -> None:
    user_id, administrator_id = _create(), _create("admin1", frozenset({Role.ADMINISTRATOR}))
    services.staff_role_grant(user_id, role=Role.SENIOR_REVIEWER, granted_by=administrator_id)
    services.staff_role_grant(user_id, role=Role.SENIOR_REVIEWER, granted_by=administrator_id)
    assert selectors.roles_of(user_id) == {Role.REVIEWER, Role.SENIOR_REVIEWER}
    services.staff_role_revoke(user_id, role=Role.REVIEWER, revoked_by=administrator_id)
    assert selectors.roles_of(user_id) == {Role.SENIOR_REVIEWER}
    with pytest.raises(errors.OwnRoleChangeRefused):
        services.staff_role_grant(administrator_id, role=Role.OPERATIONS, granted_by=administrator_id)
    with pytest.raises(errors.OwnRoleChangeRefused):
        services.staff_role_revoke(administrator_id, role=Role.ADMINISTRATOR, revoked_by=administrator_id)
    with pytest.raises(errors.StaffUserNotFound):
        services.staff_role_grant(uuid4(), role=Role.OPERATIONS, granted_by=administrator_id)


def test_closed_account_has_no_roles_and_no_password() -> None:
    user_id, administrator_id = _create(), _create("admin1", frozenset({Role.ADMINISTRATOR}))
    services.staff_user_close(user_id, closed_by=administrator_id)
    assert selectors.roles_of(user_id) == frozenset()
    assert not StaffUser.objects.get(pk=user_id).has_usable_password()


def test_database_refuses_an_unknown_role() -> None:
    user_id = _create()
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRole.objects.create(user_id=user_id, role="emperor")


def test_authenticator_secret_is_encrypted_and_replaced() -> None:
    user_id = _create()
    first, second = services.totp_enroll(user_id), services.totp_enroll(user_id)
    assert first != second
    rows = Authenticator.objects.filter(user_id=user_id)
    assert len(rows) == 1
    assert second not in str(rows[0].data)
    assert selectors.has_second_factor(user_id)


def test_demo_accounts_exist_only_in_a_demonstration(settings) -> None:  # type: ignore[no-untyped-def]
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(errors.DemoOnly):
        services.demo_staff_create()
    with pytest.raises(errors.DemoOnly):
        services.demo_codes()
    assert not StaffUser.objects.exists()


def test_demo_gives_one_account_per_role_and_its_codes(settings) -> None:  # type: ignore[no-untyped-def]
    settings.DEMO = True
    accounts = services.demo_staff_create()
    assert [account.roles for account in accounts] == [(role,) for role in Role]
    assert all(StaffUser.objects.get(username=a.username).check_password(a.password) for a in accounts)
    codes = {row.username: row.code for row in services.demo_codes()}
    assert set(codes) == {role.value for role in Role}
    assert codes["auditor"] in {services.totp_code_now(a.totp_secret) for a in accounts if a.username == "auditor"}
    renewed = services.demo_staff_create()
    assert StaffUser.objects.count() == len(Role)
    assert {a.password for a in accounts}.isdisjoint(a.password for a in renewed)


def test_what_happens_to_accounts_is_on_record() -> None:
    from weidai.audit.models import Event

    user_id, administrator_id = _create(), _create("admin1", frozenset({Role.ADMINISTRATOR}))
    services.staff_role_grant(user_id, role=Role.COLLECTOR, granted_by=administrator_id)
    services.staff_role_grant(user_id, role=Role.COLLECTOR, granted_by=administrator_id)
    services.staff_role_revoke(user_id, role=Role.COLLECTOR, revoked_by=administrator_id)
    secret = services.totp_enroll(user_id)
    services.staff_user_close(user_id, closed_by=administrator_id)
    rows = list(Event.objects.filter(subject_id=user_id).order_by("recorded_at"))
    assert [row.name for row in rows] == [
        "staff.user.created", "staff.role.granted", "staff.role.revoked", "staff.authenticator.enrolled",
        "staff.user.closed"]
    assert secret not in str([row.facts for row in rows])


def test_a_reset_second_factor_signs_the_colleague_out_everywhere_and_nobody_else() -> None:
    colleague, administrator = _create(), _create("admin1", frozenset({Role.ADMINISTRATOR}))
    browsers = [Client(), Client(), Client()]
    for browser, user_id in zip(browsers, (colleague, colleague, administrator), strict=True):
        browser.force_login(StaffUser.objects.get(pk=user_id), backend=settings.AUTHENTICATION_BACKENDS[0])
    services.second_factor_reset(colleague, reset_by=administrator, reason="phone lost")
    assert ["_auth_user_id" in browser.session for browser in browsers] == [False, False, True]
    facts = Event.objects.get(name="staff.second_factor.reset").facts
    assert facts["sessions_ended"] == 2
