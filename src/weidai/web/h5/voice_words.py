"""Words of the spoken check: what it is for, and each way in which it can end without a match (R1.8)."""

from __future__ import annotations

from weidai.identity import errors, voice_errors
from weidai.kernel.text import Text
from weidai.web.h5.face_words import TIMED_OUT, Problem

_QUIETER = Text("请到安静处，手机离嘴约一个手掌的距离，等数字出现后再读。",
                "Go to a quieter place, hold the phone a hand's width from your mouth, and read each digit once it appears.")
PURPOSE_WORDS: dict[str, Text] = {
    "enrol": Text("录入声纹", "Enroll your voice"),
    "verify": Text("声纹核验", "Voice check"),
    "default_card": Text("用声纹确认更换默认卡", "Confirm the new default card by voice"),
    "drawdown": Text("用声纹确认本次借款", "Confirm this loan by voice"),
}

# What the browser found out before anything was sent; the script names the kind.
BROWSER_PROBLEMS: dict[str, Problem] = {
    "mic_refused": Problem(
        Text("未获得麦克风权限", "No permission to use the microphone"),
        Text("您或浏览器没有允许使用麦克风，没有录音。",
             "You or your browser did not allow the microphone. Nothing was recorded."),
        Text("如愿意使用，请在浏览器或微信的设置中允许麦克风后重试。",
             "If you want to use it, allow the microphone in the settings of your browser and try again.")),
    "no_mic": Problem(
        Text("没有找到麦克风", "No microphone was found"),
        Text("这台设备没有可用的麦克风，或正被其他程序（如通话）占用。",
             "This device has no microphone, or another program (such as a call) is using it."),
        Text("请结束通话，或换一台手机。", "End the call, or use another phone.")),
    "insecure": Problem(
        Text("当前连接不支持录音", "No recording on this connection"),
        Text("浏览器只在加密连接（https）下开放麦克风。", "Browsers open the microphone on encrypted connections (https) only."),
        Text("请通过官方的 https 地址重新打开。", "Open the official https address."), may_retry=False),
    "unsupported": Problem(
        Text("浏览器不支持", "This browser cannot do it"),
        Text("当前浏览器无法在网页中录音。", "This browser cannot record in a page."),
        Text("请更新微信或换用系统浏览器。", "Update the app or use the system's browser."), may_retry=False),
    "mic_lost": Problem(
        Text("录音中断", "The recording stopped"),
        Text("录音过程中断（来电、切换页面或拔出耳机），本次不计次数。",
             "It stopped on the way (a call, another page, a headset unplugged). This attempt does not count."),
        Text("请保持页面在前台，重新开始。", "Keep this page in front and start again.")),
    "timeout": TIMED_OUT,
    "network": Problem(
        Text("网络中断", "The connection broke"),
        Text("录音没有完整送达。", "The recording did not arrive completely."),
        Text("请检查网络后重新开始。", "Check your connection and start again.")),
}
# What was heard; the words of the engine's faults, and codes of refusals.
SERVER_PROBLEMS: dict[str, Problem] = {
    "no_match": Problem(
        Text("没有匹配上", "It did not match"),
        Text("声音或数字与您录入的不一致。感冒、环境和设备都可能造成这种情况，对您没有任何不利影响。",
             "Voice or digits were not like those you enrolled. A cold, the surroundings or the device can cause this; it "
             "has no consequence for you."),
        Text("可以再试一次，或直接使用其他方式，效力相同。", "Try once more, or use another way; it counts the same.")),
    "too_quiet": Problem(
        Text("声音太小", "Too quiet"), Text("录音的音量太低，听不清。", "The recording is too quiet to be understood."),
        Text("请靠近麦克风，用平常说话的音量朗读。", "Come closer to the microphone and read at your normal loudness.")),
    "clipped": Problem(
        Text("声音太大", "Too loud"), Text("音量过大，声音失真了。", "It was so loud that the sound is distorted."),
        Text("请离麦克风远一点，用平常的音量朗读。", "Move away from the microphone a little and read at your normal loudness.")),
    "noisy": Problem(
        Text("周围太吵", "Too noisy"),
        Text("背景噪声太大，听不清数字。", "There is too much noise to make out the digits."), _QUIETER),
    "no_speech": Problem(
        Text("有数字没有听到", "A digit was not heard"),
        Text("有的数字出现时没有听到声音。", "Nothing was heard while some of the digits were shown."),
        Text("每个数字一出现就读出来，读得清楚一些。", "Read every digit as soon as it appears, and clearly.")),
    "digits_missing": Problem(
        Text("数字没有读全", "Not every digit was clear"),
        Text("有的数字没有读到，或同一个数字两遍听起来不一样。",
             "A digit is missing, or its second reading does not sound like the first."),
        Text("请按屏幕上的数字逐个朗读，每遍读法一致。", "Read exactly what is shown, each digit in the same way.")),
    "voices_differ": Problem(
        Text("前后不是同一个声音", "Not one voice throughout"),
        Text("录音中的声音前后不一致。", "The voice is not the same throughout the recording."),
        Text("请由您本人单独朗读，旁边不要有人说话。", "Read alone; nobody else should be speaking nearby.")),
    "too_short": Problem(
        Text("录音不完整", "The recording is incomplete"),
        Text("最后的数字读完之前录音就结束了。", "It ended before the last digit was read."), _QUIETER),
    "not_audio": Problem(
        Text("录音无法读取", "The recording cannot be read"), voice_errors.VoiceRecordingInvalid.text,
        voice_errors.VoiceRecordingInvalid.next_step),
    "expired": Problem(
        Text("已超时", "Out of time"),
        Text("超过了朗读的时限，本次不计次数。", "The time for these digits is over. This attempt does not count."),
        Text("请重新开始，按新的数字朗读。", "Start again and read the new digits.")),
    "engine_busy": Problem(Text("暂时繁忙", "Busy"), voice_errors.VoiceEngineBusy.text, voice_errors.VoiceEngineBusy.next_step),
    "not_offered": Problem(Text("暂不提供声纹", "No voice checks now"), voice_errors.VoiceNotOffered.text,
                           voice_errors.VoiceNotOffered.next_step, may_retry=False),
    "voiceprint_missing": Problem(Text("还没有声纹", "No voiceprint"), voice_errors.VoiceprintMissing.text,
                                  voice_errors.VoiceprintMissing.next_step, may_retry=False),
    "voiceprint_outdated": Problem(
        Text("需要重新录入", "Please enroll again"),
        Text("声纹由旧版本生成，已不能比对。", "Your voiceprint was made by an earlier version and cannot be compared any more."),
        Text("请重新录入声纹，或使用其他方式。", "Enroll your voice again, or use another way."), may_retry=False),
    errors.TooManyAttempts.code: Problem(
        Text("今天的次数已用完", "No more attempts today"), errors.TooManyAttempts.text,
        Text("请明天再试，或使用其他方式，效力相同。", "Try again tomorrow, or use another way; it counts the same."),
        may_retry=False),
    voice_errors.VoiceChallengeUsed.code: Problem(
        Text("这次已提交过", "Handed in already"), voice_errors.VoiceChallengeUsed.text,
        voice_errors.VoiceChallengeUsed.next_step),
    voice_errors.VoiceRecordingInvalid.code: Problem(
        Text("录音无法读取", "The recording cannot be read"), voice_errors.VoiceRecordingInvalid.text,
        voice_errors.VoiceRecordingInvalid.next_step),
    voice_errors.VoiceRecordingTooLarge.code: Problem(
        Text("录音太大", "The recording is too large"), Text("录音超过了大小限制。", "The recording is larger than allowed."),
        voice_errors.VoiceRecordingTooLarge.next_step),
}
_UNFINISHED = Problem(
    Text("尚未完成", "Not finished"), Text("这次录音没有得出结论。", "This recording has no result."),
    Text("可以重新开始，或使用其他方式。", "Start again, or use another way."))


def problem_of(kind: str) -> Problem:
    """Return the words for an outcome, a code of a refusal, or what the browser reported."""
    return SERVER_PROBLEMS.get(kind) or BROWSER_PROBLEMS.get(kind, _UNFINISHED)
