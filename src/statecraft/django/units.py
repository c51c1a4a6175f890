"""Units: an atomic block around an event with code of the user, and the lock of its row."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.db import Error, transaction

from statecraft.django.losing import is_lost, unknown

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

    from statecraft.django.rows import Row


class _Block(transaction.Atomic):
    """An atomic block around what is stored of one object.

    It says ``OutcomeUnknown`` where nobody knows whether its commit came to pass.
    """

    def __init__(self, row: Row) -> None:
        super().__init__(row.connection.alias, savepoint=True, durable=False)
        self.row = row

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection = self.row.connection
        before = connection.connection
        commits = kind is None and not connection.savepoint_ids and not connection.needs_rollback
        try:
            super().__exit__(kind, error, trace)
        except Error as failed:
            if commits and is_lost(connection, before):
                raise unknown(self.row, failed) from failed
            raise


class _UnitBlock(_Block):
    """The block of a unit; statements of the same object in it need none of their own."""


def whole(row: Row) -> AbstractContextManager[Any]:
    """Return what makes one of several statements: nothing, where the unit of the object does."""
    blocks = row.connection.atomic_blocks
    last = blocks[-1] if blocks else None
    inside = isinstance(last, _UnitBlock) and last.row.instance is row.instance
    return nullcontext() if inside else _Block(row)


def taking_part(row: Row) -> AbstractContextManager[Any]:
    """Return what lets a statement be undone with its transaction, where Django began none."""
    return nullcontext() if row.is_followed else _Block(row)


class Unit:
    """A transaction, or a savepoint where one is open: to be used with ``with``, once.

    If it ``locks``, it locks the row when it is entered, and the object knows the state then.
    """

    __slots__ = ("_atomic", "_locks", "_row")

    def __init__(self, row: Row, *, locks: bool) -> None:
        self._row = row
        self._locks = locks
        self._atomic = _UnitBlock(row)

    def __enter__(self) -> None:
        self._row.require()
        self._atomic.__enter__()
        if self._locks:
            try:
                self._row.lock()
            except BaseException as error:
                self._atomic.__exit__(type(error), error, error.__traceback__)
                raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._atomic.__exit__(kind, error, trace)
