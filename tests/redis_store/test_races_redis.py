"""Redis under fire: many processes at once, some are killed, the server is restarted or flushed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.races.redis_servers import RedisServer
from tests.races.running import Run
from tests.redis_store.servers import URL, OwnServer, Servers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")


def shared_client() -> Any:
    """Return a client of the server that is there."""
    return redis.Redis.from_url(URL)


def test_many_writers_walk_legally(server: Any, tmp_path: Path) -> None:
    """Every success has its record, and every record comes from one attempt."""
    run = Run(RedisServer(shared_client), tmp_path)
    run.disturb("look", lambda: None)
    assert run.faults() == []


def test_killed_writers_leave_nothing_half_done(server: Any, tmp_path: Path) -> None:
    """Who is killed at any moment can fire again with the same key."""
    run = Run(RedisServer(shared_client), tmp_path)
    run.disturb("kill -9", run.kill_one)
    assert run.faults() == []


@pytest.fixture
def own(own_server: OwnServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the test itself use its own server, and return a function that makes clients of it."""

    def impatient() -> Any:
        return own_server.client(retry=Retry(NoBackoff(), 0))

    monkeypatch.setattr(Servers, "client", impatient())
    return impatient


def test_a_restarted_server_loses_and_doubles_nothing(
    own_server: OwnServer, own: Any, tmp_path: Path
) -> None:
    """Killed in mid-run and started again, with everything on its disk."""
    run = Run(RedisServer(own), tmp_path)

    def restart() -> None:
        own_server.kill()
        own_server.start()

    run.disturb("restart", restart)
    assert run.faults() == []


def test_a_flushed_server_begins_anew(own_server: OwnServer, own: Any, tmp_path: Path) -> None:
    """What was stored is gone, and keys with it; what is stored from then on is whole again."""
    run = Run(RedisServer(own), tmp_path)
    run.disturb("flush", Servers.client.flushall)
    assert run.faults(forgets=True) == []
