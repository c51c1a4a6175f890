"""Several processes at once: some are killed, the server is restarted or flushed meanwhile.

Each run prints what it did. ``STATECRAFT_RACES=long`` makes them long ones: see the nox session.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
import warnings
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from statecraft import Event, StaleState, State, WorkflowError
from statecraft.redis import RedisWorkflow
from tests.redis_store.servers import PREFIX, URL, OwnServer, Servers, client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")
LONG = os.environ.get("STATECRAFT_RACES") == "long"
numbers = count(1)


class Size(NamedTuple):
    """How large a run is."""

    workers: int
    objects: int
    events: int
    disturbances: int


SIZE = Size(8, 1000, 5000, 200) if LONG else Size(4, 5, 60, 6)
"""Events are counted for each worker."""


class Walk(RedisWorkflow, client=client, prefix=PREFIX, log=True):
    """States that one can go round in both ways, so that every event can be fired at any time."""

    north = State()
    east = State()
    south = State()
    west = State()

    right = Event(north.to(east), east.to(south), south.to(west), west.to(north))

    def __init__(self, number: int) -> None:
        self.id = number

    @Event(north.to(west), west.to(south), south.to(east), east.to(north))
    def left(self) -> str:
        """Go the other way, after thinking."""
        return "left"

    wait = Event((north | east | south | west).internal())


class Run:
    """Workers who each fire their own events, every one with a key, until it has happened."""

    def __init__(self, make_client: Callable[[], Any], size: Size = SIZE) -> None:
        self.make_client = make_client
        self.size = size
        self.objects = [next(numbers) for _ in range(size.objects)]
        self.context: Any = multiprocessing.get_context("fork")
        self.progress = [self.context.RawValue("i", 0) for _ in range(size.workers)]
        self.troubles = [self.context.RawValue("i", 0) for _ in range(size.workers)]
        self.processes = [self._started(number) for number in range(size.workers)]
        self.disturbed: Counter[str] = Counter()

    def _started(self, number: int) -> Any:
        process = self.context.Process(target=self._work, args=(number,), daemon=True)
        with warnings.catch_warnings():  # threads of other tests have nothing to do with this fork
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        return process

    def plan(self, worker: int) -> Iterator[tuple[str, int, str]]:
        """Return key, object and event of everything that a worker does."""
        choice = random.Random(worker)  # noqa: S311 - the same again after a restart
        for number in range(self.size.events):
            event = choice.choice(["right", "left", "wait"])
            yield f"{worker}/{number}", choice.choice(self.objects), event

    def _work(self, worker: int) -> None:
        Servers.client = self.make_client()
        for number, (key, subject, event) in enumerate(self.plan(worker)):
            while number >= self.progress[worker].value:
                try:
                    Walk(subject).fire(event, once=key)
                    self.progress[worker].value = number + 1
                except StaleState:
                    continue
                except WorkflowError:  # the server is down: fire it again, until it is known
                    self.troubles[worker].value += 1
                    time.sleep(0.001)

    def disturb(self, what: str, how: Callable[[], object]) -> None:
        """Do something to workers or server now and then, and wait until all have finished."""
        chance = random.Random(what)  # noqa: S311 - as above
        total = self.size.workers * self.size.events
        while any(process.is_alive() for process in self.processes):
            time.sleep(chance.uniform(0.002, 0.02))
            done = sum(one.value for one in self.progress)
            if done * self.size.disturbances > total * self.disturbed[what]:
                how()
                self.disturbed[what] += 1
        assert [one.value for one in self.progress] == [self.size.events] * self.size.workers

    def kill_one(self) -> None:
        """Kill a worker with SIGKILL, and start it again where it was."""
        number = random.randrange(self.size.workers)  # noqa: S311 - any of them
        process = self.processes[number]
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            self.processes[number] = self._started(number)

    def found(self) -> Counter[str]:
        """Return how often each key is in a log; every log is a legal walk to the state."""
        keys: Counter[str] = Counter()
        for number in self.objects:
            walk = Walk(number)
            log = walk.transition_log()
            assert [record.sequence for record in log] == list(range(1, len(log) + 1))
            place = "north"
            for record in log:
                if record.event is None:
                    assert (record.sequence, record.target) == (1, place)
                    continue
                (step,) = walk.workflow_spec.states[place].events[record.event]
                assert (record.source, record.target) == (place, step.target.name)
                place = record.target
                keys.update([record.once or "?"])
            assert walk.current_state == place
        return keys

    def expected(self) -> Counter[str]:
        """Return each key once."""
        workers = range(self.size.workers)
        return Counter(key for worker in workers for key, _, _ in self.plan(worker))

    def report(self, keys: Counter[str]) -> None:
        """Say what happened, for those who look."""
        troubles = sum(one.value for one in self.troubles)
        print(  # noqa: T201 - the report of the run
            f"\n{self.size}: {dict(self.disturbed)}; {troubles} events without an answer;"
            f" {keys.total()} transitions in the logs, {len(keys)} keys"
        )


def shared_client() -> Any:
    """Return a client of the server that is there."""
    return redis.Redis.from_url(URL)


def test_every_event_happens_once(server: Any) -> None:
    """Of many writers on few objects, nothing is lost, doubled or illegal."""
    run = Run(shared_client)
    run.disturb("look", lambda: None)
    keys = run.found()
    run.report(keys)
    assert keys == run.expected()


def test_killed_workers_lose_and_double_nothing(server: Any) -> None:
    """Who is killed at any moment can fire again with the same key."""
    run = Run(shared_client)
    run.disturb("kill -9", run.kill_one)
    keys = run.found()
    run.report(keys)
    assert keys == run.expected()


def impatient(own_server: OwnServer) -> Any:
    """Return a client that asks once."""
    return own_server.client(retry=Retry(NoBackoff(), 0))


def test_a_restarted_server_loses_and_doubles_nothing(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in mid-run and started again, with everything on its disk."""
    run = Run(lambda: impatient(own_server))

    def restart() -> None:
        own_server.kill()
        own_server.start()

    run.disturb("restart", restart)
    with impatient(own_server) as own:
        monkeypatch.setattr(Servers, "client", own)
        keys = run.found()
    run.report(keys)
    assert keys == run.expected()


def test_a_flushed_server_begins_anew(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stored is gone, and keys with it; what is stored from then on is whole again."""
    run = Run(lambda: impatient(own_server))
    with impatient(own_server) as own:
        run.disturb("flush", own.flushall)
        monkeypatch.setattr(Servers, "client", own)
        keys = run.found()
    run.report(keys)
    assert set(keys) <= set(run.expected())
    assert set(keys.values()) <= {1}
