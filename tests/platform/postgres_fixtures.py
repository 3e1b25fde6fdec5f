"""Homes and clusters for the tests of the embedded PostgreSQL; a pytest plugin, named by the modules that use it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from weidai.platform.postgres import Cluster


@pytest.fixture
def postgres_home() -> Iterator[Path]:
    """A home that every account can reach; pytest's own tmp_path is closed to all but the invoking user."""
    home = Path(tempfile.mkdtemp(prefix="weidai-test-", dir="/tmp")).resolve()
    home.chmod(0o711)
    yield home
    shutil.rmtree(home)


@pytest.fixture
def fresh_cluster(postgres_home: Path) -> Iterator[Cluster]:
    """A cluster that was never started."""
    cluster = Cluster(postgres_home, profile="test")
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def running_cluster() -> Iterator[Cluster]:
    """One started cluster for a module; a test that stops it starts it again."""
    home = Path(tempfile.mkdtemp(prefix="weidai-test-", dir="/tmp")).resolve()
    home.chmod(0o711)
    cluster = Cluster(home, profile="test")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(home)
