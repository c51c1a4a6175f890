"""The public conformance suite on a real Redis: sync and async, with and without log and lock."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import redis
import redis.asyncio

from statecraft.redis import AsyncRedisWorkflow, RedisWorkflow
from statecraft.testing.persistence import Kind, PersistenceSuite
from tests.redis_store.servers import PREFIX, URL, client

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from statecraft.workflow import AnyWorkflow

LOGGED = {"log": "refusals", "lock": True, "ttl": 600}
running: ContextVar[Any] = ContextVar("client")


class Colour(Enum):
    """Members that are no texts, but stand for some."""

    RED = "red"


class Size(IntEnum):
    """Members that are numbers."""

    SMALL = 70


class StoredWorkflow(RedisWorkflow, client=client, prefix=PREFIX):
    """A workflow whose objects have numbers."""

    def __init__(self, number: int) -> None:
        self.id = number


class AsyncStoredWorkflow(AsyncRedisWorkflow, client=running.get, prefix=PREFIX):
    """The same with awaited events, and a client for each event loop."""

    def __init__(self, number: int) -> None:
        self.id = number


class TestRedis(PersistenceSuite):
    """Redis is a store for threads and for processes."""

    base: ClassVar[type[AnyWorkflow]] = StoredWorkflow
    options: Mapping[str, Any] = MappingProxyType({"prefix": f"{PREFIX}plain:"})
    values = (
        *("text", "", "Text", "text ", "☃ \\ \" '", "l" * 200, "7", '"quoted"', "null", "a\0b"),
        *(0, 1.5, -7, 10**30, 2.0**80, True, Colour.RED, Size.SMALL),
    )
    writers: ClassVar[tuple[Kind, ...]] = ("threads", "processes")
    has_log = has_remembered = True


class TestLoggedAndLocked(TestRedis):
    """Keeping a log and locking changes nothing of that."""

    has_locks = True
    options = MappingProxyType(LOGGED | {"prefix": f"{PREFIX}logged:"})


class TestAsyncRedis(TestRedis):
    """Nor does waiting for the server."""

    base: ClassVar[type[AnyWorkflow]] = AsyncStoredWorkflow
    options: Mapping[str, Any] = MappingProxyType({"prefix": f"{PREFIX}async:"})
    writers = ("tasks", "threads", "processes")

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        async def run_with_client() -> Any:
            async with redis.asyncio.Redis.from_url(URL) as client:
                running.set(client)
                return await coroutine

        return asyncio.run(run_with_client())


class TestAsyncLoggedAndLocked(TestAsyncRedis):
    """Nor do all of these together."""

    has_locks = True
    options = MappingProxyType(LOGGED | {"prefix": f"{PREFIX}async-logged:"})
