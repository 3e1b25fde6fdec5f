"""The demo's stories about identity and papers end where their titles say, through the real services (R1, R4.1, R8.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.world import Sandbox
from weidai.demo import load, specimens
from weidai.demo.history import Cast, Played
from weidai.demo.identity_lives import IDENTITY_LIVES
from weidai.demo.lives import Life
from weidai.demo.paper_lives import PAPER_LIVES
from weidai.files import selectors as files
from weidai.identity import selectors as identity
from weidai.identity.models import Customer, StaffVideoRequest, Verification
from weidai.jobs import identity_watch
from weidai.origination import selectors as origination
from weidai.origination.models import Application
from weidai.platform import clock
from weidai.security import selectors as security

PERSON = specimens.Holder("欧阳梓涵", "女", date(1993, 5, 4), "内蒙古自治区呼和浩特市新城区青禾路128号12栋1204室",
                          "150102199305040024", "新城区公安局", date(2019, 4, 3), date(2039, 4, 3))
PAY = specimens.Pay("内蒙古云杉软件有限公司", "欧阳梓涵", date(2026, 10, 1), 1_600_000, 168_000, 112_000, 42_000)


def test_a_specimen_is_small_says_what_it_is_and_breaks_no_house_number() -> None:
    pytest.importorskip("PIL")
    drawn = [specimens.card_front(PERSON), specimens.card_back(PERSON), specimens.payslip(PAY),
             specimens.payslip(PAY, is_blurred=True)]
    assert all(picture.startswith(b"\xff\xd8") and len(picture) < 200_000 for picture in drawn)
    assert drawn[0] == specimens.card_front(PERSON)  # the same content is the same picture: read once
    assert PAY.net_fen == 1_278_000
    assert specimens._lines(PERSON.address) == ["内蒙古自治区呼和浩特市", "新城区青禾路128号12栋", "1204室"]


def test_everybody_is_cast_once_and_only_where_the_story_suits(monkeypatch: Any) -> None:
    from weidai.demo import history

    monkeypatch.setattr(history, "_everybody", lambda _persona: iter(people("a", "b", "c", "d")))
    cast = Cast(taken=frozenset({"b"}))
    assert cast.next_of("any", lambda one: one.mobile == "d").mobile == "d"
    assert [cast.next_of("any").mobile, cast.next_of("any").mobile] == ["a", "c"]
    with pytest.raises(LookupError):
        cast.next_of("any")


def people(*mobiles: str) -> Iterable[Any]:
    from types import SimpleNamespace

    return [SimpleNamespace(mobile=mobile) for mobile in mobiles]


def lived(lives: tuple[Life, ...], *, book_id: int, cast: Cast) -> tuple[dict[str, list[Played]], Counter[str]]:
    """Live stories to yesterday in a book of their own; returns who played which story, and the refusals met."""
    history = load._history(book_id, f"demo {book_id}", load._span(lives))
    played: dict[str, list[Played]] = {}
    for life in lives:
        played.setdefault(life.story.__name__, []).append(history.join(life, cast.next_of(life.persona, life.suits)))
    history.live(lambda _day: None)
    return played, history.refusals


@pytest.fixture
def staffed(settings: Any) -> None:
    from weidai.staff import services as staff

    settings.DEMO = True
    staff.demo_staff_create()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_identity_stories_end_where_their_titles_say(sandbox: Sandbox, staffed: None) -> None:
    played, refusals = lived(IDENTITY_LIVES, book_id=11, cast=Cast())
    assert set(refusals) <= {"identity.id_card_not_valid", "identity.id_card_mismatch"}  # what the fraudsters meet

    def one(story: str) -> Any:
        return played[story][0].borrower

    waiting = StaffVideoRequest.objects.filter(state="waiting").values_list("purpose", flat=True)
    assert sorted(waiting) == ["activation", "real_name", "real_name", "real_name"]
    cases = {name: one(name).application_state() for name in ("video_passed", "lent_phone_waiting")}
    assert cases == {"video_passed": "verification", "lent_phone_waiting": "verification"}
    phones = security.devices_for(one("another_phone").customer_id)
    assert sorted((row.label, row.has_key, row.is_locked) for row in phones) == [
        ("Android · Chrome", True, False), ("iPhone · WeChat", False, True)]
    bound = next(row for row in phones if row.has_key)
    assert bound.full_from is not None and bound.full_from - bound.first_seen_at == timedelta(hours=24)
    assert identity.customer_get(one("id_card_ends_soon").customer_id).id_card_status == "expiring"
    counts = identity_watch.identity_watch_run(clock.today())
    assert (counts["held"], counts["reminded"]) == (1, 1)
    assert identity.customer_get(one("id_card_has_ended").customer_id).id_card_status == "expired"
    assert not Verification.objects.filter(customer_id=_second_of(one("second_account"))).exists()
    assert {row.what for row in files.deletion_receipts(one("left_for_good").customer_id)} == {"everything"}
    assert Customer.objects.get(pk=one("left_for_good").customer_id).name is None
    assert not identity.has_consent(one("face_withdrawn").customer_id, "face")


def _second_of(borrower: Any) -> Any:
    """Return the account that was opened under the person's other number, on the same device."""
    return next(found for found in security.device_customers(borrower.device.fingerprint) if found != borrower.customer_id)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_paper_stories_are_read_for_real_and_end_where_their_titles_say(
    sandbox: Sandbox, staffed: None, monkeypatch: Any,
) -> None:
    pytest.importorskip("rapidocr")
    from weidai.vision import asking, selectors
    from weidai.vision.reader import Reader

    reader = Reader()
    monkeypatch.setattr(asking, "paper_read", lambda picture, *, kind, on: reader.read(picture, kind, on=on))
    monkeypatch.setattr(selectors, "is_available", lambda: True)
    # PDFs are opened by the reading process, which is not running here
    monkeypatch.setattr(specimens, "_scanned", lambda picture: specimens._photographed(picture, at=(330, 860)))
    played, refusals = lived(PAPER_LIVES, book_id=12, cast=Cast(skip=40))
    assert refusals == Counter()
    states = {name: Application.objects.filter(customer_id=rows[0].borrower.customer_id).values_list("state", flat=True).first()
              for name, rows in played.items()}
    assert states == {
        "papers_complete": "verification", "papers_corrected": "verification", "papers_unreadable": "verification",
        "papers_altered": "verification", "papers_asked_again": "awaiting_customer", "papers_to_check": "draft",
        "papers_judged": "offered", "pictures_withdrawn": None}

    def pages(story: str) -> Any:
        borrower = played[story][0].borrower
        return origination.application_papers(borrower.customer_id, borrower.application_id)

    complete = played["papers_complete"][0].borrower
    found = origination.papers_found(complete.customer_id, complete.application_id)
    assert found.proposal.monthly_fen == complete.person.monthly_income_fen
    assert {finding.code for finding in found.findings} <= {"marked"}
    assert [[row.follows for row in page.bookings].count(False) for page in pages("papers_altered")] == [1]
    assert [[field.code for field in page.fields if field.is_corrected] for page in pages("papers_corrected")] == [["net_fen"]]
    assert [page.reading for page in pages("papers_unreadable")] == ["by_person", "by_person"]
    assert [page.needs_confirm for page in pages("papers_to_check")] == [True]
    evidence = identity.id_card_evidence(played["papers_corrected"][0].borrower.customer_id)
    assert evidence is not None and (evidence.source, evidence.corrected) == ("photos", ("address",))
    withdrawn = played["pictures_withdrawn"][0].borrower.customer_id
    assert sorted(next(iter(row.counts)) for row in files.deletion_receipts(withdrawn)) == ["id_card_back", "id_card_front"]
