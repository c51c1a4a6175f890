"""Entries of the transition log: what a store writes, and the records that it reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from statecraft.actors import actor_text, current_actor
from statecraft.bundles import NamedTuple
from statecraft.transition_log import TransitionRecord, noted_json, result_json, tried_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecraft.persistence import Attempt, Change
    from statecraft.spec import WorkflowSpec


class Entry(NamedTuple):
    """What is to be written of one transition, of a creation, or of a refused attempt.

    The fields are those of a ``TransitionRecord`` without its number, which the store gives it.
    ``noted`` and ``result`` are JSON texts; what is read from a column that reads JSON itself has a
    mapping in ``noted``.
    """

    event: str | None
    source: str | None
    target: str
    at: datetime | None = None
    actor: str | None = None
    noted: str | Mapping[str, Any] = "{}"
    once: str | None = None
    result: str | None = None
    refused: str | None = None
    internal: bool = False

    @property
    def noted_values(self) -> Mapping[str, Any]:
        """What it notes, as it is handed to a column that writes JSON itself."""
        if not isinstance(self.noted, str):
            return self.noted
        found: dict[str, Any] = json.loads(self.noted) if self.noted != "{}" else {}
        return found

    @property
    def before(self) -> Entry:
        """The creation of the object, where this is its first entry and nobody knows when."""
        return Entry(None, None, str(self.source))

    def record(self, sequence: int) -> TransitionRecord:
        """Return the record with its number; a moment without a zone is one of UTC."""
        at = self.at
        if at is not None:
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return TransitionRecord(
            sequence,
            self.event,
            self.source,
            self.target,
            at,
            self.actor,
            self.noted_values,
            self.once,
            None if self.result is None else json.loads(self.result),
            self.refused,
            internal=bool(self.internal),
        )


def entry_of_creation(target: str) -> Entry:
    """Return what is to be written of an object that is made now."""
    return Entry(None, None, target, datetime.now(UTC), actor_text(current_actor()))


def entry_of_change(change: Change, spec: WorkflowSpec) -> Entry:
    """Return what is to be written of a transition."""
    event = change.transition.event
    return Entry(
        event,
        change.transition.source.name,
        spec.by_value[change.value].name,
        change.entered_at or datetime.now(UTC),
        actor_text(current_actor()),
        noted_json(change.noted, event) if change.noted else "{}",
        change.once,
        None if change.once is None else result_json(change.answer, event),
        internal=change.internal,
    )


def entry_of_refusal(attempt: Attempt, spec: WorkflowSpec) -> Entry:
    """Return what is to be written of an attempt that came to nothing.

    It notes what the event would note.
    """
    return Entry(
        attempt.event,
        attempt.source.name,
        attempt.source.name,
        datetime.now(UTC),
        actor_text(current_actor()),
        tried_json(attempt, spec),
        refused=str(attempt.refusal),
    )
