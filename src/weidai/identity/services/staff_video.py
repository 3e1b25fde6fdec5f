"""The way without face recognition: a person compares card and face in a video talk (R1.5, R6.1)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from weidai.audit import services as audit
from weidai.identity import errors, selectors
from weidai.identity.models import StaffVideoRequest, Verification
from weidai.identity.services import records
from weidai.identity.services.records import Checked
from weidai.kernel.text import Text
from weidai.messaging import services as messaging
from weidai.platform import clock
from weidai.platform.ids import uuid7

REASON_LENGTH = 200
# What whoever held a talk may note beside a pass; each sends the next application to a person (R1.5, R4.2).
STAFF_VIDEO_REMARKS: dict[str, Text] = {
    "looks_different": Text("本人与证件照片差异较大", "looks rather different from the portrait"),
    "helped_by_others": Text("旁边有人指点或代答", "somebody prompted or answered"),
    "unsure_of_own_data": Text("对本人信息回答迟疑", "unsure about their own details"),
    "card_damaged": Text("证件破损或看不清", "the card is damaged or hard to read"),
    "poor_connection": Text("画面或声音不清楚", "poor picture or sound"),
}


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
def staff_video_decide(
    customer_id: UUID, *, request_id: UUID, staff_id: str, passed: bool, reason: str, remarks: Collection[str] = (),
) -> None:
    """Keep what a member of staff decided after the talk; equal in points to the face check (R1.3).

    `remarks` are codes of STAFF_VIDEO_REMARKS: they take nothing from a pass, but a person looks at the next application.
    """
    if unknown := set(remarks) - set(STAFF_VIDEO_REMARKS):
        raise errors.StaffVideoRemarkUnknown(field="remarks", code=sorted(unknown)[0])
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise errors.StaffVideoReasonMissing(field="reason")
    records.customer_lock(customer_id)
    request = StaffVideoRequest.objects.select_for_update().filter(customer_id=customer_id, id=request_id).first()
    if request is None or request.state != StaffVideoRequest.State.WAITING:
        raise errors.StaffVideoDecided
    request.state = StaffVideoRequest.State.PASSED if passed else StaffVideoRequest.State.REFUSED
    request.decided_at, request.decided_by, request.reason = clock.now(), staff_id, reason
    request.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    state = Verification.State.PASSED if passed else Verification.State.FAILED
    records.checked_keep(customer_id, Checked(
        Verification.Item.STAFF_VIDEO, state, "staff", request.purpose,
        facts={"request_id": str(request.id), "remarks": sorted(set(remarks))}))
    if passed:
        messaging.notice_send(customer_id, template="identity.staff_video_passed", values={})
    else:
        messaging.notice_send(customer_id, template="identity.staff_video_refused",
                              values={"reason": Text(reason, reason)})
