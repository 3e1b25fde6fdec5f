"""Working time, states, screening, the income test (R4.1 to R4.4)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.kernel.days import SHANGHAI
from weidai.kernel.text import Text
from weidai.limits import policy as limits_policy
from weidai.origination import policy as origination_policy
from weidai.origination.rules import (
    OPEN_STATES,
    TRANSITIONS,
    ScreeningFacts,
    Scrutinized,
    State,
    can_move,
    income_test,
    missing_documents,
    next_states,
    screen,
    scrutiny,
)
from weidai.origination.rules.scrutiny import GROUPS

ON = date(2026, 11, 23)
POLICY = origination_policy.current(ON)
CALENDAR = origination_policy.calendar(ON)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 21), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 17), False),
        (date(2027, 2, 8), True),
    ],
)
def test_r4_3_working_days(day, working):
    assert CALENDAR.is_working_day(day) is working


@pytest.mark.parametrize(
    ("submitted", "minutes", "done", "uncertain"),
    [
        ("2026-11-23 10:00", 60, "2026-11-23 11:00", False),
        ("2026-11-23 09:00", 480, "2026-11-23 17:00", False),
        ("2026-11-23 16:30", 60, "2026-11-24 09:30", False),
        ("2026-11-23 20:00", 60, "2026-11-24 10:00", False),
        ("2026-11-23 06:00", 60, "2026-11-23 10:00", False),
        ("2026-11-28 12:00", 960, "2026-12-01 17:00", False),  # a Saturday: Monday and Tuesday
        ("2026-09-30 16:00", 960, "2026-10-09 16:00", False),  # over the National Day week
        ("2026-10-09 16:00", 120, "2026-10-10 10:00", False),  # a make-up Saturday
        ("2026-12-31 16:00", 120, "2027-01-01 10:00", True),  # 2027 is not published: said, not raised
        ("2031-06-03 10:00", 60, "2031-06-03 11:00", True),
    ],
)
def test_r4_3_expected_time(submitted, minutes, done, uncertain):
    expected = CALENDAR.after_working_minutes(at(submitted), minutes)
    assert (expected.at, expected.is_uncertain) == (at(done), uncertain)


def test_an_operator_can_extend_the_table():
    override = origination_policy.CalendarOverride(date(2027, 1, 1), False, Text("元旦", "New Year"))
    calendar = origination_policy.work_calendar(replace(POLICY, calendar_overrides=(override,)))
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.after_working_minutes(at("2026-12-31 16:00"), 120).at == at("2027-01-04 10:00")


def test_r4_5_appeals_count_working_days():
    assert CALENDAR.working_days_after(date(2026, 9, 29), 5) == date(2026, 10, 12)  # 30, 8, 9, 10 (make-up), 12
    assert CALENDAR.working_days_after(ON, 0) == ON


instants = st.integers(0, 29 * 366 * 1440).map(
    lambda minutes: datetime(2003, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(instants, st.integers(0, 5000), st.integers(0, 5000))
def test_law_working_minutes_add_up(start, first, second):
    start = start.replace(second=0, microsecond=0)
    middle = CALENDAR.after_working_minutes(start, first).at
    end = CALENDAR.after_working_minutes(start, first + second).at
    assert start <= middle <= end
    assert CALENDAR.working_minutes_between(start, end) == first + second
    if second:
        assert CALENDAR.after_working_minutes(middle, second).at == end


@given(instants)
def test_law_the_next_opening_is_open(start):
    opening = CALENDAR.next_open(start)
    assert opening >= start
    assert CALENDAR.is_open(opening)
    assert CALENDAR.working_minutes_between(start, opening) == 0
    assert CALENDAR.working_minutes_between(opening, start) == 0


def test_screening_takes_three_minutes_of_the_clock_day_and_night():
    stage = POLICY.stage("screening")
    midnight = at("2026-11-22 00:30")
    assert (stage.sla_minutes, stage.in_working_time) == (3, False)
    assert CALENDAR.after_minutes(midnight, 3).at == midnight + timedelta(minutes=3)
    assert POLICY.stage("verification").sla_minutes == 2 * CALENDAR.minutes_per_day


def test_r4_4_every_open_state_leads_to_an_end_and_ends_are_ends():
    states = set(get_args(State))
    assert {move.source for move in TRANSITIONS} | {move.target for move in TRANSITIONS} == states
    assert len({(move.source, move.target) for move in TRANSITIONS}) == len(TRANSITIONS)
    ends = states - set(OPEN_STATES)
    reached = set(ends)
    for _ in states:
        reached |= {move.source for move in TRANSITIONS if move.target in reached}
    assert reached == states
    assert {move.source for move in TRANSITIONS} & ends == {"declined"}  # only a successful appeal leads back
    assert all(can_move(state, "withdrawn", by="customer") for state in OPEN_STATES)


@pytest.mark.parametrize(
    ("source", "target", "by", "allowed"),
    [
        ("draft", "submitted", "customer", True),
        ("draft", "submitted", "staff", False),
        ("draft", "offered", "system", False),
        ("verification", "awaiting_customer", "staff", True),
        ("awaiting_customer", "verification", "customer", True),
        ("verification", "offered", "staff", False),
        ("offered", "accepted", "staff", False),
        ("accepted", "declined", "staff", False),
        ("declined", "verification", "staff", True),
        ("declined", "verification", "customer", False),
    ],
)
def test_r4_4_moves(source, target, by, allowed):
    assert can_move(source, target, by=by) is allowed
    assert (target in next_states(source, by=by)) is allowed


def noticed(policy=POLICY.scrutiny, **remarks):
    return scrutiny(Scrutinized(**remarks), policy)


CLEAN = ScreeningFacts(
    identity_reasons=(),
    eligibility_reasons=(),
    missing_documents=(),
    duplicate_customer=False,
    has_other_open_application=False,
    is_blocklisted=False,
    risk="allow",
    skips_verification=True,
    scrutiny=noticed(),
)
WORDS = Text("原因", "reason")


@pytest.mark.parametrize(
    ("changes", "outcome", "codes"),
    [
        ({}, "to_final_review", ()),
        ({"skips_verification": False}, "to_verification", ()),
        ({"identity_reasons": (("identity.face_missing", WORDS),)}, "refused", ("identity.face_missing",)),
        (
            {"eligibility_reasons": (("products.invitation_required", WORDS),)},
            "refused",
            ("products.invitation_required",),
        ),
        ({"duplicate_customer": True}, "refused", ("origination.duplicate_customer",)),
        ({"has_other_open_application": True}, "refused", ("origination.duplicate_application",)),
        ({"is_blocklisted": True, "risk": "block"}, "refused", ("origination.blocklist", "origination.fraud_blocked")),
        ({"risk": "challenge"}, "to_verification", ("origination.fraud_challenged",)),
        ({"missing_documents": (WORDS,)}, "to_verification", ("origination.completeness",)),
        ({"corrected_ocr_fields": (Text("姓名", "name"),)}, "to_verification", ("origination.ocr_corrected",)),
        ({"sent_papers": (Text("工资单", "payslip"),)}, "to_verification", ("origination.papers_sent",)),
        ({"scrutiny": noticed(id_card_corrected=("address", "name"))}, "to_verification",
         ("origination.id_card_name_corrected", "origination.id_card_corrected")),
        ({"scrutiny": noticed(face_signals=("flat_surface",), accounts_on_devices=3)}, "to_verification",
         ("origination.face_flat_surface", "origination.device_shared")),
        ({"scrutiny": noticed(id_card_source="typed", accounts_on_devices=2)}, "to_final_review", ()),
        ({"may_be_student": True}, "to_verification", ("origination.student",)),
        ({"wants_person": True}, "to_verification", ("origination.human_review_wanted",)),
        ({"requested_fen": 5_000_000, "four_eyes_above_fen": 5_000_000}, "to_final_review", ()),
        (
            {"requested_fen": 5_000_100, "four_eyes_above_fen": 5_000_000},
            "to_verification",
            ("origination.large_amount",),
        ),
        ({"is_blocklisted": True, "may_be_student": True}, "refused", ("origination.blocklist",)),
    ],
)
def test_r4_2_screening(changes, outcome, codes):
    result = screen(replace(CLEAN, **changes))
    assert (result.outcome, result.reason_codes) == (outcome, codes)
    assert len(result.checks) == 12 + len(GROUPS) + ("sent_papers" in changes)  # every check runs, whatever the first one says


def wage_test(income, province="13"):
    wages = limits_policy.wages(ON)
    region = wages.region(province)
    return income_test(
        income_fen=income,
        monthly_wage_fen=wages.monthly_fen(province),
        wage_multiple=POLICY.income_test.wage_multiple,
        province_code=province,
        wage_year=region.year,
        wage_source=region.source,
    )


@pytest.mark.parametrize(
    ("income", "skips", "state", "outcome"),
    [
        (868_449, True, "met", "to_final_review"),
        (868_448, True, "below", "to_verification"),
        (None, True, "unknown", "to_final_review"),
        (None, False, "unknown", "to_verification"),
    ],
)
def test_r4_1_income_never_refuses(income, skips, state, outcome):
    test = wage_test(income)
    assert (test.needed_fen, test.state) == (868_449, state)
    assert screen(replace(CLEAN, income=test, skips_verification=skips)).outcome == outcome


def test_r4_1_the_line_is_rounded_up():
    found = income_test(
        income_fen=2,
        monthly_wage_fen=1,
        wage_multiple=Fraction(3, 2),
        province_code=None,
        wage_year=2024,
        wage_source="",
    )
    assert (found.needed_fen, found.state) == (2, "met")


def test_documents_of_which_one_is_enough():
    required = [(row.name, row.any_of) for row in POLICY.documents_of("business_loan") if row.is_required]
    assert [name.en for name in missing_documents(required, present=["id_card_front", "bank_statement"])] == [
        "Legal representative's ID card, back",
        "Business licence",
    ]
    assert (
        missing_documents(required, present=["id_card_front", "id_card_back", "business_licence", "tax_certificate"])
        == ()
    )
