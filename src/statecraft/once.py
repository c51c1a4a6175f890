"""An event that is fired with a key: the change by which it is stored takes the key along."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


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
