"""Statistical models of credit risk (R2.6): a scorecard and a boosted challenger trained from any labelled table.

Reading, binning, fitting, measuring and reporting need no database; only the registry and live scoring do.
"""
