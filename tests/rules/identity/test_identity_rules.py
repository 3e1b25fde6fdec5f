"""Identity strength, the gate, ages, ID-card validity (R1.1 to R1.4)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.identity import policy as identity_policy
from weidai.identity.rules import IdCardPeriod, IdentityFacts, age_check, can_apply, id_card_status, strength

ON = date(2026, 11, 23)
POLICY = identity_policy.current(ON)
VALID = IdCardPeriod(date(2019, 1, 1), date(2039, 1, 1))
REAL = IdentityFacts(id_card_verified=True, id_card_period=VALID, face_verified=True, birth_on=date(1990, 1, 1))
FLAGS = (
    "id_card_verified",
    "face_verified",
    "staff_video_verified",
    "bank_card_verified",
    "mobile_verified",
    "certified_liveness",
    "voiceprint_verified",
)


@pytest.mark.parametrize(
    ("done", "points"),
    [
        ((), 0),
        (("id_card_verified",), 0),
        (("id_card_verified", "face_verified"), 40),
        (("id_card_verified", "staff_video_verified"), 40),
        (("id_card_verified", "face_verified", "bank_card_verified"), 65),
        (("id_card_verified", "face_verified", "bank_card_verified", "mobile_verified"), 80),
        (FLAGS, 100),
    ],
)
def test_r1_2_points_of_what_is_done(done, points):
    result = strength(IdentityFacts(**dict.fromkeys(done, True)), POLICY)
    assert result.points == points
    assert result.is_full is (points >= 65)


@given(st.fixed_dictionaries({flag: st.booleans() for flag in FLAGS}), st.sampled_from(FLAGS))
def test_r1_2_rows_add_up_and_more_never_lowers(flags, more):
    before = strength(IdentityFacts(**flags), POLICY)
    assert sum(row.earned for row in before.rows) == before.points
    assert sum(row.points for row in before.rows) == 100
    assert before.points + sum(row.points for row in before.missing) == 100
    assert strength(IdentityFacts(**{**flags, more: True}), POLICY).points >= before.points


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, ()),
        ({"face_verified": False}, ("identity.face_missing",)),
        ({"face_verified": False, "staff_video_verified": True}, ()),
        ({"id_card_verified": False}, ("identity.id_card_missing",)),
        ({"id_card_verified": False, "face_verified": False}, ("identity.id_card_missing", "identity.face_missing")),
        ({"id_card_period": IdCardPeriod(date(2016, 1, 1), date(2026, 11, 22))}, ("identity.id_card_expired",)),
        ({"id_card_period": IdCardPeriod(date(2016, 1, 1), ON)}, ()),
        ({"birth_on": date(2008, 11, 24)}, ("identity.too_young",)),
        ({"birth_on": date(1965, 11, 23)}, ("identity.too_old",)),
    ],
)
def test_r1_3_gate(changes, codes):
    gate = can_apply(replace(REAL, **changes), POLICY, on=ON)
    assert tuple(reason.code for reason in gate.reasons) == codes
    assert gate.is_open is (not codes)


@pytest.mark.parametrize(
    ("born", "verdict"),
    [
        (date(2008, 11, 23), "allowed"),
        (date(2008, 11, 24), "too_young"),
        (date(1965, 11, 24), "allowed"),
        (date(1965, 11, 23), "too_old"),
    ],
)
def test_r1_1_ages_18_to_60(born, verdict):
    assert age_check(born, POLICY, on=ON) == verdict


@pytest.mark.parametrize(
    ("period", "status"),
    [
        (None, "missing"),
        (IdCardPeriod(date(2026, 11, 24), None), "not_yet_valid"),
        (IdCardPeriod(date(2000, 1, 1), None), "valid"),
        (IdCardPeriod(date(2016, 1, 1), date(2026, 12, 24)), "valid"),
        (IdCardPeriod(date(2016, 1, 1), date(2026, 12, 23)), "expiring"),
        (IdCardPeriod(date(2016, 1, 1), date(2026, 11, 22)), "expired"),
    ],
)
def test_r1_4_validity(period, status):
    assert id_card_status(period, POLICY, on=ON) == status


def test_r1_6_banks():
    assert POLICY.bank("CMB").name.zh == "招商银行"
    assert POLICY.bank("HSBC") is None
    assert POLICY.bank_of_card("6222021234567890128").code == "ICBC"
    assert POLICY.bank_of_card("4111111111111111") is None
