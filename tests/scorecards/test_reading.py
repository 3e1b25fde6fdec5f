"""What is read from a raw table: kinds, special codes, dates, ids, the outcome and which value is bad (R2.6)."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from weidai.assessment.scorecards.columns import features_read, special_codes
from weidai.assessment.scorecards.errors import PositiveUnknown, TableUnreadable, TargetNotBinary, TooFewRows
from weidai.assessment.scorecards.tables import table_read
from weidai.assessment.scorecards.target import target_read


@pytest.mark.parametrize(("values", "codes"), [
    ([-9, -9, -8, -8, *range(20)], (-9.0, -8.0)),
    ([-1, -1, *range(30)], (-1.0,)),
    ([999] * 5 + list(range(80)), (999.0,)),
    ([96, 98] * 3 + list(range(12)), (96.0, 98.0)),
    (list(range(-30, 30)), ()),  # a balance may be negative
    ([-3, -2, -1, 0, 1, 2, 3] * 4, ()),  # a rating round zero
    ([-1.5, -1.5, *range(30)], ()),
    (list(range(900, 1000)), ()),
])
def test_special_codes_are_repeated_and_out_of_range(values, codes):
    assert special_codes(np.array(values, float)) == codes


def test_kinds_of_columns():
    rows = 400
    random = np.random.default_rng(1)
    frame = pl.DataFrame({
        "客户编号": [f"C{number:09d}" for number in random.integers(0, 10**9, rows)], "ID": range(1, rows + 1), "one": [7] * rows,
        "nothing": [None] * rows, "amount": [f"{value:,.2f}" for value in random.uniform(1000, 90000, rows)],
        "share": [f"{value:.1f}%" for value in random.uniform(0, 100, rows)], "code": random.integers(1, 8, rows),
        "postcode": [f"{value:05d}" for value in random.integers(100, 140, rows)], "is_owner": random.random(rows) < 0.5,
        "opened": [(dt.date(2015, 1, 1) + dt.timedelta(days=int(day))).isoformat() for day in random.integers(0, 2000, rows)],
        "opened_month": random.choice([202011, 202012, 202101], rows),
        "remark": [f"said this and that {number} times" for number in range(rows)], "pair": [[1, 2]] * rows})
    features = features_read(frame)
    assert {one.name: one.kind for one in features.columns} == {
        "amount": "numeric", "share": "numeric", "code": "coded", "postcode": "category", "is_owner": "category",
        "opened": "date", "opened_month": "date"}
    assert {one.name: one.reason for one in features.excluded} == {
        "客户编号": "id", "ID": "id", "one": "constant", "nothing": "empty", "remark": "free_text", "pair": "nested"}


@pytest.mark.parametrize(("values", "name", "bad", "how"), [
    (["Fully Paid", "Charged Off"], "status", "Charged Off", "words"), (["好", "坏"], "y", "坏", "words"),
    (["未逾期", "逾期"], "y", "逾期", "words"), (["no default", "default"], "y", "default", "words"),
    (["yes", "no"], "default", "yes", "words"), (["yes", "no"], "repaid", "no", "column_name"), ([1, 2], "class", "2", "coding"),
    ([0, 1], "good", "0", "column_name"), ([0.0, 1.0], "y", "1", "coding"), ([True, False], "repaid", "false", "column_name"),
    (["X", "X", "X", "Z"], "y", "Z", "assumed"), (["Yes", "yes", "no", "NO"], "late", "Yes", "words"),
])
def test_which_value_is_bad_is_inferred_and_told(values, name, bad, how):
    target, y, known = target_read(pl.Series(values * 20), name, ())
    assert (target.bad_values, target.how) == ((bad,), how)
    assert y.sum() == target.bad_rows and known.all()


def test_outcomes_that_cannot_be_learned_from_are_refused():
    three = pl.Series(["Paid", "Late", "Default"] * 20 + [None] * 5)
    with pytest.raises(TargetNotBinary, match="not_binary"):
        target_read(three, "y", ())
    target, y, known = target_read(three, "y", ("default", "Late"))
    assert (target.bad_rows, target.good_rows, target.missing_rows, int(y.sum()), int(known.sum())) == (40, 20, 5, 40, 60)
    with pytest.raises(PositiveUnknown):
        target_read(three, "y", ("gone",))
    with pytest.raises(TargetNotBinary):
        target_read(pl.Series([0] * 50), "y", ())
    with pytest.raises(TooFewRows):
        target_read(pl.Series([0] * 50 + [1] * 9), "y", ())


def test_files_of_any_usual_make_are_read_and_damaged_ones_refused(tmp_path):
    frame = pl.DataFrame({"姓名": ["甲", "乙"], "y": [0, 1]})
    (tmp_path / "gb.csv").write_bytes(frame.write_csv().encode("gb18030"))
    (tmp_path / "semi.csv").write_text(frame.write_csv(separator=";"), encoding="utf-8-sig")
    (tmp_path / "tab.tsv").write_text(frame.write_csv(separator="\t"), encoding="utf-16")
    for name in ("gb.csv", "semi.csv", "tab.tsv"):
        assert table_read(tmp_path / name).columns == ["姓名", "y"], name
    frame.write_parquet(tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(content[:len(content) // 2])
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "head.csv").write_text("a,b\n")
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 20)
    for name in ("cut.parquet", "empty.csv", "head.csv", "noise.csv", "absent.csv"):
        with pytest.raises(TableUnreadable):
            table_read(tmp_path / name)
