"""The reference pack holds the source's numbers; a malformed or illegal pack is refused with place and rule."""

import re
import shutil
from datetime import date, time
from fractions import Fraction
from pathlib import Path

import pytest

from sandbox_world.population.banks import BANKS
from weidai.assessment import policy as assessment
from weidai.files import policy as files
from weidai.identity import policy as identity
from weidai.lending import policy as lending
from weidai.limits import policy as limits
from weidai.origination import policy as origination
from weidai.policy import selectors
from weidai.policy.errors import PolicyNotFound, PolicyRefused
from weidai.policy.services import pack_check
from weidai.products import policy as products
from weidai.risk import policy as risk
from weidai.servicing import policy as servicing

ON = date(2026, 11, 23)
PARSERS = {
    "identity": identity.of_pack,
    "assessment": assessment.of_pack,
    "products": products.of_pack,
    "limits": limits.of_pack,
    "wages": limits.wages_of_pack,
    "origination": origination.of_pack,
    "lending": lending.of_pack,
    "servicing": servicing.of_pack,
    "risk": risk.of_pack,
    "retention": files.of_pack,
}
REFERENCE = Path(__file__).resolve().parents[3] / "policies" / "reference"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the reference pack that a test may spoil."""
    copy = tmp_path / "packs"
    shutil.copytree(REFERENCE, copy)
    monkeypatch.setenv("WEIDAI_POLICY_DIR", str(copy))
    return copy


def spoil(folder, file, old, new, *, version="2025-01-01"):
    path = folder / version / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_reference_pack_passes_every_check():
    for pack in selectors.pack_list():
        pack_check(pack, on=ON, parsers=PARSERS)


def test_identity_numbers_of_r1():
    policy = identity.current(ON)
    assert (policy.minimum_age, policy.maximum_age, policy.strength_for_full_limits) == (18, 60, 65)
    assert {item.code: item.points for item in policy.items} == {
        "id_card_face": 40,
        "bank_card": 25,
        "mobile": 15,
        "certified_liveness": 10,
        "voiceprint": 10,
    }
    assert len(policy.banks) == 17


def test_banks_are_those_of_the_sandbox_card_network():
    found = {(bank.code, bank.name.zh, bank.name.en, bank.card_prefixes) for bank in identity.current(ON).banks}
    assert found == {(bank.code, bank.name_zh, bank.name_en, (bank.debit_prefix,)) for bank in BANKS}


def test_assessment_numbers_of_r2():
    policy = assessment.current(ON)
    assert [(row.code, row.maximum_points, row.threshold) for row in policy.enabled] == [
        ("payment_activity", 200, 300_000),
        ("social_ties", 50, 200),
        ("asset_balance", 150, 500_000),
        ("repayment_record", 250, 1),
        ("spending_stability", 150, Fraction(15, 100)),
        ("bureau_score", 200, 650),
    ]
    assert [(grade.code, grade.minimum_score) for grade in policy.grades] == [
        ("A", 850),
        ("B", 720),
        ("C", 600),
        ("D", 450),
        ("E", 0),
    ]
    assert {row.code for row in policy.indicators} - {row.code for row in policy.enabled} == {
        "green_spending",
        "welfare_giving",
    }
    assert (policy.type_i_card_points, policy.fast_track.bonus_points) == (10, 20)


@pytest.mark.parametrize(
    ("code", "rates", "terms", "cap"),
    [
        ("invited_cash_loan", (20_000, 30_000, 40_000, 50_000), (5, 10, 20), 20_000_000),
        ("consumer_installment_line", (25_000, 35_000, 45_000, 50_000), (3, 6, 12, 24, 36), 5_000_000),
        ("pay_later_line", (40_000,) * 4, (), 2_000_000),
        ("business_loan", (20_000, 30_000, 40_000, 45_000), (6, 12, 24, 36), 50_000_000),
    ],
)
def test_product_numbers_of_r3(code, rates, terms, cap):
    product = products.current(ON).product(code)
    assert tuple(product.daily_rate_e8(grade) for grade in "ABCD") == rates
    assert product.daily_rate_e8("E") is None
    assert (product.terms_months, product.maximum_line_fen) == (terms, cap)


def test_limit_numbers_of_r5():
    policy = limits.current(ON)
    assert [(band.above_fen, band.to_fen, band.review_months) for band in policy.bands] == [
        (50_000, 500_000, 3),
        (500_000, 5_000_000, 6),
        (5_000_000, 20_000_000, 12),
    ]
    assert dict(policy.formula.base_by_grade_fen) == {"A": 6_000_000, "B": 3_000_000, "C": 1_200_000, "D": 400_000}
    assert policy.debt_to_income_maximum == Fraction(1, 2)


def test_lending_and_servicing_numbers_of_r6_and_r7():
    policy = lending.current(ON)
    assert (policy.drawdown.minimum_fen, policy.drawdown.maximum_term_months) == (10_000, 36)
    assert policy.cost_sheet.forced_reading_seconds == 10
    assert (policy.default_terms.penalty_daily_rate_e8, policy.default_terms.annual_cap_ppm) == (50_000, 240_000)
    assert [policy.payout_may_be_late(at) for at in (time(22, 59), time(23), time(23, 59), time(0))] == [
        False,
        True,
        True,
        False,
    ]
    assert policy.purpose("securities") is None
    assert policy.is_forbidden("securities")
    assert servicing.current(ON).auto_debit.windows == (time(6), time(12), time(20))


def test_wages_fall_back_to_the_national_row():
    wages = limits.wages(ON)
    assert wages.monthly_fen("31") == 11_134_700 // 12
    assert wages.monthly_fen("13") == wages.monthly_fen(None) == 6_947_600 // 12  # 1.5 × is 8,684.5 yuan a month


def test_version_names_code_date_and_content():
    pack = selectors.pack(ON)
    assert re.fullmatch(r"reference@2025-01-01\+[0-9a-f]{16}", pack.version)
    assert selectors.pack_by_version(pack.version) is pack
    assert pack.section("limits")["person_cap_fen"] == 20_000_000
    with pytest.raises(PolicyNotFound):
        selectors.pack_by_version("reference@2025-01-01+0000000000000000")
    with pytest.raises(PolicyNotFound):
        selectors.pack(date(2024, 12, 31))


def test_comments_do_not_change_the_version_but_numbers_do(folder, tmp_path, monkeypatch):
    before = selectors.pack(ON).version
    spoil(folder, "limits.toml", "# R5: how much.", "# R5: how much, in other words.")
    monkeypatch.setenv("WEIDAI_POLICY_DIR", str(shutil.copytree(folder, tmp_path / "second")))
    assert selectors.pack(ON).version == before
    spoil(folder, "limits.toml", "offer_valid_days = 30", "offer_valid_days = 31")
    monkeypatch.setenv("WEIDAI_POLICY_DIR", str(shutil.copytree(folder, tmp_path / "third")))
    assert selectors.pack(ON).version != before


def test_a_later_version_takes_over_on_its_day(folder):
    shutil.copytree(folder / "2025-01-01", folder / "2027-01-01")
    spoil(folder, "pack.toml", "2025-01-01", "2027-01-01", version="2027-01-01")
    spoil(folder, "identity.toml", "maximum_age = 60", "maximum_age = 65", version="2027-01-01")
    assert identity.current(date(2026, 12, 31)).maximum_age == 60
    assert identity.current(date(2027, 1, 1)).maximum_age == 65


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "rule"),
    [
        ("identity.toml", "minimum_age = 18", "minimum_age = 17", "minimum_age", "cn.minimum_age"),
        ("identity.toml", "minimum_age = 18", "minimum_agee = 18", "minimum_agee", "policy.unknown_field"),
        ("identity.toml", "minimum_age = 18", "minimum_age = 18\nsurprise = 1", "surprise", "policy.unknown_field"),
        ("identity.toml", "minimum_age = 18", "minimum_age = 18.0", "minimum_age", "policy.wrong_type"),
        ("identity.toml", "minimum_age = 18", "minimum_age = -1", "minimum_age", "policy.wrong_type"),
        ("identity.toml", "minimum_age = 18", "minimum_age = true", "minimum_age", "policy.wrong_type"),
        ("identity.toml", "points = 25", "points = 24", "items", "R1.2"),
        ("assessment.toml", "maximum_points = 200", "maximum_points = 210", "indicators", "R2.2"),
        ("assessment.toml", "minimum_score = 850", "minimum_score = 700", "grades", "R2.2"),
        ("assessment.toml", "threshold_fen = 300_000", "threshold_count = 300_000", "indicators[0].measure", "R2.1"),
        ("assessment.toml", 'partial_share = "0.8"', 'partial_share = "1"', "indicators[0].partial_share", "R2.1"),
        ("products.toml", 'D = "0.0005" }', 'D = "0.0007" }', "products[0].daily_rates.D", "cn.annual_cap.2017"),
        ("products.toml", 'D = "0.0005" }', 'D = "0.05%" }', "products[0].daily_rates.D", "policy.unit"),
        ("products.toml", 'A = "0.0002"', 'E = "0.0002"', "products[0].daily_rates", "R5.2"),
        (
            "products.toml",
            "maximum_line_fen = 20_000_000",
            "maximum_line_fen = 20_000_100",
            "products[0].maximum_line_fen",
            "cn.consumer_line.2020",
        ),
        (
            "products.toml",
            "is_consumer = true",
            "is_consumer = true\nservice_fee_fen = 100",
            "products[0].service_fee_fen",
            "policy.unknown_field",
        ),
        (
            "products.toml",
            "terms_months = [5, 10, 20]",
            "terms_months = [5, 10, 61]",
            "products[0].terms_months",
            "cn.consumer_term.2024",
        ),
        (
            "products.toml",
            'name = { zh = "微粒贷", en = "Weilidai invited cash loan" }',
            'name = { zh = "微粒贷" }',
            "products[0].name",
            "policy.both_languages",
        ),
        (
            "limits.toml",
            "person_cap_fen = 20_000_000",
            "person_cap_fen = 30_000_000",
            "person_cap_fen",
            "cn.consumer_line.2020",
        ),
        ("limits.toml", "above_fen = 500_000", "above_fen = 600_000", "bands[1].above_fen", "R5.1"),
        ("limits.toml", "above_fen = 500_000", "above_fen = 400_000", "bands[1].above_fen", "R5.1"),
        ("limits.toml", "to_fen = 20_000_000", "to_fen = 19_000_000", "bands", "R5.1"),
        ("limits.toml", "maximum_fen = 20_000_000", "maximum_fen = 5_000_000", "bands[2].above_fen", "R5.1"),
        ("limits.toml", "person_cap_fen = 20_000_000", "person_cap = 20_000_000", "person_cap", "policy.unit"),
        ("limits.toml", "person_cap_fen = 20_000_000", "person_cap_yuan = 200_000", "person_cap_yuan", "policy.unit"),
        ("limits.toml", "person_cap_fen = 20_000_000", "person_cap_fen = 200_000.00", "person_cap_fen", "policy.unit"),
        ("limits.toml", 'code = "starter"', 'code = "student"', "segments[0].code", "policy.choice"),
        ("risk.toml", "maximum_count = 5", "maximum_count = 12", "velocity[1].maximum_count", "R8.2"),
        (
            "lending.toml",
            'annual_cap = "0.24"',
            'annual_cap = "0.36"',
            "default_terms.annual_cap",
            "cn.annual_cap.2017",
        ),
        ("lending.toml", 'annual_cap = "0.24"', "annual_cap = 0.24", "default_terms.annual_cap", "policy.unit"),
        (
            "lending.toml",
            "forced_reading_seconds = 10",
            "forced_reading_seconds = 0",
            "cost_sheet.forced_reading_seconds",
            "R6.2",
        ),
        ("lending.toml", "maximum_term_months = 36", "maximum_term_months = 24", "products[1].terms_months", "R6.2"),
        (
            "servicing.toml",
            "connected_calls_per_day = 3",
            "connected_calls_per_day = 4",
            "contact.connected_calls_per_day",
            "cn.collection_calls.2025",
        ),
        (
            "servicing.toml",
            'quiet_from = "22:00"',
            'quiet_from = "22:30"',
            "contact.quiet_from",
            "cn.collection_quiet_from.2025",
        ),
        ("origination.toml", 'closes = "17:00"', 'closes = "08:00"', "working_time.closes", "R4.3"),
        ("wages.toml", 'province_code = "00"', 'province_code = "99"', "regions", "R4.1"),
    ],
)
def test_a_spoiled_pack_is_refused_with_its_place(folder, file, old, new, key, rule):
    spoil(folder, file, old, new)
    with pytest.raises(PolicyRefused) as refused:
        pack_check(selectors.pack(ON), on=ON, parsers=PARSERS)
    assert (refused.value.key, refused.value.rule) == (key, rule)
    expected = "products.toml" if "products" in key else file
    assert refused.value.file == f"2025-01-01/{expected}"
    assert refused.value.message.zh != refused.value.message.en


def test_the_line_of_a_fault_is_named(folder):
    spoil(folder, "limits.toml", "above_fen = 500_000", "above_fen = 600_000")
    with pytest.raises(PolicyRefused) as refused:
        limits.current(ON)
    lines = (folder / "2025-01-01" / "limits.toml").read_text(encoding="utf-8").splitlines()
    assert refused.value.line is not None
    assert lines[refused.value.line - 1].startswith("above_fen = 600_000")


def test_online_microloan_may_not_lend_to_students(folder):
    spoil(folder, "pack.toml", '"consumer_finance"', '"online_microloan"')
    with pytest.raises(PolicyRefused) as refused:
        products.current(ON)
    assert (refused.value.key, refused.value.rule) == ("student_lending", "cn.students.microloan.2021")


def test_law_is_dated_the_microloan_cap_falls_at_the_end_of_2027(folder):
    spoil(folder, "pack.toml", '"consumer_finance"', '"online_microloan"')
    spoil(folder, "products.toml", '"second_source_only"', '"forbidden"')
    assert products.current(date(2027, 12, 30)).student_lending == "forbidden"
    with pytest.raises(PolicyRefused) as refused:
        products.current(date(2027, 12, 31))
    assert refused.value.rule == "cn.annual_cap.microloan.2027"


def test_a_file_that_no_room_reads_is_refused(folder):
    (folder / "2025-01-01" / "limit.toml").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(PolicyRefused) as refused:
        pack_check(selectors.pack(ON), on=ON, parsers=PARSERS)
    assert refused.value.file == "2025-01-01/limit.toml"


def test_broken_toml_and_a_wrong_folder_name_are_refused(folder, tmp_path, monkeypatch):
    shutil.copytree(folder, tmp_path / "misnamed")
    (folder / "2025-01-01" / "limits.toml").write_text("= 1", encoding="utf-8")
    with pytest.raises(PolicyRefused, match="TOML"):
        selectors.pack(ON)
    (tmp_path / "misnamed" / "2025-01-01").rename(tmp_path / "misnamed" / "2025-02-01")
    monkeypatch.setenv("WEIDAI_POLICY_DIR", str(tmp_path / "misnamed"))
    with pytest.raises(PolicyRefused) as refused:
        selectors.pack(ON)
    assert refused.value.key == "effective_from"


def test_grace_days_are_bounded(folder):
    spoil(folder, "lending.toml", "grace_days = 0", "grace_days = 16")
    with pytest.raises(PolicyRefused) as refused:
        lending.current(ON)
    assert refused.value.key == "default_terms.grace_days"
