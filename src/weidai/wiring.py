"""The only place that decides who answers a port: sandbox or real adapters, and which handlers listen to what."""

from __future__ import annotations

import importlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.conf import settings

if TYPE_CHECKING:
    from weidai.adapters.sandbox_client import SandboxClient
    from weidai.files.ports import FileShelf

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
    _wire_faces()
    _wire_voices()
    _wire_policy()
    if settings.SANDBOX_URL:
        wire_sandbox(settings.SANDBOX_URL, settings.SANDBOX_KEY_DIR)


def _wire_inner() -> None:
    """Ports that one room of ours answers for another below it, and the job queue."""
    from weidai.adapters.jobs_procrastinate import ProcrastinateJobs
    from weidai.assessment import ports as assessment
    from weidai.files.ports import shelf
    from weidai.identity import ports as identity
    from weidai.identity.contacts import Contacts, KnownDigits, PersonSeen
    from weidai.identity.look_ups import FaceWords, LookUps
    from weidai.lending.borrowings import OwnBorrowings
    from weidai.messaging import ports as messaging
    from weidai.origination.holdings import ConsentedPapers, CustomerHoldings
    from weidai.platform.jobs import jobs
    from weidai.platform.keys import rotation
    from weidai.platform.sealed_messages import SealedMessages
    from weidai.products import ports as products
    from weidai.risk.look_ups import ListDigests
    from weidai.security import ports as security
    from weidai.security.look_ups import rotation_places
    from weidai.servicing.own_loans import OwnLoans
    from weidai.staff.second_factors import SecondFactors
    from weidai.staff.signed_sessions import SignedSessions

    jobs.fill(ProcrastinateJobs())
    shelf.fill(_shelf())
    rotation.places[:] = [LookUps(), FaceWords(), ListDigests(), SealedMessages(), SecondFactors(), SignedSessions(),
                          *rotation_places()]
    messaging.contact_book.fill(Contacts())
    security.known_digits.fill(KnownDigits())
    security.person_seen.fill(PersonSeen())
    identity.borrowings.fill(OwnBorrowings())
    identity.papers_held.fill(ConsentedPapers())
    products.holdings.fill(CustomerHoldings())
    assessment.own_loans.fill(OwnLoans())


def _wire_policy() -> None:
    """What the rooms tell the policy room below them: their sections of a pack, and the decisions that can be made again."""
    from weidai.assessment import decision_kinds as assessment_kinds
    from weidai.assessment import policy as assessment
    from weidai.files import policy as files
    from weidai.identity import policy as identity
    from weidai.lending import policy as lending
    from weidai.limits import policy as limits
    from weidai.origination import decision_kinds as origination_kinds
    from weidai.origination import policy as origination
    from weidai.policy import registry
    from weidai.products import policy as products
    from weidai.risk import decision_kinds as risk_kinds
    from weidai.risk import policy as risk
    from weidai.servicing import policy as servicing

    registry.section_parsers.fill({
        "identity": identity.of_pack, "assessment": assessment.of_pack, "products": products.of_pack,
        "limits": limits.of_pack, "wages": limits.wages_of_pack, "origination": origination.of_pack,
        "lending": lending.of_pack, "servicing": servicing.of_pack, "risk": risk.of_pack, "retention": files.of_pack})
    registry.case_runner.fill(origination_kinds.case_run)
    kinds = (assessment_kinds.ASSESSMENT, origination_kinds.SCREENING, origination_kinds.FINAL_REVIEW,
             origination_kinds.LIMIT_REVIEW, risk_kinds.RISK)
    registry.decision_kinds.fill({kind.code: kind for kind in kinds})


def _wire_faces() -> None:
    """The embedded engine, which starts nothing before the first face, and Tencent Cloud FaceID where it has keys (R1.5)."""
    from weidai.adapters.tencent_faceid import DEFAULT_HOST, Credentials, TencentFaceId
    from weidai.faces.process import FaceProcess
    from weidai.identity import ports as identity

    identity.face_engine.fill(FaceProcess())
    if secret_id := os.environ.get("WEIDAI_TENCENT_SECRET_ID"):
        keys = Credentials(secret_id, os.environ.get("WEIDAI_TENCENT_SECRET_KEY", ""))
        identity.liveness_vendor.fill(TencentFaceId(
            lambda: keys, host=os.environ.get("WEIDAI_TENCENT_FACEID_URL", DEFAULT_HOST),
            region=os.environ.get("WEIDAI_TENCENT_REGION", "ap-guangzhou")))


def _wire_voices() -> None:
    """The embedded engine where it is switched on and installed; it starts nothing before the first recording (R1.8)."""
    from weidai.identity import ports as identity
    from weidai.voices.models import is_installed
    from weidai.voices.process import VoiceProcess

    if settings.VOICE and is_installed():
        identity.voice_engine.fill(VoiceProcess())


def _shelf() -> FileShelf:
    """Where sealed files lie: the S3-compatible store of the settings, else a folder of this machine."""
    from weidai.adapters.files_local import LocalShelf
    from weidai.adapters.files_s3 import S3Place, S3Shelf

    wanted = settings.FILES_S3
    return S3Shelf(S3Place(**wanted)) if wanted["url"] else LocalShelf(settings.FILES_DIR)


def wire_sandbox(url: str, key_dir: Path, *, timeout_seconds: float | None = None) -> SandboxClient:
    """Let one sandbox world play every outside system over signed HTTP (R9.4) and return the client all of them use."""
    from weidai.adapters import (
        sandbox_bank,
        sandbox_behaviour,
        sandbox_bureau,
        sandbox_client,
        sandbox_control,
        sandbox_identity,
        sandbox_keys,
        sandbox_sms,
        tencent_faceid,
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
    identity.portrait_source.fill(sandbox_identity.SandboxPortraits(client))
    if not os.environ.get("WEIDAI_TENCENT_SECRET_ID"):
        identity.liveness_vendor.fill(tencent_faceid.TencentFaceId(
            lambda: tencent_faceid.Credentials(*sandbox_keys.tencent_secret(key_dir)), host=url))
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
