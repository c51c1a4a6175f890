"""SQLAlchemy under fire: on each database, at each isolation level, killed and restarted."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.races.databases import LEVELS, Database, Retrying, database_at
from tests.races.own_servers import OwnMariaDB, OwnPostgreSQL, OwnServer
from tests.races.plans import SIZE
from tests.races.running import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=[*LEVELS, ("sqlite", "SERIALIZABLE")], ids=" ".join)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database of the server that is there, at each isolation level."""
    name, level = request.param
    found = database_at(name, level, tmp_path)
    yield found
    found.forget()


def test_many_writers_walk_legally(database: Database, tmp_path: Path) -> None:
    """In transactions of one event or several, which meet in any order: deadlocks are undone."""
    run = Run(database, tmp_path)
    run.disturb("look", lambda: None)
    assert run.faults() == []


def test_killed_writers_leave_nothing_half_done(database: Database, tmp_path: Path) -> None:
    """Whenever it hits them; and who has a key can fire again."""
    run = Run(database, tmp_path)
    run.disturb("kill -9", run.kill_one)
    assert run.faults() == []


@pytest.mark.parametrize(
    ("name", "level"),
    [level for level in LEVELS if level[1] in {"REPEATABLE READ", "SERIALIZABLE"}],
)
def test_who_tries_again_is_never_undone(name: str, level: str, tmp_path: Path) -> None:
    """``retry_stale`` begins a transaction again until it is through, or refused."""
    with ExitStack() as leaving:
        database = database_at(name, level, tmp_path, Retrying)
        leaving.callback(database.forget)
        run = Run(database, tmp_path)
        run.disturb("look", lambda: None)
        assert run.faults() == []
        assert not run.failed


@pytest.mark.parametrize("kind", [OwnPostgreSQL, OwnMariaDB])
def test_a_restarted_server_loses_and_doubles_nothing(
    kind: type[OwnServer], tmp_path: Path
) -> None:
    """Killed in mid-run and started again, with everything that it had confirmed."""
    with kind() as server:
        database = Database(kind.__name__, server.url, "READ COMMITTED")
        run = Run(database, tmp_path, SIZE._replace(disturbances=min(SIZE.disturbances, 10)))

        def restart() -> None:
            server.kill()
            server.start()

        run.disturb("restart", restart)
        assert run.faults() == []
        database.forget()
