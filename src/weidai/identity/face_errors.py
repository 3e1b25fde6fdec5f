"""Refusals of the face check, one for each way in which it can end, each with what to do next (R1.5)."""

from __future__ import annotations

from weidai.kernel.errors import Conflict, Invalid, NotFound, PartnerUnavailable, Refused
from weidai.kernel.text import Text

_OR_VIDEO = Text("请调整后重试，或选择人工视频核验，效力相同。",
                 "Correct it and try again, or choose the staff video check; it counts the same.")
_START_AGAIN = Text("请重新开始，按新的提示完成动作。", "Start again and follow the new prompts.")


class FaceRefused(Refused):
    """The capture did not pass; nothing about the person was decided."""

    code = "identity.face_refused"
    outcome = ""
    title = Text("人脸识别未通过", "The face check did not pass")
    text = Text("人脸识别未通过。", "The face check did not pass.")
    next_step = _OR_VIDEO


class FaceNone(FaceRefused):
    """No face, or not long enough."""

    code = "identity.face_none"
    outcome = "no_face"
    title = Text("没有拍到人脸", "No face was seen")
    text = Text("画面中没有持续看到一张清晰的正脸。", "No clear face was seen for long enough.")
    next_step = Text("请正对镜头、摘下口罩和墨镜后重试，或选择人工视频核验。",
                     "Face the camera without mask or dark glasses and try again, or choose the staff video check.")


class FaceTwo(FaceRefused):
    """More than one person."""

    code = "identity.face_two"
    outcome = "two_faces"
    title = Text("画面中有多个人", "More than one face")
    text = Text("画面中出现了不止一张人脸。", "More than one face was in the picture.")
    next_step = Text("请只让您本人入镜（身后的照片、海报也请避开），再试一次。",
                     "Be alone in the picture, away from photos and posters, and try again.")


class FaceTooSmall(FaceRefused):
    """Too far away."""

    code = "identity.face_too_small"
    outcome = "too_small"
    title = Text("离镜头太远", "Too far from the camera")
    text = Text("人脸在画面中太小，看不清。", "The face is too small in the picture.")


class FaceTooDark(FaceRefused):
    """Not enough light."""

    code = "identity.face_too_dark"
    outcome = "too_dark"
    title = Text("光线太暗", "Too dark")
    text = Text("光线太暗，看不清人脸。", "There is not enough light to see a face.")


class FaceStill(FaceRefused):
    """Nothing moved: a photo, or somebody who did not follow the prompts."""

    code = "identity.face_still"
    outcome = "still"
    title = Text("没有看到动作", "No movement was seen")
    text = Text("画面中的人脸始终没有动作；照片不能代替本人。", "The face did not move at all; a photo cannot stand in for you.")
    next_step = _START_AGAIN


class FaceActionWrong(FaceRefused):
    """Something moved, but not as asked: a recording of another challenge, or a misunderstanding."""

    code = "identity.face_action_wrong"
    outcome = "wrong_action"
    title = Text("动作与提示不符", "Not the movements that were asked for")
    text = Text("看到的动作与本次随机提示不一致。", "The movements were not those of this challenge.")
    next_step = _START_AGAIN


class FaceChanged(FaceRefused):
    """Not the same face throughout."""

    code = "identity.face_changed"
    outcome = "face_changed"
    title = Text("前后不是同一张脸", "The face changed on the way")
    text = Text("采集过程中出现了不同的人脸。", "Different faces were seen during the check.")
    next_step = _START_AGAIN


class FaceUnclear(FaceRefused):
    """Neither alike nor unlike enough to say, or the portrait cannot be read."""

    code = "identity.face_unclear"
    outcome = "portrait_unclear"
    title = Text("无法判断", "It could not be told")
    text = Text("与证件照片的比对没有得出结论。", "The comparison with the ID portrait gave no result.")


class FaceNotMatched(FaceRefused):
    """Not the person of the card, or the vendor saw no living person."""

    code = "identity.face_not_matched"
    outcome = "portrait_mismatch"
    title = Text("与证件照片不符", "Not the person of the ID card")
    text = Text("人脸与证件照片不符，或未确认为真人。",
                "The face is not that of the ID portrait, or no living person was confirmed.")
    next_step = Text("须由本人办理。如为本人，请在光线充足处重试，或选择人工视频核验。",
                     "Only the person of the card can do this. If that is you, try again in good light, or choose the staff "
                     "video check.")


class FaceChallengeUnknown(NotFound):
    """Not this customer's, or asked for by another session."""

    code = "identity.face_challenge_not_found"
    text = Text("没有这次人脸识别。", "There is no such face check.")
    next_step = Text("请回到人脸识别页面重新开始。", "Go back to the face check and start again.")


class FaceChallengeUsed(Conflict):
    """Single use."""

    code = "identity.face_challenge_used"
    text = Text("这次人脸识别已经提交过，或已在别的页面重新开始。",
                "This face check was handed in already, or was begun anew on another page.")
    next_step = _START_AGAIN


class FaceChallengeExpired(FaceRefused):
    """Handed in after its time."""

    code = "identity.face_challenge_expired"
    outcome = "expired"
    title = Text("已超时", "Out of time")
    text = Text("超过了完成动作的时限。", "The time for this challenge is over.")
    next_step = _START_AGAIN


class FaceNotLive(FaceRefused):
    """Longer than the time since the prompts, or frames that were sent before: not taken now."""

    code = "identity.face_not_live"
    outcome = "not_live"
    title = Text("不是现场采集", "Not taken just now")
    text = Text("画面不是在本次提示之后现场采集的。", "The frames were not taken after the prompts of this check.")
    next_step = _START_AGAIN


class FaceFramesInvalid(Invalid):
    """Too few, too many, too large, out of order, or not pictures."""

    code = "identity.face_frames_invalid"
    text = Text("没有收到完整的采集画面。", "The frames did not arrive as they should.")
    next_step = Text("请检查网络后重新开始。", "Check your connection and start again.")


class FaceEngineBusy(PartnerUnavailable):
    """Others are being looked at."""

    code = "identity.face_engine_busy"
    text = Text("人脸识别正忙，本次不计次数。", "The face check is busy; this attempt does not count.")
    next_step = Text("请稍后重试，或选择人工视频核验。", "Try again shortly, or choose the staff video check.")


class FaceVendorPending(PartnerUnavailable):
    """Found right here, but no certified vendor has confirmed it, which this step needs."""

    code = "identity.face_vendor_pending"
    title = Text("等待认证服务商确认", "Waiting for the certified vendor")
    text = Text("本机比对已通过（演示级），但持证服务商未给出结论，这一步需要其确认。",
                "Our own comparison passed (demo level), but the certified vendor gave no result, and this step needs it.")
    next_step = Text("请稍后重试，或选择人工视频核验。", "Try again later, or choose the staff video check.")


class FaceCaptureRequired(Refused):
    """A picture alone is no proof of a living person outside the demonstration."""

    code = "identity.face_capture_required"
    text = Text("仅凭一张照片不能完成人脸识别。", "A picture alone cannot complete the face check.")
    next_step = Text("请按提示完成动作采集，或选择人工视频核验。",
                     "Do the live check with its prompts, or choose the staff video check.")


BEFORE_LOOKING: dict[str, type[FaceRefused]] = {kind.outcome: kind for kind in (FaceChallengeExpired, FaceNotLive)}
BY_OUTCOME: dict[str, type[FaceRefused]] = {
    kind.outcome: kind for kind in (FaceNone, FaceTwo, FaceTooSmall, FaceTooDark, FaceStill, FaceActionWrong, FaceChanged,
                                    FaceUnclear, FaceNotMatched)}
