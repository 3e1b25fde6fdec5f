"""What a video talk compares, how it can end and what may be noted beside it, in words (R1.5, R4.2)."""

from __future__ import annotations

from dataclasses import dataclass

from weidai.kernel.text import Text


@dataclass(frozen=True, slots=True)
class TalkEnd:
    """A talk that did not pass: `told` goes to the customer; one that decides counts as a "no", else it may be repeated."""

    text: Text
    told: Text
    decides: bool


# What is compared in every talk; a pass needs each of them.
STAFF_VIDEO_POINTS: dict[str, Text] = {
    "reacts": Text("按要求转头、眨眼，反应及时", "turns the head and blinks at once when asked"),
    "same_face": Text("面貌与证件照片是同一人", "the face is the one of the portrait"),
    "original_card": Text("手持证件原件，倾斜可见防伪，不是照片或复印件",
                          "holds the original card, tilted to the light, no photo or copy"),
    "number_spoken": Text("本人说出身份证号后四位，与记录一致", "says the last four of the ID number, as on record"),
    "own_will": Text("本人知道并愿意办理，没有受人指使", "knows what this is for and wants it, told by nobody"),
}
STAFF_VIDEO_ENDS: dict[str, TalkEnd] = {
    "other_person": TalkEnd(
        Text("与证件照片不是同一人", "not the person of the card"),
        Text("视频中未能确认是证件本人", "the person in the talk could not be confirmed as the holder of the card"),
        decides=True),
    "card_not_original": TalkEnd(
        Text("没有证件原件，或证件可疑", "no original card, or a doubtful one"),
        Text("没有看到证件原件", "the original ID card was not seen"), decides=True),
    "prompted": TalkEnd(
        Text("受人指使或代为办理", "prompted or acting for somebody else"),
        Text("须由本人独立办理", "you have to do this yourself, without others beside you"), decides=True),
    "answers_wrong": TalkEnd(
        Text("本人信息回答不符", "answers about own data are wrong"),
        Text("回答与登记信息不一致", "the answers did not fit what is registered"), decides=True),
    "no_answer": TalkEnd(
        Text("多次联系不上", "could not be reached"),
        Text("我们多次联系您未接通", "we could not reach you"), decides=False),
    "picture_or_sound": TalkEnd(
        Text("画面或声音不清，无法判断", "picture or sound too poor to tell"),
        Text("画面或声音不清楚，无法核对", "picture or sound was too poor to compare"), decides=False),
    "stopped": TalkEnd(
        Text("客户中止", "the customer stopped it"),
        Text("您中止了这次核验", "you stopped the check"), decides=False),
}
# What whoever held a talk may note beside a pass; each sends the next application to a person.
STAFF_VIDEO_REMARKS: dict[str, Text] = {
    "looks_different": Text("本人与证件照片差异较大", "looks rather different from the portrait"),
    "helped_by_others": Text("旁边有人指点或代答", "somebody prompted or answered"),
    "unsure_of_own_data": Text("对本人信息回答迟疑", "unsure about their own details"),
    "card_damaged": Text("证件破损或看不清", "the card is damaged or hard to read"),
    "poor_connection": Text("画面或声音不清楚", "poor picture or sound"),
}
