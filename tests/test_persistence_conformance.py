"""The public conformance suite: stores that keep their promises pass it, broken ones do not."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import threading
from contextlib import closing
from enum import Enum, IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft import AsyncWorkflow, Change, StaleState, Workflow
from statecraft.sqlite import SQLiteWorkflow, close_connections
from statecraft.testing import persistence
from statecraft.testing.driving import run_plainly
from statecraft.testing.persistence import KINDS, Kind, PersistenceSuite
from statecraft.testing.races import Writers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from statecraft.workflow import AnyWorkflow


class DictionaryWorkflow(Workflow):
    """A store that every process has for itself, in ten lines."""

    rows: ClassVar[dict[int, Any]] = {}
    lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, number: int) -> None:
        self.number = number

    def load_state(self) -> Any:
        return self.rows.get(self.number)

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        with self.lock:
            found = self.rows.get(self.number)
            if found not in expected:
                raise StaleState(self, expected=expected, found=found)
            self.rows[self.number] = value


class TestDictionary(PersistenceSuite):
    """A dictionary is a store for threads."""

    base = DictionaryWorkflow
    writers = ("threads",)


class TestAttribute(PersistenceSuite):
    """The default, which keeps the state in an attribute, is a store for one writer."""

    base: ClassVar[type[AnyWorkflow]] = Workflow
    values = ("text", "", 0, 1.5, True, (1, "two"), frozenset({3}))
    objects: ClassVar[dict[tuple[type[Any], int], Any]] = {}

    def open(self, workflow: type[Any], key: int) -> Any:
        return self.objects.setdefault((workflow, key), workflow())


class TestAsyncAttribute(TestAttribute):
    """So it is with events that are awaited."""

    base = AsyncWorkflow


class Colour(Enum):
    """Members that are no texts, but stand for some."""

    RED = "red"


class Size(IntEnum):
    """Members that are numbers."""

    SMALL = 7


class StoredWorkflow(SQLiteWorkflow, database=os.devnull):
    """A class whose file each test replaces by one of its own."""

    def __init__(self, number: int) -> None:
        self.id = number


class TestSQLite(PersistenceSuite):
    """An SQLite file is a store for any number of threads and processes."""

    base = StoredWorkflow
    values = (
        *("text", "", "Text", "text ", "\0 ☃ ' \"", "1", "1.0", "l" * 10_000),
        *(0, True, 2**63 - 1, -(2**63), 1.5, float("-inf"), Colour.RED, Size.SMALL),
    )
    writers = ("threads", "processes")

    @pytest.fixture(autouse=True)
    def database(self, tmp_path: Path) -> Iterator[Path]:
        """Use a file of its own for each test."""
        path = tmp_path / "states.db"
        self.options = {"database": path}
        yield path
        close_connections()


class TestWriteAheadLog(TestSQLite):
    """It is one with a write-ahead log, too."""

    @pytest.fixture(autouse=True)
    def journal(self, database: Path) -> None:
        """Set the journal mode, which the file keeps."""
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")


class AsyncDictionaryWorkflow(AsyncWorkflow):
    """A store that has to be waited for."""

    rows: ClassVar[dict[int, Any]] = {}
    lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, number: int) -> None:
        self.number = number

    async def load_state(self) -> Any:
        await asyncio.sleep(0)
        return self.rows.get(self.number)

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        await asyncio.sleep(0)
        with self.lock:
            found = self.rows.get(self.number)
            if found not in expected:
                raise StaleState(self, expected=expected, found=found)
            self.rows[self.number] = value


class TestAsyncDictionary(PersistenceSuite):
    """A store can be async, and so can be the way to its objects."""

    base = AsyncDictionaryWorkflow
    writers = ("tasks", "threads")

    async def open(self, workflow: type[Any], key: int) -> Any:
        await asyncio.sleep(0)
        return workflow(key)


# -- stores that are broken, each in one way -----------------------------------------------------


class NeverCompares(DictionaryWorkflow):
    """It stores whatever it is given."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        self.rows[self.number] = value


class LosesWrites(DictionaryWorkflow):
    """It compares, and stores nothing."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = self.load_state()
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)


class ComparesFirst(DictionaryWorkflow):
    """It compares and stores, and lets all other threads compare between the two."""

    everybody: ClassVar[threading.Barrier] = threading.Barrier(PersistenceSuite.writer_count)

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = self.load_state()
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)
        if threading.current_thread() is not threading.main_thread():
            self.everybody.wait(60)
        self.rows[self.number] = value


class ComparesAndWaits(AsyncDictionaryWorkflow):
    """It compares, waits, and stores."""

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = await self.load_state()
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)
        await asyncio.sleep(0)
        self.rows[self.number] = value


class ForgivesUnknownValues(DictionaryWorkflow):
    """It takes what it does not know for the initial state."""

    def load_state(self) -> Any:
        found = super().load_state()
        return found if found in self.workflow_spec.by_value else None


class ForgetsFalseValues(DictionaryWorkflow):
    """It takes an empty text for nothing."""

    def load_state(self) -> Any:
        return super().load_state() or None


class HasOneRow(DictionaryWorkflow):
    """It keeps all objects under the same key."""

    def __init__(self, number: int) -> None:
        super().__init__(0 * number)


class ExpectsTheFirstOnly(DictionaryWorkflow):
    """It looks at the first of several expected values."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        nothing = (None,) if None in expected else ()
        super().persist_state(value, expected=(expected[0], *nothing))


class ExpectsNothingToo(DictionaryWorkflow):
    """It stores where nothing is stored, expected or not."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        super().persist_state(value, expected=(*expected, None))


class ComparesLikeMariaDB(DictionaryWorkflow):
    """It takes no notice of capitals and trailing blanks."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = self.load_state()
        alike = any(str(one).strip().lower() == str(found).strip().lower() for one in expected)
        super().persist_state(value, expected=(found,) if alike else expected)


class MisstatesWhatItFound(DictionaryWorkflow):
    """Its errors say that nothing was there."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        try:
            super().persist_state(value, expected=expected)
        except StaleState as error:
            error.found = None
            raise


class MisstatesWhatItExpected(DictionaryWorkflow):
    """Its errors leave out what else would have been right."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        try:
            super().persist_state(value, expected=expected)
        except StaleState as error:
            error.expected = expected[:1]
            raise


class RefusesTooLate(DictionaryWorkflow):
    """It stores first, and refuses then."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        try:
            super().persist_state(value, expected=expected)
        except StaleState:
            self.rows[self.number] = value
            raise


class RefusesInACrowd(DictionaryWorkflow):
    """It takes fright when there are other threads."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise StaleState(self, expected=expected, found=None)
        super().persist_state(value, expected=expected)


class ChangesWithoutComparing(DictionaryWorkflow):
    """It compares, but not where it keeps a record as well."""

    def persist_change(self, change: Change) -> None:
        self.rows[self.number] = change.value


class ChangesNothing(DictionaryWorkflow):
    """It keeps a record, and nothing else."""

    def persist_change(self, change: Change) -> None:
        """Forget the value."""


class MangledUnknownValues(DictionaryWorkflow):
    """It hides a part of what it does not know."""

    def load_state(self) -> Any:
        found = super().load_state()
        return found if found in self.workflow_spec.by_value else f"{found}"[:4]


class KeepsItToItself(DictionaryWorkflow):
    """Each of its objects has a store of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        vars(self)["rows"] = {}


class KeepsACopy(DictionaryWorkflow):
    """It reads until there is something, and then believes its own copy."""

    copy: Any = None

    def load_state(self) -> Any:
        if self.copy is None:
            self.copy = super().load_state()
        return self.copy


class WritesWhenItReads(DictionaryWorkflow):
    """It stores the initial state as soon as it is asked for the state."""

    def load_state(self) -> Any:
        found = super().load_state()
        self.rows.setdefault(self.number, self.workflow_spec.initial.value)
        return found


BROKEN: dict[Any, set[str]] = {
    NeverCompares: {"test_a_stale_writer_is_refused", "test_an_object_that_is_overtaken_is_stale"},
    LosesWrites: {"test_a_transition_is_stored_for_everybody"},
    ComparesFirst: {
        "test_one_of_several_writers_wins[threads]",
        "test_no_transition_is_lost_or_doubled[threads]",
    },
    ComparesAndWaits: {
        "test_one_of_several_writers_wins[tasks]",
        "test_no_transition_is_lost_or_doubled[tasks]",
    },
    ForgivesUnknownValues: {"test_an_unknown_value_is_never_a_state"},
    ForgetsFalseValues: {"test_every_value_is_stored_and_compared", "test_place_takes_values_too"},
    HasOneRow: {"test_objects_have_a_state_each"},
    ExpectsTheFirstOnly: {"test_any_of_several_values_may_be_expected"},
    ExpectsNothingToo: {"test_nothing_stored_is_compared_as_well"},
    ComparesLikeMariaDB: {"test_every_value_is_stored_and_compared"},
    MisstatesWhatItFound: {
        "test_a_stale_writer_is_refused",
        "test_an_object_that_is_overtaken_is_stale",
        "test_persist_change_compares_and_stores",
    },
    MisstatesWhatItExpected: {"test_a_stale_writer_is_refused"},
    RefusesTooLate: {
        "test_a_stale_writer_is_refused",
        "test_an_object_that_is_overtaken_is_stale",
        "test_any_of_several_values_may_be_expected",
        "test_nothing_stored_is_compared_as_well",
    },
    RefusesInACrowd: {
        "test_one_of_several_writers_wins[threads]",
        "test_no_transition_is_lost_or_doubled[threads]",
    },
    ChangesWithoutComparing: {
        "test_an_object_that_is_overtaken_is_stale",
        "test_persist_change_compares_and_stores",
    },
    ChangesNothing: {
        "test_an_event_after_storing_nests",
        "test_persist_change_compares_and_stores",
    },
    MangledUnknownValues: {"test_an_unknown_value_is_never_a_state"},
    KeepsItToItself: {"test_a_transition_is_stored_for_everybody"},
    KeepsACopy: {"test_a_transition_is_stored_for_everybody"},
    WritesWhenItReads: {
        "test_a_refused_event_stores_nothing",
        "test_an_internal_transition_stores_nothing",
    },
}


def outcomes(suite: type[PersistenceSuite]) -> dict[str, bool | None]:
    """Return for each test of a suite whether it passes; ``None`` if it is skipped."""
    found: dict[str, bool | None] = {}
    for name in (name for name in dir(suite) if name.startswith("test_")):
        is_race = hasattr(getattr(suite, name), "pytestmark")
        for kind in KINDS if is_race else ("",):
            test = f"{name}[{kind}]" if kind else name
            try:
                getattr(suite(), name)(*filter(None, [kind]))
                found[test] = True
            except pytest.skip.Exception:
                found[test] = None
            except (Exception, pytest.fail.Exception):  # noqa: BLE001 - all of them are failures
                found[test] = False
    return found


@cache
def failures(store: Any) -> set[str]:
    """Return the names of the tests that a store fails."""

    class Suite(PersistenceSuite):
        base = store
        writers = ("tasks",) if issubclass(store, AsyncWorkflow) else ("threads",)
        rounds = 6

    return {test for test, passed in outcomes(Suite).items() if passed is False}


@pytest.mark.parametrize("store", BROKEN, ids=lambda store: str(store.__name__))
def test_a_broken_store_fails(store: Any) -> None:
    """A store that is broken in one way fails the tests that are there for it."""
    assert failures(store) >= BROKEN[store]


def test_every_test_fails_for_some_broken_store() -> None:
    """No test of the suite passes whatever a store does."""
    failed = set[str]().union(*map(failures, BROKEN))
    assert {test for test in outcomes(TestDictionary) if "[processes]" not in test} == failed


def test_a_sound_store_fails_nowhere() -> None:
    """A sound store passes all tests, less those of writers that it does not claim."""
    found = outcomes(TestDictionary)
    assert set(found.values()) == {True, None}
    assert {test.partition("[")[2] for test in found if found[test] is None} == {
        "tasks]",
        "processes]",
    }


# -- what the suite itself is made of ------------------------------------------------------------


def test_processes_are_skipped_where_nothing_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an operating system without fork, what is said about processes is not tried."""

    class Suite(PersistenceSuite):
        base = DictionaryWorkflow
        writers = ("processes",)

    monkeypatch.setattr(persistence, "get_all_start_methods", lambda: ["spawn"])
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
