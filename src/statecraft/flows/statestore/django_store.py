"""The state of tasks in a table of the application's database: the store that is the default.

A swap is one statement that compares and stores, on the alias to which the application's router
writes. Everything is read there too, because a replica may lag behind.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    router,
    transaction,
)

from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.models import TaskState
from statecraft.flows.statestore.base import BaseStateStore, State, key_of
from statecraft.flows.statestore.clock import last_expired, milliseconds, now
from statecraft.flows.statestore.codec import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

    from django.db.models import QuerySet

_RARELY = 10  # a use is written down only if the last one is older than this part of the timeout
_last_read: ContextVar[tuple[str, int] | None] = ContextVar("last_read", default=None)


class StateStore(BaseStateStore):
    """One row for each task; see ``TaskState``."""

    atomic = True
    transactional = True
    expires = True

    def get_state(self, task_id: str) -> State | None:
        """Return the state of a task, or ``None``: one SELECT."""
        with _answering():
            found = _row(task_id).values_list("state", "touched").first()
        if found is None or found[1] <= last_expired():
            return None
        _last_read.set((task_id, found[1]))
        return from_text(found[0])

    def put_state(self, task_id: str, state: State) -> None:
        """Store the state of a task: one UPDATE, and one INSERT if there is no row."""
        values = _values(state)
        with _answering():
            if not _row(task_id).update(**values) and not _insert(task_id, values):
                _row(task_id).update(**values)  # somebody else has inserted it meanwhile

    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        """Store the state if the stored one has the revision ``expected``: one UPDATE or INSERT."""
        values = _values(state)
        with _answering():
            if expected is not None:
                row = _row(task_id).filter(revision=expected, touched__gt=last_expired())
                return row.update(**values) == 1
            if _insert(task_id, values):
                return True
            expired = _row(task_id).filter(touched__lte=last_expired())
            return expired.update(**values) == 1

    def delete_state(self, task_id: str) -> None:
        """Forget a task: one DELETE."""
        with _answering():
            _row(task_id).delete()

    def touch(self, task_id: str) -> None:
        """Let the idle time begin again: one UPDATE, unless a recent use was read."""
        moment, idle = now(), milliseconds()
        read = _last_read.get()
        if read is not None and read[0] == task_id and read[1] > moment - idle // _RARELY:
            return
        with _answering():
            _row(task_id).filter(touched__gt=moment - idle).update(touched=moment)

    def expire(self, limit: int) -> int:
        """Delete at most ``limit`` expired states."""
        with _answering():
            keys = list(_expired().order_by("touched").values_list("key", flat=True)[:limit])
            return _expired().filter(key__in=keys).delete()[0]  # not one that was used meanwhile

    def count_expired(self) -> int:
        """Return how many expired states there are."""
        with _answering():
            return _expired().count()

    def transaction(self) -> AbstractContextManager[Any]:
        """Return one transaction, or a savepoint where one is open already."""
        return _Transaction(transaction.atomic(using=_alias()))


class _Transaction:
    """An atomic block whose beginning and end are statements of the store; its body is not."""

    def __init__(self, atomic: transaction.Atomic) -> None:
        self._atomic = atomic

    def __enter__(self) -> None:
        with _answering():
            self._atomic.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._atomic.__exit__(kind, error, trace)
        except (OperationalError, InterfaceError) as lost:
            raise _unavailable(lost) from lost


def _alias() -> str:
    return router.db_for_write(TaskState)


def _rows() -> QuerySet[TaskState]:
    return TaskState.objects.using(_alias())


def _row(task_id: str) -> QuerySet[TaskState]:
    return _rows().filter(key=key_of(task_id))


def _expired() -> QuerySet[TaskState]:
    return _rows().filter(touched__lte=last_expired())


def _values(state: State) -> dict[str, Any]:
    return {"state": to_text(state), "revision": state.get("revision", 0), "touched": now()}


def _insert(task_id: str, values: dict[str, Any]) -> bool:
    """Insert a row, and return whether: there may be one. An open transaction can go on then."""
    try:
        with transaction.atomic(using=_alias()):
            _rows().create(key=key_of(task_id), **values)
    except IntegrityError:
        return False
    return True


@contextmanager
def _answering() -> Generator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> StateStoreUnavailable:
    return StateStoreUnavailable(f"the database {_alias()!r}", error)
