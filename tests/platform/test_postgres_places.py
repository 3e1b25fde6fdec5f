"""Where the embedded PostgreSQL keeps its things, and whose they are; no server is started here."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from weidai.platform import postgres
from weidai.platform.postgres import Cluster, PostgresDirectoryRefused, account, journal, places
from weidai.platform.postgres.account import Account
from weidai.platform.postgres.locks import lock_is_held, lock_try
from weidai.platform.postgres.places import Places, private_directory_ensure

pytest_plugins = ["tests.platform.postgres_fixtures"]

IS_ROOT = os.geteuid() == 0
SELF = Account("me", os.geteuid(), os.getegid(), is_switched=False)


def test_home_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WEIDAI_HOME", str(tmp_path / "given"))
    assert postgres.home_directory() == tmp_path / "given"


def test_home_of_root_is_named_by_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEIDAI_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    home = postgres.home_directory()
    assert home.parent == Path("/var/lib/weidai")
    assert len(home.name) == 10


def test_home_of_an_ordinary_user_is_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEIDAI_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    home = postgres.home_directory()
    assert home.name == ".weidai"
    assert (home.parent / "pyproject.toml").is_file()


def test_database_url_prefers_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/app")
    monkeypatch.delenv("WEIDAI_OWNER_DATABASE_URL", raising=False)
    assert postgres.database_url() == postgres.database_url("owner") == "postgresql://elsewhere/app"
    monkeypatch.setenv("WEIDAI_OWNER_DATABASE_URL", "postgresql://elsewhere/owner")
    assert postgres.database_url("owner") == "postgresql://elsewhere/owner"
    assert postgres.database_url("app") == "postgresql://elsewhere/app"


def test_database_url_of_the_embedded_cluster_is_stable_and_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, postgres_home: Path
) -> None:
    monkeypatch.setenv("WEIDAI_HOME", str(postgres_home))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    url = urlsplit(postgres.database_url("app"))
    assert postgres.database_url("app") == url.geturl()
    assert (url.scheme, url.username, url.path) == ("postgresql", "weidai_app", "/weidai")
    assert parse_qs(url.query)["host"] == [str(postgres_home / "postgres" / "socket")]
    assert url.password != urlsplit(postgres.database_url("owner")).password
    secrets = postgres_home / "postgres" / "passwords"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert sorted(path.name for path in secrets.parent.iterdir()) == ["passwords"]


def test_a_damaged_password_file_is_refused_with_the_next_step(postgres_home: Path) -> None:
    cluster = Cluster(postgres_home)
    cluster.url()
    cluster.places.passwords.write_text("*:*:*:weidai_app:only-this\n")
    with pytest.raises(PostgresDirectoryRefused, match="no line for postgres, weidai_owner"):
        cluster.url()


def test_a_deep_home_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = Places(tmp_path / ("d" * 60) / ("e" * 60))
    assert deep.socket_directory.parent == places.SHORT_SOCKET_PARENT
    assert len(str(deep.socket_directory)) < 40
    assert deep.socket_directory != Places(tmp_path / ("d" * 60) / ("f" * 60)).socket_directory


def test_a_squatted_socket_directory_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    with pytest.raises(PostgresDirectoryRefused, match="prepared by somebody else"):
        private_directory_ensure(link, SELF)
    if IS_ROOT:
        os.chown(elsewhere, 4321, 4321)
        with pytest.raises(PostgresDirectoryRefused, match="uid 4321"):
            private_directory_ensure(elsewhere, SELF)


def test_a_private_directory_is_closed_again(tmp_path: Path) -> None:
    directory = tmp_path / "socket"
    directory.mkdir(mode=0o755)
    private_directory_ensure(directory, SELF)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


@pytest.mark.skipif(not IS_ROOT, reason="only root hands the server to another account")
def test_root_goes_elsewhere_when_the_account_cannot_reach_the_home(
    monkeypatch: pytest.MonkeyPatch, postgres_home: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "ROOT_STATE", tmp_path / "state")
    closed = postgres_home / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    chosen = places.places_for(home)
    assert chosen.home.parent == tmp_path / "state"
    assert places.places_for(closed / "other").home != chosen.home
    assert places.places_for(postgres_home).home == postgres_home
    chosen.data.mkdir(parents=True)  # a cluster stays where it is, even when the home is opened later
    closed.chmod(0o755)
    assert places.places_for(home) == chosen


@pytest.mark.skipif(not IS_ROOT, reason="only root hands the server to another account")
def test_a_closed_home_is_opened_for_passing_only(postgres_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = postgres_home / "home"
    home.mkdir(mode=0o700)
    chosen = places.places_for(home)
    assert chosen.home == home
    places.root_ensure(chosen)
    assert stat.S_IMODE(home.stat().st_mode) == 0o711
    home.chmod(0o700)
    monkeypatch.setenv("HOME", str(home))  # root's personal directory stays closed
    shutil.rmtree(home / "postgres")
    assert places.places_for(home).home.parent == places.ROOT_STATE
    places.root_ensure(Places(home))
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.skipif(not IS_ROOT, reason="only root can give directories away")
def test_an_existing_cluster_is_run_by_its_owner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with pytest.raises(postgres.PostgresAccountRefused, match="belongs to root"):
        account.account_for(data)
    os.chown(data, 65534, 65534)
    assert account.account_for(data).uid == 65534
    os.chown(data, 54321, 54321)
    with pytest.raises(postgres.PostgresAccountRefused, match="no passwd entry"):
        account.account_for(data)


def test_the_log_keeps_its_bound(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    handle = journal.journal_open(log)
    os.write(handle, b"old\n" * 100)
    journal.journal_bound(log, bound_bytes=40)
    os.write(handle, b"new\n")
    os.close(handle)
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "postgres.log.1").read_bytes() == b"old\n" * 10


def test_a_lock_is_held_once_and_ends_with_its_holder(tmp_path: Path) -> None:
    handle = lock_try(tmp_path / "lock")
    assert handle is not None
    assert lock_try(tmp_path / "lock") is None
    assert lock_is_held(tmp_path / "lock")
    os.close(handle)
    assert not lock_is_held(tmp_path / "lock")
