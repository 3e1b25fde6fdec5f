"""`weidai vectors`: check the convention engine against any file of stated schedules and interest cases."""

from __future__ import annotations

import json as json_module
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from weidai.cli.output import console, errors, print_json
from weidai.lending.conventions.fields import VectorInvalid, json_schema
from weidai.lending.conventions.running import Result, Verdict, run_file
from weidai.lending.conventions.schema import FILE, SCHEMA_NAME

app = typer.Typer(help="计息验证用例 / Loan vectors.", no_args_is_help=True)
_JSON = typer.Option(False, "--json", help="one JSON object")
_FILES = typer.Argument(..., help="vector files, schema: docs/reference/vector-schema.md")

_LARGEST_FILE_BYTES = 50_000_000
_WORDS = {
    Verdict.PASS: "通过 pass", Verdict.FAIL: "不符 FAIL", Verdict.NOT_COMPUTABLE: "不可算 not computable",
    Verdict.DISPUTED: "存疑 disputed", Verdict.INVALID: "无效 INVALID",
}


@app.command("run")
def run(files: list[Path] = _FILES, json: bool = _JSON) -> None:
    """运行用例 / Run vectors: per vector pass or the first differing cell, and a total; exit 1 if any differs."""
    by_file = {str(file): _results(file) for file in files}
    results = [result for each in by_file.values() for result in each]
    totals = Counter(result.verdict.value for result in results)
    if json:
        print_json({"files": {name: [asdict(result) for result in each] for name, each in by_file.items()},
                    "totals": {verdict.value: totals[verdict.value] for verdict in Verdict}, "run": len(results)})
    else:
        for name, each in by_file.items():
            _print_file(name, each)
        console.print(f"合计 / total {len(results)}: " + ", ".join(
            f"{_WORDS[verdict]} {totals[verdict.value]}" for verdict in Verdict if totals[verdict.value]), highlight=False)
    if totals[Verdict.FAIL.value] + totals[Verdict.INVALID.value] or not results:
        raise typer.Exit(1)


@app.command("schema")
def schema() -> None:
    """打印用例格式 / Print the JSON Schema of vector files."""
    print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA_NAME, **json_schema(FILE)})


def _results(file: Path) -> list[Result]:
    """Return the results of a file; one that cannot be read ends the command with a sentence."""
    try:
        if file.stat().st_size > _LARGEST_FILE_BYTES:
            raise VectorInvalid("file", f"is larger than {_LARGEST_FILE_BYTES:,} bytes")
        return run_file(json_module.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    except (json_module.JSONDecodeError, RecursionError) as error:
        reason = f"is not JSON: {error}"
    except VectorInvalid as error:
        reason = str(error)
    errors.print(f"{file}: {reason}", style="red", markup=False)
    raise typer.Exit(1)


def _print_file(name: str, results: Sequence[Result]) -> None:
    console.print(name, style="bold", markup=False, highlight=False)
    for result in results:
        console.print(f"  {_WORDS[result.verdict]:<12} {result.vector_id}{_detail(result)}", markup=False, highlight=False,
                      soft_wrap=True)


def _detail(result: Result) -> str:
    """Return what to say after the id: the first differing cell, or why it was not run."""
    found, text = result.difference, ""
    if found:
        place = f"第{found.row}行 row {found.row}, " if found.row is not None else ""
        text = f": {place}{found.column}: 应为 expected {found.expected}, 得到 got {found.got}"
    return f"{text}: {result.reason}" if result.reason else text
