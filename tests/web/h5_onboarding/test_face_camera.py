"""The face check in headless Chromium with a fed camera: every way in which it can end, each on its own page (R1.5).

The clips are warped stills of AI-made faces and the challenge comes from a seed: this proves the protocol, not people.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsers import NO_BROWSER, PICTURES, chromium_running
from tests.web.h5_onboarding.conftest import Borrower
from weidai.faces.models import is_installed
from weidai.identity.models import FaceChallenge, FaceTemplate, Verification
from weidai.identity.services.faces import challenge_seed, challenge_unseed
from weidai.web.shared.borrower import COOKIE

faces = pytest.importorskip("tests.support.faces", reason="the group `vision` is not installed", exc_type=ImportError)

pytestmark = [
    pytest.mark.browser, pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
    pytest.mark.skipif(not is_installed(), reason="the group `vision` is not installed"),
]
needs_stills = pytest.mark.skipif(not faces.is_there(), reason=faces.WHY_NOT)
SEED, PERSON, STRANGER = 11, 13, 6
CAMERA = "/h5/face/camera?purpose=real_name&next=/h5/onboard/"
ACTED = 14  # pictures of one action, there and back
# A head in place of the camera: it acts when the page asks for it, as a person does, so that a busy machine that prompts
# late also films late. `FILM` holds JPEGs in base64: those of facing the camera, then those of each action.
ACTOR = """(() => {
  const [facing, ...acts] = FILM, MS = 1700;
  const drawn = one => createImageBitmap(new Blob([Uint8Array.from(atob(one), c => c.charCodeAt(0))], {type: "image/jpeg"}));
  navigator.mediaDevices.getUserMedia = async () => {
    const films = await Promise.all([facing, ...acts].map(film => Promise.all(film.map(drawn))));
    const canvas = document.createElement("canvas"), prompt = document.getElementById("face-prompt");
    canvas.width = 640; canvas.height = 480;
    let film = films[0], since = performance.now(), turn = 0;
    const draw = () => {
      const at = film === films[0] ? turn++ : Math.floor((performance.now() - since) / MS * film.length);
      const loops = film === films[0] ? at % film.length : Math.min(at, film.length - 1);
      canvas.getContext("2d").drawImage(film[loops], 0, 0);
    };
    new MutationObserver(() => {
      const asked = /^([0-9])[/]/.exec(prompt.textContent);
      film = films[asked ? Number(asked[1]) : 0]; since = performance.now();
    }).observe(prompt, {childList: true, characterData: true, subtree: true});
    draw();
    setInterval(draw, 40);
    return canvas.captureStream(25);
  };
})()"""


@pytest.fixture
def ready(borrower: Borrower, running_world: Any) -> Iterator[Borrower]:
    """A borrower before the camera; the challenge is drawn from a seed."""
    challenge_seed(SEED)
    borrower.sign_in().agree("real_name_check", "face")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    yield borrower
    challenge_unseed()
    _portrait(borrower, b"")


def _portrait(borrower: Borrower, picture: bytes) -> None:
    """What the registry shows as this person's portrait."""
    borrower.world._client.post("control", f"/v1/control/people/{borrower.person.id_number}/portrait",
                                {"portrait_base64": base64.b64encode(picture).decode()})


def _actions(seed: int) -> list[str]:
    import random

    return random.Random(seed).sample(sorted(["turn_left", "turn_right", "nod", "come_closer"]), 2)


def _actor(number: int, actions: list[str]) -> str:
    """The script of one still as a head that does these actions when it is asked to."""
    face = faces.still(number)
    film = [[faces.framed(face, pose) for pose in (faces.Pose(shift=(turn % 3, turn % 2)) for turn in range(6))]]
    for action in actions:
        poses = [faces.moving(action, (turn + 0.5) / ACTED, (turn % 3, turn % 2)) for turn in range(ACTED)]
        film.append([faces.framed(faces.posed(face, pose), pose) for pose in poses])
    return ACTOR.replace("FILM", json.dumps([
        [base64.b64encode(faces.jpeg(faces.noisy(one, turn), 80)).decode() for turn, one in enumerate(part)] for part in film]))


def _clip(path: Path, pictures: list[Any]) -> Path:
    """A clip for Chromium's own camera: a photo that shakes a little, or whatever never answers a prompt."""
    return faces.clip_write(path, [faces.jpeg(faces.noisy(one, turn), 80) for turn, one in enumerate(pictures) for _ in range(5)])


@contextmanager
def _phone(playwright: Any, host: str, borrower: Borrower, *, clip: Path | None = None, actor: str = "",
           allowed: bool = True) -> Iterator[Any]:
    fed = [f"--use-file-for-fake-video-capture={clip}"] if clip else []
    fake = ["--use-fake-device-for-media-stream", *(["--use-fake-ui-for-media-stream"] if allowed else []), *fed]
    with chromium_running(playwright, *fake) as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai",
                                      permissions=["camera"] if allowed else [])
        context.add_cookies([{"name": COOKIE, "value": borrower.client.cookies[COOKIE].value, "domain": "localhost",
                              "path": "/h5/"}])
        page = context.new_page()
        if actor:
            page.add_init_script(actor)
        page.goto(f"{host}{CAMERA}")
        yield page


def _end(page: Any, words: str, name: str) -> None:
    """Start, and see this heading on the page where it ends."""
    page.click("#face-start")
    page.wait_for_url(lambda url: "/result?" in url or "/problem?" in url)
    assert page.inner_text("h1.wd-result__title") == words, page.inner_text("main")
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/face_{name}.png", full_page=True)


def _nothing_verified(borrower: Borrower, outcome: str) -> None:
    assert not Verification.objects.filter(customer_id=borrower.customer_id, item="face", state="passed").exists()
    assert FaceTemplate.objects.count() == 0
    assert list(FaceChallenge.objects.values_list("state", "outcome")) == [("refused", outcome)]


@needs_stills
def test_a_genuine_challenge_passes_and_is_certified(playwright: Any, live_server: Any, ready: Borrower) -> None:
    _portrait(ready, faces.jpeg(faces.still(PERSON), 90))
    with _phone(playwright, live_server.url, ready, actor=_actor(PERSON, _actions(SEED))) as page:
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/face_before.png", full_page=True)
        page.click("#face-start")
        page.get_by_text("1/2").wait_for()
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/face_live.png")
        page.wait_for_url(lambda url: "/result?" in url or "/problem?" in url)
        assert page.inner_text("h1.wd-result__title") == "人脸识别通过", page.inner_text("main")
        page.click("text=继续")
        page.get_by_text("实名认证已完成").wait_for()
    row = Verification.objects.get(customer_id=ready.customer_id, item="face")
    assert (row.state, row.facts["assurance"], row.facts["engine"]) == ("passed", "certified", "embedded")
    assert row.facts["distance"] < 0.45 and row.facts["signals"] == []


def test_a_refused_camera_ends_on_its_own_page_with_the_other_way_beside_it(
        playwright: Any, live_server: Any, ready: Borrower) -> None:
    with _phone(playwright, live_server.url, ready, allowed=False) as page:
        _end(page, "未获得摄像头权限", "problem_refused")
        page.click("text=预约人工视频")
        page.wait_for_url("**/h5/onboard/")
    assert FaceChallenge.objects.count() == 0


@pytest.mark.long
@needs_stills
@pytest.mark.parametrize(("kind", "heading", "outcome"), [
    ("still", "没有看到动作", "still"), ("other_challenge", "动作与提示不符", "wrong_action"),
    ("wrong_face", "与证件照片不符", "portrait_mismatch"), ("two_faces", "画面中有多个人", "two_faces"),
    ("no_face", "没有拍到人脸", "no_face"),
])
def test_each_attack_ends_on_its_own_page(playwright: Any, live_server: Any, ready: Borrower, tmp_path: Path, kind: str,
                                          heading: str, outcome: str) -> None:
    _portrait(ready, faces.jpeg(faces.still(PERSON), 90))
    actions, path = _actions(SEED), tmp_path / "clip.mjpeg"
    others = [one for one in ("turn_left", "turn_right", "nod", "come_closer") if one not in actions]
    still, wall = faces.still(PERSON), faces.np.full((480, 640, 3), 170.0)
    shaking = [faces.framed(still, faces.Pose(shift=(turn % 3, turn % 2))) for turn in range(12)]
    fed: dict[str, Any] = {
        "still": lambda: {"clip": _clip(path, shaking)},
        "other_challenge": lambda: {"actor": _actor(PERSON, others)},
        "wrong_face": lambda: {"actor": _actor(STRANGER, actions)},
        "two_faces": lambda: {"clip": _clip(path, [faces.two_faces(PERSON, STRANGER)] * 6)},
        "no_face": lambda: {"clip": _clip(path, [wall] * 6)},
    }
    with _phone(playwright, live_server.url, ready, **fed[kind]()) as page:
        _end(page, heading, kind)
        page.go_back()
        page.goto(f"{live_server.url}{CAMERA}")
        assert page.locator("#face-start").is_enabled()
    _nothing_verified(ready, outcome)


@pytest.mark.long
def test_the_browsers_own_problems_end_on_their_own_pages(playwright: Any, live_server: Any, ready: Borrower) -> None:
    with chromium_running(playwright) as browser:  # no device at all
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", permissions=["camera"])
        context.add_cookies([{"name": COOKIE, "value": ready.client.cookies[COOKIE].value, "domain": "localhost",
                              "path": "/h5/"}])
        page = context.new_page()
        for script, heading, name in (
                ("", "没有找到摄像头", "problem_none"),
                ("Object.defineProperty(window, 'isSecureContext', {value: false})", "当前连接不支持摄像头", "problem_insecure"),
                ("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})", "浏览器不支持", "problem_unsupported")):
            page.goto(f"{live_server.url}{CAMERA}")
            if script:
                page.evaluate(script)
            _end(page, heading, name)
    assert FaceChallenge.objects.count() == 0


@pytest.mark.long
def test_who_was_signed_out_before_the_camera_signs_in_and_comes_back(
        playwright: Any, live_server: Any, ready: Borrower) -> None:
    with _phone(playwright, live_server.url, ready) as page:
        page.context.clear_cookies(name=COOKIE)
        page.click("#face-start")
        page.wait_for_url("**/h5/login?**")
        assert "%2Fh5%2Fface%2Fcamera" in page.url
    assert FaceChallenge.objects.count() == 0


@pytest.mark.long
def test_the_staff_video_route_completes_in_the_browser(playwright: Any, live_server: Any, ready: Borrower) -> None:
    from weidai.identity import selectors, services

    with _phone(playwright, live_server.url, ready) as page:
        page.click("text=预约人工视频")
        page.wait_for_url("**/h5/onboard/")
        page.get_by_text("等待中").first.wait_for()
        row = selectors.staff_video_waiting(ready.customer_id, purpose="real_name")
        assert row is not None
        services.staff_video_claim(ready.customer_id, request_id=row.id, staff_id="7")
        services.staff_video_decide(ready.customer_id, request_id=row.id, staff_id="7", outcome=services.TalkOutcome(
            passed=True, note="本人与证件一致", points=tuple(services.STAFF_VIDEO_POINTS)))
        page.goto(f"{live_server.url}/h5/onboard/")
        page.get_by_text("实名认证已完成").wait_for()
    assert FaceChallenge.objects.count() == 0
