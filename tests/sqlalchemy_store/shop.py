"""The mapped classes of the tests: orders, and what can be mapped in other ways."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from enum import Enum, IntEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from statecraft import AsyncWorkflow, Event, Guard, State, States, Workflow
from statecraft.sqlalchemy import AsyncSQLAlchemyWorkflow, SQLAlchemyWorkflow


class Base(DeclarativeBase):
    """The base of the shop."""


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Order(SQLAlchemyWorkflow, Base):
    """An order with every kind of event."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None]
    amount: Mapped[int] = mapped_column(default=0)
    workflow_state: Mapped[str | None] = mapped_column(String(20))
    updated_at: Mapped[datetime | None] = mapped_column(onupdate=_now)

    submitted = State()
    accepted = State()
    rejected = State(was=["refused"])

    accept = Event(submitted.to(accepted))
    reopen = Event((accepted | rejected).to(submitted))
    charge = Event(submitted.to(accepted), guard=Guard("has_amount", because="it is free"))

    def has_amount(self) -> bool:
        """Whether anything is to be paid."""
        return self.amount > 0

    @Event(submitted.to(rejected))
    def reject(self, why: str) -> str:
        """Note why; halt, or raise, if that is what it says."""
        self.title = why
        if why == "halt":
            self.halt("not today")
        if why == "raise":
            raise ValueError(why)
        return why


class Told(Order):
    """One that tells what is committed."""

    told: ClassVar[list[Any]] = []

    def after_commit(self, transition: Any) -> None:
        """Tell."""
        self.told.append((transition.event, self.title))
        if self.title == "raise":
            raise ValueError(self.title)


class Colour(Enum):
    """Members that are no texts."""

    RED = "r"
    GREEN = "g"


class Level(IntEnum):
    """Members that are numbers."""

    LOW = 0
    HIGH = 10


class Lamp(SQLAlchemyWorkflow, Base, state_field="colour"):
    """One with an Enum column of another name in the database, and a composite key."""

    __tablename__ = "lamps"
    street: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[Colour | None] = mapped_column("lamp_colour")

    states = States.from_enum(Colour)
    go = Event(states.RED.to(states.GREEN))


class Tank(SQLAlchemyWorkflow, Base, state_field="level"):
    """One with a column for numbers."""

    __tablename__ = "tanks"
    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(server_default="0")

    low = State(Level.LOW)
    high = State(Level.HIGH)
    fill = Event(low.to(high))


class Animal(Base):
    """A base of joined tables, without a workflow."""

    __tablename__ = "animals"
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str | None]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}


class Cat(SQLAlchemyWorkflow, Animal):
    """One whose state is in the second table."""

    __tablename__ = "cats"
    cat: Mapped[int] = mapped_column(ForeignKey("animals.number"), primary_key=True)
    workflow_state: Mapped[str | None]
    __mapper_args__ = {"polymorphic_identity": "cat"}

    awake = State()
    asleep = State()
    sleep = Event(awake.to(asleep))


class Lion(Cat):
    """One whose state is in the table of its base, and that can do more."""

    __tablename__ = "lions"
    lion: Mapped[int] = mapped_column(ForeignKey("cats.cat"), primary_key=True)
    __mapper_args__ = {"polymorphic_identity": "lion"}

    hunting = State()
    hunt = Event(Cat.awake.to(hunting))


class Ticket(SQLAlchemyWorkflow, MappedAsDataclass, Base):
    """One that is a dataclass."""

    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None] = mapped_column(default=None)
    seat: Mapped[int] = mapped_column(default=0)

    valid = State()
    used = State()
    use = Event(valid.to(used))


class Counted(SQLAlchemyWorkflow, Base, version_field="version"):
    """One that counts its transitions."""

    __tablename__ = "counted"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None]
    version: Mapped[int | None]

    active = State()
    paused = State()
    touch = Event(active.to(active))
    pause = Event(active.to(paused))
    resume = Event(paused.to(active))


class Dated(SQLAlchemyWorkflow, Base):
    """One with defaults of the database."""

    __tablename__ = "dated"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None]
    made: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    new = State()
    old = State()
    grow = Event(new.to(old))


class Parcel(SQLAlchemyWorkflow, Base, log="refusals"):
    """One with a log."""

    __tablename__ = "parcels"
    depot: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None]
    weight: Mapped[int | None]

    packed = State()
    sent = State()
    lost = State()

    send = Event(packed.to(sent))
    lose = Event(sent.to(lost))
    find = Event(lost.to(sent))

    @Event(packed.internal(), note=("grams", "by"))
    def weigh(self, grams: int, by: str = "hand") -> int:
        """Note the weight."""
        self.weight = grams
        if grams < 0:
            self.halt("lighter than nothing")
        return grams


class Job(AsyncSQLAlchemyWorkflow, Base, log=True):
    """One with awaited events."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str | None]
    workflow_state: Mapped[str | None]

    waiting = State()
    running = State()
    done = State()

    start = Event(waiting.to(running))

    @Event(running.to(done))
    async def finish(self, note: str) -> str:
        """Note how it went."""
        self.note = note
        await asyncio.sleep(0)
        if note == "raise":
            raise ValueError(note)
        return note


class PaymentFlow(Workflow):
    """A workflow to be attached."""

    open = State()
    paid = State()

    pay = Event(open.to(paid))

    @Event(paid.to(open))
    def refund(self, why: str) -> str:
        """Note why, in the row."""
        self.subject.note = why
        if why == "raise":
            raise ValueError(why)
        return why


class DeliveryFlow(AsyncWorkflow):
    """One with awaited events."""

    waiting = State()
    sent = State()
    send = Event(waiting.to(sent))


class LoggedFlow(SQLAlchemyWorkflow, log=True):
    """One that brings a log along."""

    asleep = State()
    awake = State()
    wake = Event(asleep.to(awake))


class WithPayment:
    """A mixin that is not mapped itself."""

    payment = PaymentFlow.attached("payment_state")
    payment_state: Mapped[str | None]


class Invoice(WithPayment, Base):
    """A row with several workflows, that is none itself."""

    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str | None]
    delivery_state: Mapped[str | None]
    logged_state: Mapped[str | None]
    workflow_state: Mapped[str | None]

    delivery = DeliveryFlow.attached("delivery_state")
    logged = LoggedFlow.attached("logged_state")


class Bill(Invoice):
    """One in the same table."""


class Booking(SQLAlchemyWorkflow, Base, log="refusals"):
    """A workflow with another one attached; both are in one log."""

    __tablename__ = "bookings"
    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str | None]
    workflow_state: Mapped[str | None]
    payment_state: Mapped[str | None]

    asked = State()
    agreed = State()
    agree = Event(asked.to(agreed))
    payment = PaymentFlow.attached("payment_state")
