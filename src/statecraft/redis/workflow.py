"""The classes that people inherit from: ``RedisWorkflow``, and the same with awaited events."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from statecraft.async_workflow import AsyncWorkflowMixin
from statecraft.redis.asking import PlainManager, plainly
from statecraft.redis.base import AnyRedisWorkflow
from statecraft.redis.once import fire_once
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from redis import Redis, RedisCluster
    from redis.asyncio import Redis as AsyncRedis
    from redis.asyncio import RedisCluster as AsyncRedisCluster

    from statecraft.persistence import Attempt, Change, Plan
    from statecraft.transition_log import TransitionLog


class RedisWorkflow(AnyRedisWorkflow, WorkflowMixin):
    """Keeps the state in Redis: ``class Ticket(RedisWorkflow, client=redis.Redis())``.

    ``client`` is a client of the package redis, or a function that returns one; ``prefix`` begins
    all keys; ``ttl`` is how long things are kept after the last transition, in seconds or as a
    timedelta. ``log=True`` keeps a record of each transition, of which ``log_keep`` are kept.
    ``lock=True`` lets an event with code of yours wait for the others on the same object, for
    ``lock_wait`` at most; the lock ends by itself after ``lock_timeout``, and so is advisory. An
    object needs an ``id``, or a ``workflow_key`` of its own.
    """

    __slots__ = ()
    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            client: Redis | RedisCluster | Callable[[], Redis | RedisCluster] | None = None,
            prefix: str | None = None,
            ttl: float | timedelta | None = None,
            lock_timeout: float | timedelta | None = None,
            lock_wait: float | timedelta | None = None,
            log_keep: int | None = None,
            **options: Any,
        ) -> None: ...

    def load_state(self) -> Any:
        """Read the stored value; return ``None`` if there is none."""
        return plainly(self._in_redis().load())

    def load_remembered(self) -> dict[str, str]:
        """Return what compounds with history remember; empty if nothing is stored."""
        return plainly(self._in_redis().load_remembered())

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one call, or raise ``StaleState``."""
        plainly(self._in_redis().store_value(value, expected))

    def persist_change(self, change: Change) -> None:
        """Compare and store, with the record of the log and the key of ``once``, in one call."""
        plainly(self._in_redis().store_change(change))

    def persist_refusal(self, attempt: Attempt) -> None:
        """Keep a refused attempt in the log."""
        plainly(self._in_redis().store_refusal(attempt))

    def persistence_unit(self, plan: Plan) -> Any:
        """Hold the lock of the object, if that is wanted; nothing can be undone in Redis."""
        lock = self._lock(plan)
        return nullcontext() if lock is None else PlainManager(lock)

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Fire ``event`` unless ``once`` was its key before: then return the first answer."""
        if not self._logs:
            return super().fire_once(event, once, args, kwargs)
        firing = fire_once(self._in_redis(), event, once, args, kwargs, lock=self._locks(event))
        return plainly(firing)

    def transition_log(self) -> TransitionLog:
        """Return the records of the object, in order."""
        return plainly(self._in_redis().load_log())

    def prune_log(self, *, keep: int | None = None, before: datetime | None = None) -> int:
        """Forget all records but the last ``keep``, or those from ``before``; return how many.

        The record with which the present state was entered stays, and all that came after it. Keys
        of ``once`` go with their records.
        """
        return plainly(self._in_redis().prune_log(keep, before))


class AsyncRedisWorkflow(AnyRedisWorkflow, AsyncWorkflowMixin):
    """The same with events that are awaited, and a client of ``redis.asyncio``."""

    __slots__ = ()
    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            client: AsyncRedis
            | AsyncRedisCluster
            | Callable[[], AsyncRedis | AsyncRedisCluster]
            | None = None,
            prefix: str | None = None,
            ttl: float | timedelta | None = None,
            lock_timeout: float | timedelta | None = None,
            lock_wait: float | timedelta | None = None,
            log_keep: int | None = None,
            **options: Any,
        ) -> None: ...

    async def load_state(self) -> Any:
        """Read the stored value; return ``None`` if there is none."""
        return await self._in_redis().load()

    async def load_remembered(self) -> dict[str, str]:
        """Return what compounds with history remember; empty if nothing is stored."""
        return await self._in_redis().load_remembered()

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one call, or raise ``StaleState``."""
        await self._in_redis().store_value(value, expected)

    async def persist_change(self, change: Change) -> None:
        """Compare and store, with the record of the log and the key of ``once``, in one call."""
        await self._in_redis().store_change(change)

    async def persist_refusal(self, attempt: Attempt) -> None:
        """Keep a refused attempt in the log."""
        await self._in_redis().store_refusal(attempt)

    def persistence_unit(self, plan: Plan) -> Any:
        """Hold the lock of the object, if that is wanted; nothing can be undone in Redis."""
        return self._lock(plan) or nullcontext()

    async def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Fire ``event`` unless ``once`` was its key before: then return the first answer."""
        if not self._logs:
            return super().fire_once(event, once, args, kwargs)
        stored = self._in_redis()
        return await fire_once(stored, event, once, args, kwargs, lock=self._locks(event))

    async def transition_log(self) -> TransitionLog:
        """Return the records of the object, in order."""
        return await self._in_redis().load_log()

    async def prune_log(self, *, keep: int | None = None, before: datetime | None = None) -> int:
        """Forget all records but the last ``keep``, or those from ``before``; return how many.

        The record with which the present state was entered stays, and all that came after it. Keys
        of ``once`` go with their records.
        """
        return await self._in_redis().prune_log(keep, before)
