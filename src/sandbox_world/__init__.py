"""The outside world of weidai, played by one local process over signed HTTP.

It decides nothing about loans: it only answers as registries, banks, operators, bureaus and data sources would,
about people who do not exist. It never imports weidai; the contract between the two is
docs/reference/sandbox-protocol.md (R9.4).
"""
