"""`weidai policy`: faults with file, line and rule; two persons; a month made again (R8.6, R2.2)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.credit_support import AT
from tests.web.staff_session import staff_user
from typer.testing import CliRunner

from weidai.cli.main import app
from weidai.platform import clock
from weidai.policy import selectors, timeline
from weidai.policy.models import PackVersion
from weidai.policy.publications import Publications
from weidai.staff.rules import Role

REFERENCE = Path(__file__).resolve().parents[2] / "policies" / "reference"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["policy", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_validate_tells_file_line_and_rule(tmp_path: Path) -> None:
    assert run("validate", str(REFERENCE))[0] == 0
    broken = tmp_path / "broken"
    shutil.copytree(REFERENCE / "2025-01-01", broken)
    text = (broken / "limits.toml").read_text().replace("person_cap_fen", "person_cap_fenn", 1)
    (broken / "limits.toml").write_text(text)
    code, output = run("validate", str(broken), "--json")
    (fault,) = json.loads(output)[0]["faults"]
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "person_cap_fenn" in one)
    assert (code, fault["file"], fault["line"], fault["rule"]) == (1, "broken/limits.toml", line, "policy.unknown_field")
    assert "person_cap_fen" in fault["en"]
    alone = tmp_path / "alone" / "limits.toml"  # a single file joins the folder's newest version
    alone.parent.mkdir()
    alone.write_text(text)
    code, output = run("validate", str(alone))
    assert code == 1
    assert f"alone/limits.toml:{line}" in output.replace("\n", "")
    assert run("validate", str(tmp_path / "nothing"))[0] == 2


@pytest.fixture
def _installation(db: None) -> Iterator[None]:
    timeline.source_fill(Publications())
    staff_user([Role.RISK_ANALYST], "wang")
    staff_user([Role.SENIOR_REVIEWER], "li")
    with clock.travel_to(AT):
        yield
    timeline.source_fill(None)


@pytest.mark.usefixtures("_installation")
def test_the_whole_life_needs_two_persons() -> None:
    today = AT.date().isoformat()
    assert run("draft", "--title", "a trial", "--as", "li")[0] == 2  # may not draft
    assert run("draft", "--title", "a trial", "--as", "wang", "--effective-from", today)[0] == 0
    row = PackVersion.objects.get()
    row.files["limits.toml"] = row.files["limits.toml"].replace("offer_valid_days = 30", "offer_valid_days = 31")
    row.save()
    which = str(row.id)
    assert run("submit", which, "--as", "wang")[0] == 0
    assert run("shadow", which, "--as", "wang")[0] == 0
    assert run("approve", which, "--as", "wang", "--note", "mine")[0] == 2
    assert run("approve", which, "--as", "li", "--note", "seen")[0] == 0
    assert run("publish", which, "--as", "li")[0] == 0
    row.refresh_from_db()
    assert selectors.pack(AT.date()).version == row.version
    code, output = run("diff", "2025-01-01", row.version, "--json")
    assert code == 1
    assert [one["key"] for one in json.loads(output)["differences"]] == ["effective_from", "offer_valid_days"]
    assert row.version in run("list", "--json")[1]
    assert "31" in run("show", row.version, "--section", "limits")[1]
    assert run("replay", "--month", "2026-02", "--json")[0] == 0
    assert run("rollback", which, "--as", "li", "--reason", "enough")[0] == 0
    assert selectors.pack(AT.date()).version != row.version
