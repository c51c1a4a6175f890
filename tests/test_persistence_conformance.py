"""The public conformance suite: our own stores pass it, and what it is made of works."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import threading
from contextlib import closing
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft import AsyncWorkflow, Workflow
from statecraft.sqlite import close_connections
from statecraft.testing import suite
from statecraft.testing.driving import run_plainly
from statecraft.testing.persistence import KINDS, Kind, PersistenceSuite
from statecraft.testing.races import Writers
from tests.async_vault import Vault, VaultWorkflow
from tests.sound_stores import AsyncDictionaryWorkflow, DictionaryWorkflow, SQLiteSuite

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from statecraft.workflow import AnyWorkflow


class TestDictionary(PersistenceSuite):
    """A dictionary is a store for threads."""

    base = DictionaryWorkflow
    writers = ("threads",)


class TestAttribute(PersistenceSuite):
    """The default, which keeps the state in an attribute, is a store for one writer."""

    base: ClassVar[type[AnyWorkflow]] = Workflow
    values = ("text", "", 0, 1.5, True, (1, "two"), frozenset({3}))
    attributes: ClassVar[dict[int, dict[str, Any]]] = {}

    def open(self, workflow: type[Any], key: int) -> Any:
        subject = workflow()
        subject.__dict__ = self.attributes.setdefault(key, {})
        return subject


class TestAsyncAttribute(TestAttribute):
    """So it is with events that are awaited."""

    base = AsyncWorkflow


class Colour(Enum):
    """Members that are no texts, but stand for some."""

    RED = "red"


class Size(IntEnum):
    """Members that are numbers."""

    SMALL = 7


class TestSQLite(SQLiteSuite):
    """An SQLite file is a store for any number of threads and processes."""

    values = (
        *("text", "", "Text", "text ", "\0 ☃ ' \"", "1", "1.0", "l" * 10_000),
        *(0, True, 2**63 - 1, -(2**63), 1.5, float("-inf"), Colour.RED, Size.SMALL),
    )
    writers = ("threads", "processes")

    @pytest.fixture(autouse=True)
    def database(self, tmp_path: Path) -> Iterator[Path]:
        """Use a file of its own for each test."""
        self.use(tmp_path / "states.db")
        yield self.path
        close_connections()


class TestWriteAheadLog(TestSQLite):
    """It is one with a write-ahead log, too."""

    @pytest.fixture(autouse=True)
    def journal(self, database: Path) -> None:
        """Set the journal mode, which the file keeps."""
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")


class TestAsyncDictionary(PersistenceSuite):
    """A store can be async, and so can be the way to its objects."""

    base = AsyncDictionaryWorkflow
    writers = ("tasks", "threads")

    async def open(self, workflow: type[Any], key: int) -> Any:
        await asyncio.sleep(0)
        return workflow(key)


class TestAsyncVault(PersistenceSuite):
    """An async store can have all that a store can have."""

    base = VaultWorkflow
    writers = ("tasks",)
    has_units = has_locks = has_log = has_remembered = True
    has_optimistic_units = False
    vault: Vault

    @pytest.fixture(autouse=True)
    def fresh(self) -> None:
        """Use a vault of its own for each test."""
        self.vault = Vault()
        self.options = {"vault": self.vault}

    async def commit(self, subject: Any) -> None:
        """Have nothing to do, and wait for it."""

    def transaction(self, subject: Any) -> Any:
        return subject.vault.unit()

    async def add_row(self, subject: Any, text: str) -> None:
        async with subject.vault.unit():
            subject.vault.tables.rows.append(text)

    async def count_rows(self, text: str) -> int:
        return self.vault.tables.rows.count(text)


# -- what the suite itself is made of ------------------------------------------------------------


def test_processes_are_skipped_where_nothing_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an operating system without fork, what is said about processes is not tried."""

    class Suite(PersistenceSuite):
        base = DictionaryWorkflow
        writers = ("processes",)

    monkeypatch.setattr(suite, "get_all_start_methods", lambda: ["spawn"])
    with pytest.raises(pytest.skip.Exception, match="cannot fork"):
        Suite().test_one_of_several_writers_wins("processes")


def test_a_dictionary_is_no_store_for_processes() -> None:
    """The suite finds out that a store's processes do not see one another."""

    class Suite(PersistenceSuite):
        base = DictionaryWorkflow
        writers = ("processes",)
        rounds = 2

    with pytest.raises(AssertionError, match="4 writers won"):
        Suite().test_one_of_several_writers_wins("processes")


def test_a_sync_store_must_not_wait() -> None:
    """A store that has to wait, though its workflow is not async, is told what to inherit from."""
    with pytest.raises(AssertionError, match="AsyncWorkflow"):
        run_plainly(asyncio.sleep(0))


async def fail_alone(number: int, meet: Callable[[], Awaitable[object]]) -> int:
    """Be a writer of whom one fails, and the others wait for it."""
    if number == 1:
        message = "the disk is gone"
        raise OSError(message)
    await meet()
    return number


@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_writer_is_reported(kind: Kind) -> None:
    """What one writer raises ends the others and fails the test, with its text."""
    run = asyncio.run if kind == "tasks" else run_plainly
    writers = Writers(fail_alone, count=2, run=run, enter_process=lambda: None)
    with pytest.raises((OSError, AssertionError), match="the disk is gone"):
        writers.answers(kind)


def test_a_killed_writer_is_reported() -> None:
    """A process that ends without an answer fails the test."""

    async def die(number: int, _: Callable[[], Awaitable[object]]) -> int:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    writers = Writers(die, count=2, run=run_plainly, enter_process=lambda: None)
    with pytest.raises(AssertionError, match="2 writers began, and 1 came to an end"):
        writers.answers("processes")


def test_threads_of_others_do_not_hinder_processes() -> None:
    """A program with other threads can fork its writers, without a warning."""
    finished = threading.Event()
    thread = threading.Thread(target=finished.wait)
    thread.start()
    try:
        writers = Writers(number_of, count=2, run=run_plainly, enter_process=lambda: None)
        assert writers.answers("processes") == [0, 1]
    finally:
        finished.set()
        thread.join()


async def number_of(number: int, _: Callable[[], Awaitable[object]]) -> int:
    """Be a writer who has nothing to do."""
    return number


def test_a_new_process_is_entered_first(tmp_path: Path) -> None:
    """The suite lets its author prepare each new process, and no thread."""
    entered = tmp_path / "entered"

    async def look(_: int, __: Callable[[], Awaitable[object]]) -> bool:
        return entered.exists()

    writers = Writers(look, count=1, run=run_plainly, enter_process=entered.touch)
    assert writers.answers("threads") == [False]
    assert writers.answers("processes") == [True]
