"""The models of the tests: orders, and what can be stored in other ways."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from statecraft import Compound, Event, Guard, State, States, Workflow
from statecraft.django import WorkflowModel
from tests.django_store.databases import RUN
from tests.django_store.shop import deeds as deeds  # noqa: PLC0414 - models of the app
from tests.django_store.shop import posts as posts  # noqa: PLC0414 - and these
from tests.django_store.shop.ticket import Ticket as Ticket  # noqa: PLC0414 - a model of the app

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    Number: TypeAlias = models.Field[int, int]
    Text: TypeAlias = models.Field[str, str]
    Moment: TypeAlias = models.Field[datetime, datetime]


class Thing(WorkflowModel):
    """A row in which the state of any workflow can be."""

    id: Number = models.BigIntegerField(primary_key=True)
    workflow_state: Text = models.CharField(max_length=255, null=True, blank=True)
    workflow_state_remembered: Text = models.TextField(null=True, blank=True)

    class Meta:
        db_table = f"statecraft_{RUN}_things"


class Line(models.Model):
    """A row that a handler stores."""

    text: Text = models.CharField(max_length=200)

    class Meta:
        db_table = f"statecraft_{RUN}_lines"


class Order(WorkflowModel):
    """An order with every kind of event."""

    title: Text = models.CharField(max_length=80, blank=True)
    amount: Number = models.IntegerField(default=0)
    updated_at: Moment = models.DateTimeField(auto_now=True)

    submitted = State()
    accepted = State(label="Taken on")
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
        Line.objects.create(text=why)
        if why == "halt":
            self.halt("not today")
        if why == "raise":
            raise ValueError(why)
        return why


class Told(WorkflowModel):
    """One that tells what is committed."""

    told: ClassVar[list[Any]] = []
    waiting = State()
    done = State()
    finish = Event(waiting.to(done))
    again = Event(done.to(waiting))

    def after_commit(self, transition: Any) -> None:
        """Tell."""
        self.told.append((transition.event, type(self).objects.in_state("done").count()))


class Colour(Enum):
    """Members that are no texts."""

    RED = "r"
    GREEN = "g"


class Lamp(WorkflowModel, state_field="colour"):
    """One whose values are members of an Enum."""

    states = States.from_enum(Colour)
    go = Event(states.RED.to(states.GREEN))


class Tank(WorkflowModel, state_field="level"):
    """One with numbers."""

    if TYPE_CHECKING:
        level: Any

    low = State(0)
    high = State(10)
    fill = Event(low.to(high))


class Counted(WorkflowModel, version_field="version"):
    """One that counts its transitions."""

    version: Number = models.PositiveIntegerField(default=0)

    active = State()
    paused = State()
    touch = Event(active.to(active))
    pause = Event(active.to(paused))
    resume = Event(paused.to(active))


class Payment(Workflow):
    """A workflow that is attached."""

    open = State()
    paid = State()
    refunded = State()
    pay = Event(open.to(paid, if_="is_due"))
    refund = Event(paid.to(refunded), guard=Guard.permission("shop.refund"))

    def is_due(self) -> bool:
        """Whether anything is to be paid."""
        return bool(self.subject.amount)


class Invoice(WorkflowModel, log="refusals"):
    """One with a log, and with a second workflow."""

    amount: Number = models.IntegerField(default=1)
    paying = Payment.attached("payment_state")

    draft = State()
    sent = State(meta={"colour": "green"})

    remind = Event(draft.internal())

    @Event(draft.to(sent), note=("by",), guard=Guard.permission("shop.send_invoice"))
    def send(self, by: str) -> dict[str, str]:
        """Return what was noted."""
        return {"by": by}

    @Event(sent.to(draft))
    def call_back(self) -> None:
        """Raise when there is nothing to call back."""
        if not self.amount:
            raise ValueError(self.amount)


class Dated(WorkflowModel):
    """A base that has states and no table."""

    made: Moment = models.DateTimeField(auto_now_add=True)

    new = State()
    old = State()
    grow = Event(new.to(old))

    class Meta:
        abstract = True


class Letter(Dated):
    """One whose states are those of its base."""

    body: Text = models.TextField()


class Parcel(Letter):
    """One with a table of its own, whose state is in that of its parent; it can do more."""

    weight: Number = models.IntegerField(default=0)
    lost = State()
    lose = Event(Letter.new.to(lost))


class UrgentLetter(Letter):
    """A proxy that can do more."""

    thrown_away = State()

    @Event(Letter.new.to(thrown_away))
    def throw_away(self) -> None:
        """Be thrown away."""

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]
        proxy = True


class Review(WorkflowModel):
    """One with states inside of a state, which it remembers."""

    draft = State()

    class checking(Compound, history=True):
        """Legal, then technical."""

        legal = State()
        technical = State()

    start = Event(draft.to(checking))
    clear = Event(checking.legal.to(checking.technical))
    pause = Event(checking.to(draft))


class Booking(models.Model):
    """A model without a workflow."""

    trial_state: Text = models.CharField(max_length=20, null=True)


class Trial(Workflow, state_field="trial_state"):
    """What a booking can adopt."""

    running = State()
    ended = State()
    end = Event(running.to(ended))


class Switch(WorkflowModel):
    """One whose states are flags."""

    workflow_state: models.Field[bool, bool] = models.BooleanField()

    off = State(False)
    on = State(True)

    @Event(off.to(on))
    def turn_on(self) -> None:
        """Be turned on."""
