"""Scopes: the rows that are in a state, as an SQL expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from sqlalchemy import ColumnElement

    from statecraft.spec import WorkflowSpec
    from statecraft.states import State


def in_states(
    column: Any, spec: WorkflowSpec, states: Iterable[State | str]
) -> ColumnElement[bool]:
    """Return what is true for the rows in one of the states; ``NULL`` is the initial one."""
    values, with_nothing = _values(spec, states)
    found: ColumnElement[bool] = column.in_(values)
    return or_(found, column.is_(None)) if with_nothing and _is_nullable(column) else found


def not_in_states(
    column: Any, spec: WorkflowSpec, states: Iterable[State | str]
) -> ColumnElement[bool]:
    """Return what is true for all other rows."""
    values, with_nothing = _values(spec, states)
    found: ColumnElement[bool] = column.not_in(values)
    if not _is_nullable(column):
        return found
    return and_(found, column.is_not(None)) if with_nothing else or_(found, column.is_(None))


def _is_nullable(column: Any) -> bool:
    """Whether there can be rows without a value; an index is of more use where there are none."""
    nullable: bool = column.property.columns[0].nullable
    return nullable


def _values(spec: WorkflowSpec, states: Iterable[State | str]) -> tuple[list[Hashable], bool]:
    """Return the stored values of the states, and whether the initial one is among them."""
    leaves = [leaf for state in states for leaf in _named(spec, state).leaves]
    values = dict.fromkeys(value for leaf in leaves for value in leaf.stored_values)
    return [*values], any(leaf is spec.initial for leaf in leaves)


def _named(spec: WorkflowSpec, state: State | str) -> State:
    found = spec.states.get(str(state))
    return spec.state_of(spec.value_of(state)) if found is None else found


def scopes_of(spec: WorkflowSpec) -> dict[str, Any]:
    """Return the class methods that each state brings, by their names."""
    methods: dict[str, Any] = {}
    for name, state in spec.states.items():
        methods[f"with_{state.identifier}_state"] = _scope(name, "in_state", "in")
        methods[f"without_{state.identifier}_state"] = _scope(name, "not_in_state", "not in")
    return methods


def _scope(state: str, method: str, words: str) -> Any:
    def scope(cls: Any) -> Any:
        return getattr(cls, method)(state)

    scope.__doc__ = f"Return what is true for the rows that are {words} the state {state}."
    made: Callable[..., Any] = classmethod(scope)  # type: ignore[assignment]
    return made
