"""Whether values and names mean one thing each, and hide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.checks.subject import Subject, is_of_library
from statecraft.class_bodies import annotations_of, place_of
from statecraft.compounds import States
from statecraft.declarations import Event
from statecraft.halting import is_generated
from statecraft.signatures import is_method
from statecraft.states import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.errors import Problem

_WHY_ATTACH = "Or keep the workflow apart from the class, as an attached one"


def check_values(subject: Subject) -> Iterator[Problem]:
    """Two states cannot be stored alike, and a name cannot be another state's value."""
    owners: dict[Any, State] = {}
    for state in subject.spec.leaves:
        for value in state.stored_values:
            what = _wrong_value(state, value, owners)
            if what:
                yield subject.problem(state.name, what, state.place)
    for state in subject.spec.leaves:
        owner_of_name = owners.get(state.name)
        if owner_of_name is not None and owner_of_name != state:
            what = f"its name is the value of {owner_of_name.name!r}, so that it could mean both"
            yield subject.problem(state.name, what, state.place)


def _wrong_value(state: State, value: object, owners: dict[Any, State]) -> str | None:
    kind = "value" if value == state.value else "older value"
    if value is None:
        return f"None cannot be its {kind}: nothing stored means the initial state"
    try:
        owner = owners.setdefault(value, state)
    except TypeError:
        return f"its {kind} {value!r} is not hashable. Take a string, a number or a tuple"
    if owner is not state:
        return f"its {kind} {value!r} is the value of {owner.name!r} too"
    return None


def check_names(subject: Subject) -> Iterator[Problem]:
    """Nothing that the workflow brings may hide what the class has, or be hidden by it."""
    owners: dict[str, str] = {}
    spec = subject.spec
    groups = {state.name for group in subject.collected.groups.values() for state in group}
    named = {
        name: "state"
        for name, state in spec.states.items()
        if name not in groups and state.parent is None
    }
    for name, kind in [*named.items(), *((event, "event") for event in spec.events)]:
        if name in owners:
            yield subject.problem(name, f"it is a {owners[name]} and an {kind}. Rename one of them")
        owners[name] = kind
    generated: dict[str, str] = {}
    for state in spec.states.values():
        method = f"is_{state.identifier}"
        if method in generated:
            what = f"{method}() would be that of {state.name!r} and {generated[method]}. Rename one"
            yield subject.problem(state.name, what, state.place)
        generated[method] = f"{method}() of the state {state.name!r}"
    generated |= {f"can_{name}": f"can_{name}() of the event {name!r}" for name in spec.events}
    for name, what in generated.items():
        if name in owners:
            yield subject.problem(
                name, f"this {owners[name]} would hide {what}. Rename one of them"
            )
    owners |= generated
    yield from _clashes(subject, owners)
    if spec.state_field in owners:
        owner = owners[spec.state_field]
        owner = {"state": "a state", "event": "an event"}.get(owner, owner)
        what = f"it holds the stored value, and cannot be {owner} as well"
        yield subject.problem(spec.state_field, what)


def _clashes(subject: Subject, owners: dict[str, str]) -> Iterator[Problem]:
    """Compare ``owners``, from a name to what has it, with everything that the class has."""
    settled: set[str] = set()  # what a class overrides further up is its own affair
    lineage: tuple[type[Any], ...] = subject.cls.__mro__
    for klass in lineage:
        if vars(klass).get("_is_protocol"):
            continue  # it says what there shall be, and here it is
        for name in [name for name in vars(klass) if name in owners]:
            value = vars(klass)[name]
            if name in settled or is_declaration(value):
                continue
            settled.add(name)
            if not _is_handler_of(subject, name, value):
                yield _hidden(subject, name, owners[name], klass)
        for name in [name for name in annotations_of(klass) if name in owners]:
            if name not in settled:
                settled.add(name)
                what = f"it would hide the field {name!r} of {klass.__name__}. Rename one of them"
                yield subject.problem(name, f"{what}. {_WHY_ATTACH}")


def is_declaration(value: object) -> bool:
    """Whether the workflow itself has put it there, or is expected to."""
    if getattr(value, "__isabstractmethod__", False):
        return True  # the event, or the generated method, is what it was waiting for
    return isinstance(value, (State, States, Event, Removed)) or is_generated(value)


def _is_handler_of(subject: Subject, name: str, value: object) -> bool:
    event = subject.spec.events.get(name)
    return event is not None and value is not None and event.handler is value


class Removed:
    """In the place of a name that ``replace=True`` took away: it is not there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> object:
        message = f"{owner.__name__} has no {self.name!r}: it was declared with replace=True"
        raise AttributeError(message)


def _hidden(subject: Subject, name: str, kind: str, klass: type) -> Problem:
    value = klass.__dict__[name]
    if is_of_library(klass):
        what = f"the name is reserved: every workflow has {name!r}. Rename it. {_WHY_ATTACH}"
        return subject.problem(name, what)
    place = place_of(value)
    if klass is subject.cls and name in subject.spec.events and is_method(value):
        inherited = next(
            body.owner.__name__ for body in subject.collected.lineage if name in body.events
        )
        what = (
            f"a plain method hides the inherited event. Put @handles({name!r}) above it to give"
            f" the event this handler; {inherited}.{name}.__wrapped__ is the inherited one"
        )
        return subject.problem(name, what, place)
    thing = "method" if is_method(value) else "attribute"
    if isinstance(value, property):
        thing, place = "property", place_of(value.fget)
    other = f"the {kind} {name!r}" if kind in {"state", "event"} else kind
    what = f"the {thing} {klass.__name__}.{name} and {other} hide one another"
    return subject.problem(name, f"{what}. Rename one of them. {_WHY_ATTACH}", place)
