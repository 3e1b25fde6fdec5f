"""The running product owns nothing: a whole life with the application's own login finds rights that are missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from tests.support.world import Life, Sandbox, book_open, open_ends, settle, world_running

from weidai.assessment import services as assessment
from weidai.jobs import end_of_day, operations
from weidai.jobs.end_of_day import drain
from weidai.kernel.days import shanghai_instant
from weidai.ledger import selectors as ledger
from weidai.lending import selectors as lending
from weidai.limits import selectors as limits
from weidai.messaging.models import Notice
from weidai.origination import services as origination
from weidai.platform import books, clock, inbox
from weidai.platform.postgres import Cluster
from weidai.platform.privileges import APP_ROLE
from weidai.platform.settings import _database
from weidai.servicing import selectors as servicing_rows
from weidai.servicing import services as servicing
from weidai.servicing.models import Reminder, Repayment


@pytest.fixture
def application_login(transactional_db: None) -> Iterator[None]:
    """Let every statement of the test run under the application's login, as in a real installation."""
    cluster = Cluster(Path(os.environ["WEIDAI_TEST_HOME"]), profile="test")
    if not (cluster.places.data / "PG_VERSION").exists():
        pytest.skip("DATABASE_URL names one login for everything")
    owner = dict(connection.settings_dict)
    wanted = _database(cluster.url("app", database=connection.settings_dict["NAME"]))
    connection.close()
    connection.settings_dict.update({name: wanted[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(owner)
        clock.forget_cached_offset()


@pytest.fixture
def sandbox(application_login: None, tmp_path: Path) -> Iterator[Sandbox]:
    with world_running(tmp_path, people=200) as running:
        morning = shanghai_instant(clock.today() + timedelta(days=1), time(10))
        clock.move_forward(morning - clock.now())
        book_open()
        yield running


def days_pass(life: Life, days: int) -> None:
    life.wait(days=days)
    end_of_day.catch_up(clock.today())


def test_the_login_is_the_applications_and_cannot_touch_evidence(application_login: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APP_ROLE,)
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("DELETE FROM audit_event")


def test_registration_to_settlement_with_the_applications_login(sandbox: Sandbox) -> None:
    life = Life(sandbox.person("young_worker")).granted()
    loan_id = life.sign(300_000)
    settle(sandbox)
    assert lending.loan_get(life.customer_id, loan_id).state == "active"
    life.auto_debit()
    days_pass(life, 33)  # the first due day: reminders, the debit at its window, 33 closings with their seals
    settle(sandbox)
    assert Repayment.objects.count() == 1
    assert Reminder.objects.count() == 2
    servicing.auto_debit_revoke(life.customer_id)
    days_pass(life, 31)  # the second one is missed
    assert limits.hold_kinds(life.customer_id) == ["overdue"]
    life.pay("due")
    settle(sandbox)
    assert limits.hold_kinds(life.customer_id) == []
    newest = Repayment.objects.latest("booked_at")
    servicing.repayment_reverse(life.customer_id, repayment_id=newest.id, reason="returned_by_bank", staff_id="7")
    assert limits.hold_kinds(life.customer_id) == ["overdue"]
    life.wait(minutes=1)
    life.pay("settle")
    settle(sandbox)
    assert lending.loan_get(life.customer_id, loan_id).state == "settled"
    assert servicing_rows.certificate_pdf(life.customer_id, loan_id).startswith(b"%PDF")


def test_what_the_worker_runs_by_the_clock(sandbox: Sandbox) -> None:
    life = Life(sandbox.person("young_worker")).granted()
    assessment.assessments_run_monthly(clock.today())
    origination.applications_expire()
    origination.line_reviews_run(clock.today())
    servicing.debits_release(book_ids=[books.MAIN_BOOK])
    drain()
    inbox.apply_parked()
    days_pass(life, 2)
    operations.ledger_check_run()
    operations.evidence_verify_run()
    assert operations.queue_rows() is not None
    assert ledger.check().is_sound
    assert Notice.objects.filter(customer_id=life.customer_id).exists()
    assert open_ends() == []
