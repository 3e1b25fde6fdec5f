"""A settled loan has one certificate, whoever asks for it at the same time (R6.6)."""

from datetime import timedelta

from tests.races.conftest import together
from tests.services.lending_support import at, borrower_make, loan_make

from weidai.platform import clock
from weidai.servicing import services as servicing
from weidai.servicing.models import SettlementCertificate


def test_asking_twice_at_once_gives_the_same_certificate():
    who = borrower_make()
    loan = loan_make(who)
    servicing.repayment_receive(
        who.id, amount_fen=loan.principal_fen, received_at=clock.now() + timedelta(hours=1), channel="debit",
        reference="r1", loan_id=loan.id)
    with at(clock.now() + timedelta(hours=2)):
        found = together(*[lambda: servicing.certificate_issue(who.id, loan_id=loan.id)] * 4)
    assert len(set(found)) == 1
    assert SettlementCertificate.objects.get().id == found[0]
