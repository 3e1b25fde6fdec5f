"""Packs broken in every place, made from the reference pack: each is refused with file, line and rule (R8.6).

Every key of every file is misspelled, left out, given another type and another unit in turn; whatever is accepted must be
something the schema truly allows (a key with a default that was left out, a number that is another legal number).
"""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from weidai.policy import registry, selectors
from weidai.policy.errors import PolicyRefused
from weidai.policy.pack import files_read, pack_from_files, section_read
from weidai.policy.services import files_check

REFERENCE = Path(__file__).resolve().parents[3] / "policies" / "reference" / "2025-01-01"
FILES = files_read(REFERENCE)
PACK = pack_from_files(FILES, label="broken")
ROOMS = sorted(name for name in FILES if name not in ("cases.toml", "replay.toml", "pack.toml"))
ON = date(2026, 11, 23)
LAW = selectors.law(ON, PACK.licence_type)
_KEY = re.compile(r"^([A-Za-z0-9_]+)( *= *)(.*)$")
RULE = re.compile(r"policy\.[a-z_]+|R\d+\.\d+|cn\.[a-z_.0-9]+")


every_key = pytest.mark.parametrize(
    ("name", "once"), [*((name, True) for name in ROOMS), *(pytest.param(name, False, marks=pytest.mark.long) for name in ROOMS)])


def key_lines(text, once):
    """Lines `key = value` that stand alone on their line: (number, key, value); each key once, or wherever it stands."""
    seen = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if (found := _KEY.match(line)) and not (once and found[1] in seen):
            seen.add(found[1])
            yield number, found[1], found[3]


def changed(name, number, line):
    """The faults of the pack with one line of one file changed."""
    lines = FILES[name].splitlines()
    lines[number - 1] = line
    room = name.removesuffix(".toml")
    try:
        section = section_read(f"broken/{name}", "\n".join(lines) + "\n")
        registry.section_parsers()[room](replace(PACK, sections={**PACK.sections, room: section}), LAW)
    except PolicyRefused as refused:
        return list(refused.all)
    return []


def told(faults, name, number):
    """The faults at a line of a file."""
    return [fault for fault in faults if (fault.file, fault.line) == (f"broken/{name}", number)]


def test_the_reference_pack_is_sound():
    assert files_check(FILES, label="reference").faults == ()


@every_key
def test_a_misspelled_key_is_found_at_its_line_and_the_right_one_is_named(name, once):
    for number, key, value in key_lines(FILES[name], once):
        typo = key[:-1] + ("x" if key[-1] != "x" else "y") if len(key) > 3 else key + "x"
        found = told(changed(name, number, f"{typo} = {value}"), name, number)
        assert found, (name, number, key)
        assert {fault.rule for fault in found} <= {"policy.unknown_field", "policy.unit"}, (name, key, found)


@every_key
def test_another_type_is_found_at_its_line(name, once):
    for number, key, value in key_lines(FILES[name], once):
        for wrong in ("1.5",) if once else ("1.5", "[[1]]", "1979-05-27T07:32:00Z"):
            faults = changed(name, number, f"{key} = {wrong}")
            assert told(faults, name, number), (name, number, key, wrong, [str(one) for one in faults])
        assert value


@every_key
def test_a_missing_key_is_found_unless_it_has_a_default(name, once):
    optional = {"partial_share", "absent_share", "needs_consent", "shares_by_count", "effective_to"}
    optional |= {"income_basis", "salary_words", "statement_months", "why", "occupations"}  # packs older than papers
    optional |= {"look_at", "judge", "kept_days_after_end"}
    optional |= {"payslip", "salary_statement", "bank_statement", "turnover_record", "tax_certificate"}  # need not age
    for number, key, value in key_lines(FILES[name], once):
        faults = changed(name, number, "")
        assert faults or key in optional, (name, number, key, value)
        assert all(RULE.fullmatch(fault.rule) and fault.line for fault in faults), [str(one) for one in faults]


@every_key
def test_amounts_and_rates_in_another_unit_are_found(name, once):
    for number, key, value in key_lines(FILES[name], once):
        if key.endswith("_fen") and value.split("#")[0].strip().replace("_", "").isdigit():
            for wrong in (f"{key} = 5000.00", f'{key} = "5000"', f"{key.removesuffix('_fen')}_yuan = 5000", f"{key} = -1"):
                found = told(changed(name, number, wrong), name, number)
                assert [fault.rule for fault in found] == ["policy.unit"], (name, number, wrong, found)
        if re.fullmatch(r'"0\.\d+".*', value):
            bare = value.split("#")[0].strip().strip('"')
            for wrong in (bare, f'"{bare}%"', '"-0.1"', "5"):
                found = told(changed(name, number, f"{key} = {wrong}"), name, number)
                assert [fault.rule for fault in found] == ["policy.unit"], (name, number, wrong, found)


@pytest.mark.parametrize(("key", "value"), [("lock_minutes", "1"), ("answer_minutes", "0")])
def test_a_value_out_of_range_within_a_part_is_found_at_its_line(key, value):
    number = next(number for number, one, _ in key_lines(FILES["identity.toml"], True) if one == key)
    fault, = changed("identity.toml", number, f"{key} = {value}")
    assert (fault.line, fault.key, fault.rule) == (number, f"staff_video.{key}", "R1.5")


def spoiled(name, *pairs, pack=()):
    files = dict(FILES)
    for where, changes in ((name, pairs), ("pack.toml", pack)):
        for old, new in changes:
            assert old in files[where], old
            files[where] = files[where].replace(old, new, 1)
    return files_check(files, label="broken", on=ON)


@pytest.mark.parametrize(
    ("name", "pairs", "pack", "rule", "line_says"),
    [
        ("limits.toml", [("offer_valid_days", "offer_valid_dys")], (), "policy.unknown_field", "offer_valid_dys"),
        ("limits.toml", [("above_fen = 500_000\n", "above_fen = 400_000\n")], (), "R5.1", "above_fen = 400_000"),
        ("limits.toml", [("above_fen = 500_000\n", "above_fen = 600_000\n")], (), "R5.1", "above_fen = 600_000"),
        ("products.toml", [('D = "0.0005" }', 'D = "0.0009" }')], (), "cn.annual_cap.2017", 'D = "0.0009"'),
        ("lending.toml", [('"0.0005"', '"0.0008"')], (), "cn.annual_cap.2017", "0.0008"),
        ("products.toml", (), [('"consumer_finance"', '"online_microloan"')], "cn.students.microloan.2021",
         'student_lending = "second_source_only"'),
        ("limits.toml", [('code = "starter"', 'code = "student"')], [('"consumer_finance"', '"online_microloan"')],
         "policy.choice", 'code = "student"'),
        ("assessment.toml", [("minimum_score = 720", "minimum_score = 860")], (), "R2.2", "[[grades]]"),
        ("identity.toml", [("minimum_age = 18", "minimum_age = 16")], (), "cn.minimum_age", "minimum_age = 16"),
    ],
    ids=["typo", "overlap", "gap", "illegal-rate", "illegal-penalty", "students-microloan", "student-segment", "unreachable",
         "minors"],
)
def test_what_must_be_shown(name, pairs, pack, rule, line_says):
    checked = spoiled(name, *pairs, pack=pack)
    fault = next(fault for fault in checked.faults if fault.rule == rule)
    assert fault.file == f"broken/{name}"
    text = FILES[name]
    for old, new in pairs:
        text = text.replace(old, new, 1)
    assert line_says in text.splitlines()[fault.line - 1]
    assert fault.problem.zh != fault.problem.en


def test_every_fault_of_a_pack_is_told_at_once():
    files = {**FILES, "limits.toml": FILES["limits.toml"].replace("person_cap_fen", "person_cap_fenn", 1).replace(
        "offer_valid_days = 30", 'offer_valid_days = "30"', 1), "risk.toml": "= 1", "extra.toml": "x = 1"}
    assert [(fault.file, fault.rule) for fault in files_check(files, label="broken").faults] == [
        ("broken/risk.toml", "policy.toml")]  # what is not TOML is told first: nothing else can be trusted before
    files["risk.toml"] = FILES["risk.toml"]
    assert [(fault.file, fault.line is not None, fault.rule) for fault in files_check(files, label="broken").faults] == [
        ("broken/extra.toml", False, "policy.schema"), ("broken/limits.toml", True, "policy.unknown_field"),
        ("broken/limits.toml", True, "policy.wrong_type")]


def test_a_golden_case_that_comes_out_differently_is_refused():
    checked = spoiled("assessment.toml", ("minimum_score = 850", "minimum_score = 1000"))
    assert checked.is_sound  # 1,000 points are still an A
    checked = spoiled("limits.toml", ("maximum_fen = 500_000", "maximum_fen = 400_000"))
    assert [(fault.file, fault.rule, fault.key) for fault in checked.faults] == [
        ("broken/cases.toml", "policy.golden_case", "cases[1].expected.amount_fen")]
    assert "400000" in checked.faults[0].problem.zh


def test_a_coming_change_of_law_is_a_warning_before_it_is_a_fault():
    checked = spoiled("products.toml", ('"second_source_only"', '"forbidden"'),
                      pack=[('"consumer_finance"', '"online_microloan"')])
    assert checked.is_sound
    assert {(one.begins_on, one.refused.rule) for one in checked.warnings} == {
        (date(2027, 12, 31), "cn.annual_cap.microloan.2027")}
