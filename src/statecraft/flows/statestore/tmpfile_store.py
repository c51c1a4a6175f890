"""The state of tasks in files of a directory, for developing without a database.

A state is a file that only its owner reads, put into its place at once when it is complete. Who
changes one has the lock of the directory meanwhile: a program that dies has it no longer.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files import locks

from statecraft.flows import config
from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.statestore.base import BaseStateStore, State, key_of, revision_of
from statecraft.flows.statestore.clock import last_expired
from statecraft.flows.statestore.codec import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_NANOSECONDS = 1_000_000  # of a millisecond


class StateStore(BaseStateStore):
    """One file for each task; its name is made of the id, and its time is that of the last use."""

    atomic = True
    expires = True
    shared = True  # on one machine

    def get_state(self, task_id: str) -> State | None:
        """Return the state of a task, or ``None``."""
        with _directory() as directory:
            return _read(_file(directory, task_id))

    def put_state(self, task_id: str, state: State) -> None:
        """Store the state of a task."""
        text = to_text(state)
        with _locked() as directory:
            _write(_file(directory, task_id), text)

    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        """Store the state if the stored one has the revision ``expected``, and return whether."""
        text = to_text(state)
        with _locked() as directory:
            file = _file(directory, task_id)
            if revision_of(_read(file)) != expected:
                return False
            _write(file, text)
            return True

    def delete_state(self, task_id: str) -> None:
        """Forget a task."""
        with _locked() as directory:
            _file(directory, task_id).unlink(missing_ok=True)

    def touch(self, task_id: str) -> None:
        """Let the idle time begin again."""
        with _locked() as directory:
            file = _file(directory, task_id)
            if not _is_expired(file):
                os.utime(file)

    def expire(self, limit: int) -> int:
        """Delete at most ``limit`` expired states, and what a killed program has left."""
        with _locked() as directory:
            for left in directory.glob("*.part"):
                left.unlink()
            expired = _expired(directory)[:limit]
            for file in expired:
                file.unlink()
            return len(expired)

    def count_expired(self) -> int:
        """Return how many expired states there are."""
        with _locked() as directory:
            return len(_expired(directory))


@contextmanager
def _directory() -> Generator[Path]:
    """Give the directory, which is made where there is none; it may belong to nobody else."""
    given = config.text("FLOWS_TMPFILE_STATE_STORE_DIRECTORY")
    directory = Path(given or Path(tempfile.gettempdir()) / f"statecraft-flows-{_user()}")
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # in a directory that all share, somebody may have been there first
        if directory.is_symlink() or directory.stat().st_uid != _user():
            why = "it belongs to somebody else: name another one"
            raise PermissionError(why)
        yield directory
    except OSError as error:
        store = f"the directory {directory}"
        raise StateStoreUnavailable(store, error) from error


@contextmanager
def _locked() -> Generator[Path]:
    with _directory() as directory, (directory / "lock").open("a") as lock:
        locks.lock(lock, locks.LOCK_EX)
        yield directory


def _user() -> int:
    return getattr(os, "getuid", int)()  # Windows has numbers for nobody: 0, as its stat says


def _file(directory: Path, task_id: str) -> Path:
    return directory / f"{key_of(task_id)}.json"


def _is_expired(file: Path) -> bool:
    """Return whether a file is too old, or not there."""
    try:
        return file.stat().st_mtime_ns // _NANOSECONDS <= last_expired()
    except FileNotFoundError:
        return True


def _expired(directory: Path) -> list[Path]:
    return [file for file in directory.glob("*.json") if _is_expired(file)]


def _read(file: Path) -> State | None:
    try:
        text = file.read_text("ascii")
    except FileNotFoundError:
        return None
    return None if _is_expired(file) else from_text(text)


def _write(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(".part", file.stem, file.parent)  # 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as part:
            part.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
