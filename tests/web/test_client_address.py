"""Pages and API tell security which address asks for a code (R1.1)."""

import pytest
from django.test import Client

from weidai.security import rules
from weidai.security.models import SmsAddressAllowance

ASKED = [("/h5/login", {"agrees": "on"}, {}), ("/api/v1/sign-in/code", {}, {"content_type": "application/json"})]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "data", "kind"), ASKED)
def test_codes_are_counted_for_the_clients_address(path: str, data: dict, kind: dict) -> None:
    def ask(serial: int) -> int:
        body = {"mobile": f"138{serial:08d}", **data}
        return Client().post(path, body, REMOTE_ADDR="203.0.113.9", **kind).status_code

    assert ask(0) in (200, 302)
    counted = SmsAddressAllowance.objects.filter(sent_count=1).count()
    assert counted >= 1  # the address, and on the pages the device as well
    SmsAddressAllowance.objects.update(window_count=rules.ADDRESS_BOUNDS.per_window)
    assert ask(1) == 429
