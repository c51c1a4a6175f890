"""The models of the tests: orders, and what can be stored in other ways."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from statecraft import Event, Guard, State, States
from statecraft.django import WorkflowModel
from tests.django_store.databases import RUN

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
