"""Refusals of the voiceprint. None of them says anything about the person: what was heard is an answer, not a refusal (R1.8)."""

from __future__ import annotations

from weidai.kernel.errors import Conflict, Invalid, NotFound, PartnerUnavailable, Refused
from weidai.kernel.text import Text

_OTHER_WAYS = Text("请改用页面上的其他方式，效力相同。", "Use one of the other ways on the page; they count the same.")
_START_AGAIN = Text("请重新开始，按新的数字朗读。", "Start again and read the new digits.")


class VoiceNotOffered(Refused):
    """Switched off, or the engine is not installed."""

    code = "identity.voice_not_offered"
    text = Text("本服务目前不提供声纹。", "The voiceprint is not offered here at present.")
    next_step = _OTHER_WAYS


class VoiceNotAccepted(Refused):
    """Not a step for which a voice counts, or more than it may stand for."""

    code = "identity.voice_not_accepted"
    text = Text("这一步不能用声纹完成。", "This step cannot be done by voice.")
    next_step = _OTHER_WAYS


class VoiceprintMissing(Refused):
    """There is nothing to compare with."""

    code = "identity.voiceprint_missing"
    text = Text("您还没有录入声纹。", "You have not enrolled your voice.")
    next_step = Text("请先录入，或改用其他方式。", "Enroll it first, or use another way.")


class VoiceprintUnconfirmed(Refused):
    """Enrolled before there was a payment password: it cannot stand in for one."""

    code = "identity.voiceprint_unconfirmed"
    text = Text("这份声纹录入时您还没有支付密码，不能代替它。",
                "This voiceprint was enrolled before you had a payment password and cannot stand in for it.")
    next_step = Text("请凭支付密码重新录入声纹，或改用其他方式。",
                     "Enroll again with the payment password, or use another way.")


class VoiceChallengeUnknown(NotFound):
    """Not this customer's, or asked for by another session."""

    code = "identity.voice_challenge_not_found"
    text = Text("没有这次声纹核验。", "There is no such voice check.")
    next_step = Text("请回到声纹页面重新开始。", "Go back to the voiceprint page and start again.")


class VoiceChallengeUsed(Conflict):
    """Single use."""

    code = "identity.voice_challenge_used"
    text = Text("这次录音已经提交过。", "This recording has been handed in already.")
    next_step = _START_AGAIN


class VoiceRecordingInvalid(Invalid):
    """Too few, too many, too large, not WAV, or the times of the digits do not fit."""

    code = "identity.voice_recording_invalid"
    text = Text("收到的不是完整的 WAV 录音。", "What arrived is not a complete WAV recording.")
    next_step = Text("请在页面上重新录音。", "Record it again on the page.")


class VoiceRecordingTooLarge(VoiceRecordingInvalid):
    """More bytes than the digits can take."""

    code = "identity.voice_recording_too_large"
    text = Text("录音超过 {limit_mb} MB。", "The recording is larger than {limit_mb} MB.")


class VoiceEngineBusy(PartnerUnavailable):
    """Others are being listened to."""

    code = "identity.voice_engine_busy"
    text = Text("声纹核验正忙，本次不计次数。", "The voice check is busy; this attempt does not count.")
    next_step = Text("请稍后重试，或改用其他方式。", "Try again shortly, or use another way.")
