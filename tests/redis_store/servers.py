"""The servers of the tests: the one that is there, one of our own, a proxy that loses replies."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import threading
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services import do_without, require_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = os.environ.get("STATECRAFT_REDIS_URL", "redis://127.0.0.1:6379/11")
MISSING = f"needs a Redis server at {URL}: start one, or set STATECRAFT_REDIS_URL"
PREFIX = f"statecraft-test:{uuid.uuid4().hex}:"
"""What all keys of this run of the tests begin with."""


def redis_is_missing() -> bool:
    """Whether no server answers, which is a failure in CI."""
    with redis.Redis.from_url(URL, retry=Retry(NoBackoff(), 0)) as client:
        try:
            client.ping()
        except redis.RedisError:
            if os.environ.get("CI"):
                do_without(MISSING)
            return True
    return False


def require_redis() -> None:
    """Skip where no server answers, or fail in CI."""
    if redis_is_missing():
        do_without(MISSING)


class Servers:
    """Which client the workflows of the running test use."""

    client: ClassVar[Any] = None


def client() -> Any:
    """Return the client of the running test."""
    return Servers.client


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class OwnServer:
    """A server that a test may flush, kill and start again; everything is on its disk."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.port = free_port()
        self.command = [
            require_program("redis-server", package="redis-server"),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(directory)),
            *("--save", "", "--appendonly", "yes", "--appendfsync", "always", *options),
        ]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        last = time.monotonic() + 30
        with self.client(retry=Retry(NoBackoff(), 0)) as client:
            while time.monotonic() < last and self.process.poll() is None:
                with suppress(redis.ConnectionError):
                    client.ping()
                    return
                time.sleep(0.02)
        message = f"the server did not start: {self.command}"
        raise AssertionError(message)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def client(self, **options: Any) -> Any:
        """Return a client of it."""
        return redis.Redis(port=self.port, **options)


class Proxy:
    """Passes on what a client and the server say, and treats calls of scripts as ``fates`` say.

    Each fate is used for one call. ``lose(meanwhile)`` lets the server answer, calls
    ``meanwhile``, and hangs up; ``hold()`` hangs up first, and passes the call on when the proxy
    is told to ``release`` it.
    """

    def __init__(self) -> None:
        target = redis.Redis.from_url(URL).connection_pool.connection_kwargs
        self.target = (target["host"], target["port"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.fates: list[Callable[[], object] | None] = []
        self.released = threading.Event()
        self.delivered = threading.Event()
        self.calls = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Lose the next reply, after calling ``meanwhile``."""
        self.fates.append(meanwhile)

    def hold(self) -> None:
        """Pass on the next call late."""
        self.fates.append(None)

    def release(self) -> None:
        """Pass on what is held, and wait until the server has dealt with it."""
        self.released.set()
        assert self.delivered.wait(60)

    def options(self, retries: int) -> dict[str, Any]:
        """Return the options of a client that goes through the proxy."""
        database = redis.Redis.from_url(URL).connection_pool.connection_kwargs.get("db", 0)
        return {
            "port": self.port,
            "db": database,
            "retry": Retry(NoBackoff(), retries),
            "retry_on_error": [redis.ConnectionError],
        }

    def close(self) -> None:
        """Accept nobody any more."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, socket.create_connection(self.target) as upstream, suppress(OSError):
            fate: Callable[[], object] | None = None
            while True:
                for one in select.select([connection, upstream], [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    if one is upstream and fate is not None:
                        fate()
                        return
                    if one is connection and b"EVALSHA" in data:
                        self.calls += 1
                        if self.fates:
                            fate = self.fates.pop(0)
                            if fate is None:
                                self._deliver_late(connection, upstream, data)
                                return
                    (upstream if one is connection else connection).sendall(data)

    def _deliver_late(
        self, connection: socket.socket, upstream: socket.socket, data: bytes
    ) -> None:
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
        assert self.released.wait(60)
        upstream.sendall(data)
        upstream.recv(65536)
        self.delivered.set()
