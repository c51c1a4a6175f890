"""The spec: the immutable description of one workflow, which everything else is made from."""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from statecraft.errors import Problem, Refusal, UnknownState, Unmet, WorkflowDefinitionError
from statecraft.names import listed
from statecraft.predicates import Frozen
from statecraft.resolution import DEFAULT_STATE_FIELD, WorkflowDraft, resolve
from statecraft.states import State, importable

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from statecraft.transitions import EventSpec, TransitionSpec


class WorkflowSpec(Frozen):
    """The description of one workflow: what ``Article.workflow_spec`` holds.

    ``name``; ``states`` and ``events``, mappings by name in the order of declaration, a compound
    before the states inside of it; ``state_names``; ``leaves``, the States in which an object can
    be; ``transitions``; ``initial``, the leaf in which a new object is; ``final``, a tuple of the
    final States that are in no compound; ``state_field``, the attribute or column that holds the
    value.
    """

    __slots__ = (
        "_by_value",
        "events",
        "final",
        "initial",
        "leaves",
        "name",
        "state_field",
        "state_names",
        "states",
        "transitions",
    )
    name: str
    states: Mapping[str, State]
    state_names: tuple[str, ...]
    events: Mapping[str, EventSpec]
    transitions: tuple[TransitionSpec, ...]
    leaves: tuple[State, ...]
    initial: State
    final: tuple[State, ...]
    state_field: str
    _by_value: Mapping[Hashable, State]

    def __init__(
        self,
        name: str,
        states: Mapping[str, State],
        events: Mapping[str, EventSpec],
        state_field: str = DEFAULT_STATE_FIELD,
    ) -> None:
        leaves = tuple(state for state in states.values() if not state.states)
        initial = leaves[0]
        by_value: dict[Hashable, State] = {None: initial}
        for state in leaves:
            for value in state.stored_values:
                with suppress(TypeError):  # an unhashable value; the checks report it
                    by_value[value] = state
        self._write(
            name=name,
            states=MappingProxyType(dict(states)),
            state_names=tuple(states),
            events=MappingProxyType(dict(events)),
            transitions=tuple(one for event in events.values() for one in event.transitions),
            leaves=leaves,
            initial=initial,
            final=tuple(state for state in states.values() if state.final and state.parent is None),
            state_field=state_field,
            _by_value=MappingProxyType(by_value),
        )

    @property
    def by_value(self) -> Mapping[Hashable, State]:
        """The state of each stored value; ``None``, nothing stored, is the initial one."""
        return self._by_value

    @property
    def hooks(self) -> Mapping[tuple[str, str], str]:
        """The methods that are hooks of states, by direction (entry or exit) and state."""
        found = {("entry", state.name): state.entry_hook for state in self.states.values()}
        found |= {("exit", state.name): state.exit_hook for state in self.states.values()}
        return {key: hook for key, hook in found.items() if hook is not None}

    def state_of(self, value: object, workflow: object = None) -> State:
        """Return the State that has the stored ``value``; ``workflow`` is the object, for errors.

        Raises ``UnknownState`` for a value that no state has.
        """
        try:
            return self._by_value[value]
        except (KeyError, TypeError):
            pass
        values = [state.value for state in self.leaves]
        raise UnknownState(value, known=values, workflow_name=self.name, workflow=workflow)

    def value_of(self, state: State | str | Hashable) -> Hashable:
        """Return what is stored for ``state``: a State, its name, or already its value.

        For a compound it is that of its initial leaf. Raises ``UnknownState`` for anything else.
        """
        name = state.name if isinstance(state, State) else state
        if isinstance(name, str) and name in self.states:
            return self.states[name].initial_leaf.value
        try:
            if state is not None and not isinstance(state, State):
                return self._by_value[state].value
        except (KeyError, TypeError):
            pass
        values = [leaf.value for leaf in self.leaves]
        known = tuple(dict.fromkeys([*self.state_names, *values]))
        raise UnknownState(name, known=known, workflow_name=self.name)

    def refusal(self, event: str, state: State, unmet: tuple[Unmet, ...]) -> Refusal:
        """Return the explanation of why ``event`` cannot fire from ``state``."""
        return Refusal(
            event=event,
            state=state,
            unmet=unmet,
            events_here=tuple(self.states[state.name].events),
            sources=self.events[event].sources,
            workflow_name=self.name,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as data that JSON and YAML can write, and ``from_dict`` can read.

        Conditions, guards and handlers go by name; what has no name or no JSON form raises
        ``WorkflowDefinitionError`` with the path to it.
        """
        from statecraft.interchange import workflow_to_dict  # noqa: PLC0415 - seldom needed

        return workflow_to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> WorkflowSpec:
        """Return the spec that ``to_dict`` wrote; nothing in it is evaluated or imported.

        Raises ``WorkflowDefinitionError`` with the path to what is malformed or wrong.
        """
        from statecraft.interchange import draft_from_dict  # noqa: PLC0415 - seldom needed

        spec, problems = build_spec(draft_from_dict(data))
        if problems or spec is None:
            raise WorkflowDefinitionError(problems)
        return spec

    def _key(self) -> tuple[object, ...]:
        details = [
            (
                state.name,
                state.stored_values if not state.states else None,
                state.meta,
                state.own_label,
                state.final,
                state.history,
                state.entry_hook,
                state.exit_hook,
            )
            for state in self.states.values()
        ]
        return (self.name, self.state_field, details, list(self.events.values()))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, WorkflowSpec) else NotImplemented

    def __reduce__(self) -> tuple[Any, ...]:
        owner = importable(self.initial.owner)
        if owner is not None and vars(owner).get("workflow_spec") is self:
            return getattr, (owner, "workflow_spec")
        return WorkflowSpec.from_dict, (self.to_dict(),)

    def __hash__(self) -> int:
        return hash((self.name, self.state_names, tuple(self.events)))

    def __repr__(self) -> str:
        return f"<WorkflowSpec {self.name}: {listed(self.state_names, none='no states')}>"


def build_spec(draft: WorkflowDraft) -> tuple[WorkflowSpec | None, list[Problem]]:
    """Resolve every name of ``draft``; return the spec and all that is wrong with it.

    The spec leaves out what is wrong, so that other checks may still look at the rest; it is
    ``None`` if there are no states at all.
    """
    if not draft.states:
        return None, [Problem(draft.name, "workflow", "it has no states")]
    states, events, problems = resolve(draft)
    spec = WorkflowSpec(draft.name, states, events, draft.state_field or DEFAULT_STATE_FIELD)
    return spec, problems
