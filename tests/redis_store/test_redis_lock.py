"""``lock=True``: the client's own lock around an event, which ends by itself and so is advisory."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import redis.asyncio

from statecraft import Event, NoTransitionAllowed, State, WorkflowError
from statecraft.redis import AsyncRedisWorkflow, RedisWorkflow
from tests.redis_store.servers import PREFIX, URL, Servers, client

if TYPE_CHECKING:
    from collections.abc import Generator

numbers = count(1)


class Seat(RedisWorkflow, client=client, prefix=PREFIX, lock=True, log=True, lock_wait=0.05):
    """A seat that one of many takes."""

    free = State()
    taken = State()

    give_back = Event(taken.to(free))
    taken_by: Any = None
    meanwhile: Any = staticmethod(lambda: None)

    def __init__(self, number: int | None = None) -> None:
        self.id = next(numbers) if number is None else number

    @Event(free.to(taken))
    def take(self) -> None:
        """Let something else happen while the lock is held."""
        self.meanwhile()

    @Event(free.to(taken), lock=False)
    def grab(self) -> None:
        """Take it without a lock."""
        self.meanwhile()


class Loose(Seat, lock=False):
    """A seat for which only one event asks for the lock."""

    @Event(Seat.free.to(Seat.taken), lock=True)
    def reserve(self) -> None:
        """Hold the lock."""
        self.meanwhile()


def lock_of(seat: Any) -> str:
    """Return the key of the lock."""
    key: str = seat._in_redis().keys.lock
    return key


@contextmanager
def held(server: Any, seat: Any) -> Generator[None]:
    """Hold the lock, as another program would."""
    lock = server.lock(lock_of(seat), timeout=60)
    assert lock.acquire()
    yield
    lock.release()


def test_an_event_with_code_holds_the_lock(server: Any) -> None:
    """From the beginning to the end, and no longer; it would end by itself."""
    seat = Seat()
    lasts: list[int] = []
    seat.meanwhile = lambda: lasts.append(server.pttl(lock_of(seat)))
    seat.take()
    assert 9_000 < lasts[0] <= 10_000
    assert not server.exists(lock_of(seat))


def test_only_one_handler_runs(server: Any) -> None:
    """The others wait, and are refused before their handlers."""

    class Patient(Seat, lock_wait=60):
        """A seat for which everybody waits."""

    ran: list[int] = []
    number = next(numbers)
    barrier = threading.Barrier(4)
    outcomes: list[str] = []

    def take() -> None:
        seat = Patient(number)
        seat.meanwhile = lambda: ran.append(1)
        barrier.wait()
        try:
            seat.take()
            outcomes.append("taken")
        except NoTransitionAllowed:
            outcomes.append("refused")

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "taken"]
    assert ran == [1]


def test_who_waits_for_too_long_is_told_so(server: Any) -> None:
    """Nothing has run then, and nothing has moved."""
    seat = Seat()
    ran: list[int] = []
    seat.meanwhile = lambda: ran.append(1)
    with held(server, seat):
        for fire in (seat.take, lambda: seat.fire("take", once="k")):
            with pytest.raises(WorkflowError, match=r"longer than 0.05 s\. .*lock_wait=0\.1"):
                fire()
    assert ran == []
    assert seat.current_state == "free"
    assert seat.take() is True


def test_an_event_without_code_needs_no_lock(server: Any) -> None:
    """It is one call, which nothing can come between; nor does an event that says so."""
    seat = Seat()
    with held(server, seat):
        seat.grab()
        assert seat.give_back() is True
        assert seat.fire("grab", once="k") is True
    assert [record.event for record in seat.transition_log()] == [None, "grab", "give_back", "grab"]


def test_one_event_can_ask_for_the_lock(server: Any) -> None:
    """Where the class does not."""
    loose = Loose()
    with held(server, loose):
        with pytest.raises(WorkflowError, match="got no lock"):
            loose.reserve()
        assert loose.take() is True


def test_hooks_after_storing_need_no_lock(server: Any) -> None:
    """What is stored is stored: who comes next may begin."""

    class Loud(Seat):
        def on_free_entry(self) -> None:
            self.taken_by = server.exists(lock_of(self))

    loud = Loud()
    loud.take()
    loud.give_back()
    assert loud.taken_by == 0


def test_an_event_inside_of_another_is_inside_of_its_lock(server: Any) -> None:
    """Of the same object, however it is reached; another object has a lock of its own."""
    seat, other = Seat(), Seat()

    def take_others() -> None:
        assert server.exists(lock_of(seat))
        other.take()
        Seat(seat.id).fire("take", once="inner")
        assert server.exists(lock_of(seat))
        assert not server.exists(lock_of(other))

    seat.meanwhile = take_others
    with pytest.raises(WorkflowError, match="no longer 'free'"):
        seat.take()
    assert not server.exists(lock_of(seat))
    assert [record.once for record in seat.transition_log()] == [None, "inner"]


def test_an_exception_lets_the_others_in(server: Any) -> None:
    """Whatever happens, the lock is released."""
    seat = Seat()

    def fail() -> None:
        raise ValueError("no seat")

    seat.meanwhile = fail
    with pytest.raises(ValueError, match=r"^no\b"):
        seat.take()
    assert not server.exists(lock_of(seat))
    assert seat.current_state == "free"


def test_a_lock_that_ran_out_is_only_reported(
    server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The comparison still sees to it that one of two wins: the event is what it was."""
    seat = Seat()
    seat.meanwhile = lambda: server.delete(lock_of(seat))
    with caplog.at_level(logging.WARNING, "statecraft"):
        assert seat.take() is True
    assert "could not be released after 'take'" in caplog.text
    assert "ends by itself after 10 s" in caplog.text
    assert seat.current_state == "taken"


def test_a_server_that_gives_no_lock_moves_nothing(server: Any) -> None:
    """The error of the client is the cause."""
    seat = Seat()
    server.hset(lock_of(seat), "not", "a lock")
    server.expire(lock_of(seat), 60)
    with pytest.raises(WorkflowError, match="got no lock"):
        seat.take()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "lock", failing)
        with pytest.raises(WorkflowError, match="so nothing was stored: gone") as caught:
            seat.take()
    assert isinstance(caught.value.__cause__, redis.ConnectionError)
    assert seat.current_state == "free"


def failing(*_: Any, **__: Any) -> None:
    """Be a server that has gone."""
    message = "gone"
    raise redis.ConnectionError(message)


class AsyncSeat(AsyncRedisWorkflow, client=client, prefix=PREFIX, lock=True, lock_wait=60):
    """The same, awaited."""

    free = State()
    taken = State()
    ran = 0

    def __init__(self, number: int) -> None:
        self.id = number
        self.over = asyncio.Event()
        self.tasks: list[asyncio.Future[bool]] = []

    @Event(free.to(taken))
    async def take(self) -> None:
        """Give the others time."""
        AsyncSeat.ran += 1
        await asyncio.sleep(0.01)

    give_back = Event(taken.to(free))

    async def after_transition(self) -> None:
        """Begin what goes on when the event is over."""
        if not self.tasks:
            self.tasks.append(asyncio.ensure_future(self._take_again()))

    async def _take_again(self) -> bool:
        await self.over.wait()
        await self.give_back()
        return await self.take()


def test_tasks_wait_for_one_another(monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    """One handler runs; a task that outlives the event has to take the lock itself."""

    async def scenario() -> None:
        number = next(numbers)
        async with redis.asyncio.Redis.from_url(URL) as waiting:
            monkeypatch.setattr(Servers, "client", waiting)
            seats = [AsyncSeat(number) for _ in range(4)]
            outcomes = await asyncio.gather(*(one.take() for one in seats), return_exceptions=True)
            assert outcomes.count(True) == AsyncSeat.ran == 1
            assert all(isinstance(one, NoTransitionAllowed) for one in outcomes if one is not True)
            (winner,) = [one for one in seats if one.tasks]
            with held(server, winner):
                winner.over.set()
                await asyncio.wait(winner.tasks, timeout=0.1)
                assert not winner.tasks[0].done()
            assert await winner.tasks[0] is True

    asyncio.run(scenario())
