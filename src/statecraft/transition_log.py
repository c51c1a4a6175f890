"""The transition log: what stores keep of each transition, and who acted."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from statecraft.bundles import NamedTuple
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from statecraft.states import State

_actor: ContextVar[Any] = ContextVar("statecraft_actor", default=None)
_PLAIN = (str, int, float, bool, type(None))


class TransitionRecord(NamedTuple):
    """One record of the log of one object.

    ``sequence`` counts from 1 without gaps; ``event``, ``source`` and ``target`` are names, the
    creation of the object has no event and no source; ``at`` is when, in UTC, or ``None`` where
    nobody knows; ``actor`` the text of who acted; ``noted`` the arguments that the event notes;
    ``once`` the key of an event that was fired with one, ``result`` what it returned; ``refused``
    is why an attempt came to nothing, or ``None`` for what happened.
    """

    sequence: int
    event: str | None
    source: str | None
    target: str
    at: datetime | None = None
    actor: str | None = None
    noted: Mapping[str, Any] = MappingProxyType({})
    once: str | None = None
    result: Any = None
    refused: str | None = None
    internal: bool = False


class TransitionLog(tuple[TransitionRecord, ...]):
    """The records of one object, in order."""

    __slots__ = ()

    @property
    def _entered(self) -> tuple[TransitionRecord, ...]:
        return tuple(one for one in self if one.refused is None and not one.internal)

    @property
    def in_state_since(self) -> datetime | None:
        """When the present state was entered, in UTC; ``None`` if nobody knows."""
        entered = self._entered
        return entered[-1].at if entered else None

    def time_in(self, state: State | str, *, until: datetime | None = None) -> timedelta:
        """Return how long the object has been in ``state``, all its visits together.

        ``state`` is a leaf or a compound, as a State or by its full name; ``until`` is where the
        present visit is counted to, now by default. Visits that began before anybody took down
        the time do not count.
        """
        name = str(state)
        entered = self._entered
        ends = [one.at for one in entered[1:]] + [until or datetime.now(UTC)]
        total = timedelta()
        for record, end in zip(entered, ends, strict=True):
            is_inside = record.target == name or record.target.startswith(f"{name}.")
            if is_inside and record.at is not None and end is not None:
                total += end - record.at
        return total


@contextmanager
def acting_as(actor: Any) -> Generator[None]:
    """Name the actor of every transition inside of ``with``, in this thread or task.

    ``actor`` is any object; guards can ask ``current_actor()`` for it, and the log keeps
    ``actor_text`` of it.
    """
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> Any:
    """Return the object that ``acting_as`` named last, or ``None``."""
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


def noted_json(noted: Mapping[str, Any], event: str) -> str:
    """Return the arguments that an event notes as JSON text.

    Dates, times, numbers of any kind, UUIDs and members of an Enum are written as their texts or
    values. Raises ``WorkflowError`` for what has no JSON form.
    """
    return _json(dict(noted), f"what {event!r} notes", loosely=True)


def result_json(result: Any, event: str) -> str:
    """Return the answer of an event that is fired once as JSON text, to be given again.

    Raises ``WorkflowError`` for what would not come back as it is.
    """
    return _json(result, f"the result of {event!r}, which is fired once,", loosely=False)


def _json(value: Any, what: str, *, loosely: bool) -> str:
    import json  # noqa: PLC0415 - only a log needs it

    try:
        text = json.dumps(value, default=_loosely if loosely else None, allow_nan=False)
    except (TypeError, ValueError) as error:
        message = f"{what} has no JSON form, so the log cannot keep it: {error}"
        raise WorkflowError(message) from error
    if not loosely and json.loads(text) != value:
        message = f"{what} would not come back from JSON as it is: {value!r}"
        raise WorkflowError(message)
    return text


def _loosely(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, _PLAIN) else value.name
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    message = f"a {type(value).__name__} is none of JSON's types"
    raise TypeError(message)
