"""A whole transaction that is tried again when another writer came first."""

from __future__ import annotations

from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from statecraft.errors import StaleState, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Callable

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
AnySession = TypeVar("AnySession", Session, AsyncSession)

# serialization failure, deadlock; MariaDB: deadlock, lock wait timeout, record has changed
_STATES = {"40001", "40P01"}
_NUMBERS = {1213, 1205, 1020}
_BUSY = {5, 6}  # SQLite: busy, locked


def retry_stale(
    times: int,
) -> Callable[
    [Callable[Concatenate[AnySession, Parameters], Result]],
    Callable[Concatenate[AnySession, Parameters], Result],
]:
    """Make a function a transaction that is tried again, at most ``times`` times in all.

    It takes a Session, or an AsyncSession if it is ``async def``, as its first argument. The
    transaction is begun and committed around each call. It is tried again after ``StaleState``,
    and after what a database raises when transactions are in each other's way; the last of these
    reaches the caller. Inside of a transaction it raises ``WorkflowError``: what has been read
    there would still be stale.
    """
    if times < 1:
        message = f"a transaction is tried once at least, and not {times} times"
        raise ValueError(message)

    def decorate(work: Any) -> Any:
        tried = _tried_async if iscoroutinefunction(work) else _tried
        return wraps(work)(partial(tried, work, times))

    made: Any = decorate
    return made  # type: ignore[no-any-return] # its type is what this function says


def _tried(work: Any, times: int, session: Session, /, *args: Any, **kwargs: Any) -> Any:
    _require_no_transaction(session, work)
    while True:
        times -= 1
        try:
            with session.begin():
                return work(session, *args, **kwargs)
        except (StaleState, DBAPIError) as error:
            if not times or not _may_pass(error):
                raise


async def _tried_async(
    work: Any, times: int, session: AsyncSession, /, *args: Any, **kwargs: Any
) -> Any:
    _require_no_transaction(session, work)
    while True:
        times -= 1
        try:
            async with session.begin():
                return await work(session, *args, **kwargs)
        except (StaleState, DBAPIError) as error:
            if not times or not _may_pass(error):
                raise


def _require_no_transaction(session: Any, work: Any) -> None:
    if session.in_transaction():
        message = (
            f"{work.__name__} is a transaction of its own, and the session is in one already:"
            " commit it before, or fire the events without retry_stale"
        )
        raise WorkflowError(message)


def _may_pass(error: StaleState | DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is begun again."""
    if isinstance(error, StaleState):
        return True
    cause: Any = error.orig
    number = cause.args[0] if cause.args else None
    state = getattr(cause, "sqlstate", None)
    busy = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return state in _STATES or number in _NUMBERS or busy in _BUSY
