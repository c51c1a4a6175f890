"""Stores that keep their promises, for the tests of the conformance suite."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft import AsyncWorkflow, StaleState, Workflow
from statecraft.sqlite import SQLiteWorkflow, transaction
from statecraft.testing.persistence import PersistenceSuite

if TYPE_CHECKING:
    from pathlib import Path


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


class StoredWorkflow(SQLiteWorkflow, database=os.devnull):
    """A class whose file each test replaces by one of its own."""

    def __init__(self, number: int) -> None:
        self.id = number


class SQLiteSuite(PersistenceSuite):
    """What an SQLite file has; a test says which file it is."""

    base = StoredWorkflow
    has_units = has_locks = has_log = has_remembered = True
    path: Path

    def use(self, path: Path) -> None:
        """Store into this file, which gets a table of the user's own."""
        self.path = path
        self.options = {"database": path}
        with transaction(path) as connection:
            connection.execute("CREATE TABLE rows (text)")

    def transaction(self, subject: Any) -> Any:
        return transaction(subject)

    def add_row(self, subject: Any, text: str) -> None:
        with transaction(subject) as connection:
            connection.execute("INSERT INTO rows VALUES (?)", (text,))

    def count_rows(self, text: str) -> int:
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute("SELECT count(*) FROM rows WHERE text = ?", (text,))
            return int(found.fetchone()[0])
