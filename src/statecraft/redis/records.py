"""The records of the transition log as entries of a stream, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from statecraft.log_entries import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecraft.transition_log import TransitionRecord


def text_of(reply: Any) -> Any:
    """Return a reply as text, whether or not the client decodes what it gets."""
    return reply.decode() if isinstance(reply, bytes) else reply


def fields_of_entry(entry: Entry) -> list[str]:
    """Return the fields of an entry that have something; the script adds a number and a time."""
    fields: dict[str, Any] = entry._asdict()
    fields |= {"at": None, "internal": "1" if entry.internal else None}
    if entry.noted == "{}":
        del fields["noted"]
    return [part for field in fields.items() if field[1] is not None for part in field]


def record_of(entry: Mapping[Any, Any]) -> TransitionRecord:
    """Return the record of an entry, as a client gives it."""
    fields = {text_of(name): text_of(value) for name, value in entry.items()}
    sequence = int(fields.pop("sequence"))
    fields["at"] = _moment(fields["at"]) if "at" in fields else None
    known: dict[str, Any] = {"event": None, "source": None} | fields
    return Entry(**known).record(sequence)


def _moment(text: str) -> datetime:
    seconds, _, microseconds = text.partition(".")
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
