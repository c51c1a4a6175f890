"""The lock around an event: a lease of the client's own, held by whoever fires first."""

from __future__ import annotations

from contextlib import asynccontextmanager
from contextvars import ContextVar
from logging import getLogger
from typing import TYPE_CHECKING, Any

from statecraft.compiler.questions import settled
from statecraft.redis.settings import seconds
from statecraft.redis.trouble import TROUBLE, not_locked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from statecraft.redis.asking import Asked

_SECONDS_BETWEEN_TRIES = 0.02


class _Lease:
    """A lock that is held. A task that outlives the event finds that it is over."""

    __slots__ = ("is_over", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_over = False


_leases: ContextVar[tuple[_Lease, ...]] = ContextVar("statecraft_redis_leases", default=())


@asynccontextmanager
async def locked(asked: Asked, event: str) -> AsyncGenerator[None]:
    """Hold the lock of an object; an event inside of another one is inside of its lock."""
    name = asked.keys.lock
    if any(lease.name == name and not lease.is_over for lease in _leases.get()):
        yield
        return
    lock = await _acquired(asked, event)
    lease = _Lease(name)
    around = _leases.set((*_leases.get(), lease))
    try:
        yield
    finally:
        _leases.reset(around)
        lease.is_over = True
        await _release(lock, asked, event)


async def _acquired(asked: Asked, event: str) -> Any:
    wait = seconds(asked.settings.lock_wait)
    try:
        lock = asked.client.lock(
            asked.keys.lock,
            timeout=seconds(asked.settings.lock_timeout),
            sleep=_SECONDS_BETWEEN_TRIES,
            blocking_timeout=wait,
            thread_local=False,
        )
        if await settled(lock.acquire()):
            return lock
    except TROUBLE as error:
        raise not_locked(asked.client, asked.key, event, error) from error
    why = f"others held it for longer than {wait:g} s. Wait longer: lock_wait={2 * wait:g}"
    raise not_locked(asked.client, asked.key, event, why)


async def _release(lock: Any, asked: Asked, event: str) -> None:
    """Let others in. The event has happened, or not: that its lease ran out does not change it."""
    try:
        await settled(lock.release())
    except TROUBLE as error:
        message = "the lock of %s could not be released after %r: %s. It ends by itself after %g s"
        left = seconds(asked.settings.lock_timeout)
        getLogger("statecraft").warning(message, asked.key, event, error, left)
