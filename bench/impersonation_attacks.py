"""The attacks themselves: each one is lived through the services in order, until something says no (R8.1).

Risk work uses the same scene: `Scene.register`, `Scene.identity`, `Scene.face`, `Scene.card` leave a customer wherever an
attack got to.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from tests.support import faces

from weidai.demo.world import world
from weidai.identity import consent_texts, legal_texts, selectors, services
from weidai.identity.services import CapturedFrame
from weidai.jobs.end_of_day import drain
from weidai.kernel.errors import Refusal
from weidai.kernel.id_card import id_card_check_digit

_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_CONSENTS = ("real_name_check", "face", "bank_card_check", "mobile_check")
_PER_STEP = 5
_UNUSABLE = {17}  # a small child: the landmarks do not follow the warp


@dataclass(frozen=True, slots=True)
class End:
    """Where one try ended: the code of the refusal, or None with an account that can be drawn on."""

    kind: str
    stopped_at: str | None
    is_flagged: bool = False


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

    def __post_init__(self) -> None:
        usable = [one for one in self.people if one.trap is None and self._can_bind(one)]
        self.random.shuffle(usable)
        self._left = iter(usable)

    @staticmethod
    def _can_bind(one: Any) -> bool:
        card = one.main_card
        is_grown = 1967 < one.birth_on.year < 2008
        return is_grown and card.card_type == "debit" and card.account_class == "I" and (
            one.id_card.valid_to is None or one.id_card.valid_to.year > 2027)

    def person(self) -> Any:
        """Return somebody not used yet."""
        return next(self._left)

    def still(self) -> int:
        """Return the number of a still."""
        return self.random.choice([number for number in range(faces.STILLS) if number not in _UNUSABLE])

    def other_still(self, number: int) -> int:
        """Return another one."""
        while (other := self.still()) == number:
            pass
        return other

    def victim(self) -> tuple[Any, int]:
        """Return somebody with a portrait at the registry, and the still it was made of."""
        person, number = self.person(), self.still()
        portrait = faces.jpeg(faces.framed(faces.still(number), faces.Pose(), size=(358, 441), usual=0.62), 88)
        self.client.post("control", f"/v1/control/people/{person.id_number}/portrait",
                         {"portrait_base64": base64.b64encode(portrait).decode()})
        return person, number

    def register(self, mobile: str) -> UUID:
        """Sign up with a telephone one holds, and agree to everything."""
        challenge = services.registration_start(mobile=mobile)
        drain()
        code = _CODE.search(world().last_sms(mobile) or "")
        assert code is not None, "the holder of the telephone reads the code"
        customer = services.registration_complete(challenge_id=challenge.id, mobile=mobile, code=code[1],
                                                  agreed=legal_texts.present_versions())
        for purpose in _CONSENTS:
            text = consent_texts.consent_text(purpose)
            assert text is not None
            services.consent_give(customer, purpose=purpose, recipient=text.recipient, text_version=text.version)
        return customer

    def identity(self, customer: UUID, name: str, id_number: str) -> None:
        """Claim a name and a number."""
        self.act(lambda: services.id_card_submit(customer, name=name, id_number=id_number))

    def face(self, customer: UUID, film: Callable[[Sequence[str]], list[faces.Shot]], *, session: str = "s",
             sent_by: str = "s") -> None:
        """Ask for a challenge and send what `film` makes of its actions."""
        def submit() -> None:
            issued = services.face_challenge_issue(customer, purpose="real_name", session=session)
            shots = film(issued.actions)
            services.face_challenge_submit(customer, challenge_id=issued.id, session=sent_by, frames=[
                CapturedFrame(shot.step, shot.at_ms, shot.jpeg) for shot in shots])

        self.act(submit)

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

    def ended(self, kind: str, customer: UUID, deed: Callable[[], object]) -> End:
        """Live through the rest and say where it ended."""
        try:
            deed()
        except Stopped as stopped:
            return End(kind, stopped.code)
        return End(kind, None, _is_flagged(customer))

    def close(self) -> None:
        """End the face process."""
        from weidai.identity.ports import face_engine

        face_engine().close()  # type: ignore[attr-defined]


def _is_flagged(customer: UUID, *signals: str) -> bool:
    rows = selectors.face_signals(customer)
    return any(set(row.facts["signals"]) & set(signals or ("screen_pattern", "flat_surface")) for row in rows)  # type: ignore[call-overload]


@lru_cache(maxsize=700)
def _picture(number: int, action: str, turn: int) -> Any:
    """One posed camera picture; a film takes its noise from elsewhere."""
    pose = faces.moving(action, (turn + 0.5) / _PER_STEP) if action else faces.Pose()
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
        steps += [(2 * place + 1, action, _PER_STEP)]
    for step, action, count in steps:
        for turn in range(count):
            shift = (scene.random.randrange(-3, 4), scene.random.randrange(-2, 3))
            found.append(faces.Shot(step, 250 * len(found), _filmed(scene, _picture(number, action, turn), shift)))
    return found


def _genuine(scene: Scene) -> Iterator[End]:
    person, number = scene.victim()
    customer = scene.register(person.mobile)

    def whole() -> None:
        scene.identity(customer, person.name, person.id_number)
        scene.face(customer, lambda actions: live(scene, number, actions))
        scene.card(customer, person.main_card.number, person.mobile)
        scene.mobile(customer)

    yield scene.ended("genuine", customer, whole)


def _invented(scene: Scene) -> Iterator[End]:
    attacker = scene.person()
    customer, year = scene.register(attacker.mobile), scene.random.randrange(1970, 2005)
    day, order = f"0{scene.random.randrange(1, 10)}1{scene.random.randrange(10)}", scene.random.randrange(900, 1000)
    first = f"{attacker.id_number[:6]}{year}{day}{order}"
    yield scene.ended("invented", customer, lambda: scene.identity(customer, attacker.name, first + id_card_check_digit(first)))


def _wrong_name(scene: Scene) -> Iterator[End]:
    attacker, victim = scene.person(), scene.person()
    customer = scene.register(attacker.mobile)
    name = attacker.name if attacker.name != victim.name else f"{attacker.name}一"
    yield scene.ended("wrong_name", customer, lambda: scene.identity(customer, name, victim.id_number))


def _lost_card(scene: Scene) -> Iterator[End]:
    attacker, victim = scene.person(), scene.person()
    scene.client.post("control", f"/v1/control/people/{victim.id_number}/facts", {"id_card_status": "lost"})
    customer = scene.register(attacker.mobile)
    yield scene.ended("lost_card", customer, lambda: scene.identity(customer, victim.name, victim.id_number))


def _stolen(kind: str, film: Callable[[Scene, int, Sequence[str]], list[faces.Shot]], *,
            sent_by: str = "s") -> Callable[[Scene], Iterator[End]]:
    """Name and number of a victim, the attacker's telephone, and this before the camera; then the victim's card."""
    def runs(scene: Scene) -> Iterator[End]:
        victim, number = scene.victim()
        customer = scene.register(scene.person().mobile)

        def whole() -> None:
            scene.identity(customer, victim.name, victim.id_number)
            scene.face(customer, lambda actions: film(scene, number, actions), sent_by=sent_by)
            scene.card(customer, victim.main_card.number, victim.mobile)

        yield scene.ended(kind, customer, whole)

    return runs


def _photo(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return faces.still_shots(number, steps=2 * len(actions), seed=scene.random.randrange(10**6), per_step=4)


def _print(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return faces.print_shots(number, actions, seed=scene.random.randrange(10**6), per_step=_PER_STEP)


def _replay(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """A recording made during some earlier challenge, drawn as the server draws: one in twelve is the same by luck."""
    return live(scene, number, scene.random.sample(sorted(faces.ACTIONS), len(actions)))


def _screen(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return faces.screen_shots(number, actions, seed=scene.random.randrange(10**6), per_step=_PER_STEP)


def _own_face(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return live(scene, scene.other_still(number), actions)


def _two(scene: Scene, number: int, _actions: Sequence[str]) -> list[faces.Shot]:
    picture = faces.two_faces(number, scene.other_still(number), size=(480, 360))
    steps = [0, 0, 0, *([1] * _PER_STEP), 2, 2, *([3] * _PER_STEP)]
    return [faces.Shot(step, 250 * n, faces.jpeg(faces.noisy(picture, n))) for n, step in enumerate(steps)]


def _half_way(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """The victim's photo while facing the camera, the attacker's own head for the actions."""
    photo, own = live(scene, number, actions), live(scene, scene.other_still(number), actions)
    return [a if a.step % 2 == 0 else b for a, b in zip(photo, own, strict=True)]


def _puppet(scene: Scene) -> Iterator[End]:
    """The victim's head driven by software and fed past the camera; afterwards with the attacker's own card and telephone."""
    victim, number = scene.victim()
    attacker = scene.person()
    customer = scene.register(attacker.mobile)

    def verified() -> None:
        scene.identity(customer, victim.name, victim.id_number)
        scene.face(customer, lambda actions: live(scene, number, actions))

    first = scene.ended("puppet", customer, verified)
    if first.stopped_at is None:
        yield scene.ended("own_card", customer, lambda: scene.card(customer, attacker.main_card.number, attacker.mobile))
        yield scene.ended("own_mobile", customer, lambda: scene.mobile(customer))
        yield scene.ended("puppet", customer, lambda: scene.card(customer, victim.main_card.number, victim.mobile))
    else:
        yield first


def _code_guess(scene: Scene) -> Iterator[End]:
    """Somebody else's telephone number, and six digits at random as long as the server lets one."""
    victim = scene.person()
    issued, stopped = services.registration_start(mobile=victim.mobile), "security.code_wrong"
    drain()
    for _ in range(10):
        try:
            services.registration_complete(challenge_id=issued.id, mobile=victim.mobile,
                                           code=f"{scene.random.randrange(10**6):06d}", agreed=legal_texts.present_versions())
        except Refusal as refusal:
            stopped = refusal.code
        else:
            yield End("code_guess", None)
            return
    yield End("code_guess", stopped)


def _second_account(scene: Scene) -> Iterator[End]:
    """One verified person, another telephone, and then each way to a second account in turn."""
    person, helper = scene.person(), scene.person()
    first, second = scene.register(person.mobile), scene.register(helper.mobile)
    scene.identity(first, person.name, person.id_number)
    scene.card(first, person.main_card.number, person.mobile)
    yield scene.ended("second_account", second, lambda: scene.identity(second, person.name, person.id_number))
    scene.identity(second, helper.name, helper.id_number)
    yield scene.ended("second_card", second, lambda: scene.card(second, person.main_card.number, person.mobile))


def _same_face(scene: Scene) -> Iterator[End]:
    """One face behind two identities whose portraits both show it (a bought identity): only a look can tell."""
    person, number = scene.victim()
    helper = scene.person()
    scene.client.post("control", f"/v1/control/people/{helper.id_number}/portrait", {"portrait_base64": base64.b64encode(
        faces.jpeg(faces.still(number), 90)).decode()})
    for one in (person, helper):
        customer = scene.register(one.mobile)
        scene.identity(customer, one.name, one.id_number)
        try:
            scene.face(customer, lambda actions: live(scene, number, actions))
        except Stopped as stopped:
            yield End("same_face", stopped.code)
            return
    yield End("same_face", None, _is_flagged(customer, "near_duplicate"))


GENUINE = Attack("genuine", "genuine applicant", _genuine)
ATTACKS = (
    Attack("invented", "invented identity, numbers that check", _invented),
    Attack("wrong_name", "somebody's number, another name", _wrong_name),
    Attack("lost_card", "ID card reported lost", _lost_card),
    Attack("own_face", "stolen identity, attacker's own face", _stolen("own_face", _own_face)),
    Attack("photo", "stolen identity, photo of the victim", _stolen("photo", _photo)),
    Attack("print", "stolen identity, print turned and tilted", _stolen("print", _print)),
    Attack("replay", "stolen identity, recording of an earlier challenge", _stolen("replay", _replay)),
    Attack("half_way", "victim's photo, then the attacker's head", _stolen("half_way", _half_way)),
    Attack("two", "two people before the camera", _stolen("two", _two)),
    Attack("session", "frames sent from another session", _stolen("session", live, sent_by="other")),
    Attack("screen", "puppet that follows the prompts, on a screen", _stolen("screen", _screen)),
    Attack("puppet", "puppet that follows the prompts, fed past the camera", _puppet),
    Attack("own_card", "… and then the attacker's own card", None),
    Attack("own_mobile", "… and the attacker's own telephone", None),
    Attack("code_guess", "somebody's telephone, guessed codes", _code_guess),
    Attack("second_account", "second account: same ID, other telephone", _second_account),
    Attack("second_card", "second account: same card", None),
    Attack("same_face", "one face behind two identities", _same_face),
)
