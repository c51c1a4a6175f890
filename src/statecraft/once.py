"""An event that is fired with a key: the change by which it is stored takes the key along."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from statecraft.errors import NoTransitionAllowed, TransitionHalted, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

LONGEST_KEY = 255
"""How many letters a key may have where a column has to have a length."""


class _Keyed:
    """What is fired with a key, and has not been stored so far."""

    __slots__ = ("event", "once", "workflow")

    def __init__(self, workflow: object, event: str, once: str) -> None:
        self.workflow: object | None = workflow
        self.event = event
        self.once = once


_keyed: ContextVar[_Keyed | None] = ContextVar("statecraft_once", default=None)


@contextmanager
def fired_with(workflow: object, event: str, once: str) -> Generator[None]:
    """Let the first change of this event, and no other, have the key ``once`` inside of ``with``.

    For a store's ``fire_once``, which fires ``event`` inside.
    """
    token = _keyed.set(_Keyed(workflow, event, once))
    try:
        yield
    finally:
        _keyed.reset(token)


def taken_key(workflow: object, event: str) -> str | None:
    """Return the key that a change of this event is to have, and keep it for no other change."""
    keyed = _keyed.get()
    if keyed is None or keyed.workflow is not workflow or keyed.event != event:
        return None
    keyed.workflow = None
    return keyed.once


def fired_once(
    workflow: Any,
    event: str,
    once: str,
    fire: Callable[[], Any],
    *,
    unit: AbstractContextManager[Any],
    answer: Callable[[str, str], tuple[Any, ...]],
) -> Any:
    """Call ``fire`` unless the key was used before: then return the first answer.

    ``unit`` is a transaction that locks the object; ``answer(once, event)`` is asked inside of it,
    and returns the first answer in a tuple, or ``()``. A refusal ends the transaction well, so that
    a record of it stays.
    """
    refused: WorkflowError | None = None
    result: Any = None
    with unit:
        for first in answer(once, event):
            return first
        try:
            with fired_with(workflow, event, once):
                result = fire()
        except (NoTransitionAllowed, TransitionHalted) as error:
            refused = error
    if refused is not None:
        raise refused
    return result


async def fired_once_awaited(
    workflow: Any,
    event: str,
    once: str,
    fire: Callable[[], Awaitable[Any]],
    *,
    unit: AbstractAsyncContextManager[Any],
    answer: Callable[[str, str], Awaitable[tuple[Any, ...]]],
) -> Any:
    """Do the same where all of it is awaited."""
    refused: WorkflowError | None = None
    result: Any = None
    async with unit:
        for first in await answer(once, event):
            return first
        try:
            with fired_with(workflow, event, once):
                result = await fire()
        except (NoTransitionAllowed, TransitionHalted) as error:
            refused = error
    if refused is not None:
        raise refused
    return result


def require_short(once: str) -> None:
    """Raise ``WorkflowError`` for a key that is longer than a column is wide."""
    if len(once) > LONGEST_KEY:
        message = f"a key has {LONGEST_KEY} letters at most, and {once!r} has {len(once)}"
        raise WorkflowError(message)


def require_same(first: str, event: str, once: str) -> None:
    """Raise ``WorkflowError`` if another event was the ``first`` to be fired with the key."""
    if first != event:
        message = (
            f"{event!r} cannot be fired with the key {once!r}: {first!r} was, on this object, and"
            " a key stands for one event. Nothing was fired"
        )
        raise WorkflowError(message)
