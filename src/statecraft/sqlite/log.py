"""The transition log in its table: records without gaps, keys that are used once, retention."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from statecraft.log_entries import Entry
from statecraft.once import require_same

if TYPE_CHECKING:
    from statecraft.sqlite.connections import Opened
    from statecraft.transition_log import TransitionRecord

_INSERT = """
INSERT INTO statecraft_log
(key, sequence, workflow, event, source, target, at, actor, noted, once, result, refused, internal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LAST = "SELECT coalesce(max(sequence), 0) FROM statecraft_log WHERE key = ?"
_RECORDS = """
SELECT sequence, event, source, target, at, actor, noted, once, result, refused, internal
FROM statecraft_log WHERE key = ? ORDER BY sequence
"""
_ANSWER = "SELECT event, result FROM statecraft_log WHERE key = ? AND once = ?"
# Of each object, the record with which the present state was entered stays, and all after it. One
# without a time is as old as the next that has one.
_PRUNE = """
DELETE FROM statecraft_log AS old
WHERE (? IS NULL OR workflow = ?)
AND sequence < (
    SELECT max(sequence) FROM statecraft_log
    WHERE key = old.key AND refused IS NULL AND NOT internal
)
AND ? > (
    SELECT at FROM statecraft_log
    WHERE key = old.key AND sequence >= old.sequence AND at IS NOT NULL
    ORDER BY sequence LIMIT 1
)
"""


class Log:
    """The log of one object, on the connection of the calling thread.

    ``workflow`` is what its class is called in the table. What is read and written with one
    another has to stand inside of a unit that holds the lock.
    """

    def __init__(self, opened: Opened, key: str, workflow: str) -> None:
        self._opened = opened
        self._key = key
        self._workflow = workflow

    def append(self, entry: Entry) -> None:
        """Write a record; the first one after that of the creation, whose time nobody knows."""
        last = int(self._opened.read(_LAST, self._key)[0][0])
        if not last:
            last = 1
            self._insert(1, entry.before)
        self._insert(last + 1, entry)

    def _insert(self, sequence: int, entry: Entry) -> None:
        columns = entry._asdict() | {"at": None if entry.at is None else moment_text(entry.at)}
        self._opened.write(_INSERT, self._key, sequence, self._workflow, *columns.values())

    def records(self) -> list[TransitionRecord]:
        """Return all records, in order."""
        return [_record(*row) for row in self._opened.read(_RECORDS, self._key)]

    def answer(self, once: str, event: str) -> tuple[Any, ...]:
        """Return what an event that was fired with this key returned, in a tuple; else ``()``."""
        rows = self._opened.read(_ANSWER, self._key, once)
        if not rows:
            return ()
        first, result = rows[0]
        require_same(first, event, once)
        return (json.loads(result),)


def _record(sequence: int, *columns: Any) -> TransitionRecord:
    entry = Entry(*columns)
    moment = None if entry.at is None else datetime.fromisoformat(str(entry.at))
    return entry._replace(at=moment).record(sequence)


def moment_text(moment: datetime) -> str:
    """Return a moment as it is stored: in UTC, so that texts are in the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def prune(opened: Opened, workflow: str | None, before: datetime) -> int:
    """Delete what is older; return how many records that were."""
    return opened.write(_PRUNE, workflow, workflow, moment_text(before))
