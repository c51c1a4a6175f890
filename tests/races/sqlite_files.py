"""SQLite under fire: a file, with a table for the rows of handlers beside those of the store."""

from __future__ import annotations

import multiprocessing
import os
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft import WorkflowError
from statecraft.sqlite import SQLiteWorkflow, close_connections, transaction
from tests.races.contenders import Contender, Effect, Seen, Verdict
from tests.races.parcels import Parcel

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tests.races.plans import Attempt


class Files:
    """Where the parcels of the running test are stored."""

    path: ClassVar[Path] = Path(os.devnull)


class FiledParcel(SQLiteWorkflow, Parcel, database=lambda: Files.path, busy_timeout=60, log=True):
    """A parcel in the file."""

    def __init__(self, number: int) -> None:
        self.id = self.number = number

    def write_effect(self, event: str, actor: str) -> None:
        """Write a row through the connection of the store."""
        with transaction(self) as connection:
            connection.execute("INSERT INTO effects VALUES (?, ?, ?)", (self.id, event, actor))


class ImpatientParcel(FiledParcel, busy_timeout=0.01):
    """One whose writers give up soon."""


class SQLiteFile(Contender):
    """A file in one of its journal modes."""

    def __init__(
        self, path: Path, journal_mode: str, parcel: type[FiledParcel] = FiledParcel
    ) -> None:
        self.path = path
        self.journal_mode = journal_mode
        self.parcel = parcel

    def __str__(self) -> str:
        return f"SQLite, journal mode {self.journal_mode}, {self.parcel.__name__}"

    def prepare(self, objects: int) -> None:
        """Make the table of effects; an object needs no row before its first transition."""
        Files.path = self.path
        with transaction(self.path) as connection:
            connection.execute("CREATE TABLE effects (number, event, actor)")
        connection.execute(f"PRAGMA journal_mode = {self.journal_mode}")
        close_connections()

    def enter_process(self) -> None:
        """Leave it to the store, which knows that it is in a new process."""

    def carry_out(self, attempt: Attempt) -> list[Any]:
        """Fire in a transaction, if there are several events; the store makes one for each else."""
        if len(attempt.steps) == 1:
            ((number, event),) = attempt.steps
            return [self.parcel(number).fire(event, once=attempt.key)]
        with transaction(self.parcel):
            return [self.parcel(number).fire(event) for number, event in attempt.steps]

    def failed(self, error: Exception) -> Verdict | None:
        """Believe an error that says that nothing was stored."""
        said = isinstance(error, WorkflowError) and "nothing was stored" in str(error)
        return Verdict.UNDONE if said else None

    def seen(self, objects: int) -> Seen:
        """Read it all."""
        parcels = [self.parcel(number) for number in range(objects)]
        with transaction(self.path) as connection:
            effects = self.effects_in(connection)
        return Seen(
            {one.id: one.current_state.name for one in parcels},
            {one.id: one.transition_log() for one in parcels},
            effects,
        )

    @staticmethod
    def effects_in(connection: Connection) -> Counter[Effect]:
        """Return the rows that handlers have written into a file."""
        return Counter(Effect(*row) for row in connection.execute("SELECT * FROM effects"))


class SmallDisk(SQLiteFile):
    """A file that may not grow, until somebody makes room for a few pages more.

    Whoever is told that the disk is full does so, now and then.
    """

    def __init__(self, path: Path, journal_mode: str) -> None:
        super().__init__(path, journal_mode)
        self.pages: Any = multiprocessing.get_context("fork").Value("i", 0)
        self.allowed = 0

    def __str__(self) -> str:
        return f"{super().__str__()}, on a full disk"

    def prepare(self, objects: int) -> None:
        """Make small pages, and leave no room."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA page_size = 512")
            connection.execute("CREATE TABLE made (at_once)")
        super().prepare(objects)
        with transaction(self.path) as connection:
            (self.pages.value,) = connection.execute("PRAGMA page_count").fetchone()
        close_connections()

    def carry_out(self, attempt: Attempt) -> list[Any]:
        """See how much room there is, and fire."""
        if self.allowed != self.pages.value:
            with transaction(self.parcel) as connection:
                self.allowed = self.pages.value
                connection.execute(f"PRAGMA max_page_count = {self.allowed}")
        return super().carry_out(attempt)

    def failed(self, error: Exception) -> Verdict | None:
        """Make room, with a chance of one in ten."""
        if random.random() < 0.1:  # noqa: S311 - nothing is kept secret
            with self.pages.get_lock():
                self.pages.value += 1
        is_of_handler = isinstance(error, sqlite3.OperationalError) and "full" in str(error)
        return Verdict.UNDONE if is_of_handler else super().failed(error)
