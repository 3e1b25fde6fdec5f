"""Refusals of the video talk with staff, each with what to do next (R1.5)."""

from __future__ import annotations

from weidai.kernel.errors import Conflict, Invalid, Refused
from weidai.kernel.text import Text


class StaffVideoWaiting(Conflict):
    """Already asked for."""

    code = "identity.staff_video_waiting"
    text = Text("您已预约人工视频核验，请等待工作人员联系。",
                "You have already asked for a staff video check; please wait for our call.")


class StaffVideoDecided(Conflict):
    """Somebody decided already, or there is no such request."""

    code = "identity.staff_video_decided"
    text = Text("该视频核验申请不存在或已处理。", "This request does not exist or has already been decided.")


class StaffVideoReasonMissing(Invalid):
    """A decision needs its reason."""

    code = "identity.staff_video_reason_missing"
    text = Text("请填写处理理由。", "Please give a reason.")


class StaffVideoRemarkUnknown(Invalid):
    """A remark that is not on the list."""

    code = "identity.staff_video_remark_unknown"
    text = Text("没有“{code}”这一备注。", "There is no remark “{code}”.")
    next_step = Text("请从列表中选择。", "Choose from the list.")


class StaffVideoPointsMissing(Invalid):
    """A pass needs every point of the talk."""

    code = "identity.staff_video_points_missing"
    text = Text("通过前须逐项核对，还有：{points}。", "A pass needs every point compared; still open: {points}.")
    next_step = Text("请在视频中核对后勾选；做不到的，请选“没有通过或没有完成”并选择原因。",
                     "Compare it in the talk and tick it; if that cannot be done, choose “not passed, or not finished” and why.")


class StaffVideoEndUnknown(Invalid):
    """A talk that did not pass without a reason of the list."""

    code = "identity.staff_video_end_unknown"
    text = Text("请选择没有通过的原因。", "Choose why it did not pass.")


class StaffVideoLocked(Conflict):
    """A colleague is holding this talk."""

    code = "identity.staff_video_locked"
    text = Text("同事正在处理这项核验。", "A colleague is holding this check.")
    next_step = Text("请领取下一项。", "Please take the next one.")


class StaffVideoUnclaimed(Conflict):
    """Somebody decides a talk they never claimed, so without having seen the card."""

    code = "identity.staff_video_unclaimed"
    text = Text("请先领取这项核验，查看证件后再记录结论。", "Claim this check and look at the card before you keep an outcome.")
    next_step = Text("请打开该核验并点“领取”。", "Open the check and press “Claim”.")


class StaffVideoSecondPerson(Refused):
    """The person who held the talk cannot be the second one (R8.6)."""

    code = "identity.staff_video_second_person"
    text = Text("这项核验须由另一人复核。", "Somebody else has to confirm this check.")
    next_step = Text("请交给未参与的同事。", "Leave it to a colleague who did not take part.")
