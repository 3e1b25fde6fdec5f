"""What is noticed about an identity leads to a person or a note, never to a refusal; the pack chooses (R1.4, R1.5, R4.2)."""

from dataclasses import fields, replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.identity.services.staff_video import STAFF_VIDEO_REMARKS
from weidai.origination import policy as origination_policy
from weidai.origination.policy import ScrutinyCode
from weidai.origination.rules import Scrutinized, scrutiny
from weidai.origination.rules.scrutiny import _DETAILS, _TEXTS, scrutinized_from_json
from weidai.policy.rules import Fault

POLICY = origination_policy.current(date(2026, 11, 23)).scrutiny
NOTED, EVERYTHING = replace(POLICY, effects=dict.fromkeys(get_args(ScrutinyCode), "note")), Scrutinized(
    ("flat_surface", "near_duplicate", "screen_pattern"), 900, 1, 4, "typed", ("address", "name"), ("check_digit", "marked"),
    ("glare",), 2, ("helped_by_others",), 9)


def codes(found, policy=POLICY):
    return [one.code for group in scrutiny(found, policy) for one in group.remarks]


@pytest.mark.parametrize(("remarks", "code", "asks"), [
    ({"face_signals": ("screen_pattern",)}, "face_screen_pattern", True),
    ({"face_signals": ("flat_surface",)}, "face_flat_surface", True),
    ({"face_signals": ("near_duplicate",)}, "face_near_duplicate", True),
    ({"face_consistency_e3": 500}, "face_weak_consistency", True), ({"face_consistency_e3": 499}, None, False),
    ({"refused_captures": 3}, None, False), ({"refused_captures": 4}, "face_many_captures", True),
    ({"other_faces": 1}, "face_other_person", True), ({"id_card_source": "photos"}, None, False),
    ({"id_card_source": "typed"}, "id_card_typed", False), ({"id_card_corrected": ("name",)}, "id_card_name_corrected", True),
    ({"id_card_corrected": ("address",)}, "id_card_corrected", True), ({"id_card_doubts": ("marked",)}, "id_card_marked", True),
    ({"id_card_doubts": ("sex_matches_number",)}, "id_card_doubted", True),
    ({"id_card_faults": ("blurred",)}, "id_card_picture_poor", False), ({"registry_refusals": 1}, "id_card_refused_before", True),
    ({"staff_video": ("card_damaged",)}, "staff_video_remark", True), ({"accounts_on_devices": 2}, None, False),
    ({"accounts_on_devices": 3}, "device_shared", True),
])
def test_r4_2_each_thing_noticed_has_its_code_and_the_effect_of_the_pack(remarks, code, asks):
    found = [one for group in scrutiny(Scrutinized(**remarks), POLICY) for one in group.remarks]
    assert [(one.code, one.asks_for_person) for one in found] == ([(code, asks)] if code else [])
    noted = [one for group in scrutiny(Scrutinized(**remarks), NOTED) for one in group.remarks]
    assert [one.code for one in noted] == [one.code for one in found] and not any(one.asks_for_person for one in noted)
    assert all("{" not in one.text.zh + one.text.en for one in found)


def test_r4_2_every_code_has_words_and_every_detail_too():
    assert set(codes(EVERYTHING)) == set(get_args(ScrutinyCode)) == set(_TEXTS)
    assert set(STAFF_VIDEO_REMARKS) <= set(_DETAILS)
    assert all(field.name in str(EVERYTHING) for field in fields(EVERYTHING))


@given(st.integers(0, 2000), st.integers(0, 20), st.sets(st.sampled_from(("screen_pattern", "flat_surface", "near_duplicate"))))
def test_r4_2_more_noticed_is_never_fewer_remarks(spread, accounts, signals):
    less = Scrutinized(tuple(sorted(signals)), spread, accounts_on_devices=accounts)
    more = replace(less, face_consistency_e3=spread + 100, accounts_on_devices=accounts + 1, other_faces=1)
    assert set(codes(less)) < set(codes(more))


def test_r3_2_decisions_kept_before_there_was_scrutiny_are_decided_again_without_it():
    assert scrutinized_from_json({}) == Scrutinized()
    assert scrutinized_from_json({"face_signals": ["flat_surface"], "unknown": 1}) == Scrutinized(face_signals=("flat_surface",))


def test_r4_2_a_pack_that_forgets_a_code_is_refused():
    with pytest.raises(Fault):
        replace(POLICY, effects={"device_shared": "note"})
    with pytest.raises(Fault):
        replace(POLICY, accounts_on_device=0)
