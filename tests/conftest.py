"""What every test with a database shares."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from weidai.platform import clock, jobs
from weidai.platform.keys import datakeys, keyfile
from weidai.policy import timeline

# What takes ten seconds or more, longest first: a file is one worker's, and none of these may be the last one to begin.
LONGEST = (
    "web/journey/test_browser_journey.py", "scenarios/test_faults.py", "cli/test_run.py", "web/h5_lending/test_browser.py",
    "web/h5_onboarding/test_browser.py", "services/servicing/test_reversals.py", "web/test_shell_browser.py",
    "web/h5_onboarding/test_face_camera.py", "web/h5_onboarding/test_voice_browser.py", "services/jobs/test_killed.py",
    "web/test_shell_permissions.py", "services/servicing/test_repayments.py", "web/console/test_lists.py",
    "scenarios/test_one_life.py", "web/h5_lending/test_repay.py", "services/jobs/test_end_of_day.py",
    "platform/test_postgres_crashes.py", "rules/servicing/test_allocation.py",
)


class CollectedJobs:
    """A Jobs port that remembers what was asked for; tests run the work themselves."""

    def __init__(self) -> None:
        self.deferred: list[tuple[str, dict[str, Any]]] = []

    def defer(self, task: str, **arguments: Any) -> None:
        self.deferred.append((task, arguments))


def pytest_configure(config: pytest.Config) -> None:
    """Hashes cost what argon2 allows least, a quarter of a second less each; what they cost for real is tested apart."""
    from argon2 import PasswordHasher
    from django.contrib.auth.hashers import Argon2PasswordHasher

    from weidai.security.services import passwords

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # the order below is the order of work


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Beside other workers: the longest files first, then those of most tests; within a file as it was."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
        counts = Counter(item.path for item in items)
        items.sort(key=lambda item: (places.get(item.path, len(places)), -counts[item.path], str(item.path)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure says what the browser's windows showed; none of them outlives its test."""
    report = yield
    browsers = sys.modules.get("tests.support.browsers")
    if browsers is not None and (report.failed or call.when == "call"):
        if report.failed:
            report.sections.extend(browsers.windows_told(report.nodeid))
        browsers.windows_close()
    return report


@pytest.fixture(autouse=True)
def collected_jobs() -> CollectedJobs:
    """No worker in tests: jobs are collected, `outbox.deliver_due()` does the work where a test wants it."""
    collected = CollectedJobs()
    jobs.jobs.fill(collected)
    return collected


@pytest.fixture(autouse=True)
def _fresh_clock() -> Iterator[None]:
    clock.forget_cached_offset()
    yield
    clock.forget_cached_offset()


@pytest.fixture(autouse=True)
def _fresh_keys() -> Iterator[None]:
    """A data key made in a test's transaction is gone with it, a signing key with its folder: no next test remembers them."""
    signing = settings.SECRET_KEY
    yield
    datakeys.forget()
    if signing != settings.SECRET_KEY:
        settings.SECRET_KEY = signing
        keyfile.forget()


def pytest_collection() -> None:
    """The folder's packs alone decide while tests are collected: what was published stands in a database."""
    timeline.source_fill(None)


@pytest.fixture(autouse=True)
def _folder_policy() -> Iterator[None]:
    """And in every test, but for those of publishing, which fill the source themselves."""
    yield
    timeline.source_fill(None)


_STATIC = {"django_content_type", "auth_permission"}  # written by migrating, the same whatever a test did
_FLUSH = """DO $flush$
DECLARE
    name text;
    has_rows boolean;
    written text[] := '{}';
BEGIN
    FOREACH name IN ARRAY ARRAY[%s] LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %%I)', name) INTO has_rows;
        IF has_rows THEN written := written || quote_ident(name); END IF;
    END LOOP;
    IF cardinality(written) > 0 THEN EXECUTE 'TRUNCATE ' || array_to_string(written, ', ') || '%s CASCADE'; END IF;
END $flush$;"""


def flush_of_written(_style: Any, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False) -> list[str]:
    """Empty the tables that hold rows: a test writes into a dozen of more than a hundred, and emptying costs by table."""
    names = ", ".join(f"'{name}'" for name in sorted(set(tables) - _STATIC))
    return [_FLUSH % (names, " RESTART IDENTITY" if reset_sequences else "")] if names else []


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The migrated database also gets the revoked rights and the cache table of a real installation."""
    from django.contrib.contenttypes.management import create_contenttypes
    from django.core.management import call_command
    from django.db import connection
    from django.db.models.signals import post_migrate

    from weidai.platform.privileges import privileges_apply

    with django_db_blocker.unblock():
        call_command("createcachetable")
        privileges_apply()
    connection.ops.sql_flush = flush_of_written  # type: ignore[method-assign]
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
