"""A pack change goes through two persons at the console; replay and shadow are seen there (R8.6, R2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tests.services.credit_support import AT
from tests.services.policy.test_decided_again import applied
from tests.web.staff_session import staff_client
from weidai.audit.models import Event
from weidai.limits import policy as limits
from weidai.platform import clock
from weidai.policy import selectors, services, timeline
from weidai.policy.models import PackVersion
from weidai.policy.publications import Publications
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture(autouse=True)
def _published(bank: object) -> Iterator[None]:
    timeline.source_fill(Publications())
    yield
    timeline.source_fill(None)


def drafted(client: Client, from_day: str = TODAY.isoformat()) -> PackVersion:
    response = client.post("/console/policy/draft", {
        "title": "提高报价有效期", "based_on": selectors.pack(TODAY).version, "effective_from": from_day})
    assert response.status_code == 302, response.content.decode()
    return PackVersion.objects.latest("id")


def saved(client: Client, row: PackVersion, old: str, new: str, *, file: str = "limits.toml") -> str:
    row.refresh_from_db()
    assert old in row.files[file]
    return client.post(f"/console/policy/versions/{row.id}/edit?file={file}", {
        "revision": row.revision, "text": row.files[file].replace(old, new, 1).replace("\n", "\r\n")},
        follow=True).content.decode()


def test_a_change_goes_through_two_persons() -> None:
    analyst, senior = staff_client(Role.RISK_ANALYST), staff_client(Role.SENIOR_REVIEWER)
    row = drafted(analyst)
    address = f"/console/policy/versions/{row.id}"
    body = saved(analyst, row, "above_fen = 500_000\n", "above_fen = 400_000\n")
    wrong = re.search(r'<li class="is-wrong">(.*?)</li>', body, re.S)
    assert wrong is not None
    assert "above_fen = 400_000" in wrong[1]
    assert "R5.1" in wrong[1]
    assert "重叠" in wrong[1]
    refused = analyst.post(f"{address}/submit")
    assert refused.status_code == 409
    assert "limits.toml" in refused.content.decode()
    saved(analyst, row, "above_fen = 400_000\n", "above_fen = 500_000\n")
    body = saved(analyst, row, "offer_valid_days = 30", "offer_valid_days = 31")
    assert "is-wrong" not in body
    for step in ("submit", "shadow"):
        assert analyst.post(f"{address}/{step}").status_code == 302
    assert analyst.post(f"{address}/approve", {"reason": "自己复核"}).status_code == 403  # not hers to approve
    both = staff_client(Role.RISK_ANALYST, Role.SENIOR_REVIEWER, username="test_risk_analyst")
    refused = both.post(f"{address}/approve", {"reason": "自己复核"})  # nor with the right to, being the author
    assert refused.status_code == 403
    assert "policy.second_person_needed" in refused.content.decode()
    assert senior.post(f"{address}/approve", {"reason": ""}).status_code == 422
    assert senior.post(f"{address}/approve", {"reason": "已看差异与回放"}).status_code == 302
    assert limits.current(TODAY).offer_valid_days == 30
    assert senior.post(f"{address}/publish").status_code == 302
    assert limits.current(TODAY).offer_valid_days == 31
    assert senior.post(f"{address}/publish").status_code == 409  # the button of an old page
    body = senior.get(f"{address}?lang=en").content.decode()
    assert "In force" in body
    assert "offer_valid_days" in body
    assert senior.post(f"{address}/rollback", {"reason": "客户反馈不佳"}).status_code == 302
    assert limits.current(TODAY).offer_valid_days == 30
    names = list(Event.objects.filter(subject_id=row.id).order_by("id").values_list("name", "actor_kind"))
    assert {kind for _, kind in names} == {"staff"}
    assert [name.rpartition(".")[2] for name, _ in names][-3:] == ["approved", "published", "rolled_back"]


def test_two_editors_see_each_other() -> None:
    analyst, colleague = staff_client(Role.RISK_ANALYST), staff_client(Role.RISK_ANALYST, username="colleague")
    row = drafted(analyst)
    saved(analyst, row, "offer_valid_days = 30", "offer_valid_days = 31")
    response = colleague.post(f"/console/policy/versions/{row.id}/edit?file=limits.toml",
                              {"revision": 1, "text": "x = '<script>alert(1)</script>'"})
    assert response.status_code == 409
    body = response.content.decode()
    assert "policy.edited_meanwhile" in body
    assert "<script>alert(1)" not in body
    row.refresh_from_db()
    assert "31" in row.files["limits.toml"]


def test_anything_may_be_typed_into_the_editor() -> None:
    analyst = staff_client(Role.RISK_ANALYST)
    row = drafted(analyst)
    for text in ("= 1", "\x00", "[[", 'x = """', "a" * 2_000_000, '"\\uZZZZ" = 1', "[a]\n[a]", "x = 1e400", "x = nan"):
        row.refresh_from_db()
        response = analyst.post(f"/console/policy/versions/{row.id}/edit?file=limits.toml",
                                {"revision": row.revision, "text": text}, follow=True)
        assert response.status_code in (200, 422), (text[:20], response.status_code)
        assert analyst.get(f"/console/policy/versions/{row.id}").status_code == 200


def test_versions_and_differences_are_read_by_those_who_may(django_assert_max_num_queries) -> None:
    analyst, auditor = staff_client(Role.RISK_ANALYST), staff_client(Role.AUDITOR)
    row = drafted(analyst, (TODAY + timedelta(days=30)).isoformat())
    saved(analyst, row, 'D = "0.0005"', 'D = "0.00045"', file="products.toml")
    analyst.post(f"/console/policy/versions/{row.id}/submit")
    row.refresh_from_db()
    with django_assert_max_num_queries(25):
        assert auditor.get("/console/policy").status_code == 200
    body = auditor.get("/console/policy/diff", {"a": selectors.pack(TODAY).version, "b": row.version}).content.decode()
    assert "products[invited_cash_loan].daily_rates.D" in body
    assert "0.05% (0.0005)" in body
    assert "0.045% (0.00045)" in body
    assert auditor.get("/console/policy/pack", {"v": "no-such"}).status_code == 404
    assert auditor.get("/console/policy/pack").status_code == 200
    assert auditor.post(f"/console/policy/versions/{row.id}/withdraw", {"reason": "试一试"}).status_code == 403


def test_a_replay_is_asked_for_run_and_read(collected_jobs) -> None:
    applied(1)
    analyst = staff_client(Role.RISK_ANALYST)
    wrong = analyst.post("/console/policy/replays/ask", {"since": "2026-03-31", "until": "2026-03-01", "under": ""})
    assert wrong.status_code == 422
    asked = analyst.post("/console/policy/replays/ask", {"since": "2026-03-01", "until": "2026-03-31", "under": ""})
    task, arguments = collected_jobs.deferred[-1]
    assert task == "policy.replay"
    assert "hx-trigger" in analyst.get(asked.url).content.decode()
    services.replay_run(UUID(arguments["run_id"]))
    body = analyst.get(f"{asked.url}?lang=en").content.decode()
    assert "All 4 decisions are bit for bit the same" in body
    strict = drafted(analyst, (TODAY + timedelta(days=30)).isoformat())
    saved(analyst, strict, "[[cases]]", "[[cases]]\n", file="cases.toml")
    strict.refresh_from_db()
    saved(analyst, strict, strict.files["cases.toml"], "cases = []\n", file="cases.toml")
    saved(analyst, strict, "maximum_fen = 5_000_000", "maximum_fen = 600_000")
    assert analyst.post(f"/console/policy/versions/{strict.id}/submit").status_code == 302
    strict.refresh_from_db()
    asked = analyst.post("/console/policy/replays/ask", {"since": "2026-03-01", "until": "2026-03-31",
                                                         "under": strict.version})
    services.replay_run(UUID(collected_jobs.deferred[-1][1]["run_id"]))
    body = analyst.get(asked.url).content.decode()
    assert "6,000.00" in body
    assert "王伟" not in body  # masked
    csv = b"".join(analyst.get(f"{asked.url}?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "amount_fen" in csv


def test_the_shadow_is_seen_beside_live() -> None:
    analyst = staff_client(Role.RISK_ANALYST)
    row = drafted(analyst)
    address = f"/console/policy/versions/{row.id}"
    analyst.post(f"{address}/submit")
    analyst.post(f"{address}/shadow")
    assert clock.today() == TODAY
    applied(1)
    body = analyst.get(f"{address}?lang=en").content.decode()
    assert "Shadow beside live" in body
    assert "100.00%" in body
