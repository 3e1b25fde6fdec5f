"""What a reading consists of: fields with confidence and place, and the checks that speak for or against them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from weidai.vision.rules.lines import Placed, Quad, hull


class Kind(StrEnum):
    """Papers that can be read."""

    ID_FRONT = "id_front"  # portrait side
    ID_BACK = "id_back"  # authority and validity
    DEBIT_CARD = "debit_card"
    BUSINESS_LICENCE = "business_licence"
    PAYSLIP = "payslip"
    TAX_CERTIFICATE = "tax_certificate"
    BANK_STATEMENT = "bank_statement"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared; `passed` None means it could not be told."""

    code: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `value` empty when nothing could be read; `confidence` 0 to 1, at most 0.5 when a check speaks against it.

    `lines` are the indexes of the recognised lines it came from. Amounts are in fen as digits, dates ISO.
    """

    code: str
    value: str
    confidence: float
    quad: Quad | None = None
    checks: tuple[Check, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        """Nothing read, not surely read, or contradicted."""
        return not self.value or self.confidence < SURE or any(check.passed is False for check in self.checks)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One booking of a bank statement; amounts in fen, spending negative; `adds_up` compares with the row before."""

    booked_on: str
    summary: str
    amount_fen: int | None
    balance_fen: int | None
    confidence: float
    quad: Quad | None
    adds_up: bool | None
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read off one picture of one paper."""

    kind: Kind
    fields: tuple[Field, ...]
    checks: tuple[Check, ...] = ()  # between fields
    rows: tuple[StatementRow, ...] = ()
    is_marked: bool = False  # 样本, SPECIMEN, 复印件 … stands on it: not an original

    def value(self, code: str) -> str:
        """Return a field's value, empty when it was not read."""
        return next((field.value for field in self.fields if field.code == code), "")

    def field(self, code: str) -> Field | None:
        """Return a field."""
        return next((field for field in self.fields if field.code == code), None)

    def passed(self, code: str) -> bool | None:
        """Return the outcome of a check, of the reading or of one of its fields."""
        checks = [*self.checks, *(check for field in self.fields for check in field.checks)]
        return next((check.passed for check in checks if check.code == code), None)


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a picture, and what is wrong in words of the page: small, blurred, glare."""

    width: int
    height: int
    sharpness: float
    glare: float
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageFrame:
    """One page of a PDF as it was read: its size upright, and by how many degrees it was turned to the left."""

    width: int
    height: int
    turned: int = 0
    has_text: bool = False  # read from its text layer, held against what is drawn


@dataclass(frozen=True, slots=True)
class PaperRead:
    """A reading with the picture it belongs to: `width` and `height` are the frame its boxes are measured in.

    `turned` is by how many degrees the picture was turned to the left to stand upright: 0, 90, 180 or 270. The pages of a
    PDF stand one under the other in that frame, each at its left edge; a picture has none.
    """

    reading: Reading
    quality: Quality
    width: int
    height: int
    engine: str
    turned: int = 0
    pages: tuple[PageFrame, ...] = ()


SURE = 0.9


def made(code: str, value: str, pieces: Sequence[Placed], checks: Sequence[Check] = (), *, most: float = 1.0) -> Field:
    """Return a field read from some pieces: as sure as the least sure of them, and as its checks allow."""
    if not value:
        return Field(code, "", 0.0, hull(pieces), tuple(checks), tuple(piece.index for piece in pieces))
    score = min((piece.line.sure for piece in pieces), default=0.0)
    against = any(check.passed is False for check in checks)
    sure = min(score, most, 0.5 if against else 1.0)
    return Field(code, value, round(sure, 3), hull(pieces), tuple(checks), tuple(piece.index for piece in pieces))
