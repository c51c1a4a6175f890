"""Models that are in several databases at once, for tests of transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from statecraft import Event, State
from statecraft.django import WorkflowModel
from tests.django_store.databases import RUN

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Text: TypeAlias = models.Field[str, str]


class Deed(WorkflowModel, log=True):
    """One with a log; ``heard`` has what it was told after commits, ``errors`` what failed."""

    heard: ClassVar[list[Any]] = []
    errors: ClassVar[list[Exception]] = []
    title: Text = models.CharField(max_length=20, blank=True)

    open = State()
    done = State()
    finish = Event(open.to(done))

    @Event(done.to(open))
    def again(self, then: Callable[[], object] = str) -> None:
        """Do what is given."""
        then()

    def after_commit(self, transition: Any) -> None:
        """Tell."""
        self.heard.append(transition.event)

    def on_error(self, error: Exception) -> None:
        """Keep it."""
        self.errors.append(error)
        raise error

    class Meta:
        db_table = f"statecraft_{RUN}_deeds"


class PlainDeed(WorkflowModel):
    """One whose event is a single statement."""

    open = State()
    done = State()
    finish = Event(open.to(done))

    class Meta:
        db_table = f"statecraft_{RUN}_plain_deeds"
