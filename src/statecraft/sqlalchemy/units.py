"""Units: a savepoint around an event with code of the user, and the lock of its row.

SQLite gives no lock on a row, and its driver begins no transaction before something is written: a
unit begins one there itself, with the lock on the file if one is wanted.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import greenlet_spawn

from statecraft.errors import WorkflowError
from statecraft.sqlalchemy.explaining import ENDED, LOST

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy.orm import Session, SessionTransaction

    from statecraft.sqlalchemy.rows import Row


class Unit:
    """A savepoint in the transaction of an object, to be used with ``with``, once.

    Entering it flushes what is pending, as the session does for every savepoint. If it ``locks``,
    it locks the row then, and the object knows the state that is in it.
    """

    __slots__ = ("_locks", "_row", "_savepoint", "_session")

    _session: Session
    _savepoint: SessionTransaction

    def __init__(self, row: Row, *, locks: bool) -> None:
        self._row = row
        self._locks = locks

    def __enter__(self) -> None:
        self._session = self._row.session
        self._begin()
        self._savepoint = self._session.begin_nested()
        if self._locks:
            try:
                self._row.lock()
            except BaseException as error:
                self._undo(error)
                raise

    def _begin(self) -> None:
        """Begin the transaction, where its driver would put that off."""
        connection = self._row.connection
        if connection.dialect.name == "sqlite":
            driven: Any = connection.connection.driver_connection
            if not driven.in_transaction:
                connection.exec_driver_sql("BEGIN IMMEDIATE" if self._locks else "BEGIN")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._undo(error)
        elif self._savepoint.is_active:
            self._savepoint.commit()
        else:
            self._session.rollback()
            raise WorkflowError(ENDED)

    def _undo(self, error: BaseException) -> None:
        """Undo the savepoint; or, if the database has undone all, let the session know.

        Then the error of the database is raised, and not the one that it follows: a halt would make
        the event return, and the caller commit as if nothing were lost.
        """
        if not self._savepoint.is_active:
            self._end()
            return
        try:
            self._savepoint.rollback()
        except DBAPIError as lost:
            self._end()
            if isinstance(error, DBAPIError):
                error.add_note(LOST)
                return
            lost.add_note(LOST)
            raise lost from error

    def _end(self) -> None:
        """Roll back the session; that its other savepoints are gone as well is no news."""
        with suppress(DBAPIError):
            self._session.rollback()


class AsyncUnit:
    """The same, to be used with ``async with``."""

    __slots__ = ("_unit",)

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def __aenter__(self) -> None:
        await greenlet_spawn(self._unit.__enter__)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await greenlet_spawn(self._unit.__exit__, kind, error, trace)
