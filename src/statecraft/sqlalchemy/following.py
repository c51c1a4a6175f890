"""What waits for the end of a transaction: calls for the commit, and what memory owes a rollback.

A session tells at the end of each transaction and savepoint whether it was committed. What belongs
to a savepoint that is released belongs to the transaction around it from then on. At the end of the
outermost one, the calls are made, one after the other, each in a transaction of its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from logging import getLogger
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sqlalchemy.orm import SessionTransaction

_KEY = "statecraft"  # in session.info


class _Notes:
    """What belongs to one transaction or savepoint: what to undo, and what to call."""

    __slots__ = ("calls", "undoing")

    def __init__(self) -> None:
        self.undoing: list[Callable[[], object]] = []
        self.calls: list[Callable[[], Any]] = []


class _Followed:
    """A session in which something has happened that an end of a transaction matters to."""

    __slots__ = ("calling", "committed", "notes")

    def __init__(self) -> None:
        self.notes: dict[SessionTransaction, _Notes] = {}
        self.committed: SessionTransaction | None = None
        self.calling: list[Callable[[], Any]] | None = None

    def ended(self, session: Session, transaction: SessionTransaction) -> None:
        notes = self.notes.pop(transaction, None)
        if notes is None:
            return
        if self.committed is not transaction:
            for undo in reversed(notes.undoing):
                undo()
        elif transaction.nested:
            outer = self.notes.setdefault(_around(transaction), _Notes())
            outer.undoing += notes.undoing
            outer.calls += notes.calls
        elif self.calling is not None:
            self.calling += notes.calls
        elif notes.calls:
            self._call(session, notes.calls)

    def _call(self, session: Session, calls: list[Callable[[], Any]]) -> None:
        self.calling = calls
        try:
            with _outside_of_with(session):
                while calls:
                    _call_alone(session, calls.pop(0))
        finally:
            self.calling = None


@contextmanager
def _outside_of_with(session: Any) -> Generator[None]:
    """Let the session be used though ``with session.begin()`` has not been left yet.

    Its transaction is over, and the session would refuse to begin another one before.
    """
    entered = session._trans_context_manager  # noqa: SLF001 - nothing public says so
    session._trans_context_manager = None  # noqa: SLF001 - as above
    try:
        yield
    finally:
        session._trans_context_manager = entered  # noqa: SLF001 - as above


def _call_alone(session: Session, call: Callable[[], Any]) -> None:
    """Make a call, and commit what it has done with the session."""
    done = call()
    if done is not None:  # an asynchronous workflow's: the commit is awaited, and waits for it
        await_only(done)
    if not session.in_transaction():
        return
    try:
        session.commit()
    except Exception:  # the commit that the call has waited for stands, whatever comes of its own
        session.rollback()
        getLogger("statecraft").exception("what after_commit did was not committed")


def _around(savepoint: SessionTransaction) -> SessionTransaction:
    """Return the savepoint or transaction that a savepoint is in; a flush is neither."""
    around: Any = savepoint.parent
    while not around.nested and around.parent is not None:
        around = around.parent
    found: SessionTransaction = around
    return found


def _transaction_of(session: Session) -> SessionTransaction:
    found: Any = session.get_nested_transaction() or session.get_transaction()
    transaction: SessionTransaction = found  # no object is moved without one
    return transaction


def _notes_of(session: Session) -> _Notes:
    transaction = _transaction_of(session)
    followed: _Followed | None = session.info.get(_KEY)
    if followed is None:
        followed = session.info[_KEY] = _Followed()
    notes = followed.notes.get(transaction)
    if notes is None:
        notes = followed.notes[transaction] = _Notes()
    return notes


def when_undone(session: Session, undo: Callable[[], object]) -> None:
    """Call ``undo`` if the transaction or savepoint that is open now comes to nothing."""
    _notes_of(session).undoing.append(undo)


def when_committed(session: Session, call: Callable[[], Any]) -> None:
    """Make a call when the outermost transaction is committed."""
    _notes_of(session).calls.append(call)


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    followed: _Followed | None = session.info.get(_KEY)
    if followed is not None:
        followed.committed = _transaction_of(session)


@event.listens_for(Session, "after_transaction_end")
def _after_transaction_end(session: Session, transaction: SessionTransaction) -> None:
    followed: _Followed | None = session.info.get(_KEY)
    if followed is not None:
        followed.ended(session, transaction)
