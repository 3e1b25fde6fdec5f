"""Draft → validated → shadow → approved by a second person → live → rolled back; which version held when (R8.6)."""

import shutil
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.services.credit_support import AT

from weidai.audit.models import Event
from weidai.limits import policy as limits
from weidai.platform import clock
from weidai.policy import errors, publications, selectors, services, timeline
from weidai.policy import selectors_console as lists
from weidai.policy.models import PackVersion

WANG, LI, CHEN = "analyst-wang", "senior-li", "compliance-chen"
TODAY = date(2026, 3, 4)


def drafted(*, from_day=TODAY, old="person_cap_fen = 20_000_000", new="person_cap_fen = 20_000_000 # same", author=WANG,
            file="limits.toml"):
    version_id = services.version_draft(title="trial", staff_id=author, effective_from=from_day)
    row = lists.version_get(version_id)
    assert old in row.files[file]
    services.version_edit(version_id, files={file: row.files[file].replace(old, new, 1)}, revision=1, staff_id=author)
    return version_id


def approved(**change):
    version_id = drafted(**change)
    services.version_submit(version_id, staff_id=WANG)
    services.version_shadow(version_id, staff_id=WANG)
    services.version_approve(version_id, staff_id=LI, note="looked at the replay")
    return version_id


def events_of(version_id):
    return list(Event.objects.filter(subject_id=version_id).order_by("id").values_list("name", flat=True))


def test_the_whole_life():
    before = selectors.pack(TODAY)
    version_id = approved(old="offer_valid_days = 30", new="offer_valid_days = 31")
    assert selectors.pack(TODAY) is before  # not yet
    assert services.version_publish(version_id, staff_id=CHEN) == TODAY
    row = lists.version_get(version_id)
    assert (row.state, row.standing, row.author, row.approved_by, row.published_by) == ("live", "in_force", WANG, LI, CHEN)
    assert selectors.pack(TODAY).version == row.version
    assert limits.current(TODAY).offer_valid_days == 31
    assert limits.current(TODAY - timedelta(days=1)).offer_valid_days == 30  # the past keeps its rules
    assert selectors.pack_by_version(before.version) is before
    assert services.version_rollback(version_id, reason="too generous", staff_id=LI) == before.version
    assert limits.current(TODAY).offer_valid_days == 30
    assert selectors.pack_by_version(row.version).version == row.version  # decisions made under it can be made again
    assert events_of(version_id) == [f"policy.version.{what}" for what in (
        "drafted", "edited", "validated", "shadow_started", "approved", "published", "rolled_back")]
    assert lists.version_get(version_id).state == "retired"


def test_a_later_day_begins_on_that_day_and_both_stand_in_the_history():
    version_id = approved(from_day=TODAY + timedelta(days=10), old="offer_valid_days = 30", new="offer_valid_days = 31")
    services.version_publish(version_id, staff_id=LI)
    assert lists.version_get(version_id).standing == "scheduled"
    assert [limits.current(TODAY + timedelta(days=n)).offer_valid_days for n in (0, 9, 10)] == [30, 30, 31]
    held = lists.held_list()
    assert [(row.since, row.until, row.is_now) for row in held] == [
        (date(2025, 1, 1), TODAY + timedelta(days=10), True), (TODAY + timedelta(days=10), None, False)]
    services.version_rollback(version_id, reason="not needed", staff_id=LI)  # before it ever held
    assert limits.current(TODAY + timedelta(days=10)).offer_valid_days == 30


def test_author_and_editors_may_neither_approve_nor_publish():
    version_id = drafted()
    row = lists.version_get(version_id)
    services.version_edit(version_id, files={"limits.toml": row.files["limits.toml"] + "\n"}, revision=2, staff_id=LI)
    services.version_submit(version_id, staff_id=WANG)
    services.version_shadow(version_id, staff_id=WANG)
    for person in (WANG, LI):
        with pytest.raises(errors.SecondPersonNeeded):
            services.version_approve(version_id, staff_id=person, note="mine")
    services.version_approve(version_id, staff_id=CHEN, note="ok")
    with pytest.raises(errors.SecondPersonNeeded):
        services.version_publish(version_id, staff_id=WANG)
    with pytest.raises(IntegrityError), transaction.atomic():  # and the table says so too
        PackVersion.objects.filter(id=version_id).update(approved_by=WANG)
    assert lists.version_get(version_id).state == "approved"


def test_no_step_is_left_out():
    version_id = drafted()
    for step in (lambda: services.version_shadow(version_id, staff_id=WANG),
                 lambda: services.version_approve(version_id, staff_id=LI, note=""),
                 lambda: services.version_publish(version_id, staff_id=LI),
                 lambda: services.version_rollback(version_id, reason="x", staff_id=LI)):
        with pytest.raises(errors.PackVersionStateConflict):
            step()
    services.version_submit(version_id, staff_id=WANG)
    with pytest.raises(errors.PackVersionStateConflict):  # validated content is fixed
        services.version_edit(version_id, files={"limits.toml": ""}, revision=2, staff_id=WANG)
    with pytest.raises(errors.PackVersionStateConflict):
        services.version_approve(version_id, staff_id=LI, note="")
    services.version_reopen(version_id, reason="a typo", staff_id=WANG)
    assert lists.version_get(version_id).state == "draft"


def test_a_faulty_draft_is_kept_but_not_validated():
    version_id = drafted(old="above_fen = 500_000\n", new="above_fen = 400_000\n")
    checked = services.version_check(version_id)
    assert [(fault.rule, fault.key) for fault in checked.faults] == [("R5.1", "bands[1].above_fen")]
    with pytest.raises(errors.PolicyRefused):
        services.version_submit(version_id, staff_id=WANG)
    assert lists.version_get(version_id).state == "draft"
    assert events_of(version_id) == ["policy.version.drafted", "policy.version.edited"]


def test_two_editors_do_not_overwrite_each_other():
    version_id = drafted()
    with pytest.raises(errors.PackEditedMeanwhile):
        services.version_edit(version_id, files={"limits.toml": "x = 1"}, revision=1, staff_id=LI)
    assert "x = 1" not in lists.version_get(version_id).files["limits.toml"]


def test_only_one_version_is_in_shadow():
    first, second = approved(), drafted(old="offer_valid_days = 30", new="offer_valid_days = 33")
    services.version_submit(second, staff_id=WANG)
    with pytest.raises(errors.ShadowTaken):
        services.version_shadow(second, staff_id=WANG)
    services.version_withdraw(first, reason="given up", staff_id=WANG)
    services.version_shadow(second, staff_id=WANG)
    assert selectors.shadow_pack().version == lists.version_get(second).version


def test_a_day_that_is_over_and_another_pack_are_refused():
    version_id = approved()
    with clock.travel_to(AT + timedelta(days=1)), pytest.raises(errors.EffectiveDatePassed):
        services.version_publish(version_id, staff_id=LI)
    services.version_withdraw(version_id, reason="late", staff_id=WANG)
    other = approved(file="pack.toml", old='code = "reference"', new='code = "other"')
    with pytest.raises(errors.PackCodeDiffers):
        services.version_publish(other, staff_id=LI)


def test_content_changed_behind_our_back_is_found():
    version_id = approved()
    row = PackVersion.objects.get(id=version_id)
    row.files["limits.toml"] = row.files["limits.toml"].replace("offer_valid_days = 30", "offer_valid_days = 60")
    PackVersion.objects.filter(id=version_id).update(files=row.files)
    with pytest.raises(errors.PackContentChanged):
        services.version_publish(version_id, staff_id=LI)


def test_terms_are_append_only():
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('weidai_app', 'policy_policyterm', what)"
                       " FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS what")
        assert [row[0] for row in cursor.fetchall()] == [True, False, False]


def test_decisions_ask_the_database_once_in_two_seconds(django_assert_num_queries):
    limits.current(TODAY)  # finds out that the tables are there
    timeline.forget()
    with django_assert_num_queries(1):
        for _ in range(1_000):
            limits.current(TODAY)


def test_a_folder_that_was_edited_in_place_does_not_lose_the_version_it_was(tmp_path, monkeypatch):
    shutil.copytree(selectors.policy_folder(), tmp_path / "before")
    (tmp_path / "before/2025-01-01/limits.toml").write_text(
        selectors.pack(TODAY).files["limits.toml"].replace("offer_valid_days = 30", "offer_valid_days = 45", 1))
    monkeypatch.setenv("WEIDAI_POLICY_DIR", str(tmp_path / "before"))
    version = selectors.pack(TODAY).version
    publications.folder_keep()  # as every start does
    monkeypatch.delenv("WEIDAI_POLICY_DIR")
    assert version not in {pack.version for pack in selectors.pack_list()}
    assert selectors.pack_by_version(version).section("limits")["offer_valid_days"] == 45
