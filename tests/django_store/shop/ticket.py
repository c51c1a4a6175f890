"""A model whose events take arguments of every type that a form knows."""

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias
from uuid import UUID

from django import forms
from django.contrib.auth.models import User
from django.db import models

from statecraft import Event, Guard, State
from statecraft.django import WorkflowModel
from tests.django_store.databases import RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

    Text: TypeAlias = models.Field[str, str]


class Weight(Enum):
    """How heavy it is."""

    LIGHT = 1
    HEAVY = 2


class Level(models.TextChoices):
    """How urgent it is."""

    LOW = "l", "no hurry"
    HIGH = "h", "at once"


class Ticket(WorkflowModel):
    """A ticket; what its events were given last is in ``given``."""

    given: ClassVar[list[Any]] = []
    title: "Text" = models.CharField(max_length=80)
    workflow_state: "Text" = models.CharField(max_length=20, null=True, blank=True)

    waiting = State(meta={"colour": "amber"})
    done = State(final=True, label="All done")

    note = Event(waiting.internal())
    skip = Event(waiting.to(done), guard=Guard("has_title", because="it has no title"))
    mark = Event[[str], bool](waiting.internal())

    def has_title(self) -> bool:
        """Whether it has a title."""
        return bool(self.title)

    def __str__(self) -> str:
        return self.title

    @Event(waiting.to(done))
    def close(
        self,
        why: str,
        /,
        count: int,
        price: Decimal,
        weight: Weight,
        owner: User,
        day: dt.date,
        at: dt.datetime,
        *,
        urgent: bool = False,
        level: Level = Level.LOW,
        factor: float | None = None,
        remark: str | None = None,
        way: Literal["post", "mail"] = "post",
        text: Annotated[str, forms.CharField(widget=forms.Textarea, required=False)] = "",
        link: Annotated[str, forms.EmailField] = "",
        key: UUID | None = None,
        anything: object = None,
        **more: object,
    ) -> None:
        """Keep what was given; halt, raise or refuse, if that is what it says."""
        self.given[:] = [value for name, value in locals().items() if name != "self"]
        if why == "halt":
            self.halt("not on Mondays")
        if why == "wrong":
            raise forms.ValidationError("that is no reason")
        if why == "broken":
            raise ZeroDivisionError

    @Event(waiting.to(done))
    def hurry(self, names: "Sequence[str]") -> None:
        """Take what no field is known for."""

    @Event(waiting.to(done))
    def finish(self, why: str) -> None:
        """Halt, raise or refuse, if that is what it says."""
        if why == "halt":
            self.halt("not on Mondays")
        if why == "broken":
            raise ZeroDivisionError


class Parked(WorkflowModel):
    """One whose state has another value now."""

    parked = State("standing", was=["parked"])
    driven = State()
    drive = Event(parked.to(driven))

    class Meta:
        db_table = f"statecraft_{RUN}_parked"
