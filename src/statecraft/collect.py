"""From a class body and its bases to one draft of the workflow: the inheritance rule is here.

The classes of the method resolution order are merged from the last to the first, as dataclasses
merge their fields:

- states: a new one comes behind those that are there; one declared again takes the place of the
  inherited one, and a compound declared again has the states of both inside;
- events: the transitions of the nearer class are tried before those of the farther; what it says
  beside them (handler, meta, label, arguments) replaces what was inherited;
- hooks: the nearest class wins; within one class a decorated hook wins over one found by name;
- options: the nearest class that gives one wins;
- a class with ``replace=True`` forgets everything that its own bases brought.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.bundles import Bundle
from statecraft.class_bodies import Options, body_of, inherited_body, place_of
from statecraft.compounds import States, united
from statecraft.errors import Problem
from statecraft.names import did_you_mean
from statecraft.resolution import EventDraft, WorkflowDraft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from statecraft.class_bodies import Body
    from statecraft.declarations import Event
    from statecraft.states import State


class Collected(Bundle):
    """A whole workflow: its draft, and what the compiler and the checks have to know beside it."""

    draft: WorkflowDraft
    options: Options
    lineage: tuple[Body, ...]
    groups: dict[str, States]
    removed: frozenset[str]
    problems: list[Problem]


def collect(cls: type, options: Options) -> Collected:
    """Return the workflow that ``cls`` declares and inherits; names in it are not resolved yet."""
    own = body_of(cls, options)
    bodies = [own, *map(inherited_body, cls.__mro__[1:-1])]  # object declares nothing
    lineage, removed = _effective(bodies)
    problems = [problem for body in lineage if body.owner is cls for problem in body.problems]
    states, groups = _merged_states(lineage)
    draft = WorkflowDraft(
        name=cls.__name__,
        states=states,
        hooks=_merged_hooks(cls, bodies, lineage, states, problems),
        events=tuple(_merged_events(cls, lineage, problems)),
        state_field=_nearest(bodies, "state_field"),
        owner=cls,
    )
    effective = Options(
        state_field=draft.state_field,
        threadsafe=_nearest(bodies, "threadsafe"),
        log=_nearest(bodies, "log"),
        lock=_nearest(bodies, "lock"),
    )
    return Collected(
        draft=draft,
        options=effective,
        lineage=lineage,
        groups=groups,
        removed=removed - _names_in(draft),
        problems=problems,
    )


def _effective(bodies: list[Body]) -> tuple[tuple[Body, ...], frozenset[str]]:
    """Leave out what stands behind a ``replace=True``; return the rest and the names left out."""
    forgotten: set[type] = set()
    for body in bodies:
        if body.options.replace:
            forgotten.update(body.owner.__mro__[1:])
    kept = tuple(body for body in bodies if body.owner not in forgotten)
    dropped = [body for body in bodies if body.owner in forgotten]
    removed = {name for body in dropped for name in (*body.states, *body.events)}
    removed |= {f"is_{name}" for body in dropped for name in _identifiers(body.states)}
    removed |= {f"can_{name}" for body in dropped for name in body.events}
    return kept, frozenset(removed)


def _names_in(draft: WorkflowDraft) -> frozenset[str]:
    names = {*draft.states, *(event.name for event in draft.events)}
    names |= {f"is_{name}" for name in _identifiers(draft.states)}
    return frozenset(names | {f"can_{event.name}" for event in draft.events})


def _identifiers(states: Mapping[str, State]) -> list[str]:
    return [one.identifier for state in states.values() for one in state.subtree]


def _nearest(bodies: list[Body], option: str) -> Any:
    given = (getattr(body.options, option) for body in bodies)
    return next((value for value in given if value is not None), None)


def _merged_states(lineage: tuple[Body, ...]) -> tuple[dict[str, State], dict[str, States]]:
    states: dict[str, State] = {}
    groups: dict[str, States] = {}
    for body in reversed(lineage):
        states = united(states, body.states)
        groups.update(body.groups)
    return states, groups


def _merged_hooks(
    cls: type,
    bodies: list[Body],
    lineage: tuple[Body, ...],
    states: Mapping[str, State],
    problems: list[Problem],
) -> dict[tuple[str, str], str]:
    known = {one.name: one for state in states.values() for one in state.subtree}
    by_name = {
        f"on_{state.identifier}_{direction}": (direction, name)
        for name, state in known.items()
        for direction in ("entry", "exit")
    }
    hooks: dict[tuple[str, str], str] = {}
    for body in reversed(bodies):
        hooks.update({by_name[name]: name for name in body.owner.__dict__ if name in by_name})
        if body in lineage:
            hooks.update(body.hooks)
    for (direction, name), hook in hooks.items():
        if name not in known:
            hint = did_you_mean(name, known)
            what = f"it is the {direction} hook of {name!r}, which is no state here.{hint}"
            problems.append(Problem(cls.__name__, hook, what))
    return hooks


def _merged_events(
    cls: type, lineage: tuple[Body, ...], problems: list[Problem]
) -> Iterator[EventDraft]:
    names = dict.fromkeys(name for body in reversed(lineage) for name in body.events)
    handlers = _merged_handlers(cls, lineage, tuple(names), problems)
    nothing: Mapping[str, Any] = {}
    for name in names:
        declared = [body.events[name] for body in lineage if name in body.events]
        yield EventDraft(
            name=name,
            generations=tuple(event.transitions for event in declared),
            meta=next((event.meta for event in declared if event.meta), nothing),
            label=next((event.label for event in declared if event.label is not None), None),
            handler=handlers.get(name),
            argument_count=_argument_count(declared),
            note=next((event.note for event in declared if event.note), ()),
            lock=next((event.lock for event in declared if event.lock is not None), None),
            place=declared[0].place,
        )


def _merged_handlers(
    cls: type, lineage: tuple[Body, ...], events: tuple[str, ...], problems: list[Problem]
) -> dict[str, Callable[..., Any]]:
    handlers: dict[str, Callable[..., Any]] = {}
    for body in reversed(lineage):
        for name, handler in body.handlers.items():
            if name in events:
                handlers[name] = handler
            else:
                what = f"@handles names an event that is not there.{did_you_mean(name, events)}"
                problems.append(Problem(cls.__name__, name, what, place_of(handler)))
    return handlers


def _argument_count(declared: list[Event]) -> int:
    counts = (event.argument_count for event in declared)
    return next((count for count in counts if count is not None), 0)
