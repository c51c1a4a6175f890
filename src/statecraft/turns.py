"""Turns: events fired at the same time on one object run one after the other.

The tables hold running objects only, so that an idle object costs no memory.
"""

from __future__ import annotations

import sys
from _thread import RLock, allocate_lock
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable

running: dict[Hashable, deque[Any]] = {}  # async: who has the turn -> the signals of who waits
_innermost: ContextVar[AsyncTurn | None] = ContextVar("statecraft_turn", default=None)


class AsyncTurn:
    """The turn of one coroutine on one object.

    An event that is awaited inside of a running event of the same object nests: it waits only for
    its siblings inside of that event, never for the event itself. The context variable tells who
    is inside of whom, in tasks that a hook starts too.
    """

    __slots__ = ("active", "key", "parent", "subject")

    def __init__(self, subject: object) -> None:
        self.subject = subject
        self.parent = _innermost.get()
        around = self.parent
        while around is not None and not (around.active and around.subject is subject):
            around = around.parent
        self.key: Hashable = id(subject) if around is None else around
        self.active: bool = False

    async def take(self) -> None:
        """Wait until it is this turn's time."""
        queue = running.get(self.key)
        if queue is None:
            running[self.key] = deque()
        else:
            await self._wait_in(queue)
        self.active = True
        _innermost.set(self)

    async def _wait_in(self, queue: deque[Any]) -> None:
        signal = _signal()
        queue.append(signal)
        try:
            await signal.wait()
        except (
            BaseException
        ):  # cancelled: leave the queue, and pass on a turn that has come already
            if signal in queue:
                queue.remove(signal)
            else:
                self._hand_over()
            raise

    def end(self) -> None:
        """Give the turn to the next who waits."""
        self.active = False
        if _innermost.get() is self:
            _innermost.set(self.parent)
        self._hand_over()

    def _hand_over(self) -> None:
        queue = running[self.key]
        if queue:
            queue.popleft().set()
        else:
            del running[self.key]


def _signal() -> Any:
    """Return an event of the framework that runs this coroutine: trio's, or else asyncio's."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return trio.Event()
    import asyncio  # noqa: PLC0415 - slow to import, and only a waiting event needs it

    return asyncio.Event()


async def take_turn(subject: object) -> AsyncTurn:
    """Wait for the turn of the running coroutine on ``subject``; the caller must end it."""
    turn = AsyncTurn(subject)
    await turn.take()
    return turn


class ThreadTurn:
    """The lock of one object while threads are firing on it; the same thread may come in again."""

    __slots__ = ("holders", "key", "lock")

    def __init__(self, key: int) -> None:
        self.key = key
        self.lock = RLock()
        self.holders = 0

    def end(self) -> None:
        """Let the next thread in."""
        self.lock.release()
        with _table:
            self.holders -= 1
            if not self.holders:
                del _locks[self.key]


_table = allocate_lock()
_locks: dict[int, ThreadTurn] = {}


def take_thread_turn(subject: object) -> ThreadTurn:
    """Wait until no other thread fires on ``subject``; the caller must end the turn."""
    key = id(subject)
    with _table:
        turn = _locks.get(key)
        if turn is None:
            turn = _locks[key] = ThreadTurn(key)
        turn.holders += 1
    turn.lock.acquire()
    return turn
