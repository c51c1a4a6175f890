"""How the state of an object is loaded and stored: the interface, and the attribute as default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.bundles import NamedTuple
from statecraft.errors import StaleState

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import datetime

    from statecraft.errors import Problem
    from statecraft.spec import WorkflowSpec
    from statecraft.states import State


class Transition(NamedTuple):
    """What is happening: the event by name, the states, and the arguments as they were bound.

    ``args`` holds the positional arguments, ``kwargs`` the keyword-only ones, defaults filled in.
    """

    event: str
    source: State
    target: State
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Attempt(NamedTuple):
    """An event that was fired and could not be: what ``on_unavailable_transition`` gets."""

    event: str
    source: State
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    refusal: Any


class Change(NamedTuple):
    """What a store that keeps more than the value is told: see ``persist_change``.

    ``value`` is to be stored if what is stored is one of ``expected``; ``result`` is what the
    handler returned; the rest is for stores that keep a log.
    """

    value: Hashable
    expected: tuple[Hashable, ...]
    transition: Transition
    result: Any = None
    once: str | None = None
    entered_at: datetime | None = None
    remembered: Any = None


class Persistence:
    """Keeps the value in the attribute ``state_field`` of the object; override it for a store.

    A store overrides ``load_state`` and ``persist_state``, and ``persist_change`` too if it keeps
    more than the value.
    """

    __slots__ = ()
    workflow_spec: ClassVar[WorkflowSpec]

    def load_state(self) -> Any:
        """Return the stored value, or ``None`` if nothing is stored: then it is initial."""
        return getattr(self, self.workflow_spec.state_field, None)

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> Any:
        """Store ``value`` if what is stored is one of ``expected``, else raise ``StaleState``.

        ``expected`` holds ``None`` where nothing may be stored yet. Comparing and storing must be
        one step, which no other writer can come between.
        """
        found = getattr(self, self.workflow_spec.state_field, None)
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)
        setattr(self, self.workflow_spec.state_field, value)

    def persist_change(self, change: Change) -> Any:
        """Store ``change.value`` like ``persist_state``, and whatever else a store keeps."""
        return self.persist_state(change.value, expected=change.expected)

    @classmethod
    def persistence_problems(cls, spec: WorkflowSpec) -> Iterable[Problem]:
        """Return what this store cannot do for ``spec``: asked while the class is being created."""
        del spec
        return ()
