"""``SQLiteWorkflow``: its options, its file, and everything that can be wrong with either."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft import (
    Event,
    StaleState,
    State,
    UnknownState,
    Workflow,
    WorkflowDefinitionError,
    WorkflowError,
)
from statecraft.sqlite import SQLiteWorkflow, close_connections
from statecraft.sqlite import connections as module

if TYPE_CHECKING:
    from collections.abc import Iterator


class Files:
    """Where the tickets of the running test are stored."""

    path: ClassVar[Path] = Path(os.devnull)


class Ticket(SQLiteWorkflow, database=lambda: Files.path, busy_timeout=0):
    """A ticket that is opened and closed."""

    opened = State()
    closed = State()
    close = Event(opened.to(closed))
    reopen = Event(closed.to(opened))

    def __init__(self, number: int | str | None) -> None:
        self.id = number


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a file of its own."""
    monkeypatch.setattr(Files, "path", tmp_path / "tickets.db")
    yield Files.path
    close_connections()


def query(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """Ask the file itself."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def rows(path: Path) -> dict[str, object]:
    """Return what is stored."""
    return dict(query(path, "SELECT key, value FROM statecraft_state"))


# -- rows ----------------------------------------------------------------------------------------


def test_looking_stores_nothing(path: Path) -> None:
    """Asking for the state, or for what is possible, leaves no row."""
    ticket = Ticket(1)
    assert ticket.current_state == "opened"
    assert ticket.can("close")
    assert ticket.refusal("reopen") is not None
    assert rows(path) == {}


@pytest.mark.parametrize("number", [7, 0, "", "seven"])
def test_the_key_names_module_class_and_id(number: int | str, path: Path) -> None:
    """The row of an object is called after its module, its class and its id, whatever that is."""
    Ticket(number).close()
    assert rows(path) == {f"{__name__}.Ticket:{number}": "closed"}


class Drawer:
    """A class with a class inside."""

    class Ticket(Ticket):
        """Another kind of ticket, of the same name."""


def test_a_subclass_has_rows_of_its_own() -> None:
    """Objects of two classes do not meet, though their names and ids are alike."""
    Drawer.Ticket(1).close()
    assert Ticket(1).current_state == "opened"


def test_the_key_can_be_chosen(path: Path) -> None:
    """A class may name its rows as it likes; then it needs no id."""

    class Door(SQLiteWorkflow, database=path):
        ajar = State()
        shut = State()
        close = Event(ajar.to(shut))

        def workflow_key(self) -> str:
            return "the door"

    assert Door().close() is True
    assert rows(path) == {"the door": "shut"}


def test_an_object_without_id_has_no_row(path: Path) -> None:
    """An object that has no id yet can neither be asked nor moved, and the file is not made."""
    for ask in (lambda: Ticket(None).current_state, Ticket(None).close):
        with pytest.raises(WorkflowError, match=r"a Ticket without an id .* workflow_key"):
            ask()
    assert not path.exists()


def test_another_writer_is_seen_at_once(path: Path) -> None:
    """The row is the truth: an object knows what anybody stored, and goes on from there."""
    ticket = Ticket(1)
    ticket.close()
    query(path, "UPDATE statecraft_state SET value = 'opened'")
    assert ticket.current_state == "opened"
    assert ticket.close() is True


def test_an_unknown_value_moves_nothing(path: Path) -> None:
    """A row with a value that no state has raises UnknownState, and stays as it is."""
    Ticket(1).close()
    query(path, "UPDATE statecraft_state SET value = 'close'")
    with pytest.raises(UnknownState, match="Did you mean 'closed'"):
        Ticket(1).reopen()
    assert list(rows(path).values()) == ["close"]


def test_an_unreadable_value_moves_nothing(path: Path) -> None:
    """A text that is none is an error of the file, and stays as it is."""
    Ticket(1).close()
    query(path, "UPDATE statecraft_state SET value = CAST(x'ff' AS TEXT)")
    with pytest.raises(WorkflowError, match="Could not decode to UTF-8"):
        Ticket(1).reopen()
    assert query(path, "SELECT hex(value) FROM statecraft_state") == [("FF",)]


# -- values --------------------------------------------------------------------------------------


class Colour(Enum):
    """Members that stand for what can be stored, and one that does not."""

    RED = "red"
    MIXED = ("red", "blue")


def test_members_come_back_as_members(path: Path) -> None:
    """What is stored for a member of an Enum is its value; what is loaded is the member."""

    class Light(SQLiteWorkflow, database=path):
        id = 1
        dark = State(0)
        red = State(Colour.RED)
        switch = Event(dark.to(red))

    light = Light()
    light.switch()
    assert list(rows(path).values()) == ["red"]
    assert light.load_state() is Colour.RED
    with pytest.raises(StaleState) as caught:
        light.persist_state(0, expected=(0, None))
    assert caught.value.found is Colour.RED


@pytest.mark.parametrize(
    "value",
    [("a", "b"), b"bytes", math.nan, 2**63, -(2**63) - 1, "\ud800", Colour.MIXED, 1j],
    ids=repr,
)
def test_other_values_are_definition_errors(value: Any, path: Path) -> None:
    """A state whose value no row can hold is found when the class is created."""
    with pytest.raises(WorkflowDefinitionError, match="cannot be stored in SQLite") as caught:

        class Light(SQLiteWorkflow, database=path):  # pyright: ignore[reportUnusedClass]
            dark = State(0)
            light = State(value)

    (problem,) = caught.value.problems
    assert (problem.workflow_name, problem.name) == ("Light", "light")
    assert (problem.place or "").startswith("test_sqlite.py:")
    assert not path.exists()


def test_two_states_cannot_be_stored_alike(path: Path) -> None:
    """A member and what it stands for are two values, and one in the file."""
    with pytest.raises(WorkflowDefinitionError, match="stands for 'dark' already"):

        class Light(SQLiteWorkflow, database=path):  # pyright: ignore[reportUnusedClass]
            dark = State("red")
            light = State(Colour.RED)


# -- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "name", "what"),
    [
        ({}, "database", r'it is missing: class Light\(SQLiteWorkflow, database="'),
        ({"database": None}, "database", "it is missing"),
        ({"database": ":memory:"}, "database", "':memory:' is no file"),
        ({"database": ""}, "database", "'' is no file"),
        ({"database": "file:x.db?mode=memory"}, "database", "is no file"),
        ({"database": "x.db", "busy_timeout": -1}, "busy_timeout", "it is a number of seconds"),
        ({"database": "x.db", "busy_timeout": math.nan}, "busy_timeout", "and not nan"),
        ({"database": "x.db", "busy_timeout": 1e9}, "busy_timeout", "it is a number of seconds"),
        ({"database": "x.db", "busy_timeout": "5"}, "busy_timeout", "and not '5'"),
    ],
)
def test_wrong_options_are_definition_errors(options: dict[str, Any], name: str, what: str) -> None:
    """An option that is missing or wrong is found when the class is created."""
    with pytest.raises(WorkflowDefinitionError, match=what) as caught:

        class Light(SQLiteWorkflow, **options):  # pyright: ignore[reportUnusedClass]
            dark = State()

    assert [problem.name for problem in caught.value.problems] == [name]
    assert not Path("x.db").exists()


def test_a_function_must_name_a_file() -> None:
    """A path that is known at run time only is looked at then, and nothing moves."""
    Files.path = Path(":memory:")
    with pytest.raises(WorkflowError, match="':memory:' is no file"):
        Ticket(1).close()


def test_options_are_inherited(path: Path) -> None:
    """A class without states can bring the options, for classes and for specs."""

    class Stored(SQLiteWorkflow, database=path):
        id = 1

    made = Stored.from_spec(Ticket.workflow_spec, name="Made")
    made().fire("close")
    assert list(rows(path)) == [f"{__name__}.Made:1"]


def test_options_survive_a_decorator(path: Path) -> None:
    """A decorator that builds the class again keeps its file."""

    @dataclass(slots=True)
    class Light(SQLiteWorkflow, database=path):
        id: int

        dark = State()
        light = State()
        switch = Event(dark.to(light))

    assert Light(1).switch() is True
    assert Light(1).current_state == "light"


def test_it_mixes_with_the_metaclass(path: Path) -> None:
    """With Workflow among its bases, a class sees the names that are written twice."""
    with pytest.raises(WorkflowDefinitionError, match="writes this name twice"):

        class Light(SQLiteWorkflow, Workflow, database=path):  # pyright: ignore[reportUnusedClass]
            dark = State()
            dark = State()  # noqa: PIE794 - that is the mistake


def test_a_relative_path_means_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that changes its directory later goes on with the same file."""
    monkeypatch.chdir(tmp_path)

    class Light(SQLiteWorkflow, database="lights.db"):
        id = 1
        dark = State()
        light = State()
        switch = Event(dark.to(light))

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    Light().switch()
    assert list(rows(tmp_path / "lights.db").values()) == ["light"]


# -- files that cannot be used -------------------------------------------------------------------


def test_the_directory_must_be_there(path: Path) -> None:
    """No directory is made: the error says which one is missing."""
    Files.path = path / "missing" / "tickets.db"
    with pytest.raises(WorkflowError, match=r"there is no directory .*missing\. Make it") as caught:
        Ticket(1).close()
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    assert not path.exists()


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """The path of a directory is refused."""
    Files.path = tmp_path
    with pytest.raises(WorkflowError, match="it is a directory"):
        Ticket(1).close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_opened(path: Path) -> None:
    """A path at which no file can be made is refused."""
    path.symlink_to(path.parent / "missing" / "tickets.db")
    with pytest.raises(WorkflowError, match="this process may not open it"):
        Ticket(1).close()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"hello", b"hello" * 1000])
def test_another_kind_of_file_is_left_alone(path: Path, content: bytes) -> None:
    """A file that is no database is refused, and stays what it is."""
    path.write_bytes(content)
    with pytest.raises(WorkflowError, match="it is no SQLite database") as caught:
        Ticket(1).close()
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)
    assert path.read_bytes() == content


def test_another_table_of_this_name_is_left_alone(path: Path) -> None:
    """What the error of SQLite itself says is said, if there is nothing to add."""
    query(path, "CREATE TABLE statecraft_state (something)")
    with pytest.raises(WorkflowError, match=r"tickets\.db cannot be used: no such column"):
        Ticket(1).close()
    assert query(path, "SELECT * FROM statecraft_state") == []


def test_a_locked_file_moves_nothing(path: Path) -> None:
    """Where others hold the file for too long, the event fails, and succeeds afterwards."""
    Ticket(1).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WorkflowError, match=r"locked it for longer than 0 s.*busy_timeout=30"):
            Ticket(1).reopen()
        assert Ticket(1).current_state == "closed"
        other.execute("ROLLBACK")
    assert Ticket(1).reopen() is True


def test_a_locked_file_is_waited_for(path: Path) -> None:
    """With a busy_timeout, an event waits until the others have finished."""

    class Patient(Ticket, busy_timeout=60):
        pass

    Patient(1).close()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    thread = threading.Timer(0.05, other.close)
    thread.start()
    assert Patient(1).reopen() is True
    thread.join()
    assert Patient(1).current_state == "opened"


def test_on_error_deals_with_the_file_as_well(path: Path) -> None:
    """What goes wrong while storing is for on_error, like all that goes wrong before."""

    class Careful(Ticket):
        def on_error(self, error: Exception) -> None:
            self.error = error

    ticket = Careful(1)
    assert ticket.current_state == "opened"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert ticket.close() is False
    assert isinstance(ticket.error, WorkflowError)
    assert ticket.current_state == "opened"


def limited(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """Let all connections that are made from now on live with a limit."""
    connect = sqlite3.connect

    def connect_limited(*args: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **options)
        connection.execute(limit).fetchall()
        return connection

    close_connections()
    monkeypatch.setattr(sqlite3, "connect", connect_limited)


def test_a_full_disk_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for the row, the event fails, and the rest stays as it was."""
    Ticket(1).close()
    with monkeypatch.context() as patch:
        limited(patch, "PRAGMA max_page_count = 1")
        with pytest.raises(WorkflowError, match="no room left on the disk"):
            Ticket("long" * 10_000).close()
    assert Ticket("long" * 10_000).current_state == "opened"
    assert Ticket(1).current_state == "closed"


def test_a_file_that_may_only_be_read_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking works where storing does not; what fails moves nothing."""
    Ticket(1).close()
    with monkeypatch.context() as patch:
        limited(patch, "PRAGMA query_only = 1")
        assert Ticket(1).current_state == "closed"
        with pytest.raises(WorkflowError, match="it may only be read"):
            Ticket(1).reopen()
    assert Ticket(1).current_state == "closed"


# -- connections ---------------------------------------------------------------------------------


def test_a_file_that_was_deleted_is_begun_anew(path: Path) -> None:
    """Nothing is stored into a file that is no longer there, where nobody would find it."""
    Ticket(1).close()
    path.unlink()
    assert Ticket(1).current_state == "opened"
    Ticket(1).close()
    assert list(rows(path).values()) == ["closed"]


def test_a_file_that_was_replaced_is_read(path: Path) -> None:
    """Another file under the same name is what counts from then on."""
    Ticket(1).close()
    path.rename(path.with_name("old.db"))
    assert Ticket(1).current_state == "opened"
    path.with_name("old.db").rename(path)
    assert Ticket(1).current_state == "closed"


def test_a_file_that_vanishes_while_it_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself notices that a file is gone, and nothing is stored where nobody looks."""
    Ticket(1).close()
    found = path.stat()
    path.unlink()
    with monkeypatch.context() as patch:
        patch.setattr("os.stat", {str(path): found}.__getitem__)
        with pytest.raises(WorkflowError, match="was moved just now"):
            Ticket(1).reopen()
    assert not path.exists()


def test_a_file_that_vanishes_while_it_is_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection of which nobody knows to which file it leads is used once."""

    def find_nothing(_: str) -> None:
        raise FileNotFoundError

    with monkeypatch.context() as patch:
        patch.setattr("os.stat", find_nothing)
        Ticket(1).close()
        path.unlink()
        assert Ticket(1).current_state == "opened"
    assert path.exists()


def test_connections_can_be_closed(path: Path) -> None:
    """What a thread has open can be closed, and is opened again when it is needed."""
    Ticket(1).close()
    close_connections()
    close_connections()
    path.rename(path.with_name("moved.db"))
    path.with_name("moved.db").rename(path)
    assert Ticket(1).current_state == "closed"


def test_a_thread_leaves_nothing_open(recwarn: pytest.WarningsRecorder) -> None:
    """The connection of a thread is its own, and is closed when the thread ends."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def fire() -> None:
        Ticket(1).close()

    def connect_watched(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **options))
        return opened[-1]

    assert Ticket(1).current_state == "opened"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_watched)
        thread = threading.Thread(target=fire)
        thread.start()
        thread.join()
    (connection,) = opened
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
    assert Ticket(1).current_state == "closed"
    assert list(recwarn) == []


def test_a_connection_is_not_used_after_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was forked opens the file anew, and does not even close what it inherited."""
    inherited: list[sqlite3.Connection] = []
    monkeypatch.setattr(module, "_inherited", inherited)
    Ticket(1).close()
    with monkeypatch.context() as patch:
        patch.setattr("os.getpid", lambda: -1)
        assert Ticket(1).reopen() is True
        (connection,) = inherited
        assert connection.execute("SELECT value FROM statecraft_state").fetchall() == [("opened",)]
        close_connections()
    sqlite3.Connection.close(connection)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this operating system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_an_object_works_on_both_sides_of_a_fork() -> None:
    """An object that was used before a fork can be used by both processes after it."""
    ticket = Ticket(1)
    ticket.close()
    child = os.fork()
    if child == 0:  # pragma: no cover - measured in no process but this one
        os._exit(0 if ticket.reopen() is True else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert ticket.current_state == "opened"
    assert ticket.close() is True


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_journal_mode_is_left_alone(path: Path, mode: str) -> None:
    """How the file keeps its journal is the business of whom it belongs to."""
    query(path, f"PRAGMA journal_mode = {mode}")
    Ticket(1).close()
    assert query(path, "PRAGMA journal_mode") == [(mode,)]


def test_the_busy_timeout_is_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite waits as long as the class says, and 5 seconds if it says nothing."""
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    class Patient(SQLiteWorkflow, database=lambda: Files.path):
        id = 1
        here = State()

    class Hurried(Patient, busy_timeout=1.5):
        pass

    def connect_watched(*args: Any, **options: Any) -> sqlite3.Connection:
        made.append(connect(*args, **options))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", connect_watched)
    waits: list[Any] = []
    for light in (Patient(), Hurried(), Patient(), Patient()):
        assert light.current_state == "here"
        waits += made[0].execute("PRAGMA busy_timeout").fetchone()
    assert waits == [5000, 1500, 5000, 5000]
    assert len(made) == 1


def test_a_transition_survives_a_power_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transition waits until it is on the disk, however SQLite was built."""
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connect_carelessly(*args: Any, **options: Any) -> sqlite3.Connection:
        made.append(connect(*args, **options))
        made[-1].execute("PRAGMA synchronous = OFF")
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", connect_carelessly)
    Ticket(1).close()
    assert [one.execute("PRAGMA synchronous").fetchone() for one in made] == [(2,)]  # FULL


def test_nothing_else_imports_sqlite() -> None:
    """A program that does not use this store does not load SQLite."""
    code = """if True:
        import sys

        sys.modules.pop("sqlite3", None)  # coverage uses it, too
        import statecraft, statecraft.testing

        sys.exit("sqlite3" in sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_program_ends_without_warnings(path: Path) -> None:
    """What is open when a program ends is closed in silence."""
    code = f"""if True:
        import threading
        from statecraft import Event, State
        from statecraft.sqlite import SQLiteWorkflow

        class Light(SQLiteWorkflow, database={str(path)!r}):
            id = 1
            dark = State()
            light = State()
            switch = Event(dark.to(light))

        def wait_for_ever():
            Light().switch()
            stored.set()
            threading.Event().wait()

        stored = threading.Event()
        threading.Thread(target=wait_for_ever, daemon=True).start()
        stored.wait()
        assert Light().current_state == "light"
    """
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert list(rows(path).values()) == ["light"]
