"""Words of the face check: what to do before the camera, and each way in which it can end without a pass (R1.5)."""

from __future__ import annotations

from dataclasses import dataclass

from weidai.identity import errors, face_errors
from weidai.kernel.text import Text

ACTION_WORDS: dict[str, Text] = {
    "turn_left": Text("请缓慢向左转头", "Slowly turn your head to your left"),
    "turn_right": Text("请缓慢向右转头", "Slowly turn your head to your right"),
    "nod": Text("请缓慢点头", "Slowly nod, down and up"),
    "come_closer": Text("请靠近镜头", "Come closer to the camera"),
}
ADVICE = Text("也可以选择人工视频核验，效力相同。", "You can also choose the staff video check; it counts the same.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which it can end without a pass."""

    title: Text
    message: Text
    next_step: Text
    may_retry: bool = True


def _of(kind: type[face_errors.FaceRefused]) -> Problem:
    return Problem(kind.title, kind.text, kind.next_step or ADVICE)


TIMED_OUT = Problem(  # the same for a face and a voice
    Text("已超时", "Out of time"),
    Text("没有在规定时间内完成，本次不计次数。", "It was not finished in time. This attempt does not count."),
    Text("准备好后重新开始。", "Start again when you are ready."))
# What the browser found out before anything was sent; the script names the kind.
BROWSER_PROBLEMS: dict[str, Problem] = {
    "camera_refused": Problem(
        Text("未获得摄像头权限", "No permission to use the camera"),
        Text("您或浏览器没有允许使用摄像头，没有拍摄任何画面。",
             "You or your browser did not allow the camera. Nothing was recorded."),
        Text("请在浏览器或微信的设置中允许使用摄像头后重试。",
             "Allow the camera in the settings of your browser and try again.")),
    "no_camera": Problem(
        Text("没有找到摄像头", "No camera was found"),
        Text("这台设备没有可用的摄像头，或正被其他程序占用。", "This device has no camera, or another program is using it."),
        Text("请换一台有前置摄像头的手机。", "Use a phone with a front camera.")),
    "insecure": Problem(
        Text("当前连接不支持摄像头", "The camera is not available on this connection"),
        Text("浏览器只在加密连接（https）下开放摄像头。", "Browsers open the camera on encrypted connections (https) only."),
        Text("请通过官方的 https 地址重新打开。", "Open the official https address."), may_retry=False),
    "unsupported": Problem(
        Text("浏览器不支持", "This browser cannot do it"),
        Text("当前浏览器无法在网页中使用摄像头。", "This browser cannot use the camera in a page."),
        Text("请更新微信或换用系统浏览器。", "Update the app or use the system's browser."), may_retry=False),
    "camera_lost": Problem(
        Text("摄像头中断", "The camera stopped"),
        Text("拍摄过程中画面中断（来电、切换页面或拔出设备），本次不计次数。",
             "The picture stopped on the way (a call, another page, a device unplugged). This attempt does not count."),
        Text("请保持页面在前台，重新开始。", "Keep this page in front and start again.")),
    "timeout": TIMED_OUT,
    "network": Problem(
        Text("网络中断", "The connection broke"),
        Text("画面没有完整送达。", "The frames did not arrive completely."),
        Text("请检查网络后重新开始。", "Check your connection and start again.")),
}
# What the server said; codes of refusals.
SERVER_PROBLEMS: dict[str, Problem] = {
    **{kind.outcome: _of(kind) for kind in (*face_errors.BY_OUTCOME.values(), *face_errors.BEFORE_LOOKING.values())},
    "engine_busy": Problem(Text("暂时繁忙", "Busy"), face_errors.FaceEngineBusy.text, face_errors.FaceEngineBusy.next_step),
    "vendor_pending": Problem(face_errors.FaceVendorPending.title, face_errors.FaceVendorPending.text,
                              face_errors.FaceVendorPending.next_step),
    "frames_unreadable": Problem(Text("画面无法读取", "The frames cannot be read"), face_errors.FaceFramesInvalid.text,
                                 face_errors.FaceFramesInvalid.next_step),
    "portrait_unavailable": Problem(
        Text("暂时无法比对", "No comparison now"),
        Text("证件照片暂时无法取得，本次不计次数。", "The portrait is not available now; this attempt does not count."), ADVICE),
    errors.TooManyAttempts.code: Problem(
        Text("今天的次数已用完", "No more attempts today"), errors.TooManyAttempts.text,
        Text("请明天再试，或选择人工视频核验。", "Try again tomorrow, or choose the staff video check."), may_retry=False),
    face_errors.FaceChallengeUsed.code: Problem(Text("这次已经结束", "This one is over"), face_errors.FaceChallengeUsed.text,
                                                face_errors.FaceChallengeUsed.next_step or ADVICE),
    face_errors.FaceFramesInvalid.code: Problem(Text("画面不完整", "Frames are missing"), face_errors.FaceFramesInvalid.text,
                                                face_errors.FaceFramesInvalid.next_step or ADVICE),
}
_UNFINISHED = Problem(
    Text("尚未完成", "Not finished"), Text("这次人脸识别没有得出结论。", "This face check has no result."), ADVICE)


def problem_of(kind: str) -> Problem:
    """Return the words for an outcome, a code of a refusal, or what the browser reported."""
    return SERVER_PROBLEMS.get(kind) or BROWSER_PROBLEMS.get(kind, _UNFINISHED)
