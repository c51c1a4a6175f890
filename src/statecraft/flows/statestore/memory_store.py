"""The state of tasks in the memory of one process, for tests."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

from statecraft.flows.statestore.base import BaseStateStore, State, revision_of
from statecraft.flows.statestore.clock import last_expired, now
from statecraft.flows.statestore.codec import from_text, to_text


class _Kept(NamedTuple):
    text: str
    touched: int


class StateStore(BaseStateStore):
    """Keeps texts, as every other store does; whoever changes a state he got changes nothing."""

    atomic = True
    expires = True
    shared = False

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def get_state(self, task_id: str) -> State | None:
        """Return the state of a task, or ``None``."""
        kept = self._kept.get(task_id)
        if kept is None or kept.touched <= last_expired():
            return None
        return from_text(kept.text)

    def put_state(self, task_id: str, state: State) -> None:
        """Store the state of a task."""
        text = to_text(state)
        with self._lock:
            self._kept[task_id] = _Kept(text, now())

    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        """Store the state if the stored one has the revision ``expected``, and return whether."""
        text = to_text(state)
        with self._lock:
            if revision_of(self.get_state(task_id)) != expected:
                return False
            self._kept[task_id] = _Kept(text, now())
            return True

    def delete_state(self, task_id: str) -> None:
        """Forget a task."""
        with self._lock:
            self._kept.pop(task_id, None)

    def touch(self, task_id: str) -> None:
        """Let the idle time begin again."""
        with self._lock:
            if self.get_state(task_id) is not None:
                self._kept[task_id] = self._kept[task_id]._replace(touched=now())

    def expire(self, limit: int) -> int:
        """Delete at most ``limit`` expired states."""
        with self._lock:
            expired = self._expired()[:limit]
            for task_id in expired:
                del self._kept[task_id]
            return len(expired)

    def count_expired(self) -> int:
        """Return how many expired states there are."""
        with self._lock:
            return len(self._expired())

    def _expired(self) -> list[str]:
        last = last_expired()
        return [task_id for task_id, kept in self._kept.items() if kept.touched <= last]
