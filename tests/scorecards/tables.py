"""Labelled tables drawn from a seed, with one plain truth: income, debt share and work decide who pays."""

import numpy as np
import polars as pl


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
