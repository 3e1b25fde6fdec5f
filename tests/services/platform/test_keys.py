"""Keys of personal data: bound to row and column, a key per person, changed under way, destroyed for good (R9.6)."""

import base64
import json
import secrets

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from weidai.identity.models import BankCard, Customer, DigestEntry
from weidai.identity.selectors import customer_by_card, customer_by_id_number, customer_by_mobile
from weidai.identity.services.records import digest_claim
from weidai.platform import clock, crypto
from weidai.platform.ids import uuid7
from weidai.platform.keys import datakeys, keyfile, rotation
from weidai.platform.keys.datakeys import PersonErased
from weidai.platform.models import DataKey, InboxMessage

pytestmark = pytest.mark.django_db
MOBILE, NUMBER, CARD = "13800001111", "11010519491231002X", "6222020000000000123"


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    """A key folder of this test's own; the file appears at the first use."""
    monkeypatch.setenv("WEIDAI_KEY_DIR", str(tmp_path))
    keyfile.forget()
    datakeys.forget()
    yield tmp_path / keyfile.KEY_FILE
    keyfile.forget()
    datakeys.forget()


@pytest.fixture
def older_home(key_file):
    """The key file of a home created before people had keys of their own."""
    keys = {"active": 1, "keys": {"1": base64.b64encode(secrets.token_bytes(32)).decode()},
            "digest_key": base64.b64encode(secrets.token_bytes(32)).decode()}
    key_file.write_text(json.dumps(keys))

    def sealed(value, purpose):
        nonce = secrets.token_bytes(12)
        body = AESGCM(base64.b64decode(keys["keys"]["1"])).encrypt(nonce, value.encode(), purpose.encode())
        return f"k1.{base64.b64encode(nonce + body).decode()}"

    return sealed


def customer(**values):
    customer_id = uuid7()
    values = {"mobile": MOBILE, "name": "王伟", "id_number": NUMBER} | values
    return Customer.objects.create(id=customer_id, customer_id=customer_id, registered_at=clock.now(), **values)


def column(table, name, row_id):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{name}" FROM "{table}" WHERE id = %s', [row_id])  # noqa: S608
        return cursor.fetchone()[0]


def put(table, name, row_id, value):
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET "{name}" = %s WHERE id = %s', [value, row_id])  # noqa: S608


def test_a_value_names_its_key_and_opens_only_in_its_own_row_and_column(key_file):
    one, other = customer(), customer(mobile="13900002222")
    kept = column("identity_customer", "mobile", one.id)
    assert kept.split("|")[:2] == ["v1", f"{one.id.hex}.p1"]
    assert MOBILE not in kept
    assert Customer.objects.get(id=one.id).mobile == MOBILE
    put("identity_customer", "mobile", other.id, kept)
    with pytest.raises(InvalidTag):
        _ = Customer.objects.get(id=other.id).mobile
    put("identity_customer", "name", one.id, kept)
    with pytest.raises(InvalidTag):
        _ = Customer.objects.get(id=one.id).name


def test_sealed_columns_cannot_be_searched_or_written_around(key_file):
    row = customer()
    with pytest.raises(TypeError, match="sealed"):
        Customer.objects.filter(mobile=MOBILE).first()
    with pytest.raises(TypeError, match="sealed"):
        Customer.objects.filter(id=row.id).update(mobile="13700000000")


def test_many_rows_cost_one_statement_for_their_keys(key_file, django_assert_num_queries):
    for number in range(12):
        customer(mobile=f"1380000{number:04d}")
    datakeys.forget()
    with django_assert_num_queries(2):
        assert len({row.mobile for row in Customer.objects.all()}) == 12
    with django_assert_num_queries(1):  # within the same transaction they are asked for again only when not kept
        list(Customer.objects.only("id"))


def test_an_older_home_is_read_as_it_is_and_moves_with_the_first_rotation(older_home, key_file):
    row = customer()
    put("identity_customer", "mobile", row.id, older_home(MOBILE, "identity.customer.mobile"))
    put("identity_customer", "name", row.id, older_home("王伟", "identity.customer.name"))
    old_digest = crypto.digest_text(MOBILE, "mobile")
    DigestEntry.objects.create(kind="mobile", digest=old_digest, customer_id=row.id, created_at=clock.now())
    message = InboxMessage.objects.create(
        partner="bank", partner_event_id="e1", kind="bank.transfer.received", received_at=clock.wall_now(),
        payload={"memo_sealed": older_home("还款", "inbox.payload"), "amount_fen": 1})
    again = Customer.objects.get(id=row.id)
    assert (again.mobile, again.name) == (MOBILE, "王伟")
    assert customer_by_mobile(MOBILE) == row.id
    assert {(use.what, use.version) for use in rotation.key_uses() if use.is_old} == {
        ("identity_customer.mobile", "k1"), ("identity_customer.name", "k1"), ("platform_inboxmessage.payload", "old")}
    rotation.rotate()
    assert not [use for use in rotation.key_uses() if use.is_old]
    rotation.old_keys_destroy()
    datakeys.forget()
    assert json.loads(key_file.read_text())["legacy"] == {}
    again = Customer.objects.get(id=row.id)
    assert (again.mobile, again.name, customer_by_mobile(MOBILE)) == (MOBILE, "王伟", row.id)
    assert not DigestEntry.objects.filter(digest=old_digest).exists()
    message.refresh_from_db()
    assert crypto.decrypt_text(message.payload["memo_sealed"], "inbox.payload") == "还款"


def test_after_a_rotation_the_old_master_key_can_be_destroyed_and_everything_is_read(key_file):
    rows = [customer(mobile=f"1380000{number:04d}") for number in range(5)]
    card = BankCard.objects.create(
        customer_id=rows[0].id, card_number=CARD, digest=crypto.index_digests("card", CARD)[-1], bank_code="ICBC",
        bank_name_zh="工行", account_class="I", masked="6222****", bound_at=clock.now())
    for kind, value in (("mobile", "13800000000"), ("id_number", NUMBER), ("card", CARD)):
        digest_claim(kind, value, rows[0].id)
    rotation.begin()
    with pytest.raises(ValueError, match="data_keys"):
        rotation.old_keys_destroy()
    steps = []
    rotation.rotate(lambda *step: steps.append(step))
    assert ("data_keys", 5, 5) in steps
    assert [(use.what, use.version, use.is_old) for use in rotation.key_uses() if use.what == "data_keys"] == [
        ("data_keys", "2", False)]
    assert rotation.old_keys_destroy() == [1]
    datakeys.forget()
    keyfile.forget()
    assert list(keyfile.keyring().kek.keys) == [2]
    assert {row.mobile for row in Customer.objects.all()} == {f"1380000{number:04d}" for number in range(5)}
    assert rotation.unreadable() == {}
    assert (customer_by_mobile("13800000000"), customer_by_id_number(NUMBER), customer_by_card(CARD)) == (rows[0].id,) * 3
    card.refresh_from_db()
    assert card.digest == crypto.index_digests("card", CARD)[-1]
    assert DigestEntry.objects.count() == 3


def test_a_rotation_cut_off_anywhere_is_gone_on_with(key_file):
    for number in range(4):
        row = customer(mobile=f"1380000{number:04d}")
        digest_claim("mobile", row.mobile, row.id)
    for cut in range(8):
        calls = 0

        def told(*_step, cut=cut):
            nonlocal calls
            calls += 1
            if calls > cut:
                raise KeyboardInterrupt

        try:
            with transaction.atomic():
                rotation.rotate(told)
            break
        except KeyboardInterrupt:
            datakeys.forget()
            assert customer_by_mobile("13800000003") == row.id
            assert Customer.objects.get(id=row.id).mobile == "13800000003"
    rotation.rotate() if json.loads(key_file.read_text()).get("rotating") else None
    content = json.loads(key_file.read_text())
    assert content["kek"]["active"] == 2  # one rotation, however often it was begun
    assert "rotating" not in content
    assert not [use for use in rotation.key_uses() if use.is_old]
    assert customer_by_mobile("13800000003") == row.id


def test_while_both_versions_stand_the_first_owner_of_a_value_is_the_owner(key_file):
    first, second = customer(), customer(mobile="13900002222")
    assert digest_claim("mobile", MOBILE, first.id) == first.id
    rotation.begin()
    assert customer_by_mobile(MOBILE) == first.id
    assert digest_claim("mobile", MOBILE, second.id) == first.id
    assert digest_claim("mobile", "13900002222", second.id) == second.id
    assert DigestEntry.objects.filter(kind="mobile", customer_id=first.id).count() == 2
    rotation.rotate()
    assert DigestEntry.objects.filter(kind="mobile").count() == 2
    assert (customer_by_mobile(MOBILE), customer_by_mobile("13900002222")) == (first.id, second.id)


def test_destroyed_keys_leave_erased_text_and_proof_that_there_was_a_key(key_file):
    row, other = customer(), customer(mobile="13900002222")
    assert crypto.keys_destroy(row.id, "pb") == 1
    again = Customer.objects.get(id=row.id)
    assert (again.mobile, again.name) == ("", "")
    assert Customer.objects.get(id=other.id).mobile == "13900002222"
    assert rotation.unreadable() == {}
    sealed = column("identity_customer", "name", row.id)
    for scope in ("p", "b"):
        with pytest.raises(PersonErased):  # whoever comes back is somebody new: this person gets no key again
            datakeys.key_for_writing(row.id, scope)
    again.name = "新"
    with pytest.raises(PersonErased), transaction.atomic():
        again.save(update_fields=["name"])
    again.refresh_from_db()
    again.name = ""  # emptying needs no key
    again.save(update_fields=["name"])
    assert (Customer.objects.get(id=row.id).name, column("identity_customer", "name", row.id) == sealed) == ("", True)
    assert DataKey.objects.filter(customer_id=row.id).count() == 1


def test_biometrics_may_be_given_anew_after_their_key_was_destroyed(key_file):
    row = customer()
    datakeys.key_for_writing(row.id, "b")
    assert crypto.keys_destroy(row.id, "b") == 1
    name, _ = datakeys.key_for_writing(row.id, "b")
    assert name == f"{row.id.hex}.b2"
