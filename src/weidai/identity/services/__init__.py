"""What identity does, one file per use case."""

from weidai.identity.services.accounts import (
    language_set,
    mobile_change,
    mobile_change_start,
    profile_declare,
    registration_complete,
    registration_start,
    sign_in_complete,
    sign_in_start,
)
from weidai.identity.services.cards import bank_card_bind, bank_card_remove, bank_card_set_default
from weidai.identity.services.checks import face_check, id_card_submit, mobile_check
from weidai.identity.services.consents import consent_give, consent_still_require, consent_withdraw
from weidai.identity.services.erasure import ERASURE_REASONS, biometrics_erase, person_erase
from weidai.identity.services.face_templates import template_forget as face_template_forget
from weidai.identity.services.faces import (
    MOST_CAPTURE_BYTES,
    MOST_FRAMES,
    CapturedFrame,
    Challenge,
    attempts_left,
    face_challenge_abandon,
    face_challenge_issue,
    face_challenge_submit,
)
from weidai.identity.services.id_card_photos import id_card_confirm, id_card_picture_take
from weidai.identity.services.id_card_sides import FieldWord, SideStated, id_card_side_judge
from weidai.identity.services.records import consent_require, present_consent_require
from weidai.identity.services.reveal import REVEAL_FIELDS, REVEAL_REASONS, REVEAL_REFERENCE, personal_data_reveal
from weidai.identity.services.staff_video import (
    TalkOutcome,
    staff_video_claim,
    staff_video_decide,
    staff_video_next,
    staff_video_release,
    staff_video_request,
)
from weidai.identity.services.voiceprints import voiceprint_remove
from weidai.identity.services.voices import (
    MOST_PACK_BYTES,
    MOST_RECORDING_BYTES,
    Spoken,
    voice_challenge_abandon,
    voice_challenge_issue,
    voice_challenge_submit,
    voice_needs_password,
)
from weidai.identity.video_words import STAFF_VIDEO_ENDS, STAFF_VIDEO_POINTS, STAFF_VIDEO_REMARKS

__all__ = [
    "ERASURE_REASONS",
    "MOST_CAPTURE_BYTES",
    "MOST_FRAMES",
    "MOST_PACK_BYTES",
    "MOST_RECORDING_BYTES",
    "REVEAL_FIELDS",
    "REVEAL_REASONS",
    "REVEAL_REFERENCE",
    "STAFF_VIDEO_ENDS",
    "STAFF_VIDEO_POINTS",
    "STAFF_VIDEO_REMARKS",
    "CapturedFrame",
    "Challenge",
    "FieldWord",
    "SideStated",
    "Spoken",
    "TalkOutcome",
    "attempts_left",
    "bank_card_bind",
    "bank_card_remove",
    "bank_card_set_default",
    "biometrics_erase",
    "consent_give",
    "consent_require",
    "consent_still_require",
    "consent_withdraw",
    "face_challenge_abandon",
    "face_challenge_issue",
    "face_challenge_submit",
    "face_check",
    "face_template_forget",
    "id_card_confirm",
    "id_card_picture_take",
    "id_card_side_judge",
    "id_card_submit",
    "language_set",
    "mobile_change",
    "mobile_change_start",
    "mobile_check",
    "person_erase",
    "personal_data_reveal",
    "present_consent_require",
    "profile_declare",
    "registration_complete",
    "registration_start",
    "sign_in_complete",
    "sign_in_start",
    "staff_video_claim",
    "staff_video_decide",
    "staff_video_next",
    "staff_video_release",
    "staff_video_request",
    "voice_challenge_abandon",
    "voice_challenge_issue",
    "voice_challenge_submit",
    "voice_needs_password",
    "voiceprint_remove",
]
