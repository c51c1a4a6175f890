"""What the tests of the Redis store have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import redis

from tests.redis_store.servers import PREFIX, URL, OwnServer, Proxy, Servers, require_redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def shared() -> Iterator[Any]:
    """Return a client of the server that is there; what the tests stored is deleted afterwards."""
    require_redis()
    with redis.Redis.from_url(URL, decode_responses=True) as client:
        yield client
        keys: list[str] = list(client.scan_iter(f"{PREFIX}*", count=1000))
        for key in keys:
            client.delete(key)


@pytest.fixture(autouse=True)
def server(shared: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the workflows of the test use the server that is there."""
    monkeypatch.setattr(Servers, "client", shared)
    return shared


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OwnServer]:
    """Start a server that the test has for itself."""
    started = OwnServer(tmp_path)
    started.start()
    yield started
    started.kill()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Start a proxy between the test and the server."""
    started = Proxy()
    yield started
    started.close()
