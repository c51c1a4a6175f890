"""The embedded store: the state of each object in a row of an SQLite file, standard library only.

Theory of operation
-------------------
The row is the truth: every look at the state reads it, and no object keeps a copy. A transition is
one statement, which compares and stores in one step, so that of two writers one finds no row to
change and gets ``StaleState``; SQLite itself lets the writers of other threads and processes wait.

Each thread of each process has a connection of its own to each file, opened when it is first
needed. One that came over in a fork is neither used nor closed, because SQLite allows neither.
The journal mode of a file is left as it is, because the file may belong to somebody else too.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.errors import Problem, StaleState, WorkflowError
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from statecraft.spec import WorkflowSpec

    Database: TypeAlias = str | os.PathLike[str]

__all__ = ["SQLiteWorkflow", "close_connections"]

# The value has no declared type, so that 1 and "1" stay what they are.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS statecraft_state (key TEXT NOT NULL PRIMARY KEY, value NOT NULL)
WITHOUT ROWID
"""
_DURABLE = "PRAGMA synchronous = FULL"  # some builds of SQLite lose transitions in a power cut
_SELECT = "SELECT value FROM statecraft_state WHERE key = ?"
_UPDATE = "UPDATE statecraft_state SET value = ? WHERE key = ? AND value IN ({})"
_UPSERT = """
INSERT INTO statecraft_state (value, key) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value IN ({})
"""
_SECONDS = 5.0  # as long as the sqlite3 module itself waits for a locked file
_MOST_SECONDS = 2_000_000.0  # SQLite counts milliseconds in 32 bits
_INTEGERS = range(-(2**63), 2**63)

_NO_FILE = (
    "{!r} is no file, and each thread would see a database of its own. Give the path of a file;"
    " a workflow that lives in memory alone inherits from Workflow"
)
_STORABLE = "Take a text, a number of at most 64 bits or a boolean, or an Enum of such values"
_ADVICE = {
    sqlite3.SQLITE_BUSY: (
        "others have locked it for longer than {seconds:g} s, so nothing was stored. Keep"
        " transactions on this file short, or wait longer: busy_timeout=30"
    ),
    sqlite3.SQLITE_FULL: "there is no room left on the disk, so nothing was stored",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database, and was left as it is. Give another path",
    sqlite3.SQLITE_READONLY: (
        "it may only be read, or was moved just now, so nothing was stored. SQLite must be able to"
        " write the file, and to make another one in its directory"
    ),
}


class SQLiteWorkflow(WorkflowMixin):
    """Keeps the state in an SQLite file: ``class Ticket(SQLiteWorkflow, database="tickets.db")``.

    ``database`` is a path, or a function without arguments that returns one; ``busy_timeout`` says
    for how many seconds to wait while others lock the file. An object needs an ``id``, or a
    ``workflow_key`` of its own. What goes wrong with the file raises ``WorkflowError``.
    """

    __slots__ = ()
    _sqlite_database: ClassVar[Any] = None
    _sqlite_busy_timeout: ClassVar[Any] = _SECONDS
    _sqlite_values: ClassVar[Mapping[Any, Any]] = {}

    def __init_subclass__(
        cls,
        *,
        database: Database | Callable[[], Database] | None = None,
        busy_timeout: float | None = None,
        **options: Any,
    ) -> None:
        if database is not None:
            cls._sqlite_database = database if callable(database) else _absolute(database)
        if busy_timeout is not None:
            cls._sqlite_busy_timeout = busy_timeout
        super().__init_subclass__(**options)
        spec: WorkflowSpec | None = getattr(cls, "workflow_spec", None)
        if spec is not None:
            values = [value for leaf in spec.leaves for value in leaf.stored_values]
            cls._sqlite_values = {_plain(value): value for value in values}

    def workflow_key(self) -> str:
        """Return the key of the row that holds the state; override it if ``id`` will not do."""
        cls = type(self)
        identifier = getattr(self, "id", None)
        if identifier is None:
            message = (
                f"a {cls.__name__} without an id has no row. Give it an id before its first event,"
                " or override workflow_key"
            )
            raise WorkflowError(message)
        return f"{cls.__module__}.{cls.__qualname__}:{identifier}"

    def load_state(self) -> Any:
        """Read the row; return ``None`` if there is none."""
        rows, _ = self._executed(_SELECT, self.workflow_key())
        return self._sqlite_values.get(rows[0][0], rows[0][0]) if rows else None

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one statement, or raise ``StaleState``."""
        plain = [_plain(one) for one in expected if one is not None]
        statement = _UPSERT if None in expected else _UPDATE
        statement = statement.format(", ".join("?" * len(plain)))
        _, changed = self._executed(statement, _plain(value), self.workflow_key(), *plain)
        if changed != 1:
            raise StaleState(self, expected=expected, found=self.load_state())

    def _executed(self, statement: str, *parameters: Any) -> tuple[list[Any], int]:
        cls = type(self)
        database: str | Callable[[], Database] = cls._sqlite_database
        path = database if isinstance(database, str) else _absolute(database())
        if _is_no_file(path):
            raise WorkflowError(_NO_FILE.format(path))
        try:
            cursor = _connection(path, cls._sqlite_busy_timeout).execute(statement, parameters)
            return cursor.fetchall(), cursor.rowcount
        except sqlite3.Error as error:
            raise WorkflowError(_explained(path, cls._sqlite_busy_timeout, error)) from error

    @classmethod
    def persistence_problems(cls, spec: WorkflowSpec) -> Iterator[Problem]:
        """Return which options are missing or wrong, and which values no row can hold."""
        database = cls._sqlite_database
        if database is None:
            what = f'it is missing: class {spec.name}(SQLiteWorkflow, database="path/of/a/file")'
            yield Problem(spec.name, "database", what)
        elif isinstance(database, str) and _is_no_file(database):
            yield Problem(spec.name, "database", _NO_FILE.format(database))
        seconds = cls._sqlite_busy_timeout
        if not isinstance(seconds, (int, float)) or not 0 <= seconds <= _MOST_SECONDS:
            what = f"it is a number of seconds, and not {seconds!r}"
            yield Problem(spec.name, "busy_timeout", what)
        yield from _problems_of_values(spec)


def _problems_of_values(spec: WorkflowSpec) -> Iterator[Problem]:
    owners: dict[Any, str] = {}
    for state in spec.leaves:
        plain = _plain(state.value)
        if not _can_be_stored(plain):
            what = f"its value {state.value!r} cannot be stored in SQLite. {_STORABLE}"
            yield Problem(spec.name, state.name, what, state.place)
        elif owners.setdefault(plain, state.name) != state.name:
            what = f"it would be stored as {plain!r}, which stands for {owners[plain]!r} already"
            yield Problem(spec.name, state.name, what, state.place)


def _plain(value: Any) -> Any:
    """Return what SQLite stores for a value: what it stands for, if it is a member of an Enum."""
    return value.value if isinstance(value, Enum) else value


def _can_be_stored(value: object) -> bool:
    if isinstance(value, str):
        return value.encode(errors="ignore").decode() == value  # half a surrogate pair has no code
    if isinstance(value, float):
        return value == value  # noqa: PLR0124 - SQLite would make NULL of what is not a number
    return isinstance(value, int) and value in _INTEGERS


def _is_no_file(path: str) -> bool:
    return path in {"", ":memory:"} or path.startswith("file:")


def _absolute(database: Database) -> str:
    """Return the whole path, so that a later change of directory does not mean another file."""
    path = os.fsdecode(database)
    return path if _is_no_file(path) else str(Path(path).absolute())


class _Opened:
    """The connection of one thread of one process to one file."""

    __slots__ = ("connection", "file", "process")

    def __init__(self, path: str, seconds: float) -> None:
        self.process = os.getpid()
        # That of a thread which never ends is closed by another one, when the program ends.
        self.connection = sqlite3.connect(
            path, timeout=seconds, isolation_level=None, check_same_thread=False
        )
        self.connection.execute(_DURABLE)
        self.connection.execute(_SCHEMA)
        self.file = _identity(path)

    def leads_to(self, path: str) -> bool:
        """Whether it is of this process, and the file has been neither moved nor deleted."""
        return self.process == os.getpid() and self.file == _identity(path)

    def __del__(self) -> None:
        connection: sqlite3.Connection | None = getattr(self, "connection", None)
        if connection is None:
            return
        if self.process == os.getpid():
            connection.close()
        else:
            _inherited.append(connection)


class _Connections(threading.local):
    def __init__(self) -> None:
        self.opened: dict[tuple[str, float], _Opened] = {}


_connections = _Connections()
_inherited: list[sqlite3.Connection] = []  # from before a fork: kept, so that nothing closes them


def _identity(path: str) -> object:
    """Return what is equal as long as the same file is there; for no file, what equals nothing."""
    try:
        found = os.stat(path)  # noqa: PTH116 - faster than Path.stat, and asked at every event
    except OSError:
        return object()
    return found.st_dev, found.st_ino


def _connection(path: str, seconds: float) -> sqlite3.Connection:
    opened = _connections.opened.get((path, seconds))
    if opened is None or not opened.leads_to(path):
        opened = _connections.opened[path, seconds] = _Opened(path, seconds)
    return opened.connection


def close_connections() -> None:
    """Close the files that the calling thread has open; the next event opens them again."""
    _connections.opened.clear()


def _explained(path: str, seconds: float, error: sqlite3.Error) -> str:
    """Say what is wrong with the file, and what to do."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest is detail
    advice = _ADVICE.get(code, str(error)).format(seconds=seconds)
    if code == sqlite3.SQLITE_CANTOPEN:
        advice = _why_not_opened(Path(path))
    return f"{path} cannot be used: {advice}"


def _why_not_opened(path: Path) -> str:
    if path.is_dir():
        return "it is a directory. Give the path of a file in it"
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}. Make it first"
    return "this process may not open it, or may not make files in this directory"
