"""From drafts, which name states, to transitions; what cannot be meant is reported."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from statecraft.bundles import Bundle
from statecraft.errors import Problem
from statecraft.names import did_you_mean, listed
from statecraft.states import AnyState, Arrow, Sources, State, StateUnion
from statecraft.transitions import EventSpec, TransitionSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DEFAULT_STATE_FIELD = "workflow_state"


class EventDraft(Bundle):
    """An event before its names are resolved.

    ``generations`` are the arrows by class, the most derived first: those of a subclass are tried
    before the inherited ones, and may hide them, which within one class is a mistake.
    """

    name: str
    generations: tuple[tuple[Arrow, ...], ...]
    meta: Mapping[str, Any] = MappingProxyType({})
    label: object = None
    handler: Callable[..., Any] | str | None = None
    argument_count: int = 0
    place: object = None


class WorkflowDraft(Bundle):
    """A workflow before its names are resolved: from a class body or from data."""

    name: str
    states: Mapping[str, State]
    events: tuple[EventDraft, ...]
    state_field: str | None = None
    owner: type | None = None


def resolve(draft: WorkflowDraft) -> tuple[dict[str, State], dict[str, EventSpec], list[Problem]]:
    """Return the states, joined by their transitions, the events, and all that is wrong."""
    nothing: MappingProxyType[str, Any] = MappingProxyType({})
    states = {
        name: state.named(name, events=nothing, owner=draft.owner)
        for name, state in draft.states.items()
    }
    problems: list[Problem] = []
    events: dict[str, EventSpec] = {}
    leaving: dict[str, dict[str, tuple[TransitionSpec, ...]]] = {name: {} for name in states}
    for event in draft.events:
        resolver = _Resolver(draft.name, event, states, problems)
        transitions = resolver.transitions()
        events[event.name] = EventSpec(
            event.name,
            transitions,
            meta=event.meta,
            label=event.label,
            handler=event.handler,
            argument_count=event.argument_count,
        )
        for one in transitions:
            here = leaving[one.source.name]
            here[event.name] = (*here.get(event.name, ()), one)
    names = MappingProxyType({name: position for position, name in enumerate(states)})
    for name, state in states.items():
        state.join(names, leaving[name])
    return states, events, problems


class _Resolver:
    """The arrows of one event, made into transitions."""

    def __init__(
        self,
        workflow_name: str,
        event: EventDraft,
        states: dict[str, State],
        problems: list[Problem],
    ) -> None:
        self.workflow_name = workflow_name
        self.event = event
        self.states = states
        self.problems = problems
        # source -> the generation with an arrow that leaves it whatever the conditions say
        self.certain: dict[str, int] = {}

    def transitions(self) -> tuple[TransitionSpec, ...]:
        before = len(self.problems)
        found = [
            transition
            for generation, arrows in enumerate(self.event.generations)
            for arrow in arrows
            for transition in self._drawn(arrow, generation)
        ]
        if not found and len(self.problems) == before:
            self._report("it has no transitions. Draw one: Event(source.to(target))")
        return tuple(found)

    def _drawn(self, arrow: Arrow, generation: int) -> Iterator[TransitionSpec]:
        internal = arrow.target is None
        target = None if arrow.target is None else self._known(arrow.target)
        if target is None and not internal:
            return
        for source in self._sources(arrow.sources, target):
            if source.name in self.certain:
                self._report_hidden(source, arrow, generation)
                continue
            if not arrow.conditions:
                self.certain[source.name] = generation
            yield TransitionSpec(
                self.event.name,
                source,
                source if target is None else target,
                arrow.conditions,
                arrow.guards,
                internal=internal,
            )

    def _sources(self, sources: Sources, target: State | None) -> Iterator[State]:
        if isinstance(sources, AnyState):
            left_out = {
                state.name for state in map(self._known, sources.exceptions) if state is not None
            }
            if target is not None:
                left_out.add(target.name)
            for state in self.states.values():
                if not state.final and state.name not in left_out:
                    yield state
            return
        members = sources.members if isinstance(sources, StateUnion) else (sources,)
        for member in members:
            known = self._known(member)  # type: ignore[arg-type] # what is no union is a State
            if known is None:
                continue
            if known.final:
                self._report(
                    f"it leaves {known.name!r}, which is final: nothing leaves a final state"
                )
            else:
                yield known

    def _known(self, wanted: State | str) -> State | None:
        name = wanted.name if isinstance(wanted, State) else wanted
        if name in self.states:
            return self.states[name]
        if not name and isinstance(wanted, State):
            self._report(
                "it uses a State that no name of the class body holds."
                " Give it one: my_state = State()"
            )
            return None
        hint = did_you_mean(name, self.states)
        known = listed(self.states, none="none")
        self._report(f"{name!r} is no state of {self.workflow_name}.{hint} States: {known}")
        return None

    def _report_hidden(self, source: State, arrow: Arrow, generation: int) -> None:
        # What a subclass hides is meant, and ANY means the rest.
        if self.certain[source.name] != generation or isinstance(arrow.sources, AnyState):
            return
        target = "itself" if arrow.target is None else repr(str(arrow.target))
        self._report(
            f"its transition from {source.name!r} to {target} can never be reached: an earlier one"
            f" from {source.name!r} has no condition. Put it first, or give the earlier one if_="
        )

    def _report(self, what: str) -> None:
        problem = Problem.at(self.workflow_name, self.event.name, what, self.event.place)
        if problem not in self.problems:
            self.problems.append(problem)
