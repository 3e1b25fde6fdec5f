"""The line index knows the place of every key that tomllib reads, however the file is written."""

import tomllib
from pathlib import Path

import pytest

from weidai.policy.rules.lines import line_index

ROOT = Path(__file__).resolve().parents[3]
FILES = [*sorted((ROOT / "policies").rglob("*.toml")), ROOT / "src/weidai/policy/law.toml"]
NESTED = '''
a.b = 1 # [not] a = "header"
"c d" = [ 1,
  [2, 3], { k = "]" , l = """x
]["""" },
]
[t]
x = """
[not]
y = 1
"""
[[t.u]]
v = 'a#b'
[[t.u]]
[t.u.w]
z = 1
[[t.u.q]]
s = 1979-05-27T07:32:00Z
[t.u.w.deep]
[ "q r" . "é\\u0041" ]
m = { n.o = 1, p = [] }
'''


def paths(value, path=()):
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from paths(one, (*path, key))


@pytest.mark.parametrize("text", [*(path.read_text(encoding="utf-8") for path in FILES), NESTED, "", "# only a comment"])
def test_every_path_has_a_line_and_nothing_else_has(text):
    assert set(line_index(text)) == set(paths(tomllib.loads(text)))


def test_lines_are_where_the_key_is_set():
    lines = NESTED.splitlines()
    index = line_index(NESTED)
    for path, number in index.items():
        if isinstance(path[-1], str) and path[-1] not in ("q r", "éA"):
            assert str(path[-1]) in lines[number - 1], (path, number)
    assert [index["t", "u", place] for place in (0, 1)] == [12, 14]
    assert (index["t",], index["t", "u", 1, "w"], index["t", "u", 1, "q", 0], index["c d", 2, "l"]) == (7, 15, 17, 4)
    assert index["q r", "éA", "m", "n", "o"] == 21


def test_windows_line_ends_count_as_one():
    assert line_index("a = 1\r\n\r\n[b]\r\nc = 2\r\n") == {("a",): 1, ("b",): 3, ("b", "c"): 4}
