"""Everything that statecraft raises, and every message it shows.

    WorkflowError
    ├── WorkflowDefinitionError (TypeError)   the class is wrong
    ├── UnknownState (LookupError)            a value or a name that no state has
    ├── UnknownEvent (LookupError)            a name that no event has
    ├── NoTransitionAllowed                   the event cannot fire from here, now
    ├── TransitionHalted                      a guard or a handler vetoed it
    ├── StaleState                            another writer moved the object first
    └── OutcomeUnknown                        the store did not answer: it may have moved, or not

An error is raised often and read seldom: the ones that say no carry what was known, and build
their attributes and their text when somebody reads them, from the spec alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.bundles import NamedTuple
from statecraft.names import did_you_mean, listed, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Unmet(NamedTuple):
    """One condition or guard that said no: its name, its reason and its code."""

    name: str
    reason: object = None
    code: str | None = None

    def __str__(self) -> str:
        return self.name if self.reason is None else str(self.reason)


class Refusal:
    """Why an event cannot fire: the answer of ``refusal()`` and of ``NoTransitionAllowed``.

    ``event`` is its name, ``state`` the present State, ``unmet`` the conditions and guards that
    said no (empty if the event does not leave this state at all), ``events_here`` the names of
    the events that leave it, ``sources`` the names of the states that the event leaves.
    """

    __slots__ = ("event", "events_here", "sources", "state", "unmet", "workflow_name")

    def __init__(
        self,
        *,
        event: str,
        state: Any,
        unmet: tuple[Unmet, ...],
        events_here: tuple[str, ...],
        sources: tuple[str, ...],
        workflow_name: str,
    ) -> None:
        self.event = event
        self.state = state
        self.unmet = unmet
        self.events_here = events_here
        self.sources = sources
        self.workflow_name = workflow_name

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Refusal):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash((self.event, self.state, self.workflow_name))

    def __repr__(self) -> str:
        return f"<Refusal: {self}>"

    def __str__(self) -> str:
        if self.unmet:
            why = "; ".join(_why(unmet) for unmet in self.unmet)
        else:
            sources = listed(map(repr, self.sources), none="no state")
            why = f"{self.event!r} leaves {sources}"
        others = [name for name in self.events_here if name != self.event]
        here = f"From here: {listed(others, none='no other event')}."
        if not self.events_here:
            here = f"No event leaves {self.state.name!r}."
        return f"{self.workflow_name} cannot {self.event} from {self.state.name!r}: {why}. {here}"


def _why(unmet: Unmet) -> str:
    if unmet.reason is not None:
        return _because(unmet.reason)
    if unmet.name.startswith("not "):
        return f"{unmet.name.removeprefix('not ')} holds"
    return f"{unmet.name} does not hold"


def _because(reason: object) -> str:
    return (reason is not None and str(reason)) or "it was halted without a reason"


class WorkflowError(Exception):
    """The root of the tree. It survives pickling; what cannot be pickled is left out."""

    _attributes: ClassVar[tuple[str, ...]] = ()

    def __reduce__(self) -> tuple[Callable[..., WorkflowError], tuple[Any, ...]]:
        values = {name: getattr(self, name) for name in self._attributes}
        kept = {name: value for name, value in values.items() if _can_be_pickled(value)}
        absent = dict.fromkeys(values.keys() - kept.keys())
        return _restored, (type(self), str(self), kept | absent)

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return str(self.args[0]) if self.args else ""


def _can_be_pickled(value: object) -> bool:
    import pickle  # noqa: PLC0415 - only a pickled error needs it

    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001 - an object's own __reduce__ may raise anything
        return False
    return True


def _restored(
    error_class: type[WorkflowError], text: str, attributes: dict[str, Any]
) -> WorkflowError:
    error = error_class.__new__(error_class)
    error.args = (text,)
    error.__dict__.update(attributes, _text=text)
    return error


class Problem(NamedTuple):
    """One thing that is wrong with a class: where, under which name, what, and how to mend it."""

    workflow_name: str
    name: str
    what: str
    place: str | None = None

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.workflow_name}.{self.name}{where}: {self.what}"

    @classmethod
    def at(cls, workflow_name: str, name: str, what: str, place: object) -> Problem:
        """Return a problem of a place that is not yet a text."""
        return cls(workflow_name, name, what, None if place is None else str(place))


class WorkflowDefinitionError(WorkflowError, TypeError):
    """The class is wrong. ``problems`` is a tuple of all that was found, each a ``Problem``."""

    _attributes = ("problems",)
    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    @cached_property
    def _text(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        return f"{self.problems[0].workflow_name} has {len(self.problems)} problems:{lines}"


class UnknownState(WorkflowError, LookupError):
    """No state has this value (of a stored object) or this name (in a comparison).

    ``value`` is what was found, ``workflow`` the object (or ``None``), ``workflow_name`` its
    workflow, ``known`` what would have been right, ``nearest`` the likeliest of them.
    """

    _attributes = ("value", "workflow", "workflow_name", "known", "nearest")

    def __init__(
        self,
        value: object,
        *,
        known: Sequence[object],
        workflow_name: str,
        workflow: object = None,
    ) -> None:
        super().__init__(value)
        self.value = value
        self.workflow = workflow
        self.workflow_name = workflow_name
        self.known = tuple(known)
        raw = (member for member in self.known if getattr(member, "value", None) == value)
        self.nearest = next(raw, None) or nearest(value, self.known)

    @cached_property
    def _text(self) -> str:
        which = f" ({_described(self.workflow)})" if self.workflow is not None else ""
        hint = f" Did you mean {self.nearest!r}?" if self.nearest is not None else ""
        known = listed(map(repr, self.known), none="none")
        return f"{self.value!r} is no state of {self.workflow_name}{which}.{hint} Known: {known}."


def _described(workflow: object) -> str:
    # object's own repr, or what a store of ours says: reading a message never runs user code
    describe = getattr(type(workflow), "_described", object.__repr__)
    return str(describe(workflow))


class UnknownEvent(WorkflowError, LookupError):
    """No event has this name. ``event``, ``workflow_name``, ``known`` and ``nearest`` say more."""

    _attributes = ("event", "workflow_name", "known", "nearest")

    def __init__(self, event: object, *, known: Sequence[str], workflow_name: str) -> None:
        super().__init__(event)
        self.event = event
        self.workflow_name = workflow_name
        self.known = tuple(known)
        self.nearest = nearest(event, self.known)

    @cached_property
    def _text(self) -> str:
        hint = did_you_mean(self.event, self.known)
        events = listed(self.known, none="none")
        return f"{self.event!r} is no event of {self.workflow_name}.{hint} Events: {events}."


class NoTransitionAllowed(WorkflowError):
    """The event cannot fire from the present state.

    ``workflow`` is the object, ``event`` the name, ``state`` the present State, ``refusal`` the
    whole explanation. Raised with (workflow, event, stored value, unmet); it has no ``__init__``,
    because a refused event shall cost no more than a raised exception.
    """

    _attributes = ("workflow", "event", "state", "refusal")

    @cached_property
    def workflow(self) -> Any:
        """The object; ``None`` after pickling if it could not be pickled."""
        return self.args[0]

    @cached_property
    def event(self) -> str:
        """The name of the event."""
        return str(self.args[1])

    @cached_property
    def state(self) -> Any:
        """The State in which it was fired."""
        return self.workflow.workflow_spec.state_of(self.args[2])

    @cached_property
    def refusal(self) -> Refusal:
        """The whole explanation."""
        refusal: Refusal = self.workflow.workflow_spec.refusal(self.event, self.state, self.args[3])
        return refusal

    @cached_property
    def _text(self) -> str:
        return str(self.refusal)


class TransitionHalted(WorkflowError):
    """A guard, a handler or a hook vetoed the transition: ``halted_because`` and ``code``.

    Raise it with a reason in anything that runs before the state is stored, and it reaches the
    caller; a guard that says no raises it with the reason of the guard.
    """

    _attributes = ("halted_because", "code", "workflow", "event", "state")
    workflow: Any = None
    event: str | None = None
    state: Any = None

    def __init__(self, halted_because: object = "", *, code: str | None = None) -> None:
        super().__init__(halted_because)
        self.halted_because = halted_because
        self.code = code

    def explain(self, workflow: object, event: str, state: object) -> None:
        """Take in which event of which object, and from which State, a guard refused."""
        self.workflow, self.event, self.state = workflow, event, state

    @cached_property
    def _text(self) -> str:
        if self.event is None:
            return str(self.halted_because)
        name = self.workflow.workflow_spec.name
        why = _because(self.halted_because)
        return f"{name} cannot {self.event} from {self.state.name!r}: {why}"


class StaleState(WorkflowError):
    """Somebody moved the object between loading and storing.

    ``expected`` is a tuple of the stored values that would have been right, ``found`` what is
    there, ``workflow`` the object.
    """

    _attributes = ("workflow", "expected", "found")

    def __init__(self, workflow: object, *, expected: tuple[object, ...], found: object) -> None:
        super().__init__(expected, found)
        self.workflow = workflow
        self.expected = expected
        self.found = found

    @cached_property
    def _text(self) -> str:
        expected = " or ".join(map(repr, self.expected))
        return (
            f"{_described(self.workflow)} is no longer {expected} but {self.found!r}:"
            " another writer, or a hook of its own, moved it first."
            " Nothing was stored; load it again."
        )


class OutcomeUnknown(WorkflowError):
    """The store gave no answer, and cannot be asked: whether the object has moved is unknown."""
