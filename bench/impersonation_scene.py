"""People of the sandbox world and what may be done in their name, through the services in order (R8.1).

Risk work uses the same scene: `Scene.register`, `Scene.identity`, `Scene.face`, `Scene.card` leave a customer wherever an
attack got to. What passes everything applies for a loan: screening says whether a person looks before anybody decides.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from tests.support import faces

from weidai.assessment import services as assessment
from weidai.demo.world import world
from weidai.identity import consent_texts, legal_texts, ports, services
from weidai.identity.models import FaceBucket, FaceChallenge, FaceTemplate
from weidai.identity.services import CapturedFrame
from weidai.jobs.end_of_day import drain
from weidai.kernel.errors import PartnerUnavailable, Refusal
from weidai.origination import selectors as applications
from weidai.origination import services as origination
from weidai.platform.ports import PortSlot
from weidai.security import services as security
from weidai.security.asking import asked_from

_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_CONSENTS = ("real_name_check", "face", "bank_card_check", "mobile_check")
_LOAN_CONSENTS = ("payment_data", "credit_report", "credit_reporting")
PRODUCT = "consumer_installment_line"
PER_STEP = 5
_UNUSABLE = {17}  # a small child: the landmarks do not follow the warp
_RECORDED = (0, 1, 2, 4, 6, 7)
_STUDENTS = {"student"}  # always looked at by a person, so that they tell nothing about the rest
Screened = Literal["", "person", "alone", "declined"]


@dataclass(frozen=True, slots=True)
class End:
    """Where one try ended: the code of the refusal, or None with a verified account, and what screening made of it."""

    kind: str
    stopped_at: str | None
    by_vendor: bool = False  # the embedded engine had passed it
    screened: Screened = ""
    reasons: tuple[str, ...] = ()
    captures: int = 1


@dataclass(frozen=True, slots=True)
class Attack:
    """One kind; without `runs` it is measured on the way of another one."""

    kind: str
    words: str
    runs: Callable[[Scene], Iterator[End]] | None


class Stopped(Exception):
    """A service said no."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Scene:
    """People of the world, each used once, and the acts of whoever claims to be one of them."""

    people: Sequence[Any]
    client: Any
    random: random.Random
    _left: Iterator[Any] = field(init=False)
    _doubted: Iterator[Any] = field(init=False)

    def __post_init__(self) -> None:
        ports.face_engine.fill(_Remembering(ports.face_engine()))
        usable = [one for one in self.people if self._can_bind(one) and one.persona.code not in _STUDENTS]
        self.random.shuffle(usable)
        self._left = iter([one for one in usable if one.trap is None])
        self._doubted = iter([one for one in self.people if one.trap == "face_mismatch"
                              and one.persona.code not in _STUDENTS and 1967 < one.birth_on.year < 2008])

    @staticmethod
    def _can_bind(one: Any) -> bool:
        card = one.main_card
        is_grown = 1967 < one.birth_on.year < 2008
        return is_grown and card.card_type == "debit" and card.account_class == "I" and (
            one.id_card.valid_to is None or one.id_card.valid_to.year > 2027)

    def person(self) -> Any:
        """Return somebody not used yet."""
        return next(self._left)

    def doubted(self) -> Any:
        """Return somebody whom the sandbox's vendor never recognises."""
        return next(self._doubted)

    def still(self) -> int:
        """Return the number of a still."""
        return self.random.choice([number for number in range(faces.STILLS) if number not in _UNUSABLE])

    def other_still(self, number: int) -> int:
        """Return another one."""
        while (other := self.still()) == number:
            pass
        return other

    def victim(self, person: Any = None, *, is_recorded: bool = False) -> tuple[Any, int]:
        """Return somebody with a portrait at the registry, and the still it was made of (one of a few for `recorded`)."""
        person, number = person or self.person(), self.random.choice(_RECORDED) if is_recorded else self.still()
        self.portrait(person, number)
        return person, number

    def portrait(self, person: Any, number: int) -> None:
        """Give somebody a portrait at the registry."""
        picture = faces.jpeg(faces.framed(faces.still(number), faces.Pose(), size=(358, 441), usual=0.62), 88)
        self.client.post("control", f"/v1/control/people/{person.id_number}/portrait",
                         {"portrait_base64": base64.b64encode(picture).decode()})

    def code_for(self, mobile: str) -> str:
        """Read the newest code on a telephone one holds."""
        drain()
        code = _CODE.search(world().last_sms(mobile) or "")
        assert code is not None, "the holder of the telephone reads the code"
        return code[1]

    def register(self, mobile: str, *, device: str = "") -> UUID:
        """Sign up with a telephone one holds, on a device, and agree to everything."""
        challenge = services.registration_start(mobile=mobile)
        customer = services.registration_complete(challenge_id=challenge.id, mobile=mobile, code=self.code_for(mobile),
                                                  agreed=legal_texts.present_versions())
        with asked_from(ip="192.0.2.1", device=device or str(customer)):
            security.session_start(customer, user_agent="bench", ip="192.0.2.1")
        self.agree(customer, *_CONSENTS)
        return customer

    def agree(self, customer: UUID, *purposes: str) -> None:
        """Give consents."""
        for purpose in purposes:
            text = consent_texts.consent_text(purpose)
            assert text is not None
            services.consent_give(customer, purpose=purpose, recipient=text.recipient, text_version=text.version)

    def identity(self, customer: UUID, name: str, id_number: str) -> None:
        """Claim a name and a number."""
        self.act(lambda: services.id_card_submit(customer, name=name, id_number=id_number))

    def face(self, customer: UUID, film: Callable[[Sequence[str]], list[faces.Shot]], *, sent_by: str = "s",
             purpose: str = "real_name", is_patient: bool = True) -> list[faces.Shot]:
        """Ask for a challenge and send what `film` makes of its actions, as long after the prompts as the film lasts."""
        shots: list[faces.Shot] = []

        def submit() -> None:
            issued = services.face_challenge_issue(customer, purpose=purpose, session="s")
            shots.extend(film(issued.actions))
            if is_patient:
                row = FaceChallenge.objects.get(id=issued.id)
                lasts = timedelta(milliseconds=shots[-1].at_ms + 1_000)
                FaceChallenge.objects.filter(id=issued.id).update(expires_at=row.expires_at - lasts)
            services.face_challenge_submit(customer, challenge_id=issued.id, session=sent_by, frames=[
                CapturedFrame(shot.step, shot.at_ms, shot.jpeg) for shot in shots])

        self.act(submit)
        return shots

    def card(self, customer: UUID, card_number: str, mobile: str) -> None:
        """Bind a card."""
        self.act(lambda: services.bank_card_bind(customer, card_number=card_number, mobile=mobile))

    def mobile(self, customer: UUID) -> None:
        """Have the operator asked."""
        self.act(lambda: services.mobile_check(customer))

    def act(self, deed: Callable[[], object]) -> None:
        """Do something; a refusal ends the try."""
        try:
            deed()
        except Refusal as refusal:
            raise Stopped(refusal.code) from refusal

    def ended(self, kind: str, customer: UUID, deed: Callable[[], object], *, person: Any = None) -> End:
        """Live through the rest, apply for a loan where nothing said no, and say where it ended."""
        try:
            deed()
        except Stopped as stopped:
            newest = FaceChallenge.objects.filter(customer_id=customer).order_by("-issued_at").first()
            is_vendor = stopped.code == "identity.face_not_matched" and newest is not None and "is_alive" in newest.facts
            return End(kind, stopped.code, by_vendor=is_vendor)
        if person is None:
            return End(kind, None)
        screened, reasons = self.screened(customer, person)
        return End(kind, None, screened=screened, reasons=reasons)

    def screened(self, customer: UUID, person: Any) -> tuple[Screened, tuple[str, ...]]:
        """Apply for a loan and return what screening decided: a person looks, it goes on alone, or it is declined."""
        self.agree(customer, *_LOAN_CONSENTS)
        services.profile_declare(customer, occupation="employed", declared_monthly_income_fen=900_000, employer="某公司",
                                 region_code=person.id_number[:2])
        assessment.assessment_run(customer, trigger="requested")
        opened = origination.application_open(customer, product=PRODUCT)
        origination.application_submit(customer, application_id=opened.id, declared_monthly_income_fen=900_000,
                                       region_code=person.id_number[:2], employer="某公司")
        origination.screening_run(customer, application_id=opened.id)
        case = applications.case(opened.id)
        attentions = tuple(case.open_task.reasons) if case.open_task else ()
        state = case.application.state
        return ("person" if state == "verification" else "alone" if state == "final_review" else "declined"), attentions

    @contextmanager
    def without_vendor(self) -> Iterator[None]:
        """Let the certified vendor be silent: what is left is the embedded engine's word."""
        with filled(ports.liveness_vendor, _Silent()):
            yield

    def forget_faces(self) -> None:
        """Forget every face: thirty-one stills stand for all people, and two people of one still would be alike."""
        FaceTemplate.objects.all().delete()
        FaceBucket.objects.all().delete()

    def close(self) -> None:
        """End the face process."""
        ports.face_engine().close()  # type: ignore[attr-defined]


class _Remembering:
    """The face engine, which looks at the same film only once: it says the same each time."""

    def __init__(self, engine: Any) -> None:
        self._engine, self._known = engine, dict[bytes, Any]()

    def look(self, frames: Sequence[Any], portrait: bytes | None = None) -> Any:
        key = hashlib.sha256(repr([mark for mark, _ in frames]).encode() + b"".join(data for _, data in frames)
                             + (portrait or b"")).digest()
        if key not in self._known:
            self._known[key] = self._engine.look(frames, portrait)
        return self._known[key]

    def close(self) -> None:
        self._engine.close()


class _Silent:
    def verify_live(self, *_asked: object) -> Any:
        raise PartnerUnavailable


@contextmanager
def filled(slot: PortSlot[Any], adapter: object) -> Iterator[None]:
    """Let somebody else answer a port for a while."""
    before = slot()
    slot.fill(adapter)
    try:
        yield
    finally:
        slot.fill(before)


@lru_cache(maxsize=700)
def _picture(number: int, action: str, turn: int) -> Any:
    """One posed camera picture; a film takes its noise from elsewhere."""
    pose = faces.moving(action, (turn + 0.5) / PER_STEP) if action else faces.Pose()
    return faces.framed(faces.posed(faces.still(number), pose) if action else faces.still(number), pose, size=(480, 360))


@lru_cache(maxsize=1)
def _noise() -> list[Any]:
    drawn = faces.np.random.default_rng(7)
    return [drawn.normal(0, 2.5, (360, 480, 3)).astype(faces.np.int16) for _ in range(24)]


def _filmed(scene: Scene, picture: Any, shift: tuple[int, int]) -> bytes:
    """One frame: moved by the hand, with one of many fields of noise, moved as well."""
    noise = faces.np.roll(scene.random.choice(_noise()), scene.random.randrange(480), axis=1)
    moved = faces.np.roll(picture, shift, axis=(1, 0)).astype(faces.np.int16) + noise
    return faces.jpeg(faces.np.clip(moved, 0, 255).astype(faces.np.uint8))


def live(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """Film a head that does the actions, with a hand that shakes and a sensor's noise."""
    found: list[faces.Shot] = []
    steps: list[tuple[int, str, int]] = [(0, "", 3)]
    for place, action in enumerate(actions):
        steps += [(2 * place, "", 2)] if place else []
        steps += [(2 * place + 1, action, PER_STEP)]
    for step, action, count in steps:
        for turn in range(count):
            shift = (scene.random.randrange(-3, 4), scene.random.randrange(-2, 3))
            found.append(faces.Shot(step, 250 * len(found), _filmed(scene, _picture(number, action, turn), shift)))
    return found


_films: dict[tuple[int, tuple[str, ...]], list[faces.Shot]] = {}


def recorded(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """Return a film that was made before, for kinds about the protocol and not the eyes: the engine looks at it once."""
    key = (number, tuple(actions))
    if key not in _films:
        _films[key] = live(scene, number, actions)
    return list(_films[key])
