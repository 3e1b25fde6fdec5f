"""Text layers of PDFs: put together, laid page under page, held against what is drawn (R4.1)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from weidai.vision.pdf_reading import Drawn, pdf_read
from weidai.vision.rules.agreement import agreement
from weidai.vision.rules.fields import Kind, Quality
from weidai.vision.rules.lines import Line
from weidai.vision.rules.sheets import AS_DRAWN, WIDTH, Leaf, levelled, long_sheet
from weidai.vision.rules.signs import Sign, lines_of
from weidai.vision.rules.wire import lines_of as lines_back
from weidai.vision.rules.wire import lines_plain

ON = date(2026, 11, 23)


def piece(text: str, left: float, top: float, *, high: float = 24, score: float = 1.0) -> Line:
    right = left + high * 0.6 * sum(1 if ord(sign) < 0x300 else 1.7 for sign in text)
    return Line(text, score, ((left, top), (right, top), (right, top + high), (left, top + high)))


@pytest.mark.parametrize(("written", "drawn", "said"), [
    ("9,000.00", [("9,000.00", 0.99)], "same"), ("9,000.00", [("9000.00", 0.99)], "same"),
    ("9,000.00", [("900.00", 0.99)], "other"), ("9,000.00", [("9,000.00 ", 0.4), ("8,000.00", 0.99)], "same"),
    ("9,000.00", [("", 0.0)], "other"), ("+9,000.00", [("-9,000.00", 0.99)], "other"),
    ("-9,000.00", [("9,000.00", 0.99)], "near"),
    ("2026-03-01", [("2026-03-07", 0.6)], "near"), ("2026-03-01", [("2026-03-07", 0.95)], "other"),
    ("王伟", [("王伟", 0.9)], "same"), ("王伟", [("王玮", 0.98)], "other"), ("工资", [("转账", 0.99)], "other"),
    ("江湾农商银行", [("江湾农商银行", 0.9)], "same"), ("江湾农商银行", [("江湾衣商银行", 0.9)], "near"),
    ("江湾农商银行", [("示范银行", 0.9)], "other"), ("户名:王伟", [("戶名:王伟", 0.9)], "same")])
def test_r4_1_a_text_layer_is_held_against_what_is_drawn(written, drawn, said):
    assert agreement(written, drawn) == said


def test_r4_1_signs_become_pieces_whatever_their_order_in_the_file():
    signs = [Sign(text, 100 + 20 * at, 50, 118 + 20 * at, 74, (62, 82)) for at, text in enumerate("户名:王伟")]
    signs += [Sign(text, 600 + 12 * at, 51, 612 + 12 * at, 75, (64, 82)) for at, text in enumerate("9,000.00")]
    signs += [Sign("王", 162, 50.5, 180, 74, (62, 82))]  # bold by drawing twice
    signs += [Sign(text, 100 + 20 * at, 90, 118 + 20 * at, 114, (102, 122)) for at, text in enumerate("工资")]
    assert [line.text for line in lines_of(reversed(signs))] == ["户名:王伟", "9,000.00", "工资"]
    assert lines_of(signs)[0].quad[0][1] == 59 and lines_of(signs)[0].quad[2][1] == 85  # where the ink is
    assert lines_of([]) == ()


def test_r4_1_pages_are_made_equally_wide_and_level_and_lie_one_under_the_other():
    leaning = tuple(Line(text, 0.9, ((x, y), (x + 300, y + 6), (x + 300, y + 36), (x, y + 30)))
                    for text, x, y in (("甲" * 9, 100, 100), ("乙" * 9, 700, 112), ("丙" * 9, 100, 400), ("丁" * 9, 700, 412)))
    level = levelled(leaning)
    assert abs(level[0].quad[0][1] - level[1].quad[0][1]) < 1 and abs(level[2].quad[0][1] - level[3].quad[0][1]) < 1
    first = Leaf(800, 1_000, (piece("甲", 80, 100),), 1)
    sheet = long_sheet([first, Leaf(1_600, 900, leaning, quality=Quality(1_600, 900, 50.0, 0.0, ()))])
    assert sheet.height == 2_000 + 900 and [frame.width for frame in sheet.frames] == [WIDTH, WIDTH]
    assert sheet.lines[0].quad[0] == (160.0, 200.0) and sheet.origins[1] == (1, 0)
    assert sheet.shown[1][1] == (400.0, 2_106.0) and sheet.lines[1].quad[0][1] != sheet.shown[1][0][1]


def test_lines_keep_everything_between_processes():
    line = Line("9,000.00", 0.98, piece("9", 1, 2).quad, 0.6, ("9,000.80",))
    assert lines_back(lines_plain([line])) == (line,)


@dataclass
class Seen:
    """A looker over pages of pieces: what the text layer says, and what is drawn instead of some of it."""

    pages: list[tuple[Line, ...]]
    instead: dict[str, str] = field(default_factory=dict)
    beside_lines: tuple[Line, ...] = ()
    asked: list[str] = field(default_factory=list)
    engine: str = "test"

    async def page(self, number):
        return Drawn(bytes([number]), 1_600, 2_000, self.pages[number], 0)

    async def whole(self, picture, kind, on):
        lines = tuple(replace(line, text=self.instead.get(line.text, line.text), score=0.97) for line in self.pages[picture[0]])
        return Leaf(1_600, 2_000, lines, 0, 0, Quality(1_600, 2_000, 80.0, 0.0, ()))

    async def beside(self, picture, known):
        return len(known) + len(self.beside_lines), self.beside_lines

    async def strips(self, picture, quads, *, closely):
        at = {line.quad: line.text for line in self.pages[picture[0]]}
        said = [at[quad] for quad in quads]
        self.asked += said if not closely else []
        return [[(self.instead.get(text, text), 0.97)] for text in said]


def head() -> tuple[Line, ...]:
    words = (("示范银行账户交易明细", 500, 60), ("户名:王伟", 100, 120), ("交易日期", 100, 200), ("摘要", 400, 200),
             ("交易金额", 800, 200), ("账户余额", 1_200, 200))
    return tuple(piece(*one) for one in words)


def row(at: int, day: str, summary: str, amount: str, balance: str) -> tuple[Line, ...]:
    top = 260 + 60 * at
    return piece(day, 100, top), piece(summary, 400, top), piece(amount, 800, top), piece(balance, 1_200, top)


def pages() -> list[tuple[Line, ...]]:
    first = (*row(0, "2026-01-05", "消费", "-100.00", "900.00"), *row(1, "2026-01-10", "工资", "+5,000.00", "5,900.00"))
    second = (*row(0, "2026-01-12", "消费", "-900.00", "5,000.00"), *row(1, "2026-02-10", "工资", "+5,000.00", "10,000.00"),
              *row(2, "2026-02-11", "消费", "-10.00", "9,990.00"), piece("起止日期:2026-01-05至2026-02-11 第2页", 100, 1_900))
    return [(*head(), *first), (*head(), *second)]


def read(seen: Seen):
    return asyncio.run(pdf_read(seen, pages=len(seen.pages), kind=Kind.BANK_STATEMENT, on=ON))


def test_r4_1_a_balance_runs_over_the_end_of_a_page():
    paper = read(Seen(pages()))
    assert [(one.amount_fen, one.adds_up) for one in paper.reading.rows] == [
        (-10_000, None), (500_000, True), (-90_000, True), (500_000, True), (-1_000, True)]
    assert paper.reading.passed("balance_runs") is True and paper.reading.passed(AS_DRAWN) is True
    assert paper.reading.value("name") == "王伟" and [page.has_text for page in paper.pages] == [True, True]
    assert paper.reading.rows[2].quad[0][1] > paper.pages[0].height  # overleaf


def test_r4_1_what_is_drawn_counts_and_a_text_layer_that_says_otherwise_is_refuted():
    honest = read(Seen(pages()))
    lying = Seen(pages(), instead={"5,900.00": "1,400.00", "+5,000.00": "+500.00"})
    paper = read(lying)
    assert paper.reading.passed(AS_DRAWN) is False and honest.reading.passed(AS_DRAWN) is True
    second = paper.reading.rows[1]
    assert (second.balance_fen, second.amount_fen) == (140_000, 50_000)
    assert "-100.00" in lying.asked  # the first row has no balance before it


def test_r4_1_every_row_in_which_money_came_in_is_looked_at_whole():
    seen = Seen(pages())
    read(seen)
    assert {"工资", "2026-01-10", "+5,000.00", "5,900.00", "9,990.00", "户名:王伟"} <= set(seen.asked)
    assert "-10.00" not in seen.asked  # its balance says it


def test_r4_1_a_text_layer_of_a_scan_is_not_believed():
    scanned = Seen(pages(), beside_lines=tuple(piece("字", 10, 10 * at) for at in range(90)))
    paper = read(scanned)
    assert scanned.asked == [] and paper.reading.passed(AS_DRAWN) is None and not any(page.has_text for page in paper.pages)
    assert len(paper.reading.rows) == 5


def test_r4_1_text_under_something_else_is_looked_at_even_where_nothing_rests_on_it():
    page = (*pages()[0], piece("单位:元", 100, 1_500))
    over = (piece("单位:角", 104, 1_510, score=0.98),)
    assert read(Seen([page])).reading.passed(AS_DRAWN) is True
    seen = Seen([page], instead={"单位:元": "月薪九千"}, beside_lines=over)
    assert read(seen).reading.passed(AS_DRAWN) is False and "单位:元" in seen.asked


def test_r4_1_a_piece_a_font_puts_a_little_aside_is_not_read_twice():
    aside = tuple(replace(line, quad=tuple((x, y + 14) for x, y in line.quad)) for line in pages()[0] if line.text == "工资")
    paper = read(Seen(pages(), beside_lines=aside))
    assert [one.summary for one in paper.reading.rows] == ["消费", "工资", "消费", "工资", "消费"]


def test_r4_1_signs_without_meaning_are_read_as_a_picture():
    garbled = [tuple(replace(line, text="".join(chr(0xE000 + ord(sign) % 4_000) for sign in line.text)) for line in page)
               for page in pages()]
    back = {line.text: true.text for page, truth in zip(garbled, pages(), strict=True)
            for line, true in zip(page, truth, strict=True)}
    paper = read(Seen(garbled, instead=back))
    assert len(paper.reading.rows) == 5 and not any(page.has_text for page in paper.pages)
