"""`python -m weidai.cli`, for processes that `weidai run` starts."""

from weidai.cli.main import main

main()
