"""An event that is fired with a key: exactly once, and a repeat gets the first answer.

The key is looked up first, again together with the state from which the event is judged, and again
by the call that stores the transition: so a repeat that comes at the same time stores nothing,
however late it notices.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from statecraft.compiler.questions import settled
from statecraft.errors import StaleState, WorkflowError
from statecraft.once import fired_with
from statecraft.redis.locking import locked
from statecraft.transition_log import result_json

if TYPE_CHECKING:
    from statecraft.persistence import Change
    from statecraft.redis.stored import StoredObject

_beginning: ContextVar[tuple[object, str] | None] = ContextVar(
    "statecraft_redis_once", default=None
)


def key_at_beginning(workflow: object) -> str | None:
    """Return the key with which an event is fired that is loading its state; later, ``None``."""
    beginning = _beginning.get()
    if beginning is None or beginning[0] is not workflow:
        return None
    _beginning.set(None)
    return beginning[1]


def answer_to_keep(change: Change) -> str:
    """Return what is stored with the key: which event it was, and what it returns again."""
    event = change.transition.event
    return f'{{"event": {json.dumps(event)}, "result": {result_json(change.answer, event)}}}'


class Repeated(StaleState):
    """Another writer fired the event with this key first: nothing was stored."""

    def __init__(self, workflow: Any, first: str) -> None:
        super().__init__(workflow, expected=(), found=None)
        self.first = first


async def fire_once(
    stored: StoredObject,
    event: str,
    once: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    lock: bool,
) -> Any:
    """Fire ``event`` unless the key was used before; then return the first answer."""
    async with locked(stored, event) if lock else nullcontext():
        first = await stored.load_first(once)
        if first is None:
            around = _beginning.set((stored.workflow, once))
            try:
                with fired_with(stored.workflow, event, once):
                    result = getattr(stored.workflow, event)(*args, **kwargs)
                    return await settled(result) if stored.is_async else result
            except Repeated as error:
                first = error.first
            finally:
                _beginning.reset(around)
    return _answer_again(stored.key, event, once, first)


def _answer_again(key: str, event: str, once: str, first: str) -> Any:
    found = json.loads(first)
    if found["event"] != event:
        message = (
            f"the key {once!r} of {key} belongs to the event {found['event']!r} already, so it"
            f" cannot be that of {event!r}, and nothing was stored. Give it a key of its own"
        )
        raise WorkflowError(message)
    return found["result"]
