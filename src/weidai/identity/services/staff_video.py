"""The way without face recognition: a person compares card and face in a video talk (R1.5, R6.1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from weidai.audit import services as audit
from weidai.identity import errors, policy, selectors
from weidai.identity.models import StaffVideoRequest, Verification
from weidai.identity.services import records
from weidai.identity.services.records import Checked
from weidai.identity.video_words import STAFF_VIDEO_ENDS, STAFF_VIDEO_POINTS, STAFF_VIDEO_REMARKS
from weidai.kernel.text import Text
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.ids import uuid7

REASON_LENGTH = 200
_NEXT_TRIES = 20


@dataclass(frozen=True, slots=True)
class TalkOutcome:
    """What a talk showed. A pass names every one of STAFF_VIDEO_POINTS, anything else a code of STAFF_VIDEO_ENDS.

    `remarks` are codes of STAFF_VIDEO_REMARKS beside a pass; `note` is for colleagues and never sent to the customer.
    """

    passed: bool
    note: str
    points: Collection[str] = ()
    remarks: Collection[str] = ()
    code: str = ""


@transaction.atomic
def staff_video_request(customer_id: UUID, *, purpose: str) -> UUID:
    """Ask for a video check instead of face recognition; one waits at a time for a purpose."""
    assert purpose in ("real_name", "activation"), purpose
    row = records.customer_lock(customer_id)
    if row.id_number is None:
        raise errors.IdCardRequired
    if purpose == "activation" and not selectors.is_real_name(customer_id):
        raise errors.RealNameRequired
    waiting = StaffVideoRequest.objects.filter(
        customer_id=customer_id, purpose=purpose, state=StaffVideoRequest.State.WAITING)
    if waiting.exists():
        raise errors.StaffVideoWaiting
    request = StaffVideoRequest.objects.create(
        id=uuid7(), customer_id=customer_id, purpose=purpose, requested_at=clock.now())
    audit.event_record("identity.staff_video.requested", customer_id=customer_id, subject_type="staff_video_request",
                       subject_id=request.id, facts={"purpose": purpose})
    return request.id


@transaction.atomic
def staff_video_claim(customer_id: UUID, *, request_id: UUID, staff_id: str) -> None:
    """Hold a request for the pack's minutes; again extends it. Whoever held the talk cannot be its second person."""
    request = _locked(customer_id, request_id)
    _free_require(request, staff_id)
    minutes = policy.current(clock.today()).staff_video.lock_minutes
    request.claimed_by, request.locked_until = staff_id, clock.now() + timedelta(minutes=minutes)
    request.save(update_fields=["claimed_by", "locked_until"])
    _record(request, "claimed", staff_id)


@transaction.atomic
def staff_video_release(customer_id: UUID, *, request_id: UUID, staff_id: str) -> None:
    """Give a held request back to the list."""
    request = _locked(customer_id, request_id)
    _free_require(request, staff_id)
    request.claimed_by, request.locked_until = "", None
    request.save(update_fields=["claimed_by", "locked_until"])
    _record(request, "released", staff_id)


def staff_video_next(*, staff_id: str) -> UUID | None:
    """Hold the request that waits longest and is free for this person, and return it; None when there is none."""
    free = StaffVideoRequest.objects.filter(state=StaffVideoRequest.State.WAITING).filter(
        Q(claimed_by="") | Q(claimed_by=staff_id) | Q(locked_until=None) | Q(locked_until__lte=clock.now()))
    rows = free.exclude(first_decided_by=staff_id).order_by("requested_at", "id").values_list("customer_id", "id")
    for customer_id, request_id in rows[:_NEXT_TRIES]:
        try:
            staff_video_claim(customer_id, request_id=request_id, staff_id=staff_id)
        except (errors.StaffVideoLocked, errors.StaffVideoDecided, errors.StaffVideoSecondPerson):
            continue
        return request_id
    return None


@transaction.atomic
def staff_video_decide(customer_id: UUID, *, request_id: UUID, staff_id: str, outcome: TalkOutcome) -> str:
    """Keep what a talk showed and return passed, refused, unfinished, or waiting where a second person confirms the pass.

    A pass equals the face check in points (R1.3). Its remarks take nothing from it, but a person looks at the next
    application, and as the pack says a second person confirms it. A talk that did not come about decides nothing.
    """
    _outcome_check(outcome)
    records.customer_lock(customer_id)
    request = _locked(customer_id, request_id)
    _free_require(request, staff_id)
    if request.claimed_by != staff_id:  # a lock that ended while somebody was typing is still theirs
        raise errors.StaffVideoUnclaimed
    wanted = policy.current(clock.today()).staff_video.second_person
    remarks = sorted({*request.remarks, *outcome.remarks}) if outcome.passed else []
    notes = [request.note if request.first_decided_by else "", outcome.note.strip()]  # the second person's beside the first's
    request.remarks, request.note = remarks, "\n".join(filter(None, notes)) or None
    request.code = "" if outcome.passed else outcome.code
    if outcome.passed and not request.first_decided_by and (wanted == "always" or (wanted == "remarked" and remarks)):
        request.first_decided_by, request.first_decided_at = staff_id, clock.now()
        request.claimed_by, request.locked_until = "", None
        request.save()
        _record(request, "first_passed", staff_id, remarks=remarks)
        return str(request.state)
    end = None if outcome.passed else STAFF_VIDEO_ENDS[outcome.code]
    request.state = (StaffVideoRequest.State.PASSED if end is None else
                     StaffVideoRequest.State.REFUSED if end.decides else StaffVideoRequest.State.UNFINISHED)
    request.decided_at, request.decided_by, request.locked_until = clock.now(), staff_id, None
    request.save()
    state = (Verification.State.PASSED if end is None else
             Verification.State.FAILED if end.decides else Verification.State.INCONCLUSIVE)
    records.checked_keep(customer_id, Checked(
        Verification.Item.STAFF_VIDEO, state, "staff", request.purpose,
        facts={"request_id": str(request.id), "remarks": remarks, "points": sorted(outcome.points) if end is None else [],
               "code": request.code, "first_decided_by": request.first_decided_by}))
    _tell(customer_id, None if end is None else end.told, decides=end is not None and end.decides)
    return str(request.state)


def _tell(customer_id: UUID, told: Text | None, *, decides: bool) -> None:
    """Tell the customer how it ended; never the note, which is for colleagues."""
    if told is None:
        messaging.notice_send(customer_id, template="identity.staff_video_passed", values={})
    else:
        template = "identity.staff_video_refused" if decides else "identity.staff_video_unfinished"
        messaging.notice_send(customer_id, template=template, values={"reason": told})


def _outcome_check(outcome: TalkOutcome) -> None:
    if unknown := set(outcome.remarks) - set(STAFF_VIDEO_REMARKS):
        raise errors.StaffVideoRemarkUnknown(field="remarks", code=sorted(unknown)[0])
    if not outcome.passed and outcome.code not in STAFF_VIDEO_ENDS:
        raise errors.StaffVideoEndUnknown(field="code")
    if outcome.passed and (missing := [text for code, text in STAFF_VIDEO_POINTS.items() if code not in outcome.points]):
        raise errors.StaffVideoPointsMissing(field="points", points=Text("、".join(one.zh for one in missing),
                                                                          "; ".join(one.en for one in missing)))
    if not outcome.note.strip() or len(outcome.note.strip()) > REASON_LENGTH:
        raise errors.StaffVideoReasonMissing(field="reason")


def _locked(customer_id: UUID, request_id: UUID) -> StaffVideoRequest:
    request = StaffVideoRequest.objects.select_for_update().filter(customer_id=customer_id, id=request_id).first()
    if request is None or request.state != StaffVideoRequest.State.WAITING:
        raise errors.StaffVideoDecided
    return request


def _free_require(request: StaffVideoRequest, staff_id: str) -> None:
    """Refuse while a colleague holds it, and the person who held the talk as its second one."""
    is_held = request.locked_until is not None and request.locked_until > clock.now()
    if request.claimed_by not in ("", staff_id) and is_held:
        raise errors.StaffVideoLocked
    if request.first_decided_by == staff_id:
        raise errors.StaffVideoSecondPerson


def _record(request: StaffVideoRequest, what: str, staff_id: str, **facts: object) -> None:
    audit.event_record(f"identity.staff_video.{what}", customer_id=request.customer_id, subject_type="staff_video_request",
                       subject_id=request.id, actor=audit.Actor("staff", staff_id), facts={"purpose": request.purpose, **facts})
