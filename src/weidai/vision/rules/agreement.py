"""Whether what a PDF says it holds is what it draws: its text layer against the recogniser's look at the page. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from weidai.vision.rules.words import distance, simplified

Agreement = Literal["same", "near", "other"]
Looked = tuple[str, float]  # what was recognised, and how surely

_LEAST_SURE = 0.75  # below this the recogniser's word says nothing against digits
_DROPPED = re.compile(r"[^0-9A-Za-z\u3400-\u9fff\U00020000-\U0003ffff]")
_SIGNED = re.compile(r"[+\-](?=[¥\d])")
_ALIKE = str.maketrans("〇", "0")


def agreement(written: str, drawn: Sequence[Looked]) -> Agreement:
    """Compare a tidy piece of the text layer with what was recognised where it should stand; the kindest look counts.

    Digits must be the same, and a sign the same where both have one. Of words, a look-alike in four or more is near.
    """
    found = [_one(written, text, score) for text, score in drawn]
    return "same" if "same" in found else "near" if "near" in found else "other"


def _one(written: str, drawn: str, score: float) -> Agreement:
    first, second = _plain(written), _plain(drawn)
    signs = [set(_SIGNED.findall(text)) for text in (written, drawn)]
    if signs[0] and signs[1] and signs[0] != signs[1]:
        return "other"
    if first == second:
        return "same" if signs[0] == signs[1] or not signs[0] else "near"
    digits = [re.sub(r"\D", "", text) for text in (first, second)]
    if digits[0] != digits[1]:
        return "near" if score < _LEAST_SURE and distance(first, second, most=2) <= min(2, len(first) // 4) else "other"
    words = [re.sub(r"\d", "", text) for text in (first, second)]
    most = max(len(words[0]) // 4, 1 if digits[0] or score < _LEAST_SURE or len(words[0]) >= 3 else 0)
    return "near" if distance(words[0], words[1], most=most) <= most else "other"


def _plain(text: str) -> str:
    return _DROPPED.sub("", simplified(text).translate(_ALIKE)).upper()
