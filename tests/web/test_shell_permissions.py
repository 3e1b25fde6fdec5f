"""Every console page × every role, against the permission table, cell by cell (R8.6)."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.staff_session import staff_client
from weidai.staff import rules
from weidai.staff.rules import Role
from weidai.web.console.menu import SECTIONS, menu_items
from weidai.web.shared.permissions import ConsoleRoute, console_routes

pytestmark = pytest.mark.django_db

UNKNOWN = {"uuid": UUID("00000000-0000-7000-8000-000000000000"), "int": 0, "str": "unknown", "slug": "unknown"}
OPEN_STATUSES = {200, 302, 303, 400, 404, 405, 409, 422}
ROUTES = console_routes()


def _address(route: ConsoleRoute) -> str:
    from django.urls import get_resolver

    address = f"/{route.route}"
    for name in route.parameters:
        for kind, value in UNKNOWN.items():
            address = address.replace(f"<{kind}:{name}>", str(value)).replace(f"<{name}>", "unknown")
    assert "<" not in address, f"give {route.route} a value in UNKNOWN"
    assert get_resolver().resolve(address), address
    return address


def _open(client: Client, address: str) -> tuple[int, str]:
    response = client.get(address)
    if response.status_code == 405:
        response = client.post(address)
    return response.status_code, response.headers.get("Location", "")


def test_every_console_view_carries_a_permission_of_the_table() -> None:
    assert ROUTES
    missing = [route.route for route in ROUTES if route.permission is None]
    assert not missing, f"decorate with @staff_page: {missing}"
    assert {route.permission for route in ROUTES} <= set(rules.PERMISSIONS)


@pytest.mark.parametrize("role", list(Role))
def test_role_opens_exactly_what_the_table_says(role: Role) -> None:
    client = staff_client(role)
    for route in ROUTES:
        status, _ = _open(client, _address(route))
        if role in rules.PERMISSIONS[str(route.permission)].roles:
            assert status in OPEN_STATUSES, (route.route, status)
        else:
            assert status == 403, (route.route, status)


def test_person_without_roles_opens_nothing() -> None:
    client = staff_client(username="nobody")
    for route in ROUTES:
        assert _open(client, _address(route))[0] == 403, route.route


def test_anonymous_is_sent_to_log_in() -> None:
    for route in ROUTES:
        status, location = _open(Client(), _address(route))
        assert (status, location.startswith(reverse("account_login"))) == (302, True), route.route


def test_without_second_factor_one_is_sent_to_set_it_up() -> None:
    client = staff_client(Role.ADMINISTRATOR, second_factor=False)
    for route in ROUTES:
        assert _open(client, _address(route)) == (302, reverse("mfa_activate_totp")), route.route


def test_closed_account_opens_nothing() -> None:
    from weidai.staff.models import StaffUser

    client = staff_client(Role.ADMINISTRATOR, username="closed")
    StaffUser.objects.filter(username="closed").update(is_active=False)
    assert client.get("/console/").status_code == 302


def test_menu_entries_open_and_carry_the_permission_of_their_page() -> None:
    by_name = {route.name: route for route in ROUTES}
    for item in menu_items():
        assert item.section in SECTIONS
        assert by_name[item.url_name].permission == item.permission
        assert reverse(item.url_name)


@pytest.mark.parametrize("role", list(Role))
def test_side_bar_shows_only_pages_that_open(role: Role) -> None:
    import re

    client = staff_client(role)
    body = client.get("/console/").content.decode()
    side = body[body.index("wd-side__nav"):body.index("</aside>")]
    for address in re.findall(r'href="([^"]+)"', side):
        assert client.get(address).status_code == 200, address


def test_a_permission_with_a_typing_mistake_fails_at_import() -> None:
    from weidai.web.shared.permissions import staff_page

    with pytest.raises(LookupError, match=r"lending\.loan\.veiw"):
        staff_page("lending.loan.veiw")


def test_every_opened_and_refused_page_is_on_record_without_the_query() -> None:
    from weidai.audit.models import Event

    client = staff_client(Role.AUDITOR)
    client.get("/console/staff?q=13812345678", headers={"x-request-id": "request-12345"})
    client.get("/console/staff/permissions?format=csv")
    staff_client(Role.COLLECTOR).get("/console/staff")
    rows = list(Event.objects.filter(name__startswith="staff.page.").order_by("recorded_at"))
    assert [(row.name, row.facts["permission"], row.facts["is_export"]) for row in rows] == [
        ("staff.page.opened", "staff.user.view", False), ("staff.page.opened", "staff.user.view", True),
        ("staff.page.refused", "staff.user.view", False)]
    assert (rows[0].actor_kind, rows[0].request_id) == ("staff", "request-12345")
    assert "13812345678" not in str([row.facts for row in rows])
