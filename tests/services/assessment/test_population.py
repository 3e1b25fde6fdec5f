"""The monthly update out of an extract: equal to the single run, killed and done again, corrected beside what was there."""

from __future__ import annotations

import hashlib
import hmac

import duckdb
import pytest
from django.test import override_settings
from tests.services.credit_support import AT, ON, customer_make, id_number

from weidai.assessment import selectors
from weidai.assessment import services as assessments
from weidai.assessment.errors import ExtractFolderEmpty, ExtractKeyMissing, ExtractMonthNotLast, ExtractMonthNotLoaded
from weidai.assessment.extracts.store import Store
from weidai.assessment.models import Assessment
from weidai.assessment.population.definitions import microseconds
from weidai.assessment.ports import Balances, BehaviourProfile, Contacts, PaymentMonth
from weidai.assessment.services import monthly, population
from weidai.kernel.days import months_later
from weidai.messaging.models import Notice
from weidai.platform import books, clock

pytestmark = pytest.mark.django_db
MONTH, KEY = months_later(ON.replace(day=1), -1), b"k" * 32
FIRST = AT.replace(day=1)


@pytest.fixture
def store(tmp_path, monkeypatch, db):
    store = Store(tmp_path / "extracts")
    monkeypatch.setattr(population, "store_open", lambda: store)
    (tmp_path / "extract.key").write_bytes(KEY)
    with override_settings(EXTRACT_KEY_FILE=tmp_path / "extract.key"), clock.travel_to(FIRST):
        books.business_date()  # a lender on its first morning
        yield store


def extracts_write(folder, *, spends, serials=(1, 2, 3), newest_only=False):
    """Seven months: per person one payment of `spends` fen a month; 90 days of balance; 210 contacts of today."""
    for back in range(7, 0, -1):
        month = months_later(FIRST.date(), -back)
        target = folder / f"{month:%Y-%m}"
        if newest_only and back > 1:
            continue
        target.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as engine:
            engine.execute("CREATE TABLE people (person_no BIGINT, id_digest VARCHAR)")
            engine.execute("CREATE TABLE payments (event_id VARCHAR, person_no BIGINT, at_us BIGINT, kind VARCHAR,"
                           " amount_fen BIGINT, category VARCHAR)")
            engine.execute('CREATE TABLE balances (person_no BIGINT, "on" DATE, wallet_fen BIGINT, wealth_fen BIGINT)')
            engine.execute("CREATE TABLE contacts (person_no BIGINT, contact_no BIGINT, last_at_us BIGINT)")
            for serial in serials:
                digest = hmac.new(KEY, id_number(serial).encode(), hashlib.sha256).hexdigest()
                engine.execute("INSERT INTO people VALUES (?, ?)", [serial, digest])
                engine.execute("INSERT INTO payments VALUES (?, ?, ?, 'payment', ?, NULL)",
                               [f"{serial}-{back}", serial, microseconds(month), spends[serial]])
                engine.execute('INSERT INTO balances VALUES (?, ?, 600000, 0)', [serial, month])
                engine.execute("INSERT INTO contacts SELECT ?, n, ? FROM range(1, 211) t(n)",
                               [serial, microseconds(FIRST.date()) - 1])
            for table in ("people", "payments", "balances", "contacts"):
                engine.execute(f"COPY {table} TO '{target / table}.parquet'")
    return folder


def history_load(folder):
    for back in range(7, 1, -1):
        month = months_later(FIRST.date(), -back)
        report = population.population_assess(month, folder=folder / f"{month:%Y-%m}", load_only=True)
        assert report.load.is_clean and report.told is None


def run(folder=None, **changes):
    return population.population_assess(MONTH, folder=folder and folder / f"{MONTH:%Y-%m}", **changes)


def same_by_port(spend):
    months = tuple(PaymentMonth(f"{months_later(FIRST.date(), -back):%Y-%m}", 1, spend,
                                more=(("green_spend_fen", 0), ("welfare_gift_count", 0))) for back in range(7, 0, -1))
    return BehaviourProfile(found=True, as_of=FIRST.date(), first_data_month=months[0].month, payments=months,
                            balances=Balances(600_000, 3, 600_000, 0), contacts=Contacts(210, 210))


def test_an_extract_gives_what_a_single_query_gives_and_again_nothing_new(partners, store, tmp_path):
    people = {serial: customer_make(serial) for serial in (1, 2, 3)}
    stranger = customer_make(4)
    spends = {1: 350_000, 2: 150_050, 3: 299_999}
    history_load(extracts_write(tmp_path / "in", spends=spends))
    partners.asked.clear()
    report = run(tmp_path / "in")
    assert (report.told.people, report.told.written, report.told.unchanged) == (4, 4, 0)
    assert partners.asked == []  # nobody was asked: the extract had told
    for serial, customer in people.items():
        batch = selectors.latest(customer)
        partners.profile_answer = same_by_port(spends[serial])
        single = assessments.assessment_run(customer, trigger="requested")
        assert (batch.trigger, batch.result) == ("monthly", single.result)
    assert selectors.latest(stranger).result.indicators[0].reason_code == "history_too_short"
    rows = Assessment.objects.count()
    again = run(tmp_path / "in")
    assert (again.load.was_there, again.told.written, again.told.unchanged) == (True, 0, 4)
    assert Assessment.objects.count() == rows


def test_a_run_that_was_killed_goes_on_and_writes_nobody_twice(partners, store, tmp_path, monkeypatch):
    people = [customer_make(serial) for serial in (1, 2, 3)]
    history_load(extracts_write(tmp_path / "in", spends=dict.fromkeys((1, 2, 3), 350_000)))
    monkeypatch.setattr(monthly, "CHUNK", 1)
    written, real = [], monthly._write

    def write_once(*arguments, **named):
        if written:
            raise KeyboardInterrupt
        written.append(1)
        return real(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(monthly, "_write", write_once)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "in")
    assert Assessment.objects.count() == 1
    assert run(tmp_path / "in").told.written == 2
    assert sorted(Assessment.objects.values_list("customer_id", flat=True)) == sorted(people)


def test_corrected_data_are_written_beside_and_a_new_grade_is_told(partners, store, tmp_path):
    people = {serial: customer_make(serial) for serial in (1, 2)}
    history_load(extracts_write(tmp_path / "in", spends={1: 350_000, 2: 350_000}, serials=(1, 2)))
    run(tmp_path / "in")
    before = selectors.latest(people[1])
    extracts_write(tmp_path / "in", spends={1: 10_000_000, 2: 350_000}, serials=(1, 2), newest_only=True)
    report = run(tmp_path / "in")
    assert (report.told.corrected, report.told.unchanged, report.told.grade_changes) == (1, 1, 1)
    after = selectors.latest(people[1])
    assert (after.trigger, after.grade == before.grade) == ("corrected", False)
    notice = Notice.objects.get()
    assert (notice.customer_id, notice.template) == (people[1], "assessment.updated")
    assert run(tmp_path / "in").told.corrected == 0
    assert [row.trigger for row in selectors.history(people[1])] == ["corrected", "monthly"]


@pytest.mark.long
def test_the_run_of_the_first_uses_the_month_that_was_loaded(partners, store, tmp_path):
    customer = customer_make(1)
    folder = extracts_write(tmp_path / "in", spends={1: 350_000}, serials=(1,))
    history_load(folder)
    run(folder)
    Assessment.objects.all().delete()
    monthly.PopulationRun.objects.all().delete()
    partners.asked.clear()
    assert assessments.assessments_run_due(FIRST.date()) == 1
    assert partners.asked == []
    assert selectors.latest(customer).result.indicators[0].value == 350_000


@pytest.mark.long
def test_what_cannot_be_done_is_said(partners, store, tmp_path):
    with pytest.raises(ExtractMonthNotLast):
        population.population_assess(months_later(MONTH, -1))
    with pytest.raises(ExtractMonthNotLast):
        population.population_assess(FIRST.date(), folder=tmp_path, load_only=True)
    with pytest.raises(ExtractMonthNotLoaded):
        run()
    (tmp_path / "nothing" / f"{MONTH:%Y-%m}").mkdir(parents=True)
    with pytest.raises(ExtractFolderEmpty):
        run(tmp_path / "nothing")
    history_load(extracts_write(tmp_path / "in", spends={1: 1}, serials=(1,)))
    with override_settings(EXTRACT_KEY_FILE=tmp_path / "gone"), pytest.raises(ExtractKeyMissing):
        run(tmp_path / "in")
    assert not Assessment.objects.exists()


@pytest.mark.long
def test_without_consent_nothing_of_the_extract_is_used(partners, store, tmp_path):
    customer = customer_make(1, consents=("credit_report",))
    history_load(extracts_write(tmp_path / "in", spends={1: 350_000}, serials=(1,)))
    run(tmp_path / "in")
    stored = Assessment.objects.get(customer_id=customer).inputs["facts"]
    assert (stored["months"], stored["effective_contacts"], stored["mean_daily_balance_fen"]) == ([], None, None)


