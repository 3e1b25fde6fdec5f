"""What about a verified identity asks for a person's look: cues, corrections, doubts, remarks, links (R1.1, R1.4, R1.5). Pure.

Nothing here refuses: a cue is no proof. The pack says of each code whether a person decides or it is only noted (R4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from weidai.kernel.text import Text

if TYPE_CHECKING:
    from weidai.origination.policy import ScrutinyPolicy

Group = Literal["face_review", "id_card_review", "staff_video_review", "account_links"]


@dataclass(frozen=True, slots=True)
class Scrutinized:
    """What identity remarked, as `identity.evidence.IdentityRemarks` says it; empty in decisions made before it was kept."""

    face_signals: tuple[str, ...] = ()
    face_consistency_e3: int = 0
    other_faces: int = 0
    refused_captures: int = 0
    id_card_source: str = ""  # photos, typed, empty where nothing is known
    id_card_corrected: tuple[str, ...] = ()
    id_card_doubts: tuple[str, ...] = ()
    id_card_faults: tuple[str, ...] = ()
    registry_refusals: int = 0
    staff_video: tuple[str, ...] = ()
    accounts_on_devices: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing noticed, in words, and whether a person decides because of it."""

    code: str
    text: Text
    asks_for_person: bool


@dataclass(frozen=True, slots=True)
class GroupRemarks:
    """The remarks of one screening check."""

    code: Group
    name: Text
    remarks: tuple[Remark, ...]


GROUPS: tuple[tuple[Group, Text], ...] = (
    ("face_review", Text("人脸核验提示", "Cues of the face check")),
    ("id_card_review", Text("证件核对", "ID card scrutiny")),
    ("staff_video_review", Text("视频核验备注", "Remarks of the video talk")),
    ("account_links", Text("账户关联", "Links between accounts")),
)
_TEXTS: Mapping[str, tuple[Group, Text]] = {
    "face_screen_pattern": ("face_review", Text("画面有屏幕翻拍的条纹迹象。", "The picture shows a pattern as of a screen.")),
    "face_flat_surface": ("face_review", Text("人脸转动时像一张平面（照片）。", "The face moved like a flat sheet.")),
    "face_weak_consistency": ("face_review", Text("采集画面之间人脸不够一致。", "The face differs between frames.")),
    "face_other_person": ("face_review", Text("此前 {detail} 次采集出现了他人的脸。",
                                              "Earlier captures showed somebody else: {detail}.")),
    "face_many_captures": ("face_review", Text("此前 {detail} 次采集未通过。", "Captures that did not pass: {detail}.")),
    "id_card_typed": ("id_card_review", Text("证件信息为手动填写，没有照片。", "Typed in; there are no pictures.")),
    "id_card_name_corrected": ("id_card_review", Text("照片识别出的姓名与核验通过的姓名不一致。",
                                                      "The name read off the card is not the one that was confirmed.")),
    "id_card_corrected": ("id_card_review", Text("客户更正了识别结果：{detail}。", "Corrected by the customer: {detail}.")),
    "id_card_doubted": ("id_card_review", Text("照片上有不符之处：{detail}。", "The pictures contradict: {detail}.")),
    "id_card_marked": ("id_card_review", Text("照片上有“样本”或“复印件”字样。", "Marked as a specimen or a copy.")),
    "id_card_picture_poor": ("id_card_review", Text("照片质量差：{detail}。", "Poor pictures: {detail}.")),
    "id_card_refused_before": ("id_card_review", Text("此前 {detail} 次填写的姓名或号码未通过核验。",
                                                      "Names or numbers refused before: {detail}.")),
    "staff_video_remark": ("staff_video_review", Text("视频核验人员备注：{detail}。", "Noted in the video talk: {detail}.")),
    "face_near_duplicate": ("account_links", Text("人脸与另一账户非常相似。", "The face is very much like another account's.")),
    "device_shared": ("account_links", Text("同一设备上还有 {detail} 个账户登录过。",
                                            "Other accounts signed in on the same device: {detail}.")),
}
_DETAILS: Mapping[str, Text] = {
    "name": Text("姓名", "name"), "sex": Text("性别", "sex"), "ethnicity": Text("民族", "ethnic group"),
    "birth_on": Text("出生日期", "birth date"), "address": Text("住址", "address"), "id_number": Text("身份证号", "ID number"),
    "authority": Text("签发机关", "issuing authority"), "valid_from": Text("有效期起", "valid from"),
    "valid_to": Text("有效期止", "valid to"), "check_digit": Text("校验位", "check digit"),
    "birth_matches_number": Text("出生日期与号码", "birth date and number"),
    "sex_matches_number": Text("性别与号码", "sex and number"), "ethnicity_known": Text("民族名称", "ethnic group unknown"),
    "area_known": Text("地区代码", "area code"), "address_begins": Text("住址开头", "address beginning"),
    "authority_known": Text("签发机关名称", "authority unknown"), "period_length": Text("有效期长度", "length of validity"),
    "period_begun": Text("有效期未开始", "validity not begun"), "validity_differs": Text("有效期与核验机构不同",
                                                                           "validity differs from the registry's"),
    "name_shape": Text("姓名格式", "form of the name"), "side": Text("正反面", "side"),
    "real_date": Text("日期不存在", "no such date"), "small": Text("过小", "small"), "blurred": Text("模糊", "blurred"),
    "glare": Text("反光", "glare"), "looks_different": Text("与照片差异较大", "looks different"),
    "helped_by_others": Text("旁人指点", "helped by others"),
    "unsure_of_own_data": Text("对本人信息迟疑", "unsure of own details"), "card_damaged": Text("证件破损", "card damaged"),
    "poor_connection": Text("画面或声音不清楚", "poor picture or sound"),
}


def scrutiny(found: Scrutinized, policy: ScrutinyPolicy) -> tuple[GroupRemarks, ...]:
    """Return every group with what was noticed in it, in a fixed order; a group without remarks is passed."""
    remarks = [(_TEXTS[code][0], Remark(code, _worded(code, details), policy.effect(code) == "person"))
               for code, details in _noticed(found, policy)]
    return tuple(GroupRemarks(code, name, tuple(one for group, one in remarks if group == code)) for code, name in GROUPS)


def _noticed(found: Scrutinized, policy: ScrutinyPolicy) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Yield each code with its details."""
    for signal, code in (("screen_pattern", "face_screen_pattern"), ("flat_surface", "face_flat_surface"),
                         ("near_duplicate", "face_near_duplicate")):
        if signal in found.face_signals:
            yield code, ()
    if found.face_consistency_e3 >= policy.weak_consistency * 1000:
        yield "face_weak_consistency", ()
    if found.other_faces:
        yield "face_other_person", (str(found.other_faces),)
    if found.refused_captures >= policy.refused_captures:
        yield "face_many_captures", (str(found.refused_captures),)
    yield from _id_card(found)
    if found.staff_video:
        yield "staff_video_remark", found.staff_video
    if found.accounts_on_devices >= policy.accounts_on_device:
        yield "device_shared", (str(found.accounts_on_devices),)


def _id_card(found: Scrutinized) -> Iterable[tuple[str, tuple[str, ...]]]:
    if found.id_card_source == "typed":
        yield "id_card_typed", ()
    if "name" in found.id_card_corrected:
        yield "id_card_name_corrected", ()
    if others := tuple(code for code in found.id_card_corrected if code != "name"):
        yield "id_card_corrected", others
    if doubts := tuple(code for code in found.id_card_doubts if code != "marked"):
        yield "id_card_doubted", doubts
    if "marked" in found.id_card_doubts:
        yield "id_card_marked", ()
    if found.id_card_faults:
        yield "id_card_picture_poor", found.id_card_faults
    if found.registry_refusals:
        yield "id_card_refused_before", (str(found.registry_refusals),)


def _worded(code: str, details: tuple[str, ...]) -> Text:
    text, words = _TEXTS[code][1], [_DETAILS.get(one, Text(one, one)) for one in details]
    return Text(zh=text.zh.format(detail="、".join(word.zh for word in words)),
                en=text.en.format(detail=", ".join(word.en for word in words)))


def scrutinized_from_json(stored: Mapping[str, Any]) -> Scrutinized:
    """Return what was stored; lists come back as tuples."""
    known = {field.name for field in fields(Scrutinized)}
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                              for name, value in stored.items() if name in known}
    return Scrutinized(**values)
