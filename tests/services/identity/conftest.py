"""A person who answers truthfully at every partner, and a customer at each stage."""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

import pytest

from weidai.identity import ports, services
from weidai.identity.consent_texts import consent_text
from weidai.identity.models import Customer, DigestEntry
from weidai.identity.ports import CardAnswer, FaceAnswer, MatchResult, OperatorAnswer, RegistryAnswer
from weidai.platform import clock
from weidai.platform.crypto import index_digests
from weidai.platform.ids import uuid7

NAME, ID_NUMBER, MOBILE = "王伟", "110105199001010010", "13800005678"
CARD, SECOND_CARD = "6225880000000000123", "6222020000000000456"
PICTURE = "ab" * 32


def id_number_of(first_17: str) -> str:
    from weidai.kernel.id_card import id_card_check_digit

    return first_17 + id_card_check_digit(first_17)


OPERATOR_SAYS = OperatorAnswer(MatchResult.MATCH, "china_mobile", "in_use", 57)
REGISTRY_SAYS = RegistryAnswer(MatchResult.MATCH, "valid", date(2019, 5, 6), date(2039, 5, 6))
FACE_SAYS = FaceAnswer(MatchResult.MATCH, True, 93, "certified")
CARD_SAYS = CardAnswer(MatchResult.MATCH, "CMB", "招商银行", "I", "debit", "6225********0123", "active")


@dataclass
class Partners:
    """One object behind four ports; tests change its answers."""

    registry: RegistryAnswer = REGISTRY_SAYS
    face: FaceAnswer = FACE_SAYS
    card: CardAnswer = CARD_SAYS
    operator: OperatorAnswer = OPERATOR_SAYS
    failure: Exception | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def _say(self, answer, *question):
        self.asked.append(question)
        if self.failure:
            raise self.failure
        return answer

    def check(self, name, id_number):
        return self._say(self.registry, "registry", name, id_number)

    def verify(self, request_id, name, id_number, image_sha256):
        return self._say(self.face, "face", name, id_number, image_sha256)

    def four_elements(self, name, id_number, card_number, mobile):
        masked = f"{card_number[:4]}********{card_number[-4:]}"
        return self._say(replace(self.card, masked=masked), "card", name, id_number, card_number, mobile)

    def three_elements(self, name, id_number, mobile):
        return self._say(self.operator, "operator", name, id_number, mobile)


@pytest.fixture
def partners():
    slots = (ports.id_registry, ports.face_vendor, ports.card_network, ports.mobile_operator)
    before = [slot._adapter for slot in slots]
    played = Partners()
    for slot in slots:
        slot.fill(played)
    yield played
    for slot, adapter in zip(slots, before, strict=True):
        slot._adapter = adapter


def registered(mobile: str = MOBILE) -> UUID:
    """A customer as registration leaves one, without the code (its own test covers that)."""
    customer_id = uuid7()
    Customer.objects.create(id=customer_id, customer_id=customer_id, mobile=mobile, registered_at=clock.now())
    DigestEntry.objects.create(kind="mobile", digest=index_digests("mobile", mobile)[-1], customer_id=customer_id,
                               created_at=clock.now())
    return customer_id


def agree(customer_id: UUID, *purposes: str) -> None:
    for purpose in purposes:
        text = consent_text(purpose)
        services.consent_give(customer_id, purpose=purpose, recipient=text.recipient, text_version=text.version)


@pytest.fixture
def customer(db, partners):
    customer_id = registered()
    agree(customer_id, "real_name_check", "face", "bank_card_check", "mobile_check")
    return customer_id


@pytest.fixture
def verified(customer):
    services.id_card_submit(customer, name=NAME, id_number=ID_NUMBER)
    services.face_check(customer, image_digest=PICTURE, purpose="real_name")
    return customer
