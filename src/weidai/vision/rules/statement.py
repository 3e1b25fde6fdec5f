"""Bank statements of any column order: bookings, each held against the balance before it (R4.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from weidai.vision.rules.bookings import DOUBTED, UNCONFIRMED, Booked, followed, is_clear, running
from weidai.vision.rules.cells import Sheet, sheet
from weidai.vision.rules.dates import amounts_in, date_in
from weidai.vision.rules.fields import Check, Kind, Reading, StatementRow
from weidai.vision.rules.income import name_field
from weidai.vision.rules.lines import Line, Placed, hull
from weidai.vision.rules.papers import bank_field
from weidai.vision.rules.words import CHINESE, USUAL_BOOKINGS, nearest, simplified

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
_NO_BOOKING = re.compile(r"合计|小计|总计|承前|结转|期初|期末|累计|打印|页码|起止|期间|查询")
_CLEARLY = 0.97  # how sure a text must be that is none of the usual
_COLUMNS, _DIGITS = 3, 8  # the least of a booking
_FAR = 6  # heights an amount may stand off its column
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


@dataclass(frozen=True, slots=True)
class _Written:
    """The tokens of one row that may be a booking, and how high it stands."""

    tokens: tuple[_Token, ...]
    middle: float

    def of(self, what: str) -> list[_Token]:
        """Return the tokens of a sort."""
        return [token for token in self.tokens if token.what == what]

    @property
    def day(self) -> _Token | None:
        """The day it was booked on, where one was read before any amount."""
        found = next((token for token in self.of("day") if date_in(token.text)), None)
        moneys = self.of("amount")
        return found if found and not (moneys and moneys[0].left < found.left) else None


def bank_statement(lines: Sequence[Line]) -> Reading:
    """Read a statement's bookings; each balance must follow from the one before it (its own check digit).

    The headings say which column is what; spending and income in columns of their own need no sign. Where they were not read
    for sure, the way of taking the columns decides in which the balances follow.
    """
    paper = sheet(lines, (*_NAME, *_WHAT, "账号", "卡号", "页码", "起止日期", "打印时间", "单位"))
    level, columns = _headings(paper)
    written, ways = _written(paper, level), _ways(columns)
    taken = [followed(_booked(written, way, columns)) for way in ways]
    rows = max(taken, key=running)
    if ways[0] != "headings" and not running(rows):  # nothing says which column is what
        rows = tuple(replace(row, confidence=min(row.confidence, DOUBTED)) for row in rows)
    told = [row.adds_up for row in rows if row.adds_up is not None]
    fields = (name_field(paper, _NAME), bank_field(paper.plain))
    clear = is_clear(rows, unread=_unread(paper, level, written))
    checks = (Check("balance_runs", all(told) if told else None), Check("rows_clear", clear))
    return Reading(Kind.BANK_STATEMENT, fields, checks, rows, is_marked=paper.is_marked)


def _headings(paper: Sheet) -> tuple[float, list[_Column]]:
    """Return where the row of headings stands and the columns it names; none when no row names balance and two more.

    Beside two headings that were read, others may be one character off.
    """
    best: list[_Column] = []
    level = float("-inf")
    for row in paper.rows:
        exact = [cell for cell in row if cell.is_label and cell.text in _WHAT]
        if len(exact) < 2:
            continue
        heads = [(cell, word) for cell in row
                 if (word := cell.text if cell in exact else nearest(simplified(cell.text), _WHAT, most=1)) and word in _WHAT]
        kinds = {_WHAT[word] for _, word in heads}
        if len(kinds) >= 3 and ("balance" in kinds or "day" in kinds) and len(heads) > len(best):
            best = [_Column(_WHAT[word], cell.left, cell.right) for cell, word in heads]
            level = max(cell.middle for cell, _ in heads)
    return level, best


def _ways(columns: Sequence[_Column]) -> tuple[str, ...]:
    """Return the ways amounts can be taken: by headings, as amount and balance, as balance and amount; the likeliest first."""
    kinds = {column.what for column in columns}
    whole = "balance" in kinds and (("in" in kinds and "out" in kinds) or "amount" in kinds)
    return ("headings", "last_two", "last_two_turned") if whole else ("last_two", "last_two_turned", "headings")


def _written(paper: Sheet, level: float) -> list[_Written]:
    """Return the rows that are bookings: with a day and an amount; and those between or beside them that lack one of the two."""
    found = []
    for row in paper.rows:
        if row[0].middle <= level or _NO_BOOKING.search("".join(cell.text for cell in row)):
            continue
        pieces = dict.fromkeys(piece for cell in row for piece in cell.pieces)
        found.append(_Written(tuple(token for piece in pieces for token in _tokens(piece)), row[0].middle))
    whole = [place for place, row in enumerate(found) if row.day and row.of("amount")]
    if len(whole) < 2:
        return [found[place] for place in whole]
    steps = sorted(found[after].middle - found[before].middle for before, after in pairwise(whole))
    reach = 1.7 * steps[len(steps) // 2]
    kept: list[_Written] = []
    for place, one in enumerate(found):
        is_inside = whole[0] < place < whole[-1]
        is_beside = min(abs(one.middle - found[end].middle) for end in (whole[0], whole[-1])) < reach
        is_part = len(one.of("amount")) >= 2 or bool(one.day and len(one.tokens) >= 3)
        if place in whole or (is_part and (is_inside or is_beside)):
            kept.append(one)
    return kept


def _unread(paper: Sheet, level: float, written: Sequence[_Written]) -> int:
    """Count the rows that look like bookings, of several columns with numbers, and could not be read as any."""
    read = {row.middle for row in written}
    return sum(
        level < row[0].middle and row[0].middle not in read and not _NO_BOOKING.search("".join(cell.text for cell in row))
        and len({piece for cell in row for piece in cell.pieces}) >= _COLUMNS
        and sum(sign.isdigit() for cell in row for sign in cell.text) >= _DIGITS
        for row in paper.rows)


def _booked(written: Sequence[_Written], way: str, columns: Sequence[_Column]) -> list[Booked]:
    """Return the bookings of the rows, their columns taken in one way."""
    here = [replace(column) for column in columns]
    return [_booking(row, way, here) for row in written]


def _booking(row: _Written, way: str, columns: Sequence[_Column]) -> Booked:
    """Return a booking; what could not be read is empty."""
    moneys = row.of("amount")
    amount, balance = _amounts(moneys, columns) if way == "headings" else _two(moneys, is_turned=way == "last_two_turned")
    summary, words_most = _summary(row.of("word"), columns)
    day = date_in(row.day.text) if row.day else None
    words = [token.piece.line.sure for token in (*([row.day] if row.day else []), *summary)]
    pieces = tuple(dict.fromkeys(token.piece.index for token in row.tokens))
    words_sure = min((*words, words_most)) if day else DOUBTED
    money_sure = min((token.piece.line.sure for token in moneys), default=0.0)
    if way != "headings" and not any(token.text[0] in "+-" for token in moneys):
        money_sure = min(money_sure, DOUBTED)  # in or out: only the balance before it tells
    text = simplified("".join(token.text for token in summary))
    shown = StatementRow(day.isoformat() if day else "", text, amount, balance, round(min(words_sure, money_sure), 3),
                         hull([token.piece for token in row.tokens]), None, pieces)
    if not text:
        words_sure = min(words_sure, DOUBTED)
    elif text not in USUAL_BOOKINGS and words_sure < _CLEARLY:
        words_sure = min(words_sure, UNCONFIRMED)
    return Booked(shown, words_sure, money_sure)


def _summary(words: Sequence[_Token], columns: Sequence[_Column]) -> tuple[list[_Token], float]:
    """Return the words that say what a booking was, and how sure they can be at most: less where columns were guessed."""
    said = [token for token in words if CHINESE.search(token.text)]
    texts = [column for column in columns if column.what not in _MONEY]
    if not any(column.what == "summary" for column in texts):
        far = [token for token in said if not any(column.away(token.left, token.right) < token.piece.height for column in texts)]
        return far, UNCONFIRMED if len(far) == 1 else DOUBTED
    apart = [part for token in said for part in _parted(token, texts)]
    found = [token for token in apart if _nearest(texts, token).what == "summary"]
    return found, UNCONFIRMED if len(apart) > len(said) else 1.0


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
        if place in used or column.what in held or away > _FAR * token.piece.height:
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


def _two(moneys: Sequence[_Token], *, is_turned: bool) -> tuple[int | None, int | None]:
    """Return what was moved and what was left from the last two amounts of a row, in this order or turned."""
    amounts = [amounts_in(token.text)[0] for token in moneys]
    if is_turned:
        return (amounts[-1] if amounts else None), (amounts[-2] if len(amounts) >= 2 else None)
    return (amounts[-2] if len(amounts) >= 2 else None), (amounts[-1] if amounts else None)
