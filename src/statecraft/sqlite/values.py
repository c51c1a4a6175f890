"""Which values a row can hold: texts, numbers, booleans, and members of an Enum of such values."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from statecraft.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.spec import WorkflowSpec

_INTEGERS = range(-(2**63), 2**63)
_STORABLE = "Take a text, a number of at most 64 bits or a boolean, or an Enum of such values"


def plain(value: Any) -> Any:
    """Return what SQLite stores for a value: what it stands for, if it is a member of an Enum."""
    return value.value if isinstance(value, Enum) else value


def values_by_plain(spec: WorkflowSpec) -> dict[Any, Any]:
    """Return the values of a workflow by what is stored for them."""
    values = (value for state in spec.leaves for value in state.stored_values)
    return {plain(value): value for value in values}


def problems_of_values(spec: WorkflowSpec) -> Iterator[Problem]:
    """Return which values no row can hold, or none but that of another state."""
    owners: dict[Any, str] = {}
    for state in spec.leaves:
        for value in state.stored_values:
            stored = plain(value)
            if not _can_be_stored(stored):
                what = f"its value {value!r} cannot be stored in SQLite. {_STORABLE}"
                yield Problem(spec.name, state.name, what, state.place)
            elif owners.setdefault(stored, state.name) != state.name:
                what = (
                    f"{value!r} would be stored as {stored!r}, which stands for"
                    f" {owners[stored]!r} already"
                )
                yield Problem(spec.name, state.name, what, state.place)


def _can_be_stored(value: object) -> bool:
    if isinstance(value, str):
        return value.encode(errors="ignore").decode() == value  # half a surrogate pair has no code
    if isinstance(value, float):
        return value == value  # noqa: PLR0124 - SQLite would make NULL of what is not a number
    return isinstance(value, int) and value in _INTEGERS
