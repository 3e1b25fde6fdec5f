"""From lines of text to fields: what is read, what is doubted, what is never put right in silence (R1.4, R4.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.kernel.id_card import id_card_check_digit
from weidai.vision.rules import areas, id_card, income, papers, statement
from weidai.vision.rules.fields import Kind
from weidai.vision.rules.lines import Line, placed, rows
from weidai.vision.rules.wire import from_plain, to_plain
from weidai.vision.rules.words import distance, nearest

ON = date(2026, 11, 23)
NUMBER = "430104199003077" + "1" + "2"
NUMBER += id_card_check_digit(NUMBER)


def at(text: str, left: float, top: float, *, score: float = 0.99, height: float = 30) -> Line:
    right = left + height * max(len(text), 1)
    return Line(text, score, ((left, top), (right, top), (right, top + height), (left, top + height)))


def front_lines(**changed: str) -> list[Line]:
    said = {"name": "欧阳娜", "sex": "女", "folk": "土家", "birth": "1990年3月7日", "one": "湖南省长沙市岳麓区桐梓坡西",
            "two": "路8号3栋201室", "number": NUMBER} | changed
    return [
        at("姓名", 60, 70), at(said["name"], 160, 68), at(f"性别{said['sex']}", 60, 150), at(f"民族{said['folk']}", 300, 150),
        at("出生", 60, 230), at(said["birth"], 160, 230), at("住址", 60, 310),
        at(said["one"], 160, 310), at(said["two"], 160, 360),
        at("公民身份号码", 60, 550), at(said["number"], 330, 545), at("样本 SPECIMEN", 700, 460),
    ]


def test_r1_4_the_front_gives_six_fields_and_their_checks():
    reading = id_card.front(front_lines(), on=ON)
    assert [reading.value(code) for code in id_card.FRONT_FIELDS] == [
        "欧阳娜", "女", "土家", "1990-03-07", "湖南省长沙市岳麓区桐梓坡西路8号3栋201室", NUMBER]
    assert [reading.passed(code) for code in (
        "check_digit", "area_known", "birth_matches_number", "sex_matches_number", "side")] == [True] * 5
    assert reading.is_marked
    assert all(field.confidence > 0.9 and field.quad for field in reading.fields)


def test_r1_4_a_number_that_disagrees_with_the_printed_birth_date_is_doubted():
    reading = id_card.front(front_lines(birth="1990年3月1日"), on=ON)
    assert reading.passed("birth_matches_number") is False
    assert reading.field("id_number").confidence <= 0.5


@pytest.mark.parametrize("place", range(17))
def test_r1_4_one_wrong_digit_is_never_taken_for_right(place):
    wrong = NUMBER[:place] + str((int(NUMBER[place]) + 1) % 10) + NUMBER[place + 1:]
    field = id_card.front(front_lines(number=wrong), on=ON).field("id_number")
    assert field.is_doubtful and field.checks[0].passed is False


def test_r1_4_birth_and_sex_not_printed_legibly_come_from_the_number_and_say_so():
    lines = [line for line in front_lines() if "1990年" not in line.text and "性别" not in line.text]
    reading = id_card.front(lines, on=ON)
    assert (reading.value("birth_on"), reading.field("birth_on").confidence) == ("1990-03-07", 0.8)
    assert reading.passed("birth_matches_number") is None and reading.passed("sex_matches_number") is None


def test_r1_4_a_misread_county_is_put_right_only_where_one_is_near_and_loses_confidence():
    field = id_card.front(front_lines(one="湖南省长沙市岳簏区桐梓坡西"), on=ON).field("address")
    assert field.value.startswith("湖南省长沙市岳麓区桐梓坡西") and field.confidence == 0.85
    unknown = id_card.front(front_lines(one="湖南省某某旧县桐梓坡西"), on=ON).field("address")
    assert unknown.value.startswith("湖南省某某旧县") and unknown.checks[0].passed is None


def test_r1_4_an_unknown_area_is_not_wrong():
    """People carry numbers of counties that were since abolished."""
    first = "11010319850101" + "001"  # 崇文区, part of 东城区 since 2010
    reading = id_card.front(front_lines(number=first + id_card_check_digit(first), birth="1985年1月1日", sex="男"), on=ON)
    assert reading.passed("area_known") is None and reading.field("id_number").confidence > 0.9


@pytest.mark.parametrize(("printed", "begins", "ends", "lasts"), [
    ("2019.09.07-2039.09.07", "2019-09-07", "2039-09-07", True), ("2019.09.07-长期", "2019-09-07", "长期", True),
    ("2020.02.29-2030.02.28", "2020-02-29", "2030-02-28", True), ("2019.09.07-2026.09.07", "2019-09-07", "2026-09-07", False),
])
def test_r1_4_the_back_gives_authority_and_validity(printed, begins, ends, lasts):
    reading = id_card.back([at("居民身份证", 300, 100), at("签发机关", 200, 460), at("长沙市公安局岳麓分局", 400, 458),
                            at("有效期限", 200, 540), at(printed, 400, 538)], on=ON)
    assert [field.value for field in reading.fields] == ["长沙市公安局岳麓分局", begins, ends]
    assert reading.passed("period_length") is lasts and reading.passed("side") is True


def test_r1_4_the_other_side_is_told():
    assert id_card.back(front_lines(), on=ON).passed("side") is False
    assert id_card.front([at("居民身份证", 300, 100), at("签发机关", 200, 460)], on=ON).passed("side") is False


def test_r4_1_a_statement_checks_itself_in_both_orders():
    told = [("2026-03-01", "工资", "+8,000.00", "9,000.00"), ("2026-03-02", "消费", "-120.50", "8,879.50"),
            ("2026-03-05", "转账汇出", "-79.50", "8,800.00")]
    for order in (told, told[::-1]):
        reading = statement.bank_statement([at(text, left, 200 + 60 * row) for row, booking in enumerate(order)
                                         for text, left in zip(booking, (60, 380, 620, 900), strict=True)])
        assert sorted((row.booked_on, row.summary, row.amount_fen, row.balance_fen) for row in reading.rows) == [
            ("2026-03-01", "工资", 800_000, 900_000), ("2026-03-02", "消费", -12_050, 887_950),
            ("2026-03-05", "转账汇出", -7_950, 880_000)]
        assert reading.passed("balance_runs") is True
    wrong = statement.bank_statement([at(text.replace("120.50", "126.50"), left, 200 + 60 * row)
                                      for row, booking in enumerate(told)
                                      for text, left in zip(booking, (60, 380, 620, 900), strict=True)])
    assert wrong.passed("balance_runs") is False
    assert [row.adds_up for row in wrong.rows] == [None, False, True]


def test_r4_1_company_card_and_pay_are_checked_by_their_own_numbers():
    licence = papers.business_licence([
        at("统一社会信用代码", 60, 60), at("91430104MA4L1XYC4K", 60, 110), at("名称", 60, 200),
        at("长沙示范商贸有限公司", 300, 200),
        at("注册资本", 60, 280), at("伍佰万元整", 300, 280), at("成立日期", 60, 360), at("2016年05月09日", 300, 360)])
    assert licence.value("registered_capital_fen") == "500000000" and licence.value("founded_on") == "2016-05-09"
    assert licence.passed("uscc") is not None
    card = papers.debit_card([at("6222 0212 3456 7890 128", 60, 300)])
    assert card.value("card_number") == "6222021234567890128" and card.passed("luhn") is not None
    slip = income.payslip([at("应发合计", 60, 60), at("9,000.00", 400, 60), at("扣款合计", 60, 120), at("1,500.00", 400, 120),
                           at("实发工资", 60, 180), at("7,600.00", 400, 180)])
    assert slip.passed("pay_adds_up") is False and slip.value("net_fen") == "760000"


@given(st.text("甲乙丙丁", max_size=6), st.text("甲乙丙丁", max_size=6))
def test_distance_is_a_distance(first, second):
    assert distance(first, second, most=9) == distance(second, first, most=9)
    assert (distance(first, second, most=9) == 0) == (first == second)
    assert distance(first, second, most=1) == min(distance(first, second, most=9), 2)


def test_two_equally_near_words_are_no_answer():
    assert nearest("甲乙", ("甲丙", "甲丁"), most=1) is None


def test_rows_hold_when_the_picture_leans():
    lines = [replace(line, quad=tuple((x * 0.98 - y * 0.2, x * 0.2 + y * 0.98) for x, y in line.quad)) for line in front_lines()]
    assert id_card.front(lines, on=ON).value("name") == "欧阳娜"
    assert len(rows(placed(lines))) == len(rows(placed(front_lines())))


def test_r4_1_a_box_leans_as_its_row_does():
    lines = [replace(line, quad=tuple((x, y + 0.1 * x) for x, y in line.quad)) for line in front_lines()]
    quad = id_card.front(lines, on=ON).field("id_number").quad
    assert quad == lines[10].quad
    (x0, y0), (x1, y1), *_ = id_card.front(lines, on=ON).field("address").quad
    assert y0 == y1 and x0 < x1  # several rows: an upright box


def test_a_reading_survives_the_way_between_processes():
    from weidai.vision.rules.fields import PaperRead, Quality

    paper = PaperRead(id_card.front(front_lines(), on=ON), Quality(1280, 960, 80.0, 0.0, ("blurred",)), 1280, 960, "engine")
    assert from_plain(to_plain(paper)) == paper and paper.reading.kind is Kind.ID_FRONT


def test_the_area_list_is_whole():
    assert areas.area_of("430104").full_name == "湖南省长沙市岳麓区"
    assert areas.area_of("110101").full_name == "北京市东城区"
    assert areas.area_of("999999") is None and len(areas.counties()) > 2_700


@pytest.mark.parametrize(("text", "marked"), [
    ("样本", True), ("SPECIMEN", True), ("SPECIMIN", True), ("复印件", True), ("仅供办理贷款使用", True), ("测试样本", True),
    ("CNY", False), ("ATM取款", False), ("VALIDTHRU", False), ("UnionPay", False), ("CHENGUODONG", False), ("DEBITCARD", False),
    ("本记录仅供参考", False), ("复印件无效", False), ("软件测试技术有限公司", False),
])
def test_r4_1_only_a_mark_makes_a_paper_a_copy(text, marked):
    """Latin words and the small print of originals do not: such papers were refused."""
    assert income.payslip([Line(text, 0.99, ((0, 0), (90, 0), (90, 20), (0, 20)))]).is_marked is marked


def written(*cells: tuple[str, float, float]) -> list[Line]:
    """Return lines as a recogniser gives them: text, left, top; forty pixels high."""
    return [Line(text, 0.99, ((left, top), (left + 22 * len(text), top), (left + 22 * len(text), top + 40), (left, top + 40)))
            for text, left, top in cells]


def test_r4_1_spending_and_income_in_columns_of_their_own_newest_first():
    heads = (("序号", 60, 100), ("交易日期", 160, 100), ("摘要", 420, 100), ("支出", 700, 100), ("收入", 950, 100),
             ("账户余额", 1200, 100))
    rows_ = (("1", "20260305", "ATM取款", "100.00", None, "900.00"), ("2", "20260304", "工资", None, "600.00", "1,000.00"),
             ("3", "20260301", "消费", "50.00", None, "400.00"))
    cells = [(text, left, 180 + 80 * place) for place, row in enumerate(rows_)
             for text, left in zip(row, (60, 160, 420, 680, 930, 1190), strict=True) if text]
    read = statement.bank_statement(written(("中国工商银行借记账户历史明细", 300, 20), *heads, *cells))
    assert [(row.booked_on, row.summary, row.amount_fen, row.balance_fen, row.adds_up) for row in read.rows] == [
        ("2026-03-05", "ATM取款", -10_000, 90_000, True), ("2026-03-04", "工资", 60_000, 100_000, True),
        ("2026-03-01", "消费", -5_000, 40_000, None)]
    assert read.rows[-1].confidence < 0.9  # nothing before it speaks for it
    assert not read.is_marked


def test_r4_1_headings_over_values_and_amounts_nothing_confirms():
    heads = ("姓名", "基本工资", "应发工资", "个税", "扣款合计", "实发工资")
    lefts = (60, 260, 460, 660, 860, 1060)
    title = ("苏州锐明电子有限公司2026年8月工资条", 200, 20)
    values = ("韩梅", "5,000.00", "6,000.00", "10.00", "310.00", "5,690.00")
    both = [*((text, left, 120) for text, left in zip(heads, lefts, strict=True)),
            *((text, left, 200) for text, left in zip(values, lefts, strict=True))]
    read = income.payslip(written(title, *both))
    found = {field.code: field.value for field in read.fields}
    assert found == {"name": "韩梅", "employer": "苏州锐明电子有限公司", "pay_month": "2026-08", "gross_fen": "600000",
                     "deducted_fen": "31000", "net_fen": "569000"}
    assert read.passed("pay_adds_up") is True
    lone = income.payslip(written(title, *[cell for cell in both if cell[0] not in ("扣款合计", "310.00")]))
    assert lone.field("net_fen").value == "569000" and lone.field("net_fen").confidence == 0.85
    assert lone.passed("pay_adds_up") is None
