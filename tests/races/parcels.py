"""The workflow that every store under fire moves: a parcel, whose events store in every way."""

from __future__ import annotations

from typing import Final

from statecraft import Event, State, WorkflowMixin, current_actor

WRITING: Final = frozenset({"send", "hand_over", "weigh"})
"""The events that happen, and whose handlers write a row for each time that they do."""


class BurntError(Exception):
    """What a hook raises after the state is stored: on a store with transactions it undoes it."""


class Parcel(WorkflowMixin):
    """A parcel that travels in a ring; what its handlers write, a store shall keep with the state.

    ``lose``, ``find``, ``repack`` and ``look`` are one statement; ``send`` and ``weigh`` run a
    handler under the lock, ``hand_over`` without; ``drop`` writes and halts; ``burn`` writes, and
    raises after the state is stored.
    """

    packed = State()
    sent = State()
    lost = State()
    delivered = State()
    burnt = State()

    lose = Event(sent.to(lost))
    find = Event(lost.to(sent))
    repack = Event(burnt.to(packed))
    look = Event((packed | sent | delivered).internal())

    @Event(packed.to(sent))
    def send(self) -> str:
        """Write a row; return who did."""
        return self._acted("send")

    @Event(sent.to(delivered), delivered.to(packed), lock=False)
    def hand_over(self) -> str:
        """Write a row, while others may do the same."""
        return self._acted("hand_over")

    @Event((packed | sent).internal())
    def weigh(self) -> str:
        """Write a row, and stay."""
        return self._acted("weigh")

    @Event((packed | sent | delivered).to(lost))
    def drop(self) -> None:
        """Write a row that shall not stay."""
        self.write_effect("drop", str(current_actor()))
        self.halt("it is fragile")

    @Event((packed | sent).to(burnt))
    def burn(self) -> None:
        """Write a row that shall not stay either."""
        self.write_effect("burn", str(current_actor()))

    @burnt.on_entry
    def raise_alarm(self) -> None:
        """Fail when it is too late for the event, and not for the transaction."""
        raise BurntError

    def _acted(self, event: str) -> str:
        actor = str(current_actor())
        self.write_effect(event, actor)
        return actor

    def write_effect(self, event: str, actor: str) -> None:
        """Write a row with the state, on a store that can."""
