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
from statecraft.redis.locking import locked
from statecraft.transition_log import result_json

if TYPE_CHECKING:
    from statecraft.redis.stored import StoredObject

_pending: ContextVar[Pending | None] = ContextVar("statecraft_redis_once", default=None)


class Pending:
    """An event that is being fired with a key."""

    __slots__ = ("event", "has_begun", "is_stored", "once", "workflow")

    def __init__(self, workflow: Any, event: str, once: str) -> None:
        self.workflow = workflow
        self.event = event
        self.once = once
        self.has_begun = False
        self.is_stored = False

    def result(self, result: Any) -> str:
        """Return what the event returns as JSON, to be returned again."""
        return result_json(True if result is None else result, self.event)

    def answer(self, result: Any) -> str:
        """Return what is stored with the key."""
        return f'{{"event": {json.dumps(self.event)}, "result": {self.result(result)}}}'


class Repeated(StaleState):
    """Another writer fired the event with this key first: nothing was stored."""

    def __init__(self, workflow: Any, first: str) -> None:
        super().__init__(workflow, expected=(), found=None)
        self.first = first


def pending_of(workflow: Any, event: str | None = None) -> Pending | None:
    """Return what is being fired with a key on an object, if it is this event, or any."""
    pending = _pending.get()
    if pending is None or pending.workflow is not workflow or pending.is_stored:
        return None
    return pending if event in {None, pending.event} else None


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
            pending = Pending(stored.workflow, event, once)
            around = _pending.set(pending)
            try:
                result = getattr(stored.workflow, event)(*args, **kwargs)
                return await settled(result) if stored.is_async else result
            except Repeated as error:
                first = error.first
            finally:
                _pending.reset(around)
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
