"""``SQLiteWorkflow``: transactions around events, and what happens when they cannot be ended."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft import Event, StaleState, State, TransitionHalted, WorkflowError
from statecraft.sqlite import SQLiteWorkflow, close_connections, connections, transaction
from statecraft.sqlite import schema as schema_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Files:
    """Where the seats of the running test are stored, and what happens to them."""

    path: ClassVar[Path] = Path(os.devnull)
    acting: ClassVar[Callable[..., Any]] = str
    commits: ClassVar[list[str]] = []


class Seat(SQLiteWorkflow, database=lambda: Files.path, busy_timeout=0):
    """A seat that is taken, with a guest in a table of its own, and left."""

    free = State()
    taken = State()
    broken = State()
    leave = Event(taken.to(free))
    smash = Event((free | taken).to(broken))

    def __init__(self, number: int | None = 1) -> None:
        self.id = number

    @Event(free.to(taken))
    def take(self, guest: str = "Homer") -> Any:
        """Give the seat to a guest."""
        with transaction(self) as connection:
            connection.execute("INSERT INTO guests VALUES (?)", (guest,))
        return Files.acting(self)

    def on_broken_entry(self) -> None:
        """Do nothing: there is code that runs after storing, and none before."""

    def after_commit(self, transition: Any) -> None:
        """Note it."""
        Files.commits.append(f"{transition.event} {self.id}")


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a file of its own, with a table of guests."""
    monkeypatch.setattr(Files, "path", tmp_path / "seats.db")
    monkeypatch.setattr(Files, "acting", lambda _: None)
    monkeypatch.setattr(Files, "commits", [])
    with transaction(Files.path) as connection:
        connection.execute("CREATE TABLE guests (name)")
    yield Files.path
    close_connections()


def query(path: Path, statement: str, *parameters: Any) -> list[Any]:
    """Ask the file itself for the first column."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        return [row[0] for row in connection.execute(statement, parameters).fetchall()]


def guests(path: Path) -> list[Any]:
    """Return who has a seat, as everybody sees it."""
    return query(path, "SELECT name FROM guests ORDER BY rowid")


def is_locked(path: Path) -> bool:
    """Whether another program could write now."""
    try:
        query(path, "BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    return False


def expect_untouched(path: Path) -> None:
    """Require that nothing has happened, and that the seat can be taken all the same."""
    assert Seat().current_state == "free"
    assert guests(path) == []
    assert Files.commits == []
    Files.acting = lambda _: None
    assert Seat().take() is True
    assert (guests(path), Files.commits) == (["Homer"], ["take 1"])


# -- locks ---------------------------------------------------------------------------------------


def test_a_handler_runs_with_the_lock(path: Path) -> None:
    """From before the state is loaded to the end of the event: nobody else can write meanwhile."""
    Files.acting = lambda _: is_locked(path)
    assert Seat().take() is True
    assert not is_locked(path)


def test_without_a_lock_others_write_until_something_is_written(path: Path) -> None:
    """With lock=False on the class, a handler can take its time; what it writes takes the lock."""
    seen: list[bool] = []

    class Slow(Seat, lock=False):
        def before_transition(self) -> None:
            seen.append(is_locked(path))

    Files.acting = lambda _: seen.append(is_locked(path))
    assert Slow().take() is True
    assert seen == [False, True]
    assert guests(path) == ["Homer"]


def test_a_unit_in_which_nothing_is_written_never_locks(path: Path) -> None:
    """An internal transition of a class without lock and log leaves the file alone."""
    seen: list[bool] = []

    class Slow(Seat, lock=False):
        @Event(Seat.free.internal())
        def look(self) -> None:
            seen.append(is_locked(path))

        def after_transition(self) -> None:
            seen.append(is_locked(path))

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        slow: Any = Slow()
        assert slow.look() is True
    assert seen == [True, True]
    assert Files.commits == ["look 1"]


def test_code_after_storing_needs_no_lock_before(path: Path) -> None:
    """The lock comes with the comparison; what follows belongs to the same transaction."""
    seen: list[bool] = []

    class Loud(Seat):
        def load_state(self) -> Any:
            seen.append(is_locked(path))
            return super().load_state()

        def on_broken_entry(self) -> None:
            seen.append(is_locked(path))

    assert Loud().smash() is True
    assert seen == [False, True]


def test_the_loser_waits_for_the_winner() -> None:
    """And is refused when it has, before its handler."""
    inside, over = threading.Event(), threading.Event()
    ran: list[str] = []

    class Patient(Seat, busy_timeout=60):
        pass

    def act(seat: Any) -> None:
        ran.append(seat.name)
        inside.set()
        over.wait(60)

    def fire(name: str) -> None:
        seat: Any = Patient()
        seat.name = name
        try:
            seat.take(name)
        except WorkflowError as error:
            ran.append(f"{name}: {type(error).__name__}")

    Files.acting = act
    winner = threading.Thread(target=fire, args=("winner",))
    loser = threading.Thread(target=fire, args=("loser",))
    winner.start()
    assert inside.wait(60)
    loser.start()
    over.set()
    winner.join()
    loser.join()
    assert ran == ["winner", "loser: NoTransitionAllowed"]
    assert guests(Files.path) == ["winner"]


def test_a_unit_that_cannot_begin_runs_no_code(path: Path) -> None:
    """Where others hold the lock for too long, the error comes before the handler."""
    Files.acting = lambda _: Files.commits.append("handled")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WorkflowError, match="locked it for longer than 0 s"):
            Seat().take()
    expect_untouched(path)


def test_an_object_without_id_makes_no_file(path: Path) -> None:
    """With code as without."""
    Files.path = path.with_name("other.db")
    with pytest.raises(WorkflowError, match="a Seat without an id"):
        Seat(None).take()
    assert not Files.path.exists()


# -- what is undone ------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, TransitionHalted, ValueError, SystemExit])
def test_whatever_leaves_a_handler_undoes_it(error: type[BaseException], path: Path) -> None:
    """Exceptions that are no errors as well."""

    def act(_: Any) -> None:
        raise error

    Files.acting = act
    with pytest.raises(error):
        Seat().take()
    expect_untouched(path)


def test_a_commit_that_fails_undoes_all(path: Path) -> None:
    """A reader that does not end keeps SQLite from committing: an error, and nothing is stored."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM guests").fetchall()
        with pytest.raises(WorkflowError, match="locked it for longer than 0 s"):
            Seat().take()
        assert Seat().current_state == "free"
    expect_untouched(path)


def limit(connection: sqlite3.Connection) -> Callable[[], object]:
    """Leave a file no room to grow; return what gives it room again."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    return lambda: connection.execute("PRAGMA max_page_count = 1000000").fetchall()


def test_a_full_disk_undoes_what_the_handler_stored(path: Path) -> None:
    """Whether the row has no room or the state: all of it is there, or nothing."""
    with transaction(path) as connection:
        pass
    make_room = limit(connection)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        Seat().take("Homer" * 10_000)
    assert (guests(path), Files.commits) == ([], [])
    with pytest.raises(WorkflowError, match="no room left on the disk"):
        Seat("long" * 10_000).take()  # type: ignore[arg-type] # a key that needs room
    make_room()
    expect_untouched(path)


def test_a_disk_that_is_full_of_log_stores_no_state(path: Path) -> None:
    """The state had room, and its record had not: neither is stored."""

    class Logged(Seat, log=True):
        smash = Event((Seat.free | Seat.taken).to(Seat.broken), note=("argument_1",))
        smash.declare(1)

    seat: Any = Logged()
    seat.take()
    with transaction(path) as connection:
        pass
    make_room = limit(connection)
    with pytest.raises(WorkflowError, match="no room left on the disk"):
        seat.smash("hard" * 10_000)
    assert seat.current_state == "taken"
    assert len(seat.transition_log()) == 2
    make_room()
    assert seat.smash("hard" * 10_000) is True
    assert len(seat.transition_log()) == 3


def test_an_inner_event_is_undone_alone(path: Path) -> None:
    """A handler may deal with the failure of an event that it fires, and go on."""

    def act(seat: Seat) -> None:
        if seat.id == 1:
            Files.acting = fail
            with pytest.raises(ValueError, match="no"):
                Seat(2).take("Bart")
            Files.acting = lambda _: None
            Seat(3).take("Lisa")

    def fail(_: Any) -> None:
        raise ValueError("no")

    Files.acting = act
    assert Seat(1).take() is True
    assert guests(path) == ["Homer", "Lisa"]
    assert [Seat(number).current_state.name for number in (1, 2, 3)] == ["taken", "free", "taken"]
    assert Files.commits == ["take 3", "take 1"]


def test_two_files_have_two_transactions(path: Path) -> None:
    """What an event stores in another file is stored when that event ends."""
    other = path.with_name("other.db")

    class Elsewhere(SQLiteWorkflow, database=other):
        id = 1
        here = State()
        there = State()

        @Event(here.to(there))
        def go(self) -> None: ...

    def act(_: Any) -> None:
        Elsewhere().go()
        raise ValueError("no")

    Files.acting = act
    with pytest.raises(ValueError, match="no"):
        Seat().take()
    assert Elsewhere().current_state == "there"
    expect_untouched(path)


def test_a_moved_file_undoes_the_unit(path: Path) -> None:
    """A file that vanishes while an event is under way is noticed before anything is stored."""
    Files.acting = lambda _: path.rename(path.with_name("moved.db"))
    with pytest.raises(WorkflowError, match="was moved or deleted while"):
        Seat().take()
    assert not path.exists()
    path.with_name("moved.db").rename(path)
    expect_untouched(path)


# -- transactions of one's own -------------------------------------------------------------------


def test_rows_and_events_in_one_transaction(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the path, by the class, by an object: it is one transaction, on one connection."""
    monkeypatch.chdir(path.parent)
    with transaction(path.name) as first, transaction(Seat) as second, transaction(Seat()) as third:
        assert first is second is third
        first.execute("INSERT INTO guests VALUES ('Marge')")
        assert Seat().take() is True
        assert Seat(2).take("Bart") is True
        assert Files.commits == []
        assert guests(path) == []
    assert guests(path) == ["Marge", "Homer", "Bart"]
    assert Files.commits == ["take 1", "take 2"]


def test_an_exception_undoes_a_transaction(path: Path) -> None:
    """Rows and events alike, and what was to come after the commit never comes."""

    def take_and_fail() -> None:
        with transaction(Seat):
            Seat().take()
            assert Seat().current_state == "taken"
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        take_and_fail()
    expect_untouched(path)


def test_a_transaction_needs_a_file() -> None:
    """As a workflow does."""
    with pytest.raises(WorkflowError, match="':memory:' is no file"):
        transaction(":memory:")


def test_classes_with_different_patience_share_a_transaction(path: Path) -> None:
    """They do not wait for one another: a thread has one connection to a file."""

    class Patient(Seat, busy_timeout=60):
        pass

    with transaction(Patient):
        assert Seat(1).take() is True
        assert Patient(2).take("Bart") is True
    assert guests(path) == ["Homer", "Bart"]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("commit", lambda connection: connection.commit()),
        ("rollback", lambda connection: connection.rollback()),
        ("close", lambda connection: connection.close()),
        ("executescript", lambda connection: connection.executescript("SELECT 1")),
        ("with connection", lambda connection: connection.__enter__()),
    ],
)
def test_a_transaction_is_ended_by_its_owner(
    name: str, end: Callable[[Any], Any], path: Path
) -> None:
    """What sqlite3 has for ending a transaction is refused, and the transaction goes on."""
    with transaction(Seat) as connection:
        connection.execute("INSERT INTO guests VALUES ('Marge')")
        with pytest.raises(WorkflowError, match=f"^{name} would end the transaction"):
            end(connection)
        assert guests(path) == []
    assert guests(path) == ["Marge"]


@pytest.mark.parametrize("statement", ["COMMIT", "ROLLBACK"])
def test_a_transaction_that_was_ended_by_hand_is_noticed(statement: str, path: Path) -> None:
    """In SQL it can be ended; then the event fails, and its state is not stored."""

    def act(seat: Seat) -> None:
        with transaction(seat) as connection:
            connection.execute(statement)

    Files.acting = act
    with pytest.raises(WorkflowError, match="is over before its time"):
        Seat().take()
    assert Seat().current_state == "free"
    assert Files.commits == []


def test_a_transaction_ended_at_its_very_end_is_noticed(path: Path) -> None:
    """What is left of it is undone, and the error says that it is over."""

    def take_and_end() -> None:
        with transaction(Seat) as connection:
            Seat().take()
            connection.execute("ROLLBACK")

    with pytest.raises(WorkflowError, match="is over before its time"):
        take_and_end()
    expect_untouched(path)


def test_a_row_factory_of_the_user_does_no_harm() -> None:
    """What the user reads has it; what the workflow reads has not."""
    with transaction(Seat) as connection:
        connection.row_factory = lambda cursor, row: {"row": row}
        assert connection.execute("SELECT 1").fetchone() == {"row": (1,)}
        assert Seat().take() is True
    assert Seat().current_state == "taken"


def test_connections_in_use_stay_open(path: Path) -> None:
    """Closing what is open spares what is in a transaction."""
    with transaction(Seat) as connection:
        Seat().take()
        close_connections()
        with transaction(Seat) as again:
            assert again is connection
    assert guests(path) == ["Homer"]


def test_a_unit_that_came_over_in_a_fork_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the process that began a transaction ends it."""
    with monkeypatch.context() as patch, transaction(Seat) as connection:
        connection.execute("INSERT INTO guests VALUES ('Marge')")
        patch.setattr("os.getpid", lambda: -1)
    assert connection.in_transaction
    assert guests(path) == []
    connection.execute("COMMIT")
    connections._connections.opened.clear()
    assert guests(path) == ["Marge"]


# -- tasks ---------------------------------------------------------------------------------------


def test_another_task_cannot_slip_into_a_transaction(path: Path) -> None:
    """What it stored would be undone with it: an error says so, and nothing has moved."""
    inside, tried = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        with transaction(Seat):
            Seat(1).take()
            inside.set()
            await tried.wait()
            raise ValueError("no")

    async def slip_in() -> None:
        await inside.wait()
        for fire in (Seat(2).take, Seat(2).smash, lambda: Seat(2).current_state):
            with pytest.raises(WorkflowError, match="another task of this thread"):
                fire()
        with pytest.raises(WorkflowError, match="another task"), transaction(path):
            raise AssertionError
        tried.set()

    async def scenario() -> None:
        held = asyncio.create_task(hold())
        await asyncio.create_task(slip_in())
        with pytest.raises(ValueError, match="no"):
            await held

    asyncio.run(scenario())
    assert Seat(2).current_state == "free"
    expect_untouched(path)


# -- after the commit ----------------------------------------------------------------------------


def test_after_commit_may_go_on(path: Path) -> None:
    """It is outside of the transaction: it can fire, and an error in it stops nothing else."""

    class Busy(Seat):
        def after_commit(self, transition: Any) -> None:
            super().after_commit(transition)
            assert not is_locked(path)
            if transition.event == "take":
                self.leave()
                raise ValueError("told to the log of the program")

    with transaction(Busy):
        Busy(1).take()
        Busy(2).take()
    assert Files.commits == ["take 1", "leave 1", "take 2", "leave 2"]
    assert [Busy(number).current_state.name for number in (1, 2)] == ["free", "free"]


def test_after_commit_of_plain_events_waits_too() -> None:
    """An event without code of its own is part of the transaction that is open."""
    Seat().take()
    with transaction(Seat):
        Seat().leave()
        assert Files.commits == ["take 1"]
    assert Files.commits == ["take 1", "leave 1"]


# -- what is remembered, and the schema ----------------------------------------------------------


def test_a_stale_unit_is_undone(path: Path) -> None:
    """An event that fires inside of another on the same row undoes both."""
    Files.acting = lambda seat: seat.smash()
    with pytest.raises(StaleState) as caught:
        Seat().take()
    assert caught.value.found == "broken"
    expect_untouched(path)


def test_a_file_of_yesterday_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its states stay, and what came later has its place."""
    Files.path = tmp_path / "yesterday.db"
    query(
        Files.path,
        "CREATE TABLE statecraft_state (key TEXT NOT NULL PRIMARY KEY, value NOT NULL)"
        " WITHOUT ROWID",
    )
    query(Files.path, "INSERT INTO statecraft_state VALUES (?, 'taken')", Seat().workflow_key())
    seat = Seat()
    assert seat.current_state == "taken"
    assert seat.load_remembered() == {}
    assert seat.leave() is True
    columns = query(Files.path, "SELECT name FROM pragma_table_info('statecraft_state')")
    assert columns == ["key", "value", "remembered"]


def test_two_processes_bring_a_file_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one finds, with the lock, that the first has done it."""
    seen = [["key", "value"], ["key", "value", "remembered"]]
    monkeypatch.setattr(schema_module, "_columns", lambda _: seen.pop(0))
    Files.path = tmp_path / "new.db"
    assert Seat().current_state == "free"
    assert seen == []
