"""Who acts: named for everything that happens inside of a ``with``, for guards and for the log."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator


class _Acting:
    """Who acts, in a box: what carries contexts to other threads compares what is in them.

    An actor may be one that is loaded when it is compared, as the user of a request is.
    """

    __slots__ = ("actor",)

    def __init__(self, actor: Any) -> None:
        self.actor = actor


_NOBODY = _Acting(None)
_acting: ContextVar[_Acting] = ContextVar("statecraft_actor", default=_NOBODY)


@contextmanager
def acting_as(actor: Any) -> Generator[None]:
    """Name the actor of every transition inside of ``with``, in this thread or task.

    ``actor`` is any object, or ``None`` for nobody. Guards can ask ``current_actor()`` for it, and
    a transition log keeps its text: a text as it is, else its ``pk`` or ``id``, else its ``str``.
    """
    token = _acting.set(_Acting(actor))
    try:
        yield
    finally:
        _acting.reset(token)


def current_actor() -> Any:
    """Return the object that ``acting_as`` named last in this thread or task, or ``None``."""
    return _acting.get().actor


def actor_text(actor: Any) -> str | None:
    """Return what a log keeps of an actor: a text as it is, else its ``pk`` or ``id``, else str."""
    if actor is None or isinstance(actor, str):
        return actor
    for name in ("pk", "id"):
        identity = getattr(actor, name, None)
        if identity is not None:
            return str(identity)
    return str(actor)
