"""The workflows of a model, and their events, by the names that the admin and commands use."""

from __future__ import annotations

from typing import Any

from statecraft.attached import Attached
from statecraft.errors import UnknownEvent
from statecraft.signatures import looked_up


def workflows_of(model: Any) -> dict[str, Any]:
    """Return the workflow of a model under ``""``, and those attached to it under their names."""
    own: dict[str, Any] = {"": model} if hasattr(model, "workflow_spec") else {}
    named = ((name, looked_up(model, name)) for name in dir(model))
    attached: dict[str, Any] = {name: one for name, one in named if isinstance(one, Attached)}
    return own | {name: one.bound for name, one in attached.items()}


class Target:
    """One event of one workflow of a model: ``accept``, or ``paying.pay`` of an attached one.

    Raises ``UnknownEvent`` for a name that is none.
    """

    def __init__(self, model: Any, path: str) -> None:
        self.path = path
        self.attribute, _, self.event = path.rpartition(".")
        workflows = workflows_of(model)
        if (
            self.attribute not in workflows
            or self.event not in workflows[self.attribute].workflow_spec.events
        ):
            raise UnknownEvent(path, known=paths_of(model), workflow_name=model.__name__)
        self.workflow: Any = workflows[self.attribute]
        self.spec = self.workflow.workflow_spec.events[self.event]

    @property
    def label(self) -> str:
        """What people read on a button."""
        return str(self.spec.label)

    def of(self, instance: Any) -> Any:
        """Return the workflow of one object."""
        return getattr(instance, self.attribute) if self.attribute else instance


def paths_of(model: Any) -> tuple[str, ...]:
    """Return the names of all events of a model."""
    return tuple(
        f"{attribute}.{event}".removeprefix(".")
        for attribute, workflow in workflows_of(model).items()
        for event in workflow.workflow_spec.events
    )
