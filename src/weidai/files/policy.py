"""Retention section of the policy pack: kinds of files, what they may be, how long they stay (R8.5, R1.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from weidai.kernel.text import Text
from weidai.policy import selectors
from weidai.policy.rules import Fault, LegalLimits

Accepted = Literal["picture", "pdf", "sound"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file. `keep_days` 0 means as long as the record it belongs to."""

    code: str
    name: Text
    is_biometric: bool
    accepts: tuple[Accepted, ...]
    limit_mb: int
    per_day: int
    keep_days: int


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """What may be sent, and when it is deleted."""

    orphan_hours: int  # content without a row is removed after this time
    kinds: tuple[FileKind, ...]

    def __post_init__(self) -> None:
        codes = [kind.code for kind in self.kinds]
        if len(set(codes)) != len(codes):
            raise Fault("kinds", Text("文件种类重复。", "repeats a kind of file."), rule="R8.5")
        for place, kind in enumerate(self.kinds):
            if not kind.accepts or not 0 < kind.limit_mb <= MOST_MB or not kind.per_day:
                problem = Text("格式、大小或次数不在允许范围。", "has no type, size or number that is allowed.")
                raise Fault(f"kinds[{place}]", problem, rule="R8.5")
        frames = [kind.keep_days for kind in self.kinds if kind.code == "face_frame"]
        kept = [kind.keep_days for kind in self.kinds if kind.keep_days]
        if not frames or not frames[0] or frames[0] > min(kept):
            raise Fault("kinds", Text("人脸采集帧的保存期必须最短。", "must keep face frames the shortest time."), rule="R1.5")

    def kind(self, code: str) -> FileKind:
        """Return one kind of file."""
        return next(kind for kind in self.kinds if kind.code == code)


MOST_MB = 12


def _check(_policy: RetentionPolicy, _law: LegalLimits) -> None:
    """Nothing here is bounded by the dated legal limits."""


@lru_cache(maxsize=32)
def of_pack(pack: selectors.Pack, law: LegalLimits) -> RetentionPolicy:
    """Return the retention section of a pack, or raise PolicyRefused."""
    return pack.checked("retention", pack.parse("retention", RetentionPolicy), law, _check)


def current(on: date) -> RetentionPolicy:
    """Return the retention policy in force on a day."""
    pack = selectors.pack(on)
    return of_pack(pack, selectors.law(on, pack.licence_type))
