"""The attacks themselves: each one is lived through the services in order, until something says no (R8.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support import faces

from bench.impersonation_scene import PER_STEP, Attack, End, Scene, Stopped, live, recorded
from weidai.identity import legal_texts, ports, selectors, services
from weidai.jobs.end_of_day import drain
from weidai.kernel.errors import Refusal
from weidai.kernel.id_card import id_card_check_digit
from weidai.platform import clock

Film = Callable[[Scene, int, Sequence[str]], list[faces.Shot]]
_CAPTURES, _MONTHS, _FARM = 3, timedelta(days=91), 3


def _genuine(scene: Scene) -> Iterator[End]:
    """The right person, who starts again after a refused capture as the page offers."""
    person, number = scene.victim()
    customer, taken = scene.register(person.mobile), 0

    def whole() -> None:
        nonlocal taken
        scene.identity(customer, person.name, person.id_number)
        while True:
            taken += 1
            try:
                scene.face(customer, lambda actions: live(scene, number, actions))
                break
            except Stopped as stopped:
                if taken == _CAPTURES or stopped.code == "identity.face_engine_busy":
                    raise
        scene.card(customer, person.main_card.number, person.mobile)
        scene.mobile(customer)

    end = scene.ended("genuine", customer, whole, person=person)
    yield End(end.kind, end.stopped_at, end.by_vendor, end.screened, end.reasons, taken)


def _invented(scene: Scene) -> Iterator[End]:
    attacker = scene.person()
    customer, year = scene.register(attacker.mobile), scene.random.randrange(1970, 2005)
    day, order = f"0{scene.random.randrange(1, 10)}1{scene.random.randrange(10)}", scene.random.randrange(900, 1000)
    first = f"{attacker.id_number[:6]}{year}{day}{order}"
    yield scene.ended("invented", customer, lambda: scene.identity(customer, attacker.name, first + id_card_check_digit(first)))


def _wrong_name(scene: Scene) -> Iterator[End]:
    attacker, victim = scene.person(), scene.person()
    customer = scene.register(attacker.mobile)
    yield scene.ended("wrong_name", customer, lambda: scene.identity(customer, _not(victim.name, attacker), victim.id_number))


def _lost_card(scene: Scene) -> Iterator[End]:
    attacker, victim = scene.person(), scene.person()
    scene.client.post("control", f"/v1/control/people/{victim.id_number}/facts", {"id_card_status": "lost"})
    customer = scene.register(attacker.mobile)
    yield scene.ended("lost_card", customer, lambda: scene.identity(customer, victim.name, victim.id_number))


def _registry_replayed(scene: Scene) -> Iterator[End]:
    """The registry's signed "match" about oneself, played back to the question about a victim."""
    attacker, victim = scene.person(), scene.person()
    own, customer = scene.register(attacker.mobile), scene.register(scene.person().mobile)
    with _played_back(scene.client._http, "request", "/v1/registry/check"):
        scene.identity(own, attacker.name, attacker.id_number)
        yield scene.ended("registry_replayed", customer,
                          lambda: scene.identity(customer, _not(victim.name, attacker), victim.id_number))
    scene.client._breaker.succeeded("registry")  # the real registry was never away


@contextmanager
def _played_back(http: Any, method: str, path: str) -> Iterator[None]:
    """Record the first answer to a path and give it to every later question."""
    real, kept = getattr(http, method), []

    def asked(*arguments: Any, **named: Any) -> Any:
        if path not in arguments:
            return real(*arguments, **named)
        if not kept:
            kept.append(real(*arguments, **named))
        return kept[0]

    setattr(http, method, asked)
    try:
        yield
    finally:
        setattr(http, method, real)


def _not(name: str, attacker: Any) -> str:
    return str(attacker.name) if attacker.name != name else f"{attacker.name}一"


def _stolen(kind: str, film: Film, *, sent_by: str = "s", is_patient: bool = True) -> Callable[[Scene], Iterator[End]]:
    """Name and number of a victim, the attacker's telephone, and this before the camera; then the victim's card."""
    def runs(scene: Scene) -> Iterator[End]:
        victim, number = scene.victim()
        customer = scene.register(scene.person().mobile)

        def whole() -> None:
            scene.identity(customer, victim.name, victim.id_number)
            scene.face(customer, lambda actions: film(scene, number, actions), sent_by=sent_by, is_patient=is_patient)
            scene.card(customer, victim.main_card.number, victim.mobile)

        yield scene.ended(kind, customer, whole, person=victim)

    return runs


def _photo(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return faces.still_shots(number, steps=2 * len(actions), seed=scene.random.randrange(10**6), per_step=4)


def _print(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return faces.print_shots(number, actions, seed=scene.random.randrange(10**6), per_step=PER_STEP)


def _replay(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """A recording made during some earlier challenge, drawn as the server draws: one in twelve is the same by luck."""
    return live(scene, number, scene.random.sample(sorted(faces.ACTIONS), len(actions)))


def _screen(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return faces.screen_shots(number, actions, seed=scene.random.randrange(10**6), per_step=PER_STEP)


def _own_face(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    return live(scene, scene.other_still(number), actions)


def _two(scene: Scene, number: int, _actions: Sequence[str]) -> list[faces.Shot]:
    picture = faces.two_faces(number, scene.other_still(number), size=(480, 360))
    steps = [0, 0, 0, *([1] * PER_STEP), 2, 2, *([3] * PER_STEP)]
    return [faces.Shot(step, 250 * n, faces.jpeg(faces.noisy(picture, n))) for n, step in enumerate(steps)]


def _half_way(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """The victim's photo while facing the camera, the attacker's own head for the actions."""
    photo, own = live(scene, number, actions), live(scene, scene.other_still(number), actions)
    return [a if a.step % 2 == 0 else b for a, b in zip(photo, own, strict=True)]


def _swapped(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """A puppet of the victim up to the first action, the attacker's own head from the middle on."""
    puppet, own = live(scene, number, actions), live(scene, scene.other_still(number), actions)
    return [a if a.step < 2 else b for a, b in zip(puppet, own, strict=True)]


def _spliced(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """Recordings of each movement, made beforehand, cut to fit the prompts."""
    recorded = {action: [shot for shot in live(scene, number, [action]) if shot.step == 1] for action in faces.ACTIONS}
    return [shot if shot.step % 2 == 0 else faces.Shot(shot.step, shot.at_ms, recorded[actions[shot.step // 2]].pop(0).jpeg)
            for shot in live(scene, number, actions)]


def _out_of_order(scene: Scene, number: int, actions: Sequence[str]) -> list[faces.Shot]:
    """A recording with the actions the other way round, its marks left as they were."""
    shots = live(scene, number, actions)
    return [shot for shot in shots if shot.step >= 2] + [shot for shot in shots if shot.step < 2]


def _twice(scene: Scene) -> Iterator[End]:
    """What the victim handed in and passed with, sent again by somebody who has the session, for another step."""
    victim, number = scene.victim(is_recorded=True)
    customer = scene.register(victim.mobile)
    scene.identity(customer, victim.name, victim.id_number)
    try:
        shots = scene.face(customer, lambda actions: recorded(scene, number, actions))
    except Stopped:
        return  # nothing to send again; the next one
    yield scene.ended("twice", customer, lambda: scene.face(customer, lambda _: list(shots), purpose="activation"))


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
        yield scene.ended("puppet", customer, lambda: scene.card(customer, victim.main_card.number, victim.mobile), person=victim)
    else:
        yield first


def _vendor_no(scene: Scene) -> Iterator[End]:
    """A puppet of somebody whom the certified vendor does not recognise: its "no" outweighs our "yes"."""
    victim, number = scene.victim(scene.doubted(), is_recorded=True)
    customer = scene.register(scene.person().mobile)

    def whole() -> None:
        scene.identity(customer, victim.name, victim.id_number)
        scene.face(customer, lambda actions: recorded(scene, number, actions))

    yield scene.ended("vendor_no", customer, whole)


def _seen_by_staff(scene: Scene, victim: Any) -> UUID:
    customer = scene.register(scene.person().mobile)
    scene.identity(customer, victim.name, victim.id_number)
    request = services.staff_video_request(customer, purpose="real_name")
    services.staff_video_claim(customer, request_id=request, staff_id="bench")
    services.staff_video_decide(customer, request_id=request, staff_id="bench", outcome=services.TalkOutcome(
        passed=True, note="bench", points=tuple(services.STAFF_VIDEO_POINTS)))
    return customer


def _demo_activation(scene: Scene) -> Iterator[End]:
    """A puppet before a line is activated, with the embedded engine's word alone."""
    victim, number = scene.victim(is_recorded=True)
    customer = _seen_by_staff(scene, victim)
    with scene.without_vendor():
        yield scene.ended("demo_activation", customer, lambda: scene.face(
            customer, lambda actions: recorded(scene, number, actions), purpose="activation"))


def _vendor_replayed(scene: Scene) -> Iterator[End]:
    """The vendor's "yes" about an earlier check, played back when a line is activated."""
    victim, number = scene.victim(is_recorded=True)
    customer = _seen_by_staff(scene, victim)
    vendor: Any = ports.liveness_vendor()
    with _played_back(vendor._http, "post", "/"):
        vendor.id_card_match("earlier", victim.name, victim.id_number)  # whichever answer: it carries its id
        yield scene.ended("vendor_replayed", customer, lambda: scene.face(
            customer, lambda actions: recorded(scene, number, actions), purpose="activation"))


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


def _recycled(scene: Scene) -> Iterator[End]:
    """Three months after the last answer the operator has given the number to somebody else, who signs in with it."""
    victim = scene.person()
    owner = scene.register(victim.mobile)
    scene.identity(owner, victim.name, victim.id_number)
    scene.mobile(owner)
    scene.client.post("control", f"/v1/control/people/{victim.id_number}/facts", {"number_status": "recycled"})
    with clock.travel_to(clock.now() + _MONTHS):
        challenge = services.sign_in_start(mobile=victim.mobile)
        code = scene.code_for(victim.mobile)
        yield scene.ended("recycled", owner, lambda: scene.act(lambda: services.sign_in_complete(
            challenge_id=challenge.id, mobile=victim.mobile, code=code, agreed=legal_texts.present_versions())))


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
    scene.portrait(helper, number)
    for one in (person, helper):
        customer = scene.register(one.mobile)

        def proved(one: Any = one, customer: UUID = customer) -> None:
            scene.identity(customer, one.name, one.id_number)
            scene.face(customer, lambda actions: live(scene, number, actions))

        end = scene.ended("same_face", customer, proved, person=one if one is helper else None)
        if end.stopped_at is not None and one is person:
            return  # the first account was not made: nothing to compare with
    yield end


def _farm(scene: Scene) -> Iterator[End]:
    """Real people's accounts, all signed in on one device: whose hands are they in?"""
    device, people = f"farm-{scene.random.randrange(10**9)}", [scene.person() for _ in range(_FARM + 1)]
    for one in people[1:]:
        scene.register(one.mobile, device=device)
    person = people[0]
    customer = scene.register(person.mobile, device=device)
    scene.identity(customer, person.name, person.id_number)
    request = services.staff_video_request(customer, purpose="real_name")
    services.staff_video_claim(customer, request_id=request, staff_id="bench")
    services.staff_video_decide(customer, request_id=request, staff_id="bench", outcome=services.TalkOutcome(
        passed=True, note="bench", points=tuple(services.STAFF_VIDEO_POINTS)))
    assert selectors.is_real_name(customer)
    yield scene.ended("farm", customer, lambda: scene.card(customer, person.main_card.number, person.mobile), person=person)


GENUINE = Attack("genuine", "genuine applicant", _genuine)
ATTACKS = (
    Attack("invented", "invented identity, numbers that check", _invented),
    Attack("wrong_name", "somebody's number, another name", _wrong_name),
    Attack("lost_card", "ID card reported lost", _lost_card),
    Attack("registry_replayed", "registry's answer about oneself played back", _registry_replayed),
    Attack("own_face", "genuine papers of somebody else, own face", _stolen("own_face", _own_face)),
    Attack("photo", "stolen identity, photo of the victim", _stolen("photo", _photo)),
    Attack("print", "stolen identity, print turned and tilted", _stolen("print", _print)),
    Attack("replay", "stolen identity, recording of an earlier challenge", _stolen("replay", _replay)),
    Attack("half_way", "victim's photo, then the attacker's head", _stolen("half_way", _half_way)),
    Attack("swapped", "puppet, from the middle on the attacker's head", _stolen("swapped", _swapped)),
    Attack("two", "two people before the camera", _stolen("two", _two)),
    Attack("session", "frames sent from another session", _stolen("session", live, sent_by="other")),
    Attack("out_of_order", "frames out of order", _stolen("out_of_order", _out_of_order)),
    Attack("too_early", "film made before the prompts, sent at once", _stolen("too_early", live, is_patient=False)),
    Attack("twice", "accepted frames sent a second time", _twice),
    Attack("spliced", "recordings of each movement, cut to fit", _stolen("spliced", _spliced)),
    Attack("screen", "puppet that follows the prompts, on a screen", _stolen("screen", _screen)),
    Attack("puppet", "puppet that follows the prompts, fed past the camera", _puppet),
    Attack("own_card", "… and then the attacker's own card", None),
    Attack("own_mobile", "… and the attacker's own telephone", None),
    Attack("vendor_no", "puppet of somebody the vendor does not recognise", _vendor_no),
    Attack("demo_activation", "puppet activates a line, vendor silent", _demo_activation),
    Attack("vendor_replayed", "… with an earlier answer of the vendor played back", _vendor_replayed),
    Attack("code_guess", "somebody's telephone, guessed codes", _code_guess),
    Attack("recycled", "number that went to somebody else, signed in with", _recycled),
    Attack("second_account", "second account: same ID, other telephone", _second_account),
    Attack("second_card", "second account: same card", None),
    Attack("same_face", "one face behind two identities", _same_face),
    Attack("farm", "four accounts on one device", _farm),
)
