"""``WorkflowModel``: what people inherit from, its manager and its QuerySet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db import models

from statecraft.django.querysets import in_states, not_in_states
from statecraft.django.workflow import DjangoWorkflow

if TYPE_CHECKING:
    from typing import Self

    from statecraft.states import State

Stored = TypeVar("Stored", bound=models.Model)


class WorkflowQuerySet(models.QuerySet[Stored]):
    """A QuerySet that knows states."""

    def in_state(self, *states: State | str) -> Self:
        """Return the objects in one of ``states``; a compound means all that is inside of it."""
        return self.filter(in_states(self._spec, *states))

    def not_in_state(self, *states: State | str) -> Self:
        """Return all other objects."""
        return self.filter(not_in_states(self._spec, *states))

    @property
    def _spec(self) -> Any:
        model: Any = self.model
        return model.workflow_spec


class WorkflowManager(models.Manager[Stored]):
    """The manager of a ``WorkflowModel``: ``Order.objects.in_state("accepted")``."""

    if TYPE_CHECKING:

        def all(self) -> WorkflowQuerySet[Stored]: ...
        def filter(self, *args: Any, **kwargs: Any) -> WorkflowQuerySet[Stored]: ...
        def exclude(self, *args: Any, **kwargs: Any) -> WorkflowQuerySet[Stored]: ...
        def using(self, alias: str | None) -> WorkflowQuerySet[Stored]: ...

    def get_queryset(self) -> WorkflowQuerySet[Stored]:
        """Return a QuerySet that knows states."""
        return WorkflowQuerySet(self.model, using=self._db)

    def in_state(self, *states: State | str) -> WorkflowQuerySet[Stored]:
        """Return the objects in one of ``states``; a compound means all that is inside of it."""
        return self.get_queryset().in_state(*states)

    def not_in_state(self, *states: State | str) -> WorkflowQuerySet[Stored]:
        """Return all other objects."""
        return self.get_queryset().not_in_state(*states)


class WorkflowModel(DjangoWorkflow, models.Model):  # noqa: DJ008 - a base
    """A model with a workflow: ``class Order(WorkflowModel):``, fields, states and events in it.

    It brings the field ``workflow_state``, or what ``state_field`` names, unless the model declares
    that itself. Without states it is a model like any other.
    """

    if TYPE_CHECKING:
        workflow_state: Any  # with state_field, the model has another one
        objects: ClassVar[WorkflowManager[Self]]  # pyright: ignore[reportIncompatibleVariableOverride]
    else:  # to type checkers, the Meta of a model would have to inherit from this one
        objects = WorkflowManager()

        class Meta:  # noqa: D106 - Django's own
            abstract = True
