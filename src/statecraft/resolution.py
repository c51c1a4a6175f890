"""From drafts, which name states, to transitions; what cannot be meant is reported."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from statecraft.arrows import AnyState, Arrow, StateUnion
from statecraft.bundles import Bundle
from statecraft.compounds import CompoundState
from statecraft.errors import Problem
from statecraft.names import did_you_mean, listed
from statecraft.states import State
from statecraft.transitions import EventSpec, TransitionSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_NOTHING: Mapping[str, Any] = MappingProxyType({})
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
    note: tuple[str, ...] = ()
    lock: bool | None = None
    place: object = None


class WorkflowDraft(Bundle):
    """A workflow before its names are resolved: from a class body or from data.

    ``states`` are those that are in no other; ``hooks`` maps (direction, state) to a method.
    """

    name: str
    states: Mapping[str, State]
    events: tuple[EventDraft, ...]
    state_field: str | None = None
    owner: type | None = None
    hooks: Mapping[tuple[str, str], str] = MappingProxyType({})


def resolve(draft: WorkflowDraft) -> tuple[dict[str, State], dict[str, EventSpec], list[Problem]]:
    """Return the states, joined by their transitions, the events, and all that is wrong.

    Compounds stand among the states, each before what is inside of it. A transition that starts
    at a compound is tried from each of its leaves, after those that start further inside.
    """
    top = [_taken(state.named(name), None, draft) for name, state in draft.states.items()]
    states = {state.name: state for one in top for state in one.subtree}
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
            note=event.note,
            lock=event.lock,
        )
        for one in sorted(transitions, key=_depth, reverse=True):
            for name in dict.fromkeys([one.source.name, *(leaf.name for leaf in one.leaves)]):
                here = leaving[name]
                here[event.name] = (*here.get(event.name, ()), one)
    spans = _spans(top)
    for name, state in states.items():
        state.join(spans, leaving[name])
    return states, events, problems


def _taken(state: State, parent: State | None, draft: WorkflowDraft) -> State:
    """Return a copy of ``state``, and of all inside, that belongs to the workflow."""
    mine = state.named(
        state.name,
        events=_NOTHING,
        owner=draft.owner,
        parent=parent,
        entry_hook=draft.hooks.get(("entry", state.name), state.entry_hook),
        exit_hook=draft.hooks.get(("exit", state.name), state.exit_hook),
    )
    if isinstance(mine, CompoundState):
        mine.hold({name: _taken(one, mine, draft) for name, one in state.states.items()})
    return mine


def _depth(transition: TransitionSpec) -> int:
    return len(transition.source.path)


def _spans(top: list[State]) -> Mapping[str, tuple[int, int]]:
    """Return for each state the positions of its first and its last leaf."""
    order = [leaf.name for state in top for leaf in state.leaves]
    position = {name: number for number, name in enumerate(order)}
    return MappingProxyType(
        {
            state.name: (position[state.leaves[0].name], position[state.leaves[-1].name])
            for one in top
            for state in one.subtree
        }
    )


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
        self.certain: dict[tuple[str, bool], int] = {}

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
        for source in self._sources(arrow, target):
            key = source.name, arrow.on_done
            if key in self.certain:
                self._report_hidden(source, arrow, generation)
                continue
            if not arrow.conditions:
                self.certain[key] = generation
            yield TransitionSpec(
                self.event.name,
                source,
                source if target is None else target,
                arrow.conditions,
                arrow.guards,
                internal=internal,
                on_done=arrow.on_done,
            )

    def _sources(self, arrow: Arrow, target: State | None) -> Iterator[State]:
        sources = arrow.sources
        if isinstance(sources, AnyState):
            left_out = {
                state.name for state in map(self._known, sources.exceptions) if state is not None
            }
            if target is not None:
                left_out.add(target.name)
            top = (state for state in self.states.values() if state.parent is None)
            yield from _all_but(left_out, top)
            return
        members = sources.members if isinstance(sources, StateUnion) else (sources,)
        for member in members:
            known = self._known(member)  # type: ignore[arg-type] # what is no union is a State
            if known is None:
                continue
            if arrow.on_done:
                yield from self._completed(known)
            elif known.final:
                self._report(
                    f"it leaves {known.name!r}, which is final: nothing leaves a final state"
                )
            else:
                yield known

    def _completed(self, state: State) -> Iterator[State]:
        if any(inside.final for inside in state.states.values()):
            yield state
        elif state.states:
            self._report(
                f"{state.name!r} has no final state, so it is never done."
                " Declare one inside: State(final=True)"
            )
        else:
            self._report(f"{state.name!r} is no compound, and only a compound can be done")

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
        if self.certain[source.name, arrow.on_done] != generation or isinstance(
            arrow.sources, AnyState
        ):
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


def _all_but(left_out: set[str], states: Iterable[State]) -> Iterator[State]:
    """Yield the states that are neither final nor left out: the whole compound where possible."""
    for state in states:
        if state.final or state.name in left_out:
            continue
        if any(inside.name in left_out for inside in state.subtree):
            yield from _all_but(left_out, state.states.values())
        else:
            yield state
