"""Which file a class is stored in, and what can be done with it beside firing events."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from statecraft.errors import WorkflowError
from statecraft.sqlite.connections import Opened, connection_to
from statecraft.sqlite.explaining import NO_FILE
from statecraft.sqlite.log import prune
from statecraft.sqlite.units import Unit

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime
    from sqlite3 import Connection
    from typing import TypeAlias

    from statecraft.sqlite.store import SQLiteWorkflow

    Database: TypeAlias = str | os.PathLike[str]
    Stored: TypeAlias = "Database | SQLiteWorkflow | type[SQLiteWorkflow]"

SECONDS = 5.0  # as long as the sqlite3 module itself waits for a locked file


def is_no_file(path: str) -> bool:
    """Whether SQLite would make something else of this path."""
    return path in {"", ":memory:"} or path.startswith("file:")


def absolute(database: Database) -> str:
    """Return the whole path, so that a later change of directory does not mean another file."""
    path = os.fsdecode(database)
    return path if is_no_file(path) else str(Path(path).absolute())


def opened_by(cls: Any) -> Opened:
    """Return the connection of the calling thread to the file of a class, or raise."""
    database = cls._sqlite_database
    path = database if isinstance(database, str) else absolute(database())
    return _opened(path, cls._sqlite_busy_timeout)


def _opened(path: str, seconds: float) -> Opened:
    if is_no_file(path):
        raise WorkflowError(NO_FILE.format(path))
    return connection_to(path, seconds)


def _class_of(stored: Any) -> Any:
    """Return the class that is meant, or ``None`` for a path."""
    cls = stored if isinstance(stored, type) else type(stored)
    return cls if hasattr(cls, "_sqlite_database") else None


def _opened_for(stored: Any) -> Opened:
    cls = _class_of(stored)
    return _opened(absolute(stored), SECONDS) if cls is None else opened_by(cls)


def name_of(cls: type) -> str:
    """Return what a class is called in keys, and in the log."""
    return f"{cls.__module__}.{cls.__qualname__}"


def transaction(stored: Stored) -> AbstractContextManager[Connection]:
    """Return a transaction on a file, or a savepoint where one is open, to be used by ``with``.

    ``stored`` is the path of the file, or a workflow, or its class. ``with`` gives the connection,
    for rows of your own; events that fire inside belong to the transaction. It is committed at its
    end, and undone by an exception. It locks the file: keep it short.
    """
    return Unit(_opened_for(stored), at_once=True)


def prune_log(stored: Stored, *, before: datetime) -> int:
    """Delete the records of the log that were written before a moment; return how many.

    Those of one class, or of the whole file if ``stored`` is its path. Of each object, the record
    stays with which its present state was entered, and all that came after it. Keys of ``once`` go
    with their records.
    """
    opened = _opened_for(stored)
    cls = _class_of(stored)
    return prune(opened, None if cls is None else name_of(cls), before)
