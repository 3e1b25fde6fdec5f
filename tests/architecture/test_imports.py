"""The import contracts hold, and they are able to fail (test of the test)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).parent / "lint-imports"


def lint(cwd, path):
    return subprocess.run([LINT, "--no-cache", "--config", str(cwd / ".importlinter")], cwd=cwd, capture_output=True,
                          text=True, check=False, env={"PYTHONPATH": str(path), "PATH": "/usr/bin:/bin"})


def test_contracts_hold():
    result = lint(ROOT, ROOT / "src")
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("ledger/rules.py", "import weidai.lending.services", "A room imports only rooms below it"),
        ("kernel/money.py", "import django", "The kernel uses the standard library only"),
        ("web/h5/apps.py", "import weidai.ledger.models", "Pages talk to services and selectors, never to tables"),
        ("servicing/errors.py", "import weidai.limits.models", "Only limits touches the tables of limits"),
    ],
)
def test_a_misplaced_import_fails_the_build(tmp_path, module, line, contract):
    """A copy of the source with one wrong import must break exactly that contract."""
    import shutil

    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("static", "__pycache__", "fonts"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    target = tmp_path / "src" / "weidai" / module
    target.write_text(target.read_text() + f"\n{line}\n")
    result = lint(tmp_path, tmp_path / "src")
    assert result.returncode != 0
    assert f"{contract} BROKEN" in result.stdout, result.stdout[-3000:]
