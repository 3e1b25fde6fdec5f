"""Pure words every room speaks: money, rates, days, texts, refusals, ids. Standard library only."""
