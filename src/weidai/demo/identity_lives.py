"""Stories about who somebody is: video checks, devices, ID cards that end, a second account, data that was deleted."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import date, time, timedelta

from weidai.audit.services import Actor, acting_as
from weidai.demo.borrower import PAYMENT_PASSWORD, Borrower, staff_id
from weidai.demo.device import ANDROID, SoftwareDevice
from weidai.demo.lives import Life, Story, accepted_line, active_line, assessed, is_ordinary, turned_down
from weidai.demo.world import WorldPerson, world
from weidai.identity import errors
from weidai.identity import services as identity
from weidai.jobs.end_of_day import drain
from weidai.kernel.days import shanghai_instant
from weidai.kernel.errors import Refusal
from weidai.kernel.id_card import id_card_number
from weidai.lending import services as lending
from weidai.platform import clock
from weidai.risk import services as risk
from weidai.security import services as security
from weidai.security import signing

_COUNTER_PHONE = SoftwareDevice(ANDROID)  # the telephone somebody lends to whoever comes by
_TEN_YEARS = 10  # how long a card issued between 16 and 25 is valid
_ENDS_IN_DAYS, _ENDED_DAYS_AGO = 20, 3


def video_waiting(b: Borrower) -> Story:
    """Has no camera that works, and asked for a video talk instead (R1.5)."""
    b.register()
    b.type_id_card()
    b.consent("face")
    for _ in range(2):
        challenge = identity.face_challenge_issue(b.customer_id, purpose="real_name", session=str(b.customer_id))
        identity.face_challenge_abandon(b.customer_id, challenge_id=challenge.id, reason="camera_refused")
    with _after_hours():
        identity.staff_video_request(b.customer_id, purpose="real_name")
    yield 1


def video_to_activate(b: Borrower) -> Story:
    """Wants a video talk before the line is activated."""
    yield from accepted_line(b)
    b.activate_begin()
    identity.staff_video_request(b.customer_id, purpose="activation")


def video_passed(b: Borrower) -> Story:
    """Was verified in a video talk with a remark, confirmed by a second person, and applied: a person looks (R4.2)."""
    yield from _talked(b, "reviewer", "senior_reviewer")
    b.prove_card_and_mobile()
    b.declare()
    yield 1
    b.assess()
    b.apply(requested_fen=b.wish_fen)


def video_to_confirm(b: Borrower) -> Story:
    """Passed a video talk with a remark: a second person has to confirm it (R8.6)."""
    yield from _talked(b, "reviewer")


def _talked(b: Borrower, *usernames: str) -> Story:
    """Ask for a video talk and hold it; the card was worn, so the first pass alone does not count."""
    b.register()
    b.type_id_card()
    request_id = identity.staff_video_request(b.customer_id, purpose="real_name")
    for username in usernames:
        yield 0
        talker_id = staff_id(username)
        with acting_as(Actor("staff", talker_id)):
            identity.staff_video_claim(b.customer_id, request_id=request_id, staff_id=talker_id)
            identity.staff_video_decide(
                b.customer_id, request_id=request_id, staff_id=talker_id, outcome=identity.TalkOutcome(
                    passed=True, note="证件边角磨损，头像仍可辨认，与本人一致。", points=tuple(identity.STAFF_VIDEO_POINTS),
                    remarks=("card_damaged",)))


def another_phone(b: Borrower) -> Story:
    """Changed telephones: the new one is bound and waits out its first day, the old one is locked (R8.4)."""
    yield from active_line(b)
    yield 12
    former, b.device = b.device, SoftwareDevice(ANDROID)
    session_id = b.device.sign_in(b.customer_id)
    b.fresh_look()
    challenge = lending.device_code_send(b.customer_id)
    drain()
    bound = lending.device_bind(b.customer_id, session_id=session_id, request=security.BindRequest(
        b.device.offer(signing.key_text(b.customer_id, nonce=str(challenge.id))), challenge.id, b.code(), PAYMENT_PASSWORD))
    yield 0
    security.device_lock(b.customer_id, device_id=former.id_of(b.customer_id), here=bound.device_id)


def id_card_ends(b: Borrower, days: int) -> Story:
    """Verified with an ID card whose last day is `days` after the story's first."""
    ends_on = clock.today() + timedelta(days=days)
    world().id_card_renewed(b.person.id_number, _years_before(ends_on))
    yield from active_line(b)


def id_card_ends_soon(b: Borrower) -> Story:
    """Has a line, and an ID card that ends within the month: reminded before, on hold after (R1.4, R5.5)."""
    yield from id_card_ends(b, _SOON.begins_days_before + _ENDS_IN_DAYS)


def id_card_has_ended(b: Borrower) -> Story:
    """Has a line on hold, because the ID card ended and no new one was shown."""
    yield from id_card_ends(b, _ENDED.begins_days_before - _ENDED_DAYS_AGO)


def second_account(b: Borrower) -> Story:
    """Verified under one number, then tried to open another account with the same ID card: refused (R1.1)."""
    yield from assessed(b)
    yield 2
    second = Borrower(replace(b.person, mobile=_other_number(b.person.mobile)), b.book_id, device=b.device)
    second.register()
    with suppress(errors.IdNumberTaken):
        second.type_id_card()


def face_withdrawn(b: Borrower) -> Story:
    """Took back the consent to the face check and had face and voice data deleted, with a receipt (R1.9, R8.5)."""
    yield from assessed(b)
    yield 3
    identity.consent_withdraw(b.customer_id, purpose="face")
    identity.biometrics_erase(b.customer_id, reason="consent_withdrawn")


def left_for_good(b: Borrower) -> Story:
    """Looked, never borrowed, and closed the account: everything personal was destroyed, with a receipt (R8.5)."""
    yield from assessed(b)
    yield 4
    identity.person_erase(b.customer_id, reason="customer_request")


def lent_phone_turned_down(b: Borrower) -> Story:
    """Applied on a telephone that others applied on, and was stopped; the number asks for more proof from now on."""
    b.device = _COUNTER_PHONE
    with suppress(Refusal):
        yield from turned_down(b)
    analyst_id = staff_id("fraud_analyst")
    with acting_as(Actor("staff", analyst_id)):
        risk.list_add(kind="mobile", value=b.person.mobile, effect="challenge", staff_id=analyst_id,
                      reason="同一部手机短期内登录多个账户")


def lent_phone_waiting(b: Borrower) -> Story:
    """Applied on a telephone that several accounts signed in on: a person looks at it (R1.1)."""
    b.device = _COUNTER_PHONE
    yield from assessed(b)
    b.apply(requested_fen=b.wish_fen)


def _after_hours() -> AbstractContextManager[None]:
    """Act when the office has closed: what is asked for then is due on the next working day."""
    return clock.travel_to(shanghai_instant(clock.today(), time(17, 40)), lane=clock.lane())


def _years_before(ends_on: date) -> date:
    """Return when a card of ten years was issued that ends on a day."""
    return ends_on.replace(year=ends_on.year - _TEN_YEARS, day=min(ends_on.day, 28))


def _had_ten_year_card(person: WorldPerson) -> bool:
    """Between 26 and 34 now: whoever had a card issued ten years ago got one for ten years."""
    born = id_card_number(person.id_number, on=clock.today()).birth_on
    return is_ordinary(person) and 27 <= clock.today().year - born.year <= 34


def _other_number(mobile: str) -> str:
    return f"{mobile[:-2]}{(int(mobile[-2:]) + 50) % 100:02d}"


_SOON = Life("salaried", id_card_ends_soon, "身份证即将到期", "ID card ends soon", 34, suits=_had_ten_year_card)
_ENDED = Life("salaried", id_card_has_ended, "身份证已到期，额度暂停", "ID card ended, line on hold", 40,
              suits=_had_ten_year_card)
IDENTITY_LIVES: tuple[Life, ...] = (
    Life("thin_file", video_waiting, "等待人工视频核验", "waiting for a video check", 0, suits=is_ordinary),
    Life("young_worker", video_waiting, "等待人工视频核验", "waiting for a video check", 0, suits=is_ordinary),
    Life("salaried", video_to_activate, "激活前等待人工视频", "video check before activation", 4, suits=is_ordinary),
    Life("thin_file", video_to_confirm, "视频已通过，等第二人确认", "video passed, a second person to confirm", 1,
         suits=is_ordinary),
    Life("salaried", video_passed, "视频核验通过，等待复审", "verified by video, waiting for a reviewer", 2, suits=is_ordinary),
    Life("salaried", another_phone, "换了手机，新设备观察期内", "changed phones, new one within its first day", 14,
         suits=is_ordinary),
    _SOON,
    _ENDED,
    Life("young_worker", second_account, "重复开户被拒", "second account refused", 6, suits=is_ordinary),
    Life("salaried", face_withdrawn, "撤回人脸授权并删除", "face consent withdrawn, data deleted", 9, suits=is_ordinary),
    Life("young_worker", left_for_good, "已注销并删除全部资料", "account closed, everything deleted", 11, suits=is_ordinary,
         can_sign_in=False),
    Life("fraudster", lent_phone_turned_down, "同一手机多户，被拦截", "a phone with many accounts, stopped", 7),
    Life("fraudster", lent_phone_turned_down, "同一手机多户，被拦截", "a phone with many accounts, stopped", 6),
    Life("over_indebted", lent_phone_turned_down, "同一手机多户，被拒", "a phone with many accounts, declined", 5),
    Life("young_worker", lent_phone_waiting, "同一手机多户，等待复审", "a phone with many accounts, waiting", 3,
         suits=is_ordinary),
)
