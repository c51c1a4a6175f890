"""What is said of objects that cannot be moved as they are, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.errors import WorkflowError
from statecraft.names import with_article

if TYPE_CHECKING:
    from sqlalchemy.orm import InstanceState

ENDED = (
    "code inside of an event has ended the transaction that the event is in, so nothing of the"
    " event was stored. commit() and rollback() belong to whoever has begun it; what is to follow"
    " the commit belongs in after_commit"
)
MUST_WAIT = (
    "{} is in an AsyncSession, which has to be awaited. Inherit from AsyncSQLAlchemyWorkflow, or"
    " let the session call what fires the event: await session.run_sync(...)"
)
GONE = "{} has no row any more: somebody has deleted it"
LOST = (
    "The database has undone the whole transaction, with all that was stored in it before this"
    " event. Begin it again: see retry_stale."
)


def named(state: InstanceState[Any]) -> str:
    """Return what messages call an object: its class, and its key if it has one."""
    name = state.class_.__name__
    if state.key is None:
        return f"{with_article(name)} without a row"
    return f"{name} {', '.join(map(repr, state.key[1]))}"


def no_session(state: InstanceState[Any]) -> WorkflowError:
    """Return the error of an object that is in no session, or deleted."""
    who, name = named(state), state.class_.__name__
    if state.deleted or state.was_deleted:
        return WorkflowError(f"{who} was deleted, and moves no more")
    if state.detached:
        return WorkflowError(
            f"{who} is detached: its session was closed, or has let go of it. Get it from a session"
            f" that is open, session.get({name}, ...), and fire the event of that one"
        )
    return WorkflowError(
        f"{who} cannot fire an event, because it is in no session: session.add(...) it first."
        " Tests that need no database put it into a state with statecraft.testing.place"
    )


def must_wait(state: InstanceState[Any], field: str, *, waits: bool) -> WorkflowError:
    """Return the error of an attribute that cannot be loaded without waiting."""
    if not waits:
        return WorkflowError(MUST_WAIT.format(named(state)))
    return WorkflowError(
        f"{field!r} of {named(state)} is expired, and has to be loaded, which must be awaited:"
        " await its refresh_state() first"
    )


def cannot_read(state: InstanceState[Any], field: str, error: Exception) -> WorkflowError:
    """Return the error of an attribute that was to be loaded, and cannot be."""
    return WorkflowError(f"{field!r} of {named(state)} cannot be loaded: {error}")
