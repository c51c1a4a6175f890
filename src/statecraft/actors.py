"""Who acts: named for everything that happens inside of a ``with``, for guards and for the log."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_actor: ContextVar[Any] = ContextVar("statecraft_actor", default=None)


@contextmanager
def acting_as(actor: Any) -> Generator[None]:
    """Name the actor of every transition inside of ``with``, in this thread or task.

    ``actor`` is any object, or ``None`` for nobody. Guards can ask ``current_actor()`` for it, and
    a transition log keeps its text: a text as it is, else its ``pk`` or ``id``, else its ``str``.
    """
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> Any:
    """Return the object that ``acting_as`` named last in this thread or task, or ``None``."""
    return _actor.get()


def actor_text(actor: Any) -> str | None:
    """Return what a log keeps of an actor: a text as it is, else its ``pk`` or ``id``, else str."""
    if actor is None or isinstance(actor, str):
        return actor
    for name in ("pk", "id"):
        identity = getattr(actor, name, None)
        if identity is not None:
            return str(identity)
    return str(actor)
