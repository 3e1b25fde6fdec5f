"""Labelled tables drawn from a seed, with one plain truth: income, debt share and work decide who pays."""

import numpy as np
import polars as pl

from weidai.assessment.scorecards.prepare import TrainRequest, prepared_read
from weidai.assessment.scorecards.saving import model_save
from weidai.assessment.scorecards.training import train


def people(rows, *, seed=1, rate=-1.2):
    """Return columns of people and who turned bad."""
    random = np.random.default_rng(seed)
    income = np.exp(random.normal(9, 0.6, rows))
    debt = random.beta(2, 5, rows)
    work = random.choice(["教师", "司机", "学生", "职员"], rows)
    log_odds = rate - 1.4 * (np.log(income) - 9) + 4 * (debt - 0.28) + 0.8 * (work == "学生")
    bad = (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    columns = {"income": np.round(income, 2), "debt_share": np.round(debt, 4), "work": work,
               "age": random.integers(18, 70, rows)}
    return columns, bad


def table(rows=600, **more):
    """Return the people as a table with the outcome in `bad`; `more` adds columns."""
    columns, bad = people(rows)
    return pl.DataFrame({**columns, "bad": bad, **more})


def live_model(folder):
    """Train a model over some of the inputs a live assessment has; return where it lies."""
    random, rows = np.random.default_rng(3), 400
    score = random.normal(650, 80, rows)
    spend = np.exp(random.normal(8, 0.7, rows))
    bad = random.random(rows) < 1 / (1 + np.exp((score - 600) / 60 + np.log(spend / 3000)))
    frame = pl.DataFrame({"bureau_score": np.round(score), "monthly_spend_6m": np.round(spend, 2),
                          "overdue_events": random.poisson(0.3 + 0.7 * bad), "bad": bad.astype(int)})
    return saved(frame, folder, "live")


def saved(frame, folder, name):
    """Train on a table and return the folder of the model."""
    frame.write_parquet(folder / f"{name}.parquet")
    request = TrainRequest(path=folder / f"{name}.parquet", target="bad", protocol="holdout", name=name)
    model_save(train(prepared_read(request)), folder / "out")
    return folder / "out"
