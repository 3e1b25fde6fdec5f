"""A date that is none is wrong usage, said in a sentence; the command line never answers with a traceback."""

import pytest
from typer.testing import CliRunner

from weidai.cli.main import app


@pytest.mark.parametrize("command", [["eod", "--until", "2020-13-45"], ["loan", "explain", "JK1", "--on", "yesterday"]])
def test_a_wrong_date_is_wrong_usage(command):
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert result.exception is None or isinstance(result.exception, SystemExit)
