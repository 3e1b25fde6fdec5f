"""The vendored files are the ones we named, with their licences, and load nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "src/weidai/web/shared/static/vendor"
ITEMS = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["name"])
def test_vendored_files_have_the_recorded_digests_and_licences(item: dict) -> None:
    for name, digest in item["files"].items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
    for name in item["licence_files"]:
        assert len((VENDOR / name).read_text(encoding="utf-8")) > 100, name


def test_every_vendored_file_is_recorded() -> None:
    recorded = {name for item in ITEMS for name in (*item["files"], *item["licence_files"])} | {"VENDOR.json"}
    present = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert present == recorded


def test_third_party_page_names_every_item_with_version_and_licence() -> None:
    page = (ROOT / "docs/reference/third-party.md").read_text(encoding="utf-8")
    for item in ITEMS:
        assert f"| {item['name']} | {item['version']} | {item['licence']} |" in page


def test_style_sheets_load_nothing_from_other_hosts() -> None:
    for sheet in (ROOT / "src/weidai/web").rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text, sheet
        assert not re.search(r"""url\(\s*["']?(https?:)?//""", text), sheet
        assert "sourceMappingURL" not in text, sheet
