"""Telling observers from outside the class what its objects do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.errors import NoTransitionAllowed, TransitionHalted
from statecraft.halting import Halt

if TYPE_CHECKING:
    from statecraft.errors import Refusal
    from statecraft.persistence import Transition


class Observer:
    """Override what you want to be told of; ``workflow`` is the object.

    ``on_start`` comes first and ``on_end`` last, whatever happens between. An exception in an
    observer is logged, to the logger ``statecraft``, and never reaches the event.
    """

    def on_start(self, workflow: Any, event: str) -> None:
        """Hear that ``event`` was fired, before anything has run."""

    def on_transition(self, workflow: Any, transition: Transition) -> None:
        """Hear that a transition has happened: the state is stored."""

    def on_refusal(self, workflow: Any, refusal: Refusal) -> None:
        """Hear that an event could not fire from the present state."""

    def on_halt(self, workflow: Any, event: str, reason: object) -> None:
        """Hear that a guard, a handler or a hook has stopped a transition."""

    def on_error(self, workflow: Any, event: str, error: BaseException) -> None:
        """Hear that something raised, also what ``on_error`` of the class dealt with."""

    def on_end(self, workflow: Any, event: str) -> None:
        """Hear that the event has come to its end, whichever it was."""


OBSERVERS = "__workflow_observers__"


def observers_of(cls: type) -> list[Observer]:
    """Return the observers of a class and its bases, in the order in which they came."""
    return [
        observer for klass in reversed(cls.__mro__) for observer in vars(klass).get(OBSERVERS, ())
    ]


class Observation:
    """One firing, as observers are told of it."""

    __slots__ = ("event", "observers", "workflow")

    def __init__(self, workflow: object, event: str) -> None:
        self.workflow = workflow
        self.event = event
        self.observers = observers_of(type(workflow))

    def started(self) -> Observation:
        """Tell that the event was fired."""
        self._tell("on_start", self.event)
        return self

    def moved(self, transition: Transition) -> None:
        """Tell of a transition that has happened."""
        self._tell("on_transition", transition)

    def halted(self, reason: object) -> None:
        """Tell of a soft halt."""
        self._tell("on_halt", self.event, reason)

    def failed(self, error: BaseException) -> None:
        """Tell of an exception, by its kind."""
        if isinstance(error, NoTransitionAllowed):
            self._tell("on_refusal", error.refusal)
        elif isinstance(error, TransitionHalted):
            self._tell("on_halt", self.event, error.halted_because)
        else:
            self.erred(error)

    def erred(self, error: BaseException) -> None:
        """Tell of an exception that is neither a refusal nor a halt."""
        self._tell("on_error", self.event, error)

    def ended(self) -> None:
        """Tell that nothing more will come."""
        self._tell("on_end", self.event)

    def _tell(self, what: str, *details: object) -> None:
        for observer in self.observers:
            try:
                getattr(observer, what)(self.workflow, *details)
            except (Exception, Halt):
                from logging import getLogger  # noqa: PLC0415 - slow to import, seldom needed

                getLogger("statecraft").exception("observer %r failed in %s", observer, what)
