"""The transition log: records without gaps, keys that are used once, retention."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, literal, not_, select

from statecraft.once import require_same, require_short
from statecraft.sqlalchemy.log_table import key_in_log
from statecraft.transition_log import (
    TransitionRecord,
    actor_text,
    current_actor,
    noted_json,
    result_json,
    tried_json,
)

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Connection, Delete, Insert, Table

    from statecraft.persistence import Attempt, Change
    from statecraft.spec import WorkflowSpec

_KEPT = ("event", "source", "target", "at", "actor", "noted", "once", "result", "refused")
_FIELDS = (*_KEPT, "internal")
_SECOND = 2


class LogStatements:
    """The statements on the log of one workflow, built once.

    ``keys`` are the columns of the key of a row, by the names of the parameters for them;
    ``state_field`` is the name of the column that has the state.
    """

    def __init__(self, table: Table, state_field: str, keys: dict[str, Column[Any]]) -> None:
        self.table = table
        self.state_field = state_field
        self._keys = {name: table.columns[key_in_log(key)] for name, key in keys.items()}
        column = table.columns
        number: ColumnElement[int] = func.max(column.sequence)
        self.first = self._inserting(func.coalesce(number, 0) + 1, self.of_row)
        self.next = self._inserting(func.coalesce(number, 1) + 1, self.of_row)
        creation = select(column.sequence).where(self.of_row, column.sequence == 1)
        self.first_if_missing = self._inserting(literal(1), not_(creation.exists()))
        self.next_returning = self.next.returning(column.sequence)
        names = ("sequence", *_FIELDS)
        self.records = (
            select(*(column[name] for name in names)).where(self.of_row).order_by(column.sequence)
        )
        self.last = select(func.max(column.sequence)).where(self.of_row)
        once = bindparam("statecraft_once", type_=column.once.type)
        # a locking read: it sees what those have committed who held the row before
        self.answer = (
            select(column.event, column.result)
            .where(self.of_row, column.once == once)
            .with_for_update(read=True)
        )

    @property
    def of_row(self) -> ColumnElement[bool]:
        """What is true for the records of one row."""
        same = (key == bindparam(name, type_=key.type) for name, key in self._keys.items())
        return and_(*same, self.table.columns.state_field == self.state_field)

    def _inserting(self, number: Any, condition: ColumnElement[bool]) -> Insert:
        """Return the statement that writes a record with a number, if the condition holds."""
        columns = self.table.columns
        values: list[Any] = [bindparam(name, type_=key.type) for name, key in self._keys.items()]
        values += [literal(self.state_field), number]
        values += [bindparam(f"statecraft_{name}", type_=columns[name].type) for name in _FIELDS]
        names = [key.name for key in self._keys.values()] + ["state_field", "sequence", *_FIELDS]
        return insert(self.table).from_select(names, select(*values).where(condition))


class Log:
    """The log of one row; ``key`` are the parameters that name it."""

    def __init__(
        self, statements: LogStatements, connection: Connection, key: dict[str, Any]
    ) -> None:
        self._statements = statements
        self._connection = connection
        self._key = key

    def create(self, entry: dict[str, Any]) -> None:
        """Write the record of the creation: the first one, where no other row had the key."""
        self._connection.execute(self._statements.first, entry | self._key)

    def append(self, entry: dict[str, Any]) -> None:
        """Write a record; the first one after that of a creation of which nobody knows when."""
        connection, statements = self._connection, self._statements
        parameters = entry | self._key
        if connection.dialect.insert_returning:
            sequence = connection.execute(statements.next_returning, parameters).scalar_one()
        else:
            connection.execute(statements.next, parameters)
            sequence = connection.execute(statements.last, self._key).scalar_one()
        if sequence == _SECOND:
            first = _entry(None, None, entry["statecraft_source"], at=None, actor=None)
            connection.execute(statements.first_if_missing, first | self._key)

    def records(self) -> list[TransitionRecord]:
        """Return all records, in order."""
        rows = self._connection.execute(self._statements.records, self._key)
        return [_record(*row) for row in rows]

    def answer(self, once: str, event: str) -> tuple[Any, ...]:
        """Return what an event that was fired with this key returned, in a tuple; else ``()``."""
        require_short(once)
        parameters = self._key | {"statecraft_once": once}
        found: Any = self._connection.execute(self._statements.answer, parameters).first()
        if found is None:
            return ()
        require_same(found.event, event, once)
        return (json.loads(found.result),)


def _entry(
    event: str | None,
    source: str | None,
    target: str,
    *,
    at: datetime | None,
    actor: str | None,
    noted: str = "{}",
    once: str | None = None,
    result: str | None = None,
    refused: str | None = None,
    internal: bool = False,
) -> dict[str, Any]:
    kept: Any = json.loads(noted) if noted != "{}" else {}
    values = (event, source, target, at, actor, kept, once, result, refused, internal)
    names = (f"statecraft_{name}" for name in _FIELDS)
    return dict(zip(names, values, strict=True))


def entry_of_creation(target: str) -> dict[str, Any]:
    """Return what is to be written of an object that is made now."""
    return _entry(None, None, target, at=datetime.now(UTC), actor=actor_text(current_actor()))


def entry_of_change(change: Change, spec: WorkflowSpec) -> dict[str, Any]:
    """Return what is to be written of a transition."""
    event = change.transition.event
    return _entry(
        event,
        change.transition.source.name,
        spec.by_value[change.value].name,
        at=change.entered_at or datetime.now(UTC),
        actor=actor_text(current_actor()),
        noted=noted_json(change.noted, event) if change.noted else "{}",
        once=change.once,
        result=None if change.once is None else result_json(change.answer, event),
        internal=change.internal,
    )


def entry_of_refusal(attempt: Attempt, spec: WorkflowSpec) -> dict[str, Any]:
    """Return what is to be written of an attempt that came to nothing."""
    state = attempt.source.name
    return _entry(
        attempt.event,
        state,
        state,
        at=datetime.now(UTC),
        actor=actor_text(current_actor()),
        noted=tried_json(attempt, spec),
        refused=str(attempt.refusal),
    )


def _record(  # noqa: PLR0917 - a row is what it is
    sequence: int,
    event: str | None,
    source: str | None,
    target: str,
    at: datetime | None,
    actor: str | None,
    noted: dict[str, Any],
    once: str | None,
    result: str | None,
    refused: str | None,
    internal: bool,  # noqa: FBT001 - as above
) -> TransitionRecord:
    answer = None if result is None else json.loads(result)
    moment = at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)
    return TransitionRecord(
        sequence,
        event,
        source,
        target,
        None if moment is None else moment.astimezone(UTC),
        actor,
        noted,
        once,
        answer,
        refused,
        internal=internal,
    )


def pruning(statements: LogStatements, before: datetime) -> Delete:
    """Return the statement that deletes what is older.

    Of each row, the record with which its present state was entered stays, and all that came after
    it. A record without a time is as old as the next that has one.
    """
    log = statements.table
    old, others, later = log.columns, log.alias(), log.alias()
    names = [key.name for key in log.primary_key if key.name != "sequence"]
    entered = (
        select(func.max(others.c.sequence))
        .where(*(others.c[name] == old[name] for name in names))
        .where(others.c.refused.is_(None), others.c.internal.is_(False))
    )
    written = (
        select(later.c.at)
        .where(*(later.c[name] == old[name] for name in names))
        .where(later.c.sequence >= old.sequence, later.c.at.is_not(None))
        .order_by(later.c.sequence)
        .limit(1)
    )
    moment = bindparam("statecraft_before", before.astimezone(UTC), type_=old.at.type)
    return delete(log).where(
        old.state_field == statements.state_field,
        old.sequence < entered.scalar_subquery(),
        written.scalar_subquery() < moment,
    )
