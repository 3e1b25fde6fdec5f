"""The generated reference equals the code; settings, links, commands and rule ids in the docs are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import render, render_pages

REPOSITORY = render.REPOSITORY
DOCS = REPOSITORY / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), *sorted(REPOSITORY.glob("*.md")), REPOSITORY / "policies" / "README.md"]
SOURCES = [path for path in sorted((REPOSITORY / "src").rglob("*.py")) if "migrations" not in path.parts]

# The rules of the specification: chapter → number of its rules.
RULES = {1: 9, 2: 7, 3: 6, 4: 6, 5: 6, 6: 6, 7: 11, 8: 8, 9: 8, 10: 7}

_SETTING = re.compile(r"\b(?:WEIDAI_[A-Z_]*[A-Z]|DATABASE_URL|SANDBOX_WORLD_[A-Z_]*[A-Z])\b")
_LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
_RULE = re.compile(r"\bR(\d{1,2})\.(\d{1,2})\b")
_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _without_code(text: str) -> str:
    return _FENCE.sub("", text)


@pytest.mark.parametrize("name", sorted(render.pages()))
def test_a_generated_page_is_what_the_code_says(name):
    committed = (render.REFERENCE / name).read_text(encoding="utf-8")
    assert committed == render.rendered(name), f"docs/reference/{name} lags behind the code: make docs"


def _settings_read() -> set[str]:
    found = {word for path in SOURCES for word in _SETTING.findall(path.read_text(encoding="utf-8"))}
    sandbox = (REPOSITORY / "src/sandbox_world/settings.py").read_text(encoding="utf-8")
    prefix = re.search(r'^PREFIX = "(\w+)"', sandbox, flags=re.MULTILINE)[1]
    return (found | {prefix + word for word in re.findall(r"\{PREFIX\}([A-Z_]+)", sandbox)}) - {"WEIDAI_TEST_HOME"}


def test_every_setting_is_documented_and_every_documented_setting_is_read():
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \|", page, flags=re.MULTILINE)
    assert sorted(set(rows)) == sorted(rows), "a setting has two rows"
    elsewhere = {"WEIDAI_REQUIRE_BROWSER", "WEIDAI_SHARED", "PYTHON"}  # read by the tests and the Makefile
    assert _settings_read() - set(rows) == set(), "add these to docs/reference/settings.md"
    assert set(rows) - _settings_read() - elsewhere == set(), "nothing reads these any more"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    broken = []
    for target in _LINK.findall(_without_code(page.read_text(encoding="utf-8"))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        if not found.exists() or (anchor and anchor not in _anchors(found)):
            broken.append(target)
    assert broken == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _without_code(page.read_text(encoding="utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_rule_ids_exist(page):
    unknown = {match.group() for match in _RULE.finditer(page.read_text(encoding="utf-8"))
               if not 1 <= int(match[2]) <= RULES.get(int(match[1]), 0)}
    assert unknown == set()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_exist(page):
    """Every `make x` and `weidai x y` in code stands in the Makefile or the command line, with known options."""
    text = page.read_text(encoding="utf-8")
    code = [*_FENCE.findall(text), *re.findall(r"`([^`\n]+)`", _without_code(text))]
    targets, commands = render_pages.make_targets(), render_pages.command_options()
    wrong = []
    for line in (line for block in code for line in block.splitlines()):
        wrong += [f"make {name}" for name in re.findall(r"(?:^|&& |\$ )make ([a-z][a-z-]*)", line) if name not in targets]
        for match in re.finditer(r"(?:^|&& |/|\$ )weidai ((?:[a-z]+ ?)+)((?: ?--?[a-z-]+)*)", line):
            wrong += _wrong_command(match[1].split(), match[2].split(), commands)
    assert wrong == []


def _wrong_command(words: list[str], options: list[str], commands: dict[str, set[str]]) -> list[str]:
    known = next((name for size in (2, 1) if (name := " ".join(words[:size])) in commands), None)
    if known is None:
        is_group = len(words) == 1 and any(name.startswith(f"{words[0]} ") for name in commands)
        return [] if is_group else [f"weidai {' '.join(words)}"]
    return [f"weidai {known} {option}" for option in options if option not in commands[known] | {"--help"}]


def test_the_two_readmes_say_the_same():
    """Same headings, same commands, same links: a translation, not a summary."""
    english, chinese = ((REPOSITORY / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    assert len(re.findall(r"^#+ ", english, flags=re.MULTILINE)) == len(re.findall(r"^#+ ", chinese, flags=re.MULTILINE))
    assert _FENCE.findall(english) == _FENCE.findall(chinese)
    other = {"README.md", "README.zh.md"}
    assert sorted(set(_LINK.findall(english)) - other) == sorted(set(_LINK.findall(chinese)) - other)
    assert len(re.findall(r"^\|", english, flags=re.MULTILINE)) == len(re.findall(r"^\|", chinese, flags=re.MULTILINE))


def test_pictures_are_small():
    too_large = [path.name for path in (DOCS / "images").glob("*") if path.stat().st_size > 250_000]
    assert too_large == []


def test_every_page_is_reachable_from_the_index():
    """Nothing is written that nobody can find: docs/index.md leads to every page, directly or through another."""
    seen, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        targets = _LINK.findall(_without_code(page.read_text(encoding="utf-8")))
        waiting += [(page.parent / t.partition("#")[0]).resolve() for t in targets if "://" not in t and not t.startswith("#")]
    assert set(DOCS.rglob("*.md")) - seen == set()


def test_the_bookings_of_the_chart_page_are_the_codes_own_words():
    """The hand-written rows of the chart page name accounts and kinds that exist."""
    from weidai.ledger.rules import AccountCode

    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    for _, debit, credit, kind in render_pages.BOOKINGS:
        assert {debit, credit} <= {code.value for code in AccountCode}
        assert f'"{kind}"' in source


def test_the_code_words_of_the_glossary_are_in_the_code():
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    source += "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "policies").rglob("*.toml"))
    page = (DOCS / "glossary.md").read_text(encoding="utf-8")
    cells = [line.split("|")[3] for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    words = {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}
    assert len(words) > 100
    missing = sorted(word for word in words if not re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", source)
                     and not word.startswith("_"))
    assert missing == []


def test_the_table_of_identity_rules_names_code_and_tests_that_are_there():
    page = (render.REFERENCE / "identity-rules.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| R")]
    assert len(rows) > 25
    root, missing = REPOSITORY, []
    for _, _, kept, shown in rows:
        missing += [name for name in re.findall(r"`([^`]+)`", kept) if not (root / "src/weidai" / name).exists()]
        for name in re.findall(r"`([^`]+)`", shown):
            file, _, function = name.partition("::")
            path = root / "tests" / file
            if not path.is_file() or (function and f"def {function}(" not in path.read_text()):
                missing.append(name)
    assert missing == []
