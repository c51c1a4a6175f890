"""Units: an atomic block around an event with code of the user, and the lock of its row."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.db import transaction

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

    from statecraft.django.rows import Row


class _Block(transaction.Atomic):
    """An atomic block that knows whose it is."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.connection.alias, savepoint=True, durable=False)
        self.instance = row.instance


def whole(row: Row) -> AbstractContextManager[Any]:
    """Return what makes one of several statements: nothing, where the unit of the object does."""
    blocks = row.connection.atomic_blocks
    inside = bool(blocks) and getattr(blocks[-1], "instance", None) is row.instance
    return nullcontext() if inside else transaction.atomic(using=row.connection.alias)


class Unit:
    """A transaction, or a savepoint where one is open: to be used with ``with``, once.

    If it ``locks``, it locks the row when it is entered, and the object knows the state then.
    """

    __slots__ = ("_atomic", "_locks", "_row")

    def __init__(self, row: Row, *, locks: bool) -> None:
        self._row = row
        self._locks = locks
        self._atomic = _Block(row)

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
