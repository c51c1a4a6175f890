"""What a state store is: two methods, and what can be made of them.

Theory of operation
-------------------
A state is a dictionary of plain JSON: texts, numbers, ``True``, ``False``, ``None``, lists, and
dictionaries with texts as keys. The layer above makes it of richer values, and rich values of it:
see ``codec``. So a store can keep it in whatever way it likes, and never looks into it. One key
only has a meaning here: ``revision``, a whole number, by which ``swap_state`` compares.

A store finds a task by ``task_id``, which comes out of a URL. It may be any text at all.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from hashlib import blake2b
from typing import Any, ClassVar

from asgiref.sync import sync_to_async

from statecraft.flows.statestore.codec import to_text

State = dict[str, Any]


class BaseStateStore:
    """Extend it, and write ``get_state`` and ``put_state``; the rest has a default made of those.

    What a store can promise, it says:

    - ``atomic``: of several that swap at the same time, one wins, whoever they are
    - ``transactional``: what happens in ``transaction()`` happens as a whole or not at all, with
      what the application stores in the same database
    - ``expires``: a state that nobody has used for ``FLOWS_TASK_IDLE_TIMEOUT`` is gone
    - ``shared``: all processes of the application see the same states

    A store that cannot be reached raises ``StateStoreUnavailable``; one that is given more than
    ``FLOWS_MAX_STATE_BYTES`` raises ``StateTooLarge``, and stores nothing.
    """

    atomic: ClassVar[bool] = False
    transactional: ClassVar[bool] = False
    expires: ClassVar[bool] = False
    shared: ClassVar[bool] = True

    def get_state(self, task_id: str) -> State | None:
        """Return the state of a task; ``None`` or ``{}`` if there is none, or it is expired."""
        raise NotImplementedError(_missing(self, "get_state"))

    def put_state(self, task_id: str, state: State) -> None:
        """Store the state of a task, whatever is stored; ``{}`` forgets the task."""
        raise NotImplementedError(_missing(self, "put_state"))

    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        """Store the state if the stored one has the revision ``expected``, and return whether.

        ``None`` means that nothing is stored, or what is stored is expired. It counts as use.
        """
        to_text(state)
        if revision_of(self.get_state(task_id)) != expected:
            return False
        self.put_state(task_id, state)
        return True

    def delete_state(self, task_id: str) -> None:
        """Forget a task; one that is not there is no error."""
        if self.get_state(task_id):
            self.put_state(task_id, {})

    def touch(self, task_id: str) -> None:
        """Count as use: the idle time of the task begins again, unless it has ended already."""

    def expire(self, limit: int) -> int:  # noqa: ARG002 - there is nothing to delete
        """Delete at most ``limit`` expired states, and return how many: fewer means, all."""
        return 0

    def count_expired(self) -> int:
        """Return how many expired states there are to be deleted."""
        return 0

    def transaction(self) -> AbstractContextManager[Any]:
        """Return a context manager: one transaction, if the store is ``transactional``.

        Swap first inside of it: where the first statement is a write, the database lets others
        wait until the transaction ends.
        """
        return nullcontext()

    # -- the same, awaited -----------------------------------------------------------------------

    async def aget_state(self, task_id: str) -> State | None:
        """Do as ``get_state``."""
        return await sync_to_async(self.get_state)(task_id)

    async def aput_state(self, task_id: str, state: State) -> None:
        """Do as ``put_state``."""
        await sync_to_async(self.put_state)(task_id, state)

    async def aswap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        """Do as ``swap_state``."""
        return await sync_to_async(self.swap_state)(task_id, state, expected)

    async def adelete_state(self, task_id: str) -> None:
        """Do as ``delete_state``."""
        await sync_to_async(self.delete_state)(task_id)

    async def atouch(self, task_id: str) -> None:
        """Do as ``touch``."""
        await sync_to_async(self.touch)(task_id)

    async def aexpire(self, limit: int) -> int:
        """Do as ``expire``."""
        return await sync_to_async(self.expire)(limit)


def revision_of(state: State | None) -> int | None:
    """Return the revision of a state; that of one that has none is 0, that of none is ``None``."""
    return int(state.get("revision", 0)) if state else None


def key_of(task_id: str) -> str:
    """Return under which key a store keeps a task: 32 letters of its hash.

    So every id is a key, whatever it has of slashes, capitals or length; and who can read the
    store has not got the ids.
    """
    return blake2b(task_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _missing(store: BaseStateStore, name: str) -> str:
    return f"{type(store).__name__} extends BaseStateStore, so it needs a method {name}"
