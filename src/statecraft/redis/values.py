"""Values of states as Redis keeps them: texts that can be compared letter by letter.

A text is stored as it is, so that it can be read and written by hand, a number as JSON. A text
that would look like JSON, ``"7"`` say, is stored in quotation marks. A boolean is stored as 1 or 0,
which it equals in Python, and of a member of an Enum its value.
"""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import TYPE_CHECKING, Any

from statecraft.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.spec import WorkflowSpec

_STORABLE = "Take a text, a number or a boolean, or an Enum of such values"


class ForeignValue(str):
    """A stored text that this store would never write: it equals no value of a state."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ForeignValue) and str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((ForeignValue, str(self)))


def encoded(value: Any) -> str:
    """Return the text that is stored for a value."""
    if isinstance(value, ForeignValue):
        return str(value)
    if isinstance(value, Enum):
        return encoded(value.value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if _looks_like_json(value) else str(value)
    if isinstance(value, float) and not value.is_integer():
        return json.dumps(value)
    return json.dumps(int(value))  # 1, 1.0 and True are equal, so they are stored alike


def decoded(text: str) -> Any:
    """Return the value that a stored text stands for."""
    if not _looks_like_json(text):
        return text
    value = json.loads(text)
    is_ours = isinstance(value, (str, int, float)) and _can_be_stored(value)
    return value if is_ours and encoded(value) == text else ForeignValue(text)


def values_by_text(spec: WorkflowSpec) -> dict[str, Any]:
    """Return the values of the states, the older ones too, by what is stored for them."""
    values = [value for state in spec.leaves for value in state.stored_values]
    return {encoded(value): value for value in values}


def problems_of_values(spec: WorkflowSpec) -> Iterator[Problem]:
    """Return which values cannot be stored, or would be stored like those of other states."""
    owners: dict[str, str] = {}
    for state in spec.leaves:
        for value in state.stored_values:
            if not _can_be_stored(value.value if isinstance(value, Enum) else value):
                what = f"its value {value!r} cannot be stored in Redis. {_STORABLE}"
                yield Problem.at(spec.name, state.name, what, state.place)
                continue
            text = encoded(value)
            if owners.setdefault(text, state.name) != state.name:
                what = f"it would be stored as {text}, which stands for {owners[text]!r} already"
                yield Problem.at(spec.name, state.name, what, state.place)


def _looks_like_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _can_be_stored(value: object) -> bool:
    if isinstance(value, str):
        return value.encode(errors="ignore").decode() == value  # half a surrogate pair has no code
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
