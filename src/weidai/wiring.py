"""The only place that decides who answers a port: sandbox or real adapters, and which handlers listen to what."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.conf import settings

if TYPE_CHECKING:
    from weidai.adapters.sandbox_client import SandboxClient

# Modules that register handlers (outbox, inbox) and notice templates when they are imported.
_LISTENING_ROOMS = (
    "messaging", "security", "identity", "assessment", "products", "limits", "origination", "lending", "servicing",
)
_LISTENING_MODULES = ("notices", "deliveries", "arrivals")


class WiringConfig(AppConfig):
    """Wires the program once Django has loaded every room."""

    name = "weidai"
    label = "wiring"

    def ready(self) -> None:
        wire()


def wire() -> None:
    """Fill every port and register every handler. Idempotent."""
    for room in _LISTENING_ROOMS:
        for module in _LISTENING_MODULES:
            if find_spec(f"weidai.{room}.{module}"):
                importlib.import_module(f"weidai.{room}.{module}")
    _wire_inner()
    if settings.SANDBOX_URL:
        wire_sandbox(settings.SANDBOX_URL, settings.SANDBOX_KEY_DIR)


def _wire_inner() -> None:
    """Ports that one room of ours answers for another below it, and the job queue."""
    from weidai.adapters.files_local import LocalShelf
    from weidai.adapters.jobs_procrastinate import ProcrastinateJobs
    from weidai.assessment import ports as assessment
    from weidai.files.ports import shelf
    from weidai.identity.contacts import Contacts, KnownDigits
    from weidai.messaging import ports as messaging
    from weidai.origination.holdings import CustomerHoldings
    from weidai.platform.jobs import jobs
    from weidai.products import ports as products
    from weidai.security import ports as security
    from weidai.servicing.own_loans import OwnLoans

    jobs.fill(ProcrastinateJobs())
    shelf.fill(LocalShelf(settings.FILES_DIR))
    messaging.contact_book.fill(Contacts())
    security.known_digits.fill(KnownDigits())
    products.holdings.fill(CustomerHoldings())
    assessment.own_loans.fill(OwnLoans())


def wire_sandbox(url: str, key_dir: Path, *, timeout_seconds: float | None = None) -> SandboxClient:
    """Let one sandbox world play every outside system over signed HTTP (R9.4) and return the client all of them use."""
    from weidai.adapters import (
        sandbox_bank,
        sandbox_behaviour,
        sandbox_bureau,
        sandbox_client,
        sandbox_control,
        sandbox_identity,
        sandbox_sms,
    )
    from weidai.assessment import ports as assessment
    from weidai.demo.world import world
    from weidai.identity import ports as identity
    from weidai.lending.ports import disbursement_bank
    from weidai.messaging.ports import sms_gateway
    from weidai.servicing.ports import bank_statement, collection_bank
    from weidai.web.api.ports import sandbox_callbacks

    client = sandbox_client.SandboxClient(url, key_dir, timeout_seconds=timeout_seconds)
    bank = sandbox_bank.SandboxBank(client)
    identity.id_registry.fill(sandbox_identity.SandboxIdRegistry(client))
    identity.face_vendor.fill(sandbox_identity.SandboxFaceVendor(client))
    identity.card_network.fill(sandbox_identity.SandboxCardNetwork(client))
    identity.mobile_operator.fill(sandbox_identity.SandboxMobileOperator(client))
    assessment.behaviour_data.fill(sandbox_behaviour.SandboxBehaviour(client))
    assessment.credit_bureau.fill(sandbox_bureau.SandboxBureau(client))
    disbursement_bank.fill(bank)
    collection_bank.fill(bank)
    bank_statement.fill(bank)
    sms_gateway.fill(sandbox_sms.SandboxSms(client))
    sandbox_callbacks.fill(client)
    world.fill(sandbox_control.SandboxControl(client))
    return client
