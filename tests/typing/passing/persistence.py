"""A store overrides two methods, in an asynchronous class with ``async def`` too."""

from __future__ import annotations

from typing import Any

from statecraft import AsyncWorkflow, AsyncWorkflowMixin, Change, Event, StaleState, State, Workflow, WorkflowMixin

ROWS: dict[int, str] = {}


class Stored(WorkflowMixin):
    """A store for sync workflows."""

    key: int = 0

    def load_state(self) -> str | None:
        return ROWS.get(self.key)

    def persist_state(self, value: str, *, expected: tuple[str | None, ...]) -> None:
        found = ROWS.get(self.key)
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)
        ROWS[self.key] = value


class AsyncStored(AsyncWorkflowMixin):
    """A store for async workflows."""

    key: int = 0

    async def load_state(self) -> str | None:
        return ROWS.get(self.key)

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        ROWS[self.key] = value


class Logged(Workflow):
    """A store that keeps more than the value, on one class."""

    new = State()
    done = State()
    finish = Event(new.to(done))

    def persist_change(self, change: Change) -> None:
        print(change.transition.event, change.value, change.expected, change.result)
        super().persist_change(change)


class Order(Stored, Workflow):
    placed = State()
    paid = State()
    pay = Event(placed.to(paid))


class Parcel(AsyncStored, AsyncWorkflow):
    packed = State()
    sent = State()
    send = Event(packed.to(sent))


async def fires() -> None:
    """The events do not show where the state is kept."""
    Order().pay()
    await Parcel().send()
