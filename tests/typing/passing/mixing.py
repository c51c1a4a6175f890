"""Workflows mix with dataclasses, attrs, Pydantic, ABC, Generic and Protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar, assert_type

import attrs
from pydantic import BaseModel, ConfigDict
from typing_extensions import Self

from statecraft import Event, State, Workflow, WorkflowMixin

Item = TypeVar("Item")


@dataclass
class Parcel(Workflow):
    address: str
    weight: int = 0
    history: list[str] = field(default_factory=list[str])

    packed = State()
    sent = State()

    @Event(packed.to(sent))
    def send(self, carrier: str) -> int:
        """Use a field."""
        self.history.append(carrier)
        return self.weight

    deliver = Event[[int], bool](sent.to(sent))


@dataclass(slots=True)
class Letter(Workflow):
    address: str
    workflow_state: str | None = None
    _halted_because: Any = None

    written = State()
    sent = State()
    send = Event(written.to(sent))


@attrs.define
class Ticket(Workflow, state_field="status"):
    title: str
    status: str | None = None

    open = State()
    closed = State()
    close = Event(open.to(closed))


class Invoice(WorkflowMixin, BaseModel):
    model_config = ConfigDict(ignored_types=(State, Event))

    number: int
    workflow_state: str | None = None

    drafted = State()
    paid = State()

    @Event(drafted.to(paid))
    def pay(self, amount: int) -> None:
        """Use a field."""
        if amount < self.number:
            self.halt("too little")


class Shape(Workflow, ABC):
    drawn = State()
    erased = State()
    erase = Event(drawn.to(erased))

    @abstractmethod
    def area(self) -> int:
        """Be defined by a subclass."""


class Square(Shape):
    def area(self) -> int:
        return 1


class Box(Workflow, Generic[Item]):
    empty = State()
    full = State()

    @Event(empty.to(full))
    def put(self, item: Item) -> None:
        """Take what the box is for."""

    @Event(full.to(empty))
    def take(self) -> list[Item]:
        """Give what the box is for."""
        return []

    @Event(full.to(empty))
    def pour(self, other: Self) -> None:
        """Take another one like this."""


class Closable(Protocol):
    """What has an event without a result of its own."""

    def close(self) -> bool: ...


class Sendable(Protocol):
    """What has an event with arguments and a result."""

    def send(self, carrier: str) -> int | Literal[False]: ...


class Described(Protocol):
    """What a class may inherit from."""

    def describe(self) -> str: ...


class Claim(WorkflowMixin, Described):
    made = State()
    met = State()
    meet = Event(made.to(met))

    def describe(self) -> str:
        return self.current_state.name


def makes() -> None:
    """The constructors are those of the other side."""
    parcel = Parcel("here", weight=3)
    assert_type(parcel.send("ship"), int | Literal[False])
    assert_type(parcel.deliver(3), bool)
    assert_type(parcel.can(Parcel.send, "ship"), bool)
    assert_type(Letter("here", workflow_state="sent").send(), bool)
    assert_type(Ticket("late", status="open").close(), bool)
    assert_type(Invoice(number=3).pay(4), bool)
    assert_type(Square().erase(), bool)
    assert_type(Claim().meet(), bool)


def fills(box: Box[str]) -> None:
    """What the box is for is known."""
    assert_type(box.put("tea"), bool)
    assert_type(box.take(), list[str] | Literal[False])
    assert_type(box.pour(box), bool)


def closes(what: Closable) -> None:
    """Take whatever has this event."""
    what.close()


def sends(what: Sendable) -> None:
    """Take whatever has this event."""
    what.send("ship")


def passes_for_a_protocol() -> None:
    """An event is as good as a method of its signature."""
    closes(Ticket("late"))
    sends(Parcel("here"))
