"""An ID card that is over stops drawing, a renewed one lets it go on (R1.4, R5.5)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.services.credit_support import id_number
from tests.services.identity.conftest import REGISTRY_SAYS, agree
from tests.services.identity.conftest import partners as registry  # noqa: F401 (fixture)
from tests.services.lending_support import AT, at, borrower_make, confirm, drawdown_signed

from weidai.identity import errors
from weidai.identity import services as identity
from weidai.identity.models import Verification
from weidai.jobs import identity_watch
from weidai.kernel.errors import Refusal
from weidai.lending.models import Loan
from weidai.limits import selectors as limits

LAST = date(2026, 3, 5)  # the day after the fixed clock


@pytest.fixture(autouse=True)
def _fresh_watch():
    identity_watch._watched.clear()
    yield
    identity_watch._watched.clear()


def watched(instant):
    identity_watch._watched.clear()
    return identity_watch.identity_watch_run(instant.date())


def test_an_ended_card_stops_drawing_and_signing_and_a_renewed_one_frees_it(registry):  # noqa: F811
    who = borrower_make()
    Verification.objects.filter(customer_id=who.id, item="id_card").update(valid_to=LAST)
    with at(AT + timedelta(days=1)):  # its last day still counts
        assert watched(AT + timedelta(days=1))["held"] == 0
        assert limits.can_draw(who.id, who.line_id) == ()
    over = AT + timedelta(days=2)
    with at(over):
        assert watched(over)["held"] == 1
        assert "身份证" in limits.can_draw(who.id, who.line_id)[0].text.zh
        with pytest.raises(Refusal) as refused:
            confirm(who, drawdown_signed(who))
        assert refused.value.code.startswith(("limits.", "lending.")) and not Loan.objects.exists()
        agree(who.id, "real_name_check")
        registry.registry = replace(REGISTRY_SAYS, card_status="expired", valid_to=LAST)
        with pytest.raises(errors.IdCardNotValid):
            identity.id_card_submit(who.id, name="王伟", id_number=id_number(1))
        assert watched(over)["freed"] == 0
        registry.registry = replace(REGISTRY_SAYS, valid_from=LAST, valid_to=date(2046, 3, 5))
        identity.id_card_submit(who.id, name="王伟", id_number=id_number(1))
        assert watched(over)["freed"] == 1
        assert limits.hold_kinds(who.id) == []
    with at(over + timedelta(minutes=5)):
        assert confirm(who, drawdown_signed(who), key="k2") and Loan.objects.count() == 1
