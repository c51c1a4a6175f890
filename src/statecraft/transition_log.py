"""The transition log: what stores keep of each transition, and how long an object was where."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from statecraft.actors import acting_as, actor_text, current_actor
from statecraft.bundles import NamedTuple
from statecraft.errors import UnknownState, WorkflowError
from statecraft.names import with_article
from statecraft.signatures import signature_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from statecraft.persistence import Attempt
    from statecraft.spec import WorkflowSpec
    from statecraft.states import State

__all__ = [
    "TransitionLog",
    "TransitionRecord",
    "acting_as",
    "actor_text",
    "current_actor",
    "noted_json",
    "result_json",
    "tried_json",
]

_PLAIN = (str, int, float, bool, type(None))


class TransitionRecord(NamedTuple):
    """One record of the log of one object.

    ``sequence`` counts from 1 without gaps; ``event``, ``source`` and ``target`` are names, the
    creation of the object has no event and no source; ``at`` is when, in UTC, or ``None`` where
    nobody knows; ``actor`` the text of who acted; ``noted`` the arguments that the event notes;
    ``once`` the key of an event that was fired with one, ``result`` what it returned; ``refused``
    is why an attempt came to nothing, or ``None`` for what happened; an ``internal`` transition
    left nothing and entered nothing.
    """

    sequence: int
    event: str | None
    source: str | None
    target: str
    at: datetime | None = None
    actor: str | None = None
    noted: Mapping[str, Any] = MappingProxyType({})
    once: str | None = None
    result: Any = None
    refused: str | None = None
    internal: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        # the mapping of a record that notes nothing cannot be pickled
        return type(self), tuple(self._replace(noted=dict(self.noted)))


class TransitionLog(tuple[TransitionRecord, ...]):  # noqa: SLOT001 - a tuple cannot have any
    """The records of one object, in order. With a ``spec``, it knows which states there are."""

    _known: tuple[str, ...]
    _workflow_name: str

    def __new__(
        cls, records: Iterable[TransitionRecord] = (), *, spec: WorkflowSpec | None = None
    ) -> Self:
        """Make a log of records."""
        log = super().__new__(cls, records)
        log._known = () if spec is None else tuple(spec.states)
        log._workflow_name = "" if spec is None else spec.name
        return log

    @property
    def entered(self) -> tuple[TransitionRecord, ...]:
        """The records with which a state was entered: neither refused attempts nor internal."""
        return tuple(one for one in self if one.refused is None and not one.internal)

    @property
    def in_state_since(self) -> datetime | None:
        """When the present state was entered, in UTC; ``None`` if nobody knows."""
        entered = self.entered
        return entered[-1].at if entered else None

    def time_in(self, state: State | str, *, until: datetime | None = None) -> timedelta:
        """Return how long the object has been in ``state``, all its visits together.

        ``state`` is a leaf or a compound, as a State or by its full name; nothing later than
        ``until`` counts, which is now by default. Visits of which nobody knows when they began or
        ended do not count. Raises ``UnknownState`` for what neither the spec nor the log knows.
        """
        name = str(state)
        entered = self.entered
        self._require_known(name)
        last = until or datetime.now(UTC)
        ends = [*(one.at for one in entered[1:]), last]
        total = timedelta()
        for record, end in zip(entered, ends, strict=False):
            if record.at is not None and end is not None and _is_in(record.target, name):
                total += max(min(end, last) - record.at, timedelta())
        return total

    def _require_known(self, name: str) -> None:
        known = tuple(dict.fromkeys((*self._known, *(record.target for record in self))))
        if self._known and not any(_is_in(one, name) for one in known):
            raise UnknownState(name, known=known, workflow_name=self._workflow_name)


def _is_in(leaf: str, name: str) -> bool:
    return leaf == name or leaf.startswith(f"{name}.")


def noted_json(noted: Mapping[str, Any], event: str) -> str:
    """Return the arguments that an event notes as JSON text.

    Dates and times, decimal numbers, UUIDs and members of an Enum are written as their texts or
    values. Raises ``WorkflowError`` for what has no JSON form.
    """
    import json  # noqa: PLC0415 - only a log needs it

    try:
        return json.dumps(dict(noted), default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"what {event!r} notes has no JSON form, so the log cannot keep it: {error}"
        raise WorkflowError(message) from error


def tried_json(attempt: Attempt, spec: WorkflowSpec) -> str:
    """Return the arguments that the event of a refused attempt would have noted, as JSON text.

    What has no JSON form is there as its ``repr``: a refusal is not to be hidden by another error.
    """
    event = spec.events[attempt.event]
    names = tuple(f"argument_{number}" for number in range(1, len(attempt.args) + 1))
    if callable(event.handler):
        names = signature_of(event.handler).positional[1:]
    given = dict(zip(names, attempt.args, strict=False)) | attempt.kwargs
    tried = {name: given[name] for name in event.note if name in given}
    kept: list[str] = []
    for name, value in tried.items():
        try:
            kept.append(noted_json({name: value}, attempt.event)[1:-1])
        except WorkflowError:
            kept.append(noted_json({name: repr(value)}, attempt.event)[1:-1])
    return f"{{{', '.join(kept)}}}"


def result_json(result: Any, event: str) -> str:
    """Return the answer of an event that is fired once as JSON text, to be given again.

    Raises ``WorkflowError`` for what would not come back as it is.
    """
    import json  # noqa: PLC0415 - only a log needs it

    what = f"the result of {event!r}, which is fired once,"
    try:
        text = json.dumps(result, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{what} has no JSON form, so the log cannot keep it: {error}"
        raise WorkflowError(message) from error
    if not _is_same(json.loads(text), result):
        message = f"{what} would not come back from JSON as it is: {result!r}"
        raise WorkflowError(message)
    return text


def _is_same(found: Any, given: Any) -> bool:
    """Whether two values are equal through and through, their types included."""
    kind = given.__class__
    if found.__class__ is not kind:
        return False
    if kind is dict:
        same_keys: bool = found.keys() == given.keys()
        return same_keys and all(_is_same(found[key], given[key]) for key in found)
    if kind is list:
        return len(found) == len(given) and all(map(_is_same, found, given))
    return bool(found == given)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, _PLAIN) else value.name
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID, timedelta)):
        return str(value)
    message = f"{with_article(type(value).__name__)} is none of JSON's types"
    raise TypeError(message)
