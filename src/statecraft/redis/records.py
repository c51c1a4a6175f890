"""The records of the transition log as entries of a stream, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from statecraft.transition_log import (
    TransitionRecord,
    actor_text,
    current_actor,
    noted_json,
    result_json,
    tried_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecraft.persistence import Attempt, Change
    from statecraft.spec import WorkflowSpec


def text_of(reply: Any) -> Any:
    """Return a reply as text, whether or not the client decodes what it gets."""
    return reply.decode() if isinstance(reply, bytes) else reply


def fields_of_creation(happened: Any) -> list[str]:
    """Return the first record of a log: what was there before anything happened."""
    return ["target", str(happened.source)]


def fields_of_change(change: Change) -> list[str]:
    """Return the record of a transition; the script adds its number and its time."""
    event, source, target = change.transition[:3]
    fields = {"event": event, "source": str(source), "target": str(target)}
    if change.noted:
        fields["noted"] = noted_json(change.noted, event)
    if change.once is not None:
        fields |= {"once": change.once, "result": result_json(change.answer, event)}
    if change.internal:
        fields["internal"] = "1"
    return _with_actor(fields)


def fields_of_refusal(attempt: Attempt, spec: WorkflowSpec) -> list[str]:
    """Return the record of an attempt that came to nothing; it notes what the event would note."""
    source = str(attempt.source)
    fields = {"event": attempt.event, "source": source, "target": source}
    noted = tried_json(attempt, spec)
    if noted != "{}":
        fields["noted"] = noted
    return _with_actor(fields | {"refused": str(attempt.refusal)})


def _with_actor(fields: dict[str, str]) -> list[str]:
    actor = actor_text(current_actor())
    if actor is not None:
        fields["actor"] = actor
    return [part for field in fields.items() for part in field]


def record_of(entry: Mapping[Any, Any]) -> TransitionRecord:
    """Return the record of an entry, as a client gives it."""
    fields = {text_of(name): text_of(value) for name, value in entry.items()}
    noted = fields.get("noted")
    result = fields.get("result")
    return TransitionRecord(
        sequence=int(fields["sequence"]),
        event=fields.get("event"),
        source=fields.get("source"),
        target=fields["target"],
        at=_moment(fields["at"]) if "at" in fields else None,
        actor=fields.get("actor"),
        noted={} if noted is None else json.loads(noted),
        once=fields.get("once"),
        result=None if result is None else json.loads(result),
        refused=fields.get("refused"),
        internal="internal" in fields,
    )


def _moment(text: str) -> datetime:
    seconds, _, microseconds = text.partition(".")
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
