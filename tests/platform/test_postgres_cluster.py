"""The embedded cluster in ordinary life: started, used, stopped, backed up."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest
from tests.platform.postgres_support import (
    IS_ROOT,
    as_user,
    ordinary_account,
    outcome,
    start_elsewhere,
)

from weidai.platform.postgres import (
    Cluster,
    PostgresBackupFailed,
    PostgresDirectoryRefused,
    PostgresStartFailed,
    binaries,
)
from weidai.platform.postgres.account import Account, account_for

pytest_plugins = ["tests.platform.postgres_fixtures"]


def value(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def test_start_stop_start_keeps_what_was_written(fresh_cluster: Cluster) -> None:
    said: list[str] = []
    fresh_cluster.start(said.append)
    assert "creating" in said[0]
    assert "ready" in said[-1]
    first = fresh_cluster.status()
    assert (first.running, first.ready) == (True, True)
    assert first.version.startswith("18")
    assert first.size_bytes > 1_000_000
    execute(fresh_cluster.url("owner"), "CREATE TABLE note AS SELECT 'kept' AS body")
    fresh_cluster.start()  # a second start changes nothing
    assert fresh_cluster.status().pid == first.pid
    fresh_cluster.stop()
    stopped = fresh_cluster.status()
    assert (stopped.running, stopped.ready, stopped.pid) == (False, False, None)
    fresh_cluster.stop()  # nothing to do
    fresh_cluster.start()
    assert value(fresh_cluster.url("app"), "SELECT body FROM note") == "kept"


def test_settings_are_durable_private_and_local(running_cluster: Cluster) -> None:
    def setting(name: str) -> object:
        return value(running_cluster.url(), f"SELECT current_setting('{name}')")

    assert setting("listen_addresses") == ""
    assert setting("data_checksums") == "on"
    assert setting("server_encoding") == "UTF8"
    assert setting("timezone") == "UTC"
    assert setting("max_connections") == "60"
    assert setting("jit") == "off"
    assert setting("fsync") == "off"  # the test profile of this fixture
    assert value(running_cluster.url(), "SELECT datlocprovider FROM pg_database WHERE datname = 'weidai'") == "b"
    rules = (running_cluster.places.data / "pg_hba.conf").read_text().splitlines()
    methods = {line.split()[0]: line.split()[-1] for line in rules if line and not line.startswith("#")}
    assert methods == {"local": "scram-sha-256", "host": "reject"}


def test_directories_are_closed_to_others(running_cluster: Cluster) -> None:
    places = running_cluster.places
    owner = account_for(places.data).uid
    for directory in (places.data, places.socket_directory):
        found = directory.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, owner)
    for file in (places.passwords, places.identity, places.log):
        assert (stat.S_IMODE(file.stat().st_mode), file.stat().st_uid) == (0o600, os.geteuid())
    assert stat.S_IMODE(places.root.stat().st_mode) == (0o711 if IS_ROOT else 0o700)
    assert not (places.root / "initial-password").exists()
    assert not places.data_being_created.exists()


def test_the_app_uses_tables_and_does_not_define_them(running_cluster: Cluster) -> None:
    owner, app = running_cluster.url("owner"), running_cluster.url("app")
    execute(owner, "CREATE TABLE entry (id bigserial PRIMARY KEY, body text)")
    execute(app, "INSERT INTO entry (body) VALUES ('a'), ('b')")
    execute(app, "UPDATE entry SET body = 'c' WHERE body = 'b'")
    execute(app, "DELETE FROM entry WHERE body = 'a'")
    assert value(app, "SELECT string_agg(body, ',') FROM entry") == "c"
    for refused in ("CREATE TABLE mine (a int)", "DROP TABLE entry", "TRUNCATE entry", "CREATE TEMP TABLE t (a int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            execute(app, refused)


def test_revoked_rights_stay_revoked_after_a_start(running_cluster: Cluster) -> None:
    execute(running_cluster.url("owner"), "CREATE TABLE event (body text)")
    execute(running_cluster.url("owner"), "REVOKE UPDATE, DELETE ON event FROM weidai_app")
    running_cluster.start()
    execute(running_cluster.url("app"), "INSERT INTO event VALUES ('a')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(running_cluster.url("app"), "DELETE FROM event")


def test_a_database_the_owner_creates_later_has_the_same_rights(running_cluster: Cluster) -> None:
    with psycopg.connect(running_cluster.url("owner"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_weidai")
    execute(running_cluster.url("owner", "test_weidai"), "CREATE TABLE entry (body text)")
    execute(running_cluster.url("app", "test_weidai"), "INSERT INTO entry VALUES ('a')")
    assert value(running_cluster.url("app", database="test_weidai"), "SELECT body FROM entry") == "a"


def test_psql_runs_without_a_password_on_its_command_line(running_cluster: Cluster) -> None:
    command = running_cluster.psql_command()
    assert not any(line.split(":")[4] in " ".join(command) for line in _password_lines(running_cluster))
    reply = subprocess.run([*command, "-Atc", "SELECT current_user"], capture_output=True, text=True, check=True)
    assert reply.stdout == "weidai_owner\n"


def test_a_wrong_password_is_refused(running_cluster: Cluster) -> None:
    password = _password_lines(running_cluster)[0].split(":")[4]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(running_cluster.url("app").replace(password, "x"))


def test_another_user_of_the_machine_is_refused(running_cluster: Cluster) -> None:
    other = ordinary_account()
    if account_for(running_cluster.places.data).uid == other.uid:
        pytest.skip("no second account besides the one that runs the server")
    url = running_cluster.url("app")
    assert "Permission denied" in as_user(other, lambda: psycopg.connect(url))
    for act in (running_cluster.url, running_cluster.status, running_cluster.start, running_cluster.stop):
        assert as_user(other, act).startswith("PostgresDirectoryRefused")


def test_two_starts_at_once_make_one_server(postgres_home: Path) -> None:
    cluster = Cluster(postgres_home, profile="test")
    starts = [start_elsewhere(postgres_home, more=", profile='test'") for _ in range(2)]
    try:
        assert [outcome(start) for start in starts] == [(0, ""), (0, "")]
        assert cluster.status().ready
        assert cluster.places.log.read_text().count("database system is ready to accept connections") == 1
    finally:
        cluster.stop()


def test_backup_and_restore(running_cluster: Cluster, tmp_path: Path) -> None:
    owner = running_cluster.url("owner")
    execute(owner, "CREATE TABLE saved AS SELECT 'before' AS body")
    execute(owner, "REVOKE DELETE ON saved FROM weidai_app")
    running_cluster.backup(tmp_path / "weidai.dump")
    assert stat.S_IMODE((tmp_path / "weidai.dump").stat().st_mode) == 0o600
    execute(owner, "UPDATE saved SET body = 'after'")
    with psycopg.connect(running_cluster.url("app")):  # a client in the way
        running_cluster.restore(tmp_path / "weidai.dump")
    assert value(running_cluster.url("app"), "SELECT body FROM saved") == "before"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(running_cluster.url("app"), "DELETE FROM saved")
    assert value(running_cluster.url("owner", "weidai_before_restore"), "SELECT body FROM saved") == "after"


def test_a_restore_killed_halfway_leaves_a_usable_database(running_cluster: Cluster, tmp_path: Path) -> None:
    with psycopg.connect(running_cluster.url("owner", "postgres"), autocommit=True) as connection:
        connection.execute("ALTER DATABASE weidai ALLOW_CONNECTIONS false")
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(running_cluster.url())
    running_cluster.start()
    assert value(running_cluster.url(), "SELECT 1") == 1


def test_a_backup_needs_a_running_server(fresh_cluster: Cluster, tmp_path: Path) -> None:
    for act in (fresh_cluster.backup, fresh_cluster.restore):
        with pytest.raises(PostgresBackupFailed, match="Start it first"):
            act(tmp_path / "weidai.dump")


def test_a_damaged_backup_changes_nothing(running_cluster: Cluster, tmp_path: Path) -> None:
    execute(running_cluster.url("owner"), "CREATE TABLE untouched AS SELECT 1 AS a")
    (tmp_path / "bad.dump").write_bytes(b"not a backup")
    with pytest.raises(PostgresBackupFailed, match="pg_restore did not complete"):
        running_cluster.restore(tmp_path / "bad.dump")
    with pytest.raises(PostgresBackupFailed, match="could not be written"):
        running_cluster.backup(tmp_path / "missing" / "weidai.dump")
    assert value(running_cluster.url(), "SELECT a FROM untouched") == 1


def test_a_start_that_fails_quotes_the_log(running_cluster: Cluster) -> None:
    running_cluster.stop()
    local = running_cluster.places.data / "local.conf"
    local.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(PostgresStartFailed, match="shared_buffers"):
        running_cluster.start()
    local.write_text("")
    running_cluster.start()


def test_a_password_file_replaced_under_a_running_server_is_refused(running_cluster: Cluster) -> None:
    secrets = running_cluster.places.passwords
    before = secrets.read_text()
    secrets.write_text(before.replace(":postgres:", ":postgres:x"))
    with pytest.raises(PostgresStartFailed, match="replaced while the server ran"):
        running_cluster.start()
    secrets.write_text(before)
    running_cluster.start()


def test_a_lost_password_file_is_made_anew(running_cluster: Cluster) -> None:
    running_cluster.stop()
    before = running_cluster.url()
    running_cluster.places.passwords.unlink()
    running_cluster.start()
    assert running_cluster.url() != before
    assert value(running_cluster.url("app"), "SELECT current_user") == "weidai_app"
    assert value(running_cluster.url("owner"), "SELECT current_user") == "weidai_owner"


def test_a_data_directory_of_something_else_is_refused(fresh_cluster: Cluster) -> None:
    fresh_cluster.url()
    fresh_cluster.places.data.mkdir(mode=0o700)
    (fresh_cluster.places.data / "photo.jpg").write_text("")
    if IS_ROOT:
        os.chown(fresh_cluster.places.data, 65534, 65534)
    with pytest.raises(PostgresDirectoryRefused, match="is not a PostgreSQL data directory"):
        fresh_cluster.start()


def test_programs_out_of_reach_are_copied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    account = Account("nobody", 65534, 65534, is_switched=True)
    monkeypatch.setattr(binaries, "is_readable_by", lambda *_, **__: False)
    (tmp_path / "copies" / "older").mkdir(parents=True)
    copied = binaries.binaries_for(account, copies=tmp_path / "copies")
    assert copied.directory.is_relative_to(tmp_path / "copies")
    assert binaries.server_version(copied).startswith("18")
    assert binaries.binaries_for(account, copies=tmp_path / "copies") == copied
    assert len(list((tmp_path / "copies").iterdir())) == 1


def test_an_ordinary_user_needs_no_other_account(postgres_home: Path) -> None:
    user = ordinary_account()
    home = postgres_home / "own"
    home.mkdir()
    os.chown(home, user.uid, user.gid)
    cluster = Cluster(home, profile="test")
    try:
        assert as_user(user, cluster.start) == ""
        assert cluster.status().ready
        assert {path.stat().st_uid for path in [cluster.places.log, *cluster.places.root.iterdir()]} == {user.uid}
        assert stat.S_IMODE(cluster.places.root.stat().st_mode) == 0o700
        assert as_user(user, cluster.stop) == ""
        cluster.start()  # root may help out, and the owner can still go on
        assert {path.stat().st_uid for path in [cluster.places.log, *cluster.places.root.iterdir()]} == {user.uid}
        assert as_user(user, cluster.stop) == ""
        assert as_user(user, cluster.start) == ""
    finally:
        cluster.stop()


def _password_lines(cluster: Cluster) -> list[str]:
    return cluster.places.passwords.read_text().splitlines()
