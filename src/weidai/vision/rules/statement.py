"""Bank statements of any column order: bookings, each held against the balance before it (R4.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from weidai.vision.rules.cells import Cell, Sheet, sheet
from weidai.vision.rules.dates import amounts_in, date_in
from weidai.vision.rules.fields import Check, Kind, Reading, StatementRow
from weidai.vision.rules.income import UNCONFIRMED, name_field
from weidai.vision.rules.lines import Line, Placed, hull
from weidai.vision.rules.papers import bank_field
from weidai.vision.rules.words import CHINESE, simplified

_NAME = ("户名", "账户名称", "账户名", "客户姓名", "客户名称", "姓名")
_HEADS = {
    "day": ("交易日期", "记账日期", "入账日期", "交易时间", "记账日", "交易日", "日期", "时间"),
    "summary": ("交易摘要", "业务摘要", "摘要", "交易类型", "业务类型", "用途", "附言", "备注", "说明"),
    "amount": ("交易金额", "发生金额", "发生额", "收支金额", "金额"),
    "out": ("借方发生额", "支出金额", "借方金额", "借方", "支出", "付出", "转出", "支取"),
    "in": ("贷方发生额", "收入金额", "贷方金额", "贷方", "收入", "存入", "转入"),
    "balance": ("账户余额", "联机余额", "本次余额", "当前余额", "余额"),
    "other": (
        "对方户名",
        "对方账号",
        "对方账户",
        "对方名称",
        "对方信息",
        "对手信息",
        "对方行名",
        "币种",
        "货币",
        "币别",
        "序号",
        "流水号",
        "日志号",
        "渠道",
        "交易地点",
        "交易渠道",
        "钞汇",
    ),
}
_WHAT = {head: what for what, heads in _HEADS.items() for head in heads}
_TOKEN = re.compile(
    r"(?P<day>(?<!\d)20\d{2}(?:[.\-/](?:1[0-2]|0?[1-9])[.\-/](?:[12]\d|3[01]|0[1-9]|[1-9](?!\d))|年\d{1,2}月\d{1,2}日|"
    r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)))"
    r"|(?P<time>\d{1,2}[:.]\d{2}[:.]\d{2})"
    r"|(?P<amount>[+\-]?[¥]?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+|\d+)[.,]\d{2}(?!\d))"
)
_MONEY = ("amount", "out", "in", "balance")


@dataclass(slots=True)
class _Column:
    """A column as far as it was followed down the sheet."""

    what: str
    left: float
    right: float

    def away(self, left: float, right: float) -> float:
        """Return how far a cell stands from where the column's cells begin, end or have their middle."""
        return min(abs(left - self.left), abs(right - self.right), abs(left + right - self.left - self.right) / 2)

    def follow(self, left: float, right: float) -> None:
        """Lean with the sheet: go half the way to where the last cell stood."""
        ways = (left - self.left, right - self.right, (left + right - self.left - self.right) / 2)
        way = min(ways, key=abs) / 2
        self.left, self.right = self.left + way, self.right + way


@dataclass(frozen=True, slots=True)
class _Token:
    """A date, time, amount or word with its place."""

    what: str
    text: str
    left: float
    right: float
    piece: Placed


def bank_statement(lines: Sequence[Line]) -> Reading:
    """Read a statement's bookings; each balance must follow from the one before it (its own check digit).

    The headings say which column is what; spending and income in columns of their own need no sign. Without headings the
    last amount of a row is taken for the balance and the one before it for what was moved.
    """
    paper = sheet(lines, (*_NAME, *_WHAT, "账号", "卡号", "页码", "起止日期", "打印时间", "单位"))
    level, columns = _headings(paper)
    booked = [found for row in paper.rows if row[0].middle > level and (found := _booking(row, columns)) is not None]
    followed = _dated(_followed(booked))
    told = [row.adds_up for row in followed if row.adds_up is not None]
    fields = (name_field(paper, _NAME), bank_field(paper.plain))
    return Reading(
        Kind.BANK_STATEMENT,
        fields,
        (Check("balance_runs", all(told) if told else None),),
        tuple(followed),
        is_marked=paper.is_marked,
    )


def _headings(paper: Sheet) -> tuple[float, list[_Column]]:
    """Return where the row of headings stands and the columns it names; none when no row names balance and two more."""
    best: list[Cell] = []
    for row in paper.rows:
        heads = [cell for cell in row if cell.is_label and cell.text in _WHAT]
        kinds = {_WHAT[cell.text] for cell in heads}
        if len(kinds) >= 3 and ("balance" in kinds or "day" in kinds) and len(heads) > len(best):
            best = heads
    level = max((cell.middle for cell in best), default=float("-inf"))
    return level, [_Column(_WHAT[cell.text], cell.left, cell.right) for cell in best]


def _booking(row: Sequence[Cell], columns: list[_Column]) -> StatementRow | None:
    """Return a booking from a row with a date and an amount; what could not be read is None."""
    tokens = [token for piece in dict.fromkeys(piece for cell in row for piece in cell.pieces) for token in _tokens(piece)]
    days = [token for token in tokens if token.what == "day" and date_in(token.text)]
    moneys = [token for token in tokens if token.what == "amount"]
    if not days or not moneys or days[0].left > moneys[0].left:
        return None
    booked_on = date_in(days[0].text)
    assert booked_on is not None
    words = [token for token in tokens if token.what == "word" and CHINESE.search(token.text)]
    amount, balance = _amounts(moneys, columns) if any(column.what == "balance" for column in columns) else _last_two(moneys)
    texts = [column for column in columns if column.what not in _MONEY]
    apart = [part for token in words for part in _parted(token, texts)]
    summary = [token for token in apart if _nearest(texts, token).what == "summary"] if texts else words
    score = min(piece.line.score for piece in dict.fromkeys(token.piece for token in tokens))
    score = min(score, UNCONFIRMED) if len(apart) > len(words) else score
    return StatementRow(
        booked_on.isoformat(),
        simplified("".join(token.text for token in summary)),
        amount,
        balance,
        round(score, 3),
        hull([token.piece for token in tokens]),
        None,
        tuple(dict.fromkeys(token.piece.index for token in tokens)),
    )


def _tokens(piece: Placed) -> list[_Token]:
    """Return what a piece holds; columns that were read as one piece are told apart by what they can be."""
    text = piece.text
    widths = [1.0 if ord(sign) < 0x300 else 1.9 for sign in text]
    unit = (piece.right - piece.left) / max(sum(widths), 1)
    found, at = [], 0

    def put(what: str, begins: int, ends: int) -> None:
        found.append(
            _Token(
                what, text[begins:ends], piece.left + unit * sum(widths[:begins]), piece.left + unit * sum(widths[:ends]), piece
            )
        )

    for match in _TOKEN.finditer(text):
        if match.start() > at:
            put("word", at, match.start())
        put(str(match.lastgroup), match.start(), match.end())
        at = match.end()
    if at < len(text):
        put("word", at, len(text))
    return found


def _parted(token: _Token, columns: Sequence[_Column]) -> list[_Token]:
    """Return words cut where another column begins: neighbours that were read as one piece."""
    high = token.piece.height
    edge = next((column.left for column in columns if token.left + 1.5 * high < column.left < token.right - high), None)
    if edge is None:
        return [token]
    cut = round((edge - token.left) / (token.right - token.left) * len(token.text))
    return [replace(token, text=token.text[:cut], right=edge), replace(token, text=token.text[cut:], left=edge)]


def _nearest(columns: Sequence[_Column], token: _Token) -> _Column:
    return min(columns, key=lambda column: column.away(token.left, token.right))


def _amounts(moneys: Sequence[_Token], columns: Sequence[_Column]) -> tuple[int | None, int | None]:
    """Return what was moved and what was left, by the columns the amounts stand in; each column takes the nearest."""
    held: dict[str, int] = {}
    pairs = sorted(
        (
            (column.away(token.left, token.right), place, token, column)
            for place, token in enumerate(moneys)
            for column in columns
            if column.what in _MONEY
        ),
        key=lambda pair: pair[:2],
    )
    used: set[int] = set()
    for away, place, token, column in pairs:
        if place in used or column.what in held or away > 6 * token.piece.height:
            continue
        used.add(place)
        held[column.what] = amounts_in(token.text)[0]
        column.follow(token.left, token.right)
    if "out" in held and "in" not in held:
        moved: int | None = -abs(held["out"])
    elif "in" in held and "out" not in held:
        moved = abs(held["in"])
    elif "out" in held and "in" in held:
        moved = held["in"] or -abs(held["out"])
    else:
        moved = held.get("amount")
    return moved, held.get("balance")


def _last_two(moneys: Sequence[_Token]) -> tuple[int | None, int | None]:
    amounts = [amounts_in(token.text)[0] for token in moneys]
    return (amounts[-2] if len(amounts) >= 2 else None), amounts[-1]


def _followed(booked: Sequence[StatementRow]) -> list[StatementRow]:
    """Return the bookings compared with the balance before them, in the order that fits better."""
    forward, backward = _compared(booked, newest_first=False), _compared(booked, newest_first=True)
    return max(forward, backward, key=lambda found: sum(row.adds_up is True for row in found))


def _compared(booked: Sequence[StatementRow], *, newest_first: bool) -> list[StatementRow]:
    """Compare every row with the one before it; a lost sign is put back when only it is missing.

    A row nothing can be compared with is held for sure only at the end where the page begins.
    """
    found = []
    for place, row in enumerate(booked):
        before = place + 1 if newest_first else place - 1
        earlier = booked[before].balance_fen if 0 <= before < len(booked) else None
        if earlier is None or row.balance_fen is None or row.amount_fen is None:
            found.append(replace(row, confidence=min(row.confidence, UNCONFIRMED)))
            continue
        moved = row.balance_fen - earlier
        same = abs(moved) == abs(row.amount_fen)
        found.append(
            replace(
                row,
                adds_up=same,
                amount_fen=moved if same else row.amount_fen,
                confidence=row.confidence if same else min(row.confidence, 0.5),
            )
        )
    return found


def _dated(booked: Sequence[StatementRow]) -> list[StatementRow]:
    """Doubt rows whose day breaks the order the others keep."""
    days = [row.booked_on for row in booked]
    if len(days) < 3:
        return list(booked)
    falls = sum(one > other for one, other in pairwise(days))
    rises = sum(one < other for one, other in pairwise(days))
    found = []
    for place, row in enumerate(booked):
        before, after = days[max(place - 1, 0)], days[min(place + 1, len(days) - 1)]
        low, high = (before, after) if rises >= falls else (after, before)
        fits = low <= row.booked_on <= high or low > high
        found.append(row if fits else replace(row, confidence=min(row.confidence, 0.5)))
    return found
