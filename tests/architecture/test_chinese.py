"""Chinese sentences have Chinese punctuation, as their readers expect."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHINESE = "\u3400-\u9fff\u201c\u201d\u300a\u300b\u300c\u300d"
WRONG = re.compile(f"(?<=[{CHINESE}])[,;:?!](?=[{CHINESE}{{\"])|(?<=[{CHINESE}])\\((?=[{CHINESE}])")
# Patterns that read other people's papers, and drawn papers, have whatever stands on papers.
ANYTHING = ("src/weidai/vision/rules/", "src/weidai/demo/specimens.py")


def _texts():
    for folder, pattern in (("src", "*.py"), ("src", "*.html"), ("src", "*.txt"), ("policies", "*.toml"), ("policies", "*.md")):
        yield from (ROOT / folder).rglob(pattern)
    yield ROOT / "README.zh.md"


def test_no_latin_punctuation_stands_within_chinese_sentences():
    wrong = []
    for file in _texts():
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith(ANYTHING):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                wrong += [f"{name}:{number}: …{line[max(0, m.start() - 12):m.end() + 12]}…" for m in WRONG.finditer(line)]
    assert not wrong, "use \uff0c\uff1b\uff1a\uff1f\uff01\uff08\uff09:\n" + "\n".join(wrong)
