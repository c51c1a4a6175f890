"""The objects that are in a state: as a Q, for filters of every kind, and as a QuerySet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from statecraft.django.fields import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from statecraft.spec import WorkflowSpec
    from statecraft.states import State

_SCOPE = "<scope of a state>"


def in_states(spec: WorkflowSpec, *states: State | str) -> Q:
    """Return what is true for the rows in one of the states; ``NULL`` is the initial one."""
    leaves = [leaf for state in states for leaf in _named(spec, state).leaves]
    values = dict.fromkeys(plain(value) for leaf in leaves for value in leaf.stored_values)
    found = Q(**{f"{spec.state_field}__in": [*values]})
    if any(leaf is spec.initial for leaf in leaves):
        found |= Q(**{f"{spec.state_field}__isnull": True})
    return found


def not_in_states(spec: WorkflowSpec, *states: State | str) -> Q:
    """Return what is true for all other rows, those with an unknown value too."""
    return ~in_states(spec, *states)


def _named(spec: WorkflowSpec, state: State | str) -> State:
    found = spec.states.get(str(state))
    return spec.state_of(spec.value_of(state)) if found is None else found


def scopes_of(spec: WorkflowSpec) -> dict[str, Any]:
    """Return the class methods that each state brings, by their names."""
    methods: dict[str, Any] = {}
    for name, state in spec.states.items():
        methods[f"with_{state.identifier}_state"] = _scope(name, in_states, "in")
        methods[f"without_{state.identifier}_state"] = _scope(name, not_in_states, "not in")
    return methods


def _scope(name: str, selected: Callable[..., Q], words: str) -> Any:
    def scope(cls: Any) -> Any:
        return cls._default_manager.filter(selected(cls.workflow_spec, name))

    scope.__name__ = _SCOPE
    scope.__doc__ = f"Return the objects that are {words} {name}."
    return classmethod(scope)


def is_scope(found: Any) -> bool:
    """Whether what a model has under a name is a class method that a state has brought."""
    name: object = getattr(found, "__name__", None)
    return name == _SCOPE
