"""What an object forgets when its transaction, or a savepoint in it, is undone.

Django tells nobody of a rollback, but it drops what was to be called at the commit. So a mark is
held by such a call alone: if it is gone and was not called, what the object was told is undone. It
forgets that, and the next look at it reads the row.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

MARKS = "_workflow_marks"  # in an object: those of the transactions that it moved in
FORGOTTEN_IN = "_workflow_forgotten_in"  # the database that knows what the object has forgotten


class Mark:
    """Whether something that was done in a transaction is pending, stands, or is undone.

    ``fields`` are the attributes that know of it; ``place`` is the savepoint that it was done in.
    """

    __slots__ = ("_call", "fields", "place", "stands", "using")

    def __init__(self, fields: tuple[str, ...], connection: BaseDatabaseWrapper) -> None:
        self.fields = fields
        self.place = _place(connection)
        self.using = connection.alias
        self.stands = False
        call = _Call(self)
        self._call = weakref.ref(call)
        transaction.on_commit(call, using=connection.alias, robust=True)

    @property
    def undone(self) -> bool:
        """Whether it came to nothing."""
        return not self.stands and self._call() is None

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _standing, ()  # a pickled object is one of another transaction


class _Call:
    """What Django calls when the outermost transaction is committed, or drops."""

    __slots__ = ("__weakref__", "_mark")

    def __init__(self, mark: Mark) -> None:
        self._mark = mark

    def __call__(self) -> None:
        self._mark.stands = True


def _place(connection: BaseDatabaseWrapper) -> tuple[Any, ...]:
    """Return what is the same for all that stands or is undone together, while it is pending."""
    return id(connection), *connection.savepoint_ids


def _standing() -> Mark:
    mark = object.__new__(Mark)
    mark.fields, mark.using, mark.stands = (), "", True
    return mark


def follow(instance: Any, fields: tuple[str, ...], connection: BaseDatabaseWrapper) -> None:
    """Let an object forget ``fields`` if the transaction that is open now comes to nothing."""
    known: dict[str, Any] = instance.__dict__
    marks: list[Mark] = [mark for mark in known.get(MARKS, ()) if not mark.stands]
    if connection.in_atomic_block:
        place = _place(connection)
        if not any(one.place == place and one.fields == fields for one in marks if not one.undone):
            marks.append(Mark(fields, connection))
    if marks or MARKS in known:
        known[MARKS] = marks


def forget_undone(known: dict[str, Any]) -> None:
    """Let an object forget what is undone by now."""
    marks: list[Mark] = known[MARKS]
    undone = [mark for mark in marks if mark.undone]
    if undone:
        known[MARKS] = [mark for mark in marks if mark not in undone]
        for mark in undone:
            forget(known, mark.fields, mark.using)


def forget(known: dict[str, Any], fields: tuple[str, ...], using: str) -> None:
    """Let an object forget ``fields``; it reads them again where they were written."""
    known[FORGOTTEN_IN] = using
    for field in fields:
        known.pop(field, None)
