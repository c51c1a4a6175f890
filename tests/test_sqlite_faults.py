"""``SQLiteWorkflow`` under fire: many processes at once, and workers that are killed in between.

``STATECRAFT_KILLS`` says how many workers are killed one after the other; a few if it is not set.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft import Event, NoTransitionAllowed, State
from statecraft.sqlite import SQLiteWorkflow, close_connections, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this operating system cannot fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
OBJECTS = 7
WORKERS = 4
KILLS = int(os.environ.get("STATECRAFT_KILLS", "5"))


class Files:
    """Where the parcels of the running test are stored."""

    path: ClassVar[Path] = Path(os.devnull)


class Parcel(SQLiteWorkflow, database=lambda: Files.path, busy_timeout=60, log=True):
    """A parcel that travels in a ring; two of its events write a row."""

    packed = State()
    sent = State()
    lost = State()
    delivered = State()

    lose = Event(sent.to(lost))
    find = Event(lost.to(sent))
    weigh = Event((packed | sent).internal())

    def __init__(self, number: int) -> None:
        self.id = number
        self.answer = "repeated"

    def after_commit(self) -> None:
        """Know that it was this call that moved it."""
        self.answer = "moved"

    @Event(packed.to(sent))
    def send(self) -> None:
        """Write a row."""
        self._write()

    @Event(sent.to(delivered), delivered.to(packed), lock=False)
    def hand_over(self) -> None:
        """Write a row, after having let others run."""
        self._write()

    def _write(self) -> None:
        with transaction(self) as connection:
            connection.execute("INSERT INTO effects VALUES (?)", (self.id,))


@pytest.fixture(autouse=True, params=["delete", "wal"])
def path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """Give each test a file of its own, with a table of effects, in both journal modes."""
    monkeypatch.setattr(Files, "path", tmp_path / "parcels.db")
    with transaction(Files.path) as connection:
        connection.execute("CREATE TABLE effects (number)")
    connection.execute(f"PRAGMA journal_mode = {request.param}")
    close_connections()
    yield Files.path
    close_connections()


def fire_at_random(seed: int, events: int, told: Connection) -> None:
    """Fire events of random objects, some with a key; tell how each of them ended."""
    chance = random.Random(seed)  # noqa: S311 - nothing is kept secret
    names = list(Parcel.workflow_spec.events)
    for _ in range(events):
        parcel = Parcel(chance.randrange(OBJECTS))
        key = f"key {chance.randrange(50)}" if chance.random() < 0.3 else None
        name = "send" if key else chance.choice(names)
        try:
            parcel.fire(name, once=key)
        except NoTransitionAllowed:
            told.send_bytes(b"refused")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to know
            told.send_bytes(type(error).__name__.encode())
        else:
            told.send_bytes(parcel.answer.encode())
    told.close()


def start(seed: int, events: int) -> tuple[Any, Connection]:
    """Start a worker; return it, and what it tells."""
    context: Any = multiprocessing.get_context("fork")
    heard, told = context.Pipe(duplex=False)
    worker = context.Process(target=fire_at_random, args=(seed, events, told), daemon=True)
    worker.start()
    told.close()
    return worker, heard


def answers(heard: Connection) -> list[str]:
    """Return all that a worker tells until it ends."""
    found: list[str] = []
    while True:
        try:
            found.append(heard.recv_bytes().decode())
        except EOFError:
            return found


def replay(number: int) -> int:
    """Require that the log of an object is a legal walk; return how many transitions it has."""
    parcel = Parcel(number)
    legal = {
        (one.event, one.source.name, one.target.name) for one in Parcel.workflow_spec.transitions
    }
    log = parcel.transition_log()
    assert [record.sequence for record in log] == list(range(1, len(log) + 1))
    state = "packed"
    for record in log[1:]:
        assert record.source == state
        assert (record.event, record.source, record.target) in legal
        state = record.target
    assert parcel.current_state == state
    written = sum(record.event in {"send", "hand_over"} for record in log)
    with transaction(Files.path) as connection:
        effects = connection.execute("SELECT count(*) FROM effects WHERE number = ?", (number,))
        assert effects.fetchone() == (written,)
    keys = [record.once for record in log if record.once is not None]
    assert len(keys) == len(set(keys))
    return max(len(log) - 1, 0)


def test_many_processes_walk_legally() -> None:
    """Successes equal records, and no row is there without its transition, nor the other way."""
    workers = [start(seed, 60) for seed in range(WORKERS)]
    told = [answer for _, heard in workers for answer in answers(heard)]
    for worker, _ in workers:
        worker.join()
        assert worker.exitcode == 0
    assert len(told) == WORKERS * 60
    assert set(told) <= {"moved", "refused", "repeated", "StaleState"}
    moved = sum(replay(number) for number in range(OBJECTS))
    assert moved == told.count("moved") > 0


def test_killed_workers_leave_nothing_half_done() -> None:
    """Whenever it hits them: what they told is stored, and each log is a legal walk."""
    chance = random.Random(4711)  # noqa: S311 - as above
    workers = [start(seed, 10_000) for seed in range(WORKERS)]
    told: list[str] = []
    for kill in range(KILLS):
        worker, heard = workers.pop(0)
        told += [heard.recv_bytes().decode() for _ in range(chance.randrange(1, 8))]
        os.kill(worker.pid, signal.SIGKILL)
        told += answers(heard)
        worker.join()
        workers.append(start(WORKERS + kill, 10_000))
    for worker, heard in workers:
        os.kill(worker.pid, signal.SIGKILL)
        told += answers(heard)
        worker.join()
    assert set(told) <= {"moved", "refused", "repeated", "StaleState"}
    moved = sum(replay(number) for number in range(OBJECTS))
    lost_answers = KILLS + WORKERS  # each of them may have died before it could tell
    assert told.count("moved") <= moved <= told.count("moved") + lost_answers
