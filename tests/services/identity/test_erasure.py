"""Biometrics go on request, everything of who never borrowed; proofs stay valid, borrowers are refused (R8.5, R9.6)."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from tests.services.identity.conftest import CARD, ID_NUMBER, MOBILE, agree, registered
from tests.support.hostile_files import picture

from weidai.audit import selectors as audit
from weidai.audit.models import Event
from weidai.audit.services import day_seal
from weidai.files import errors as file_errors
from weidai.files import selectors as files
from weidai.files import services as file_services
from weidai.identity import errors, selectors, services
from weidai.identity.models import BankCard, Consent, Customer, StaffVideoRequest
from weidai.identity.ports import borrowings
from weidai.platform import clock
from weidai.platform.crypto import EncryptedTextField, keys_destroy
from weidai.platform.ids import uuid7
from weidai.platform.keys.datakeys import key_for_writing
from weidai.platform.models import DataKey
from weidai.security import selectors as security
from weidai.security import services as security_services


class Borrowed:
    def __init__(self, *, ever=False, is_open=False):
        self.ever, self.is_open = ever, is_open

    def has_borrowed(self, _customer_id):
        return self.ever

    def has_open_business(self, _customer_id):
        return self.is_open


@pytest.fixture
def history():
    before = borrowings._adapter
    played = Borrowed()
    borrowings.fill(played)
    yield played
    borrowings._adapter = before


@pytest.fixture
def person(verified, history):
    services.bank_card_bind(verified, card_number=CARD)
    file_services.file_store(verified, kind="face_frame", content=picture())
    file_services.file_store(verified, kind="id_card_front", content=picture(size=(300, 200)))
    day_seal(clock.today())
    return verified


def test_biometrics_are_gone_for_good_and_nothing_else_is(person, history):
    history.ever = True  # a borrower may have biometrics deleted as well
    frame, = files.files_for(person, kind="face_frame")
    receipt = services.biometrics_erase(person, reason="customer_request")
    assert (receipt.what, receipt.counts) == ("biometrics", {"files": 1, "keys": 1})
    with pytest.raises(file_errors.FileErased):
        file_services.file_open(person, frame.id, reason="test.review")
    assert file_services.file_open(person, files.files_for(person, kind="id_card_front")[0].id, reason="test.review")
    assert selectors.customer_private(person, purpose="test").id_number == ID_NUMBER
    day_seal(clock.today())
    assert audit.verify().is_sound
    assert Event.objects.get(id=receipt.event_id).facts["digest"] == receipt.digest


def test_who_never_borrowed_leaves_nothing_readable_and_the_proofs_stay_valid(person):
    session = security_services.session_start(person, user_agent="iPhone", ip="203.0.113.7")
    receipt = services.person_erase(person, reason="customer_request")
    assert receipt.counts["files"] == 2
    assert receipt.counts["keys"] == 2
    assert not DataKey.objects.filter(customer_id=person, destroyed_at=None).exists()
    assert not DataKey.objects.filter(customer_id=person).exclude(wrapped=None).exists()
    row = Customer.objects.get(id=person)
    assert (row.status, row.mobile, row.name, row.id_number) == ("closed", "", None, None)
    assert BankCard.objects.get(customer_id=person).card_number == ""
    assert (selectors.customer_by_mobile(MOBILE), selectors.customer_by_id_number(ID_NUMBER),
            selectors.customer_by_card(CARD)) == (None, None, None)
    assert security.session_get(session) is None
    assert Consent.objects.filter(customer_id=person).exists()  # proof of what was agreed, naming nobody
    assert selectors.customer_get(person).status == "closed"  # its page still opens
    for one in files.files_for(person, with_deleted=True):
        with pytest.raises(file_errors.FileErased):
            file_services.file_open(person, one.id, reason="test.review")
    day_seal(clock.today())
    assert audit.verify().is_sound
    assert [row.what for row in files.deletion_receipts(person)].count("everything") == 1


def test_r1_5_an_erased_person_is_nobody_to_call(person):
    request_id = services.staff_video_request(person, purpose="activation")
    services.person_erase(person, reason="customer_request")
    assert services.staff_video_next(staff_id="7") is None and selectors.staff_video_count() == 0
    ended, = selectors.staff_video_requests(person)
    assert (ended.id, ended.state, ended.decided_by) == (request_id, "unfinished", "")


def test_the_sealed_bytes_left_in_the_tables_open_with_no_key_that_is_left(person):
    with connection.cursor() as cursor:
        cursor.execute("SELECT mobile FROM identity_customer WHERE id = %s", [person])
        sealed = cursor.fetchone()[0]
    services.person_erase(person, reason="customer_request")
    with connection.cursor() as cursor:
        cursor.execute("SELECT mobile FROM identity_customer WHERE id = %s", [person])
        assert cursor.fetchone()[0] == sealed  # the bytes are there, nobody can open them
        cursor.execute("SELECT count(*) FROM platform_datakey WHERE customer_id = %s AND wrapped IS NOT NULL", [person])
        assert cursor.fetchone()[0] == 0
    assert Customer.objects.get(id=person).mobile == ""


def test_borrowers_and_open_business_are_refused_and_nothing_is_touched(person, history):
    history.ever = True
    with pytest.raises(file_errors.ErasureRefused):
        services.person_erase(person, reason="customer_request")
    history.ever, history.is_open = False, True
    with pytest.raises(errors.OpenBusiness):
        services.person_erase(person, reason="customer_request")
    assert selectors.customer_private(person, purpose="test").mobile == MOBILE
    assert len(files.files_for(person)) == 2


def test_who_comes_back_after_an_erasure_starts_anew(person, history):
    services.person_erase(person, reason="customer_request")
    again = registered()
    agree(again, "real_name_check")
    services.id_card_submit(again, name="王伟", id_number=ID_NUMBER)
    assert selectors.customer_by_id_number(ID_NUMBER) == again


def test_r9_6_notes_of_video_talks_of_before_are_sealed_and_those_of_erased_people_go(verified):
    gone = uuid7()
    key_for_writing(gone, "p")
    keys_destroy(gone, "p")
    for customer_id in (verified, gone):
        StaffVideoRequest.objects.create(id=uuid7(), customer_id=customer_id, purpose="real_name", state="passed",
                                         requested_at=clock.now(), decided_at=clock.now(), decided_by="7")
    state = MigrationLoader(connection).project_state([("identity", "0004_staff_video_desk_and_id_card_sides")])
    state.add_field("identity", "staffvideorequest", "note", EncryptedTextField(null=True), False)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE identity_staffvideorequest ADD COLUMN reason text NOT NULL DEFAULT '证件与本人一致'")
    import_module("weidai.identity.migrations.0005_staff_video_note_is_sealed").notes_sealed(state.apps, None)
    assert {one.customer_id: one.note for one in StaffVideoRequest.objects.all()} == {verified: "证件与本人一致", gone: None}
