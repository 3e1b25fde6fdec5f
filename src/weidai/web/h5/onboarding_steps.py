"""What stands between a customer and full identity strength: the steps in their order, and what each still asks (R1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from weidai.identity import selectors
from weidai.identity.rules import StrengthRow
from weidai.kernel.text import Text
from weidai.web.h5.deeds import page_address, with_query

STEPS = [
    Text("身份证", "ID card"),
    Text("本人核验", "Face or video"),
    Text("银行卡", "Bank card"),
    Text("手机号", "Mobile"),
]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, as listed on the overview."""

    page: str
    name: Text
    is_done: bool
    note: Text
    is_waiting: bool = False


def way_to_finish(row: StrengthRow, customer: selectors.CustomerRow) -> str:
    """The page on which a missing item is done; empty when it is done, not offered, or its turn has not come (R1.2)."""
    if row.is_done or not row.is_offered:
        return ""
    has_card = customer.has_id_card and customer.id_card_status != "expired"
    if row.code == "id_card_face" or not has_card:
        return page_address("onboard_face" if has_card else "onboard_id_card")
    if row.code == "certified_liveness":
        return with_query(page_address("face_camera"), purpose="real_name", next=page_address("onboard"))
    if row.code == "voiceprint":
        return page_address("voice") if customer.is_real_name else page_address("onboard_face")
    return page_address({"bank_card": "onboard_bank_card", "mobile": "onboard_mobile"}[row.code])


def done_steps(customer: selectors.CustomerRow) -> list[int]:
    """The numbers of the steps that are done, whichever of them were left out on the way."""
    done = (customer.has_id_card and customer.id_card_status != "expired", customer.has_face or customer.has_staff_video,
            customer.has_bank_card, customer.has_mobile_check)
    return [number for number, is_done in enumerate(done, 1) if is_done]


def tasks_for(customer_id: UUID, customer: selectors.CustomerRow) -> list[Task]:
    """Everything to do, done or not, in the order it is offered."""
    waiting = None if customer.is_real_name else selectors.staff_video_waiting(customer_id, purpose="real_name")
    has_profile = bool(customer.occupation and customer.region_code)
    return [
        Task(
            "onboard_id_card",
            Text("身份证核验", "ID card"),
            customer.has_id_card and customer.id_card_status != "expired",
            Text("拍照或填写，约 1 分钟", "Two pictures or typing, about a minute"),
        ),
        Task(
            "onboard_face",
            Text("人脸识别或人工视频", "Face check or staff video"),
            customer.has_face or customer.has_staff_video,
            Text("人工视频核验预约中", "Waiting for the staff video check")
            if waiting
            else Text("二选一，效力相同", "Either one; they count the same"),
            waiting is not None,
        ),
        Task(
            "onboard_bank_card",
            Text("绑定借记卡", "Bank card"),
            customer.has_bank_card,
            Text("收款与还款用，建议一类账户", "For payout and repayment; Type I recommended"),
        ),
        Task(
            "onboard_mobile",
            Text("手机号核验", "Mobile number"),
            customer.has_mobile_check,
            Text("由运营商核验，无需填写", "Checked with your operator; nothing to type"),
        ),
        Task(
            "onboard_profile",
            Text("职业与收入", "Work and income"),
            has_profile,
            Text("申请额度时使用", "Used when you apply"),
        ),
    ]
