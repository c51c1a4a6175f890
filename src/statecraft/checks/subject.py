"""What a check looks at: a class, its spec, and what was collected for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.errors import Problem
from statecraft.hooks import FIXED_HOOKS, Hooks
from statecraft.persistence import Persistence
from statecraft.signatures import Signature, is_generator, looked_up, signature_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.collect import Collected
    from statecraft.spec import WorkflowSpec
    from statecraft.transitions import EventSpec

STORING = ("persist_state", "persist_change")


class Subject:
    """The class that is checked, with all that is known about it."""

    def __init__(self, cls: Any, spec: WorkflowSpec, collected: Collected) -> None:
        self.cls = cls
        self.spec = spec
        self.collected = collected
        self.is_async: bool = cls._is_async

    @property
    def can_halt(self) -> bool:
        """Whether anything of the user's runs that could halt a transition."""
        asked = (one for one in self.spec.transitions if one.conditions or one.guards)
        handled = (event for event in self.spec.events.values() if event.handler is not None)
        runs_code = any(True for found in (self.hooks(), asked, handled) for _ in found)
        own = [klass for klass in self.cls.__mro__ if not is_of_library(klass)]
        stores = any(name in vars(klass) for klass in own for name in STORING)
        return runs_code or stores

    def hooks(self) -> Iterator[tuple[str, int]]:
        """Yield the hooks that the class has, and how many arguments each may take."""
        for name, count in FIXED_HOOKS.items():
            found = looked_up(self.cls, name)
            if found is not looked_up(Hooks, name):
                yield name, count
        for state in self.spec.states.values():
            for hook in (state.entry_hook, state.exit_hook):
                if hook is not None:
                    yield hook, 1

    @property
    def has_own_store(self) -> bool:
        """Whether the class, or a base that is a store, says how the state is stored."""
        found = (looked_up(self.cls, name) is not looked_up(Persistence, name) for name in STORING)
        return any(found)

    def arguments_of(self, event: EventSpec) -> tuple[str, ...] | None:
        """Return the names of the arguments of an event; ``None`` if its handler is missing."""
        if isinstance(event.handler, str):
            return None
        if event.handler is not None:
            return signature_of(event.handler).names
        return tuple(f"argument_{number}" for number in range(1, event.argument_count + 1))

    def place_of_event(self, name: str) -> object:
        """Return where an event was declared."""
        declared = (body.events[name] for body in self.collected.lineage if name in body.events)
        return next((event.place for event in declared), None)

    def check_async(self, name: str, signature: Signature, place: object) -> Iterator[Problem]:
        """Yield a problem for what has to be awaited, in a class that awaits nothing."""
        if signature.is_async and not self.is_async:
            what = "it is async, and this workflow is not. Inherit from AsyncWorkflow"
            yield self.problem(name, what, place)

    def check_runs(self, name: str, function: object, place: object) -> Iterator[Problem]:
        """Yield a problem for a handler or a hook of which a call runs nothing."""
        if is_generator(function):
            what = "it has a yield, so a call runs nothing of it. Write a function without yield"
            yield self.problem(name, what, place)

    def problem(self, name: str, what: str, place: object = None) -> Problem:
        """Return a problem of this class."""
        return Problem.at(self.spec.name, name, what, place)


def is_of_library(klass: type) -> bool:
    """Whether a class is one of statecraft's own: its names are reserved, its hooks are right."""
    return klass is object or klass.__module__.partition(".")[0] == "statecraft"
