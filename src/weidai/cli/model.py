"""`weidai model …`: train, validate, register and watch statistical models (R2.6)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from weidai.cli import model_registry
from weidai.cli.output import console, print_json, print_table

if TYPE_CHECKING:
    from weidai.assessment.scorecards.training import Trained

app = typer.Typer(help="统计模型 / Statistical models.", no_args_is_help=True)
_JSON = typer.Option(False, "--json", help="one JSON object")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_NAMES = {"scorecard": "评分卡 scorecard", "boosting": "提升树 boosting"}


@app.command()
def train(
    file: Path = typer.Argument(..., help="Parquet, CSV or TSV, as it is"),
    target: str = typer.Option(..., "--target", help="the outcome column, of any two values"),
    time: str | None = typer.Option(None, "--time", help="the date or month of each row; the test is then out of time"),
    protocol: str | None = typer.Option(
        None, "--protocol", help="kfold10, kfold5, holdout, holdout-permutation, holdout-sklearn, out-of-time"
    ),
    positive: list[str] = typer.Option([], "--positive", help="the value that is bad; may be repeated"),
    id_column: list[str] = typer.Option([], "--id", help="a column that names people: not learned from, kept on one side"),
    drop: list[str] = typer.Option([], "--drop", help="a column to leave out; may be repeated"),
    keep: list[str] = typer.Option([], "--keep", help="a column to keep although it looks like an id or a leak"),
    out: Path | None = typer.Option(None, "--out", help="the folder to write (default: models/NAME in weidai's home)"),
    name: str | None = typer.Option(None, "--name", help="the model's name (default: the file's)"),
    base_points: int = typer.Option(600, "--base-points", help="points at the base odds"),
    base_odds: float = typer.Option(20.0, "--base-odds", help="good : bad at the base points"),
    double_points: int = typer.Option(50, "--double-points", help="points that double the odds"),
    json: bool = _JSON,
) -> None:
    """训练评分卡与提升树 / Train a scorecard and a boosted challenger from a labelled table; keep the simpler unless beaten."""
    _one_thread()
    from weidai.assessment.scorecards.scorecard import Scaling
    from weidai.assessment.scorecards.tables import training_ready

    training_ready()
    from weidai.assessment.scorecards.prepare import TrainRequest, prepared_read
    from weidai.assessment.scorecards.saving import folder_require, model_save
    from weidai.platform.postgres.places import home_directory

    title = name or file.stem
    folder = out or home_directory() / "models" / title
    folder_require(folder)
    request = TrainRequest(
        path=file,
        target=target,
        time=time,
        protocol=protocol,
        positive=tuple(positive),
        ids=tuple(id_column),
        drop=tuple(drop),
        keep=tuple(keep),
        name=title,
        scaling=Scaling(base_points, base_odds, double_points),
    )
    prepared = prepared_read(request)
    trained = _trained(prepared, quiet=json)
    content = model_save(trained, folder)
    if json:
        print_json(
            {
                "artefact_hash": content["artefact_hash"],
                "folder": str(folder),
                "seconds": round(trained.seconds, 2),
                **content["results"],
            }
        )
        return
    _shown(content["results"])
    console.print(f"{trained.seconds:.1f} s · {folder}/report.html", soft_wrap=True, highlight=False)


@app.command()
def validate(
    folder: Path = typer.Argument(..., help="a folder written by weidai model train"),
    file: Path = typer.Argument(..., help="a labelled table with the same columns"),
    target: str | None = typer.Option(None, "--target", help="the outcome column (default: the one it learned)"),
    time: str | None = typer.Option(None, "--time", help="the date or month of each row"),
    json: bool = _JSON,
) -> None:
    """验证 / Measure a trained model on other rows, with PSI of score and inputs against what it learned from."""
    _one_thread()
    from weidai.assessment.scorecards.tables import training_ready

    training_ready()
    from weidai.assessment.scorecards.validating import model_validate

    results = model_validate(folder, file, target=target, time=time)
    if json:
        print_json(results)
        return
    rows = [(_NAMES[kind] + (" ★" if kind == results["chosen"] else ""),
             f"{one['auc']:.4f} [{one['auc_interval'][0]:.3f}, {one['auc_interval'][1]:.3f}]", f"{one['ks']:.3f}",
             f"{one['average_precision']:.3f}", f"{one['recall_at_1pct_fpr']:.3f}", f"{one['calibration_slope']:.2f}",
             f"{one['psi']:.3f}") for kind, one in results["models"].items()]
    spent = results["micros_p50"]
    print_table(f"{results['rows']:,} 行 rows · 坏 bad {results['bad_rows']:,} · p50 评分卡 scorecard {spent['scorecard']} µs, "
                f"提升树 boosting {spent['boosting']} µs",
                ["模型 model", "AUC [95 %]", "KS", "AP", "recall@1%FPR", "slope", "PSI"], rows, whole=True)
    shifted = [f"{name} {value:.3f}" for name, value in results["inputs_psi"].items()][:6]
    console.print(f"变动最大的输入 / most shifted inputs (PSI): {', '.join(shifted)}", soft_wrap=True, highlight=False)


def _trained(prepared: Any, *, quiet: bool) -> Trained:
    from weidai.assessment.scorecards.training import train as fit

    if quiet or not console.is_terminal:
        return fit(prepared)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("训练 / training", total=None)
        return fit(
            prepared,
            tell=lambda done, total, text: progress.update(
                task, completed=done, total=total, description=f"{text.zh} / {text.en}"
            ),
        )


def _shown(results: dict[str, Any]) -> None:
    target, protocol = results["target"], results["protocol"]
    console.print(
        f"[bold]{results['name']}[/bold] · {results['rows_used']:,} 行 rows · 坏 bad {' / '.join(target['bad_values'])} = "
        f"{target['bad_rows']:,} ({target['bad_rate']:.2%})",
        soft_wrap=True,
        highlight=False,
    )
    console.print(
        f"{protocol['name']}: {protocol['text']['zh']} / {protocol['text']['en']}", soft_wrap=True, highlight=False, markup=False
    )
    for one in results["warnings"]:
        console.print(f"! {one['code']}: {one['zh']} / {one['en']}", soft_wrap=True, highlight=False, markup=False)
    for one in results["excluded"]:
        console.print(
            f"- {one['name']} ({one['reason']}): {one['zh']} / {one['en']}", soft_wrap=True, highlight=False, markup=False
        )
    rows = [
        (
            _NAMES[kind] + (" ★" if kind == results["chosen"] else ""),
            f"{one['auc']:.4f} [{one['auc_interval'][0]:.3f}, {one['auc_interval'][1]:.3f}]",
            f"{one['ks']:.3f}",
            f"{one['average_precision']:.3f}",
            f"{one['recall_at_1pct_fpr']:.3f}",
            f"{one['brier']:.4f}",
            f"{one['calibration_slope']:.2f}",
            f"{one['psi_train_test']:.3f}",
        )
        for kind, one in results["models"].items()
    ]
    print_table(
        "测试结果 / Measured on tested rows",
        ["模型 model", "AUC [95 %]", "KS", "AP", "recall@1%FPR", "Brier", "slope", "PSI"],
        rows,
        whole=True,
    )
    text = results["comparison"]["text"]
    console.print(f"{text['zh']} / {text['en']}", soft_wrap=True, highlight=False, markup=False)


def _one_thread() -> None:
    """Small matrices are faster on one thread, and others share the machine."""
    for variable in _THREADS:
        os.environ.setdefault(variable, "1")


model_registry.commands_add(app)
