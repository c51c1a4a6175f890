"""What is wrong with a file, or with what was done to it, and what to do about it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from statecraft.errors import WorkflowError

NO_FILE = (
    "{!r} is no file, and each thread would see a database of its own. Give the path of a file;"
    " a workflow that lives in memory alone inherits from Workflow"
)
OTHER_TASK = (
    "another task of this thread has a transaction on {path} open, and would take what is stored"
    " now along when it is undone. Await nothing inside of transaction(), or leave it first"
)
ENDED = (
    "the transaction on {path} is over before its time: SQLite had to undo it, or code inside of it"
    " has executed COMMIT or ROLLBACK. Nothing more was stored"
)
MOVED = (
    "{path} was moved or deleted while a transaction on it was open, so nothing was stored. Let"
    " nobody replace the file while programs use it"
)
ENDING = (
    "{name} would end the transaction that the workflow is in. That is committed where the event or"
    " the with block of transaction() ends, and undone by an exception"
)
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


def explained(path: str, seconds: float, error: sqlite3.Error) -> WorkflowError:
    """Return the error that says what is wrong with the file, and what to do."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest is detail
    advice = _ADVICE.get(code, str(error)).format(seconds=seconds)
    if code == sqlite3.SQLITE_CANTOPEN:
        advice = _why_not_opened(Path(path))
    return WorkflowError(f"{path} cannot be used: {advice}")


def _why_not_opened(path: Path) -> str:
    if path.is_dir():
        return "it is a directory. Give the path of a file in it"
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}. Make it first"
    return "this process may not open it, or may not make files in this directory"
