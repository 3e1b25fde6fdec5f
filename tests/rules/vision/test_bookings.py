"""A statement is its own check: what follows is sure, what neighbours settle is put right, all else is marked (R4.1)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from weidai.vision.rules import id_card, papers, statement
from weidai.vision.rules.bookings import DOUBTED, UNCONFIRMED, Booked, followed, is_clear
from weidai.vision.rules.fields import StatementRow
from weidai.vision.rules.lines import Line

from .test_reading_rules import NUMBER, ON, front_lines, written

TOLD = ((100_000, 100_000), (-12_050, 87_950), (-7_950, 80_000), (45_600, 125_600), (-25_600, 100_000))


def booked(*told: tuple[int | None, int | None], words: float = 0.99, money: float = 0.99) -> list[Booked]:
    return [Booked(StatementRow(f"2026-03-{day:02d}", "消费", fen, balance, min(words, money), None, None), words, money)
            for day, (fen, balance) in enumerate(told, start=1)]


def changed(place: int, fen: int | None, balance: int | None) -> list[Booked]:
    return booked(*TOLD[:place], (fen, balance), *TOLD[place + 1:])


def amounts(rows: tuple[StatementRow, ...]) -> list[tuple[int | None, int | None]]:
    return [(row.amount_fen, row.balance_fen) for row in rows]


def test_r4_1_what_follows_is_sure_however_its_digits_were_seen_and_the_first_of_a_page_is_not():
    rows = followed(booked(*TOLD, money=0.4))
    assert [row.adds_up for row in rows] == [None, True, True, True, True]
    assert [row.confidence for row in rows] == [0.4, 0.99, 0.99, 0.99, 0.99]
    assert followed(booked(*TOLD))[0].confidence == UNCONFIRMED
    assert {row.confidence for row in followed(booked(*TOLD, words=0.6))} == {0.6}  # a day or a word was guessed


def test_r4_1_a_balance_both_neighbours_agree_on_is_put_right_and_not_shown_as_sure():
    for misread in (88_950, None):
        rows = followed(changed(1, -12_050, misread))
        assert amounts(rows) == list(TOLD) and [row.adds_up for row in rows[1:]] == [True] * 4
        assert rows[1].confidence == UNCONFIRMED


def test_r4_1_one_wrong_digit_between_confirmed_balances_is_put_right_two_are_marked():
    assert amounts(followed(changed(3, 45_900, 125_600))) == list(TOLD)
    rows = followed(changed(3, 49_900, 125_600))
    assert (rows[3].amount_fen, rows[3].adds_up, rows[3].confidence) == (49_900, False, DOUBTED)


def test_r4_1_a_row_that_lacks_something_fails_its_check():
    rows = followed(changed(4, None, 100_000))
    assert (rows[4].adds_up, rows[4].confidence) == (False, DOUBTED)
    assert followed(changed(2, -7_950, 80_000))[2].adds_up is True
    lone = [replace(one, row=replace(one.row, booked_on="")) if place == 4 else one for place, one in enumerate(booked(*TOLD))]
    assert followed(lone)[4].adds_up is False


@given(st.integers(1, 4), st.integers(-500_000, 500_000), st.integers(-500_000, 500_000))
def test_r4_1_a_row_misread_in_any_way_is_marked_or_right(place, fen, balance):
    """Either the row says what stands on the paper, or it does not look sure; never wrong and sure."""
    for row, true in zip(followed(changed(place, fen, balance)), TOLD, strict=True):
        assert (abs(row.amount_fen), row.balance_fen) == (abs(true[0]), true[1]) or row.adds_up is not True \
            or row.confidence < 0.9 or abs(fen) == abs(balance - TOLD[place - 1][1])


def test_r4_1_a_day_years_from_the_others_is_marked_also_at_the_end_of_a_page():
    early = [replace(one, row=replace(one.row, booked_on="2023" + one.row.booked_on[4:])) if place < 2 else one
             for place, one in enumerate(booked(*TOLD))]
    assert [row.confidence for row in followed(early)] == [DOUBTED, DOUBTED, 0.99, 0.99, 0.99]


def test_r4_1_a_page_of_which_little_could_be_read_is_not_clear():
    rows = followed(booked(*TOLD))
    assert is_clear(rows, unread=0) is True and is_clear(rows, unread=4) is False and is_clear(rows[:1], unread=0) is None


def test_r4_1_columns_without_headings_are_told_by_the_balances():
    rows_ = (("2026-03-01", "美团", "消费", "900.00", "100.00"), ("2026-03-02", "支付宝", "消费", "879.50", "20.50"),
             ("2026-03-05", "财付通", "工资", "8,879.50", "8,000.00"))
    cells = [(text, left, 180 + 80 * place) for place, row in enumerate(rows_)
             for text, left in zip(row, (60, 360, 620, 800, 1000), strict=True)]
    found = statement.bank_statement(written(*cells)).rows
    assert [(row.amount_fen, row.balance_fen, row.adds_up) for row in found] == [
        (10_000, 90_000, None), (-2_050, 87_950, True), (800_000, 887_950, True)]
    assert all(row.confidence == DOUBTED for row in found)  # which of the words are the text nobody knows


def test_r4_1_a_text_that_is_not_usual_must_be_read_without_a_doubt():
    heads = (("日期", 60, 100), ("摘要", 360, 100), ("金额", 700, 100), ("余额", 950, 100))
    rows_ = (("2026-03-01", "消费", "-50.00", "400.00"), ("2026-03-02", "转账存入", "600.00", "1,000.00"),
             ("2026-03-05", "特账存入", "-100.00", "900.00"), ("2026-03-06", "某某年夜饭", "-100.00", "800.00"))
    lines = written(*heads, *((text, left, 180 + 80 * place) for place, row in enumerate(rows_)
                              for text, left in zip(row, (60, 360, 690, 940), strict=True)))
    guessed = [replace(line, least=0.87) if line.text in ("转账存入", "特账存入") else line for line in lines]
    assert [row.confidence for row in statement.bank_statement(guessed).rows[1:]] == [0.935, UNCONFIRMED, 0.99]


def test_r4_1_a_row_whose_day_was_not_read_is_kept_and_marked():
    heads = (("日期", 60, 100), ("摘要", 360, 100), ("金额", 700, 100), ("余额", 950, 100))
    rows_ = (("2026-03-01", "消费", "-50.00", "400.00"), ("2O26~O3", "工资", "600.00", "1,000.00"),
             ("2026-03-05", "取款", "-100.00", "900.00"), ("2026-03-06", "消费", "-100.00", "800.00"))
    cells = [(text, left, 180 + 80 * place) for place, row in enumerate(rows_)
             for text, left in zip(row, (60, 360, 690, 940), strict=True)]
    found = statement.bank_statement(written(*heads, *cells))
    assert [(row.booked_on, row.adds_up) for row in found.rows] == [
        ("2026-03-01", None), ("", False), ("2026-03-05", True), ("2026-03-06", True)]
    assert found.passed("balance_runs") is False


def test_r4_1_half_of_a_spread_label_is_enough_and_said():
    read = papers.business_licence(written(
        ("名", 60, 60), ("长沙示范商贸有限公司", 300, 60), ("法定代表人", 60, 160), ("赵敏", 300, 160)))
    assert (read.value("company_name"), read.field("company_name").confidence) == ("长沙示范商贸有限公司", 0.85)
    assert read.value("company_address") == ""


def test_r1_4_one_guessed_character_makes_a_line_unsure():
    lines = [replace(line, least=0.4) if "桐梓坡" in line.text else line for line in front_lines()]
    field = id_card.front(lines, on=ON).field("address")
    assert field.is_doubtful and field.confidence == 0.7


def test_r1_4_a_label_read_as_digits_does_not_hide_the_number():
    before = [replace(line, text="229944") if line.text == "公民身份号码" else line for line in front_lines()]
    assert id_card.front(before, on=ON).value("id_number") == NUMBER


def test_r1_4_an_address_that_ends_in_the_middle_or_lacks_a_number_is_not_sure():
    for lost in ("路8", "路号3栋201室", "路8号3栋室"):
        cut = [replace(line, text=lost) if line.text.startswith("路8号") else line for line in front_lines()]
        assert id_card.front(cut, on=ON).field("address").confidence == 0.85
    assert id_card.front(front_lines(), on=ON).field("address").confidence > 0.9
    assert Line("甲乙", 0.98, ((0, 0), (1, 0), (1, 1), (0, 1)), least=0.9).sure == 0.95
