"""Load an extract in a process of its own, so that a test can kill it: STORE EXTRACT MONTH."""

import sys
from datetime import date
from pathlib import Path

from weidai.assessment.extracts.loading import extract_load
from weidai.assessment.extracts.store import Store
from weidai.assessment.population.engines import Engine

if __name__ == "__main__":
    print("begun", flush=True)
    extract_load(Store(Path(sys.argv[1])), Path(sys.argv[2]), month=date.fromisoformat(sys.argv[3]), engine=Engine("duckdb"),
                 progress=lambda step: print(step, flush=True))
