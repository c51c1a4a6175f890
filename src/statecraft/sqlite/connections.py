"""Connections to files: one for each thread of each process, as long as it leads to the file."""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from statecraft.errors import WorkflowError
from statecraft.sqlite.explaining import ENDED, ENDING, MOVED, explained
from statecraft.sqlite.schema import make_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from statecraft.sqlite.units import Unit

_DURABLE = "PRAGMA synchronous = FULL"  # some builds of SQLite lose transitions in a power cut


def _refusing(name: str) -> Any:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise WorkflowError(ENDING.format(name=name))

    return refuse


class Guarded(sqlite3.Connection):
    """A connection that people use inside of a transaction which is not theirs to end."""

    commit = _refusing("commit")
    rollback = _refusing("rollback")
    executescript = _refusing("executescript")  # it commits first
    __enter__ = _refusing("with connection")  # it commits at its end
    close = _refusing("close")


class Opened:
    """The connection of one thread of one process to one file, and the units that are open on it.

    ``calls`` are to be made when the outermost of the ``units`` is committed.
    """

    __slots__ = ("calls", "connection", "file", "path", "process", "seconds", "units")

    def __init__(self, path: str, seconds: float) -> None:
        self.path = path
        self.seconds = seconds
        self.units: list[Unit] = []
        self.calls: list[Callable[[], Any]] = []
        self.process = os.getpid()
        # That of a thread which never ends is closed by another one, when the program ends.
        self.connection = sqlite3.connect(
            path, timeout=seconds, isolation_level=None, check_same_thread=False, factory=Guarded
        )
        self.connection.execute(_DURABLE)
        make_schema(self.connection)
        self.file = _identity(path)

    def leads_to(self, path: str) -> bool:
        """Whether it is of this process, and the file has been neither moved nor deleted.

        While a unit is open, that is found out at its end.
        """
        if self.process != os.getpid():
            return False
        return bool(self.units) or self.file == _identity(path)

    def require_file(self) -> None:
        """Raise ``WorkflowError`` if what is stored would be stored where nobody looks."""
        if self.file != _identity(self.path):
            raise WorkflowError(MOVED.format(path=self.path))

    def wait(self, seconds: float) -> None:
        """Wait so long for others from now on."""
        if seconds != self.seconds:
            self.seconds = seconds
            self.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def read(self, statement: str, *parameters: Any) -> list[Any]:
        """Return the rows that a statement finds."""
        return self.execute(statement, *parameters)[0]

    def write(self, statement: str, *parameters: Any) -> int:
        """Execute a statement in the units that are open, and return how many rows it changed."""
        if self.units:
            self.units[-1].begin()
        return self.execute(statement, *parameters)[1]

    def execute(self, statement: str, *parameters: Any) -> tuple[list[Any], int]:
        """Execute a statement; what is wrong with the file raises ``WorkflowError``."""
        units = self.units
        if units:
            units[0].require_entered()
            if units[0].begun and not self.connection.in_transaction:
                raise WorkflowError(ENDED.format(path=self.path))
        try:
            cursor = self.connection.cursor()
            cursor.row_factory = None  # the connection may have one of the user's
            cursor.execute(statement, parameters)
            return cursor.fetchall(), cursor.rowcount
        except sqlite3.Error as error:
            raise explained(self.path, self.seconds, error) from error

    def when_committed(self, call: Callable[[], Any]) -> None:
        """Make a call when the outermost unit is committed; at once if there is none."""
        if self.units:
            self.calls.append(call)
        else:
            call()

    def call_committed(self) -> None:
        """Make the calls that have waited for the commit."""
        calls, self.calls = self.calls, []
        for call in calls:
            call()

    def __del__(self) -> None:
        connection: sqlite3.Connection | None = getattr(self, "connection", None)
        if connection is None:
            return
        if self.process == os.getpid():
            sqlite3.Connection.close(connection)
        else:
            _inherited.append(connection)


class _Connections(threading.local):
    def __init__(self) -> None:
        self.opened: dict[str, Opened] = {}


_connections = _Connections()
_inherited: list[sqlite3.Connection] = []  # from before a fork: kept, so that nothing closes them


def _identity(path: str) -> object:
    """Return what is equal as long as the same file is there; for no file, what equals nothing."""
    try:
        found = os.stat(path)  # noqa: PTH116 - faster than Path.stat, and asked at every event
    except OSError:
        return object()
    return found.st_dev, found.st_ino


def connection_to(path: str, seconds: float) -> Opened:
    """Return the connection of the calling thread, opened if there is none that will do."""
    opened = _connections.opened.get(path)
    if opened is None or not opened.leads_to(path):
        try:
            opened = _connections.opened[path] = Opened(path, seconds)
        except sqlite3.Error as error:
            raise explained(path, seconds, error) from error
    opened.wait(seconds)
    return opened


def close_connections() -> None:
    """Close the files that the calling thread has open; the next event opens them again.

    One in whose transaction the thread is stays open.
    """
    opened = _connections.opened
    _connections.opened = {path: one for path, one in opened.items() if one.units}
