"""House rules for templates: nothing inline, nothing from elsewhere, both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "src/weidai/web"
TEMPLATES = sorted(WEB.rglob("templates/**/*.html"))
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NAMES_OF_LANGUAGES = ("语言 Language", '<span lang="zh-CN">中文</span>')


def _markup(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}", "", text, flags=re.DOTALL)
    return re.sub(r"{#.*?#}", "", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_template_has_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    text = _markup(path)
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"\bhx-on", text)
    assert "javascript:" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert 'src="{% static' in script or 'type="application/json"' in script, script
    assert not re.search(r"(src|href|action)\s*=\s*[\"'](https?:)?//", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_chinese_stands_only_beside_its_english(path: Path) -> None:
    text = _markup(path)
    for known in _NAMES_OF_LANGUAGES:
        text = text.replace(known, "")
    without_tags = re.sub(r"{%\s*t\s.*?%}", "", text, flags=re.DOTALL)
    without_samples = re.sub(r"{{\s*\"[^\"]*\"\|.*?}}", "", without_tags)
    found = [line.strip() for line in without_samples.splitlines() if _CHINESE.search(line)]
    assert not found, "put these into {% t … %}: " + " / ".join(found)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_both_sentences_have_the_same_placeholders(path: Path) -> None:
    for zh, en in re.findall(r"""{%\s*t\s+"([^"]*)"\s+"([^"]*)\"""", _markup(path)):
        assert sorted(re.findall(r"{(\w+)}", zh)) == sorted(re.findall(r"{(\w+)}", en)), (zh, en)
