"""One sandbox world behind the ports, and a borrower who walks through the pages with a browser's forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sandbox_world import testing
from weidai import wiring
from weidai.adapters import (
    sandbox_behaviour,
    sandbox_bureau,
    sandbox_client,
    sandbox_identity,
    sandbox_keys,
    sandbox_sms,
    tencent_faceid,
)
from weidai.adapters.sandbox_control import SandboxControl
from weidai.assessment import ports as assessment
from weidai.demo.world import WorldPerson
from weidai.identity import ports as identity
from weidai.identity.consent_texts import consent_text
from weidai.messaging.ports import sms_gateway
from weidai.platform import jobs, outbox

PICTURE = b"\xff\xd8\xff\xe0" + b"face" * 64
CODE = re.compile(r"\d{6}")
PASSWORD = "250918"
PRODUCT = "consumer_installment_line"


@pytest.fixture(scope="session")
def running_world(tmp_path_factory: Any) -> Iterator[Any]:
    world = testing.start(tmp_path_factory.mktemp("h5_world"), people=200)
    yield world
    world.stop()


@pytest.fixture
def world(running_world: Any, collected_jobs: Any) -> Iterator[SandboxControl]:
    """Every partner the pages reach, answered by the world; ports are as wired again afterwards."""
    client = sandbox_client.SandboxClient(running_world.base_url, running_world.keys_folder, timeout_seconds=5)
    identity.id_registry.fill(sandbox_identity.SandboxIdRegistry(client))
    identity.face_vendor.fill(sandbox_identity.SandboxFaceVendor(client))
    identity.portrait_source.fill(sandbox_identity.SandboxPortraits(client))
    identity.liveness_vendor.fill(tencent_faceid.TencentFaceId(
        lambda: tencent_faceid.Credentials(*sandbox_keys.tencent_secret(running_world.keys_folder)),
        host=running_world.base_url))
    identity.card_network.fill(sandbox_identity.SandboxCardNetwork(client))
    identity.mobile_operator.fill(sandbox_identity.SandboxMobileOperator(client))
    assessment.behaviour_data.fill(sandbox_behaviour.SandboxBehaviour(client))
    assessment.credit_bureau.fill(sandbox_bureau.SandboxBureau(client))
    sms_gateway.fill(sandbox_sms.SandboxSms(client))
    yield SandboxControl(client)
    client.close()
    wiring.wire()
    jobs.jobs.fill(collected_jobs)


@dataclass
class Borrower:
    """A person of the world at the pages; each step posts what a browser would post."""

    world: SandboxControl
    person: WorldPerson
    client: Client = field(default_factory=Client)

    @property
    def card_number(self) -> str:
        return next(card.card_number for card in self.person.cards if card.is_main and card.card_type == "debit")

    @property
    def customer_id(self) -> UUID:
        from weidai.identity.selectors import customer_by_mobile

        found = customer_by_mobile(self.person.mobile)
        assert found is not None
        return found

    def post(self, address: str, **values: Any) -> Any:
        return self.client.post(address, values)

    def deliver(self) -> None:
        """What the worker does: until nothing is due."""
        while outbox.deliver_due():
            pass

    def sign_in(self) -> Borrower:
        asked = self.post("/h5/login", mobile=self.person.mobile, agrees="on")
        assert asked.status_code == 302, asked.content.decode()
        self.deliver()
        code = CODE.search(self.world.last_sms(self.person.mobile) or "")
        assert code is not None
        assert self.post("/h5/login/code", code=code[0]).status_code == 302
        return self

    def agree(self, *purposes: str) -> Borrower:
        for purpose in purposes:
            text = consent_text(purpose)
            assert text is not None
            assert self.post(f"/h5/consent/{purpose}", text_version=text.version).status_code == 302
        return self

    def verify(self) -> Borrower:
        self.agree("real_name_check", "face", "bank_card_check", "mobile_check")
        self.step("/h5/onboard/id-card", name=self.person.name, id_number=self.person.id_number)
        self.step("/h5/onboard/face", picture=self.picture())
        self.step("/h5/onboard/bank-card", card_number=self.card_number)
        return self.step("/h5/onboard/mobile")

    def picture(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("face.jpg", PICTURE, content_type="image/jpeg")

    def step(self, address: str, **values: Any) -> Borrower:
        response = self.post(address, **values)
        assert response.status_code == 302, response.content.decode()
        return self

    def applied(self) -> str:
        """Agree to the data, be assessed, apply; the address of the progress page."""
        self.agree("payment_data", "credit_report", "credit_reporting").step("/h5/credit/")
        response = self.post(f"/h5/apply/{PRODUCT}/", declared_monthly_income="12000", occupation="employed",
                             employer="某公司", region_code="31")
        assert response.status_code == 302, response.content.decode()
        return str(response.headers["Location"])

    def granted(self) -> str:
        """Be offered a line and accept it; the address of its activation."""
        progress = self.applied()
        self.deliver()
        response = self.post(f"{progress}accept")
        assert response.status_code == 302, self.client.get(progress).content.decode()
        return str(response.headers["Location"])

    def activated(self) -> str:
        address = self.granted()
        card_id = str(self.cards()[0].id)
        self.step(f"{address}card", card_id=card_id).step(f"{address}password", password=PASSWORD, again=PASSWORD)
        self.step(f"{address}face", picture=self.picture())
        return address

    def cards(self) -> Any:
        from weidai.identity.selectors import bank_cards

        return bank_cards(self.customer_id)


@pytest.fixture
def borrower(world: SandboxControl, transactional_db: None) -> Borrower:
    """A salaried person whose main card is a debit card, not yet registered."""
    people, _ = world.people("salaried", 20)
    return Borrower(world, next(one for one in people if one.trap is None and any(
        card.is_main and card.card_type == "debit" for card in one.cards)))
