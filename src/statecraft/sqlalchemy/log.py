"""The transition log: records without gaps, keys that are used once, retention."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, literal, not_, select

from statecraft.log_entries import Entry
from statecraft.once import require_same, require_short
from statecraft.sqlalchemy.log_table import key_in_log

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Connection, Delete, Insert, Table

    from statecraft.transition_log import TransitionRecord

_FIELDS = Entry._fields
_PARAMETERS = tuple(f"statecraft_{name}" for name in _FIELDS)
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

    def create(self, entry: Entry) -> None:
        """Write the record of the creation: the first one, where no other row had the key."""
        self._connection.execute(self._statements.first, self._parameters(entry))

    def append(self, entry: Entry) -> None:
        """Write a record; the first one after that of a creation of which nobody knows when."""
        connection, statements = self._connection, self._statements
        parameters = self._parameters(entry)
        if connection.dialect.insert_returning:
            sequence = connection.execute(statements.next_returning, parameters).scalar_one()
        else:
            connection.execute(statements.next, parameters)
            sequence = connection.execute(statements.last, self._key).scalar_one()
        if sequence == _SECOND:
            connection.execute(statements.first_if_missing, self._parameters(entry.before))

    def _parameters(self, entry: Entry) -> dict[str, Any]:
        values = entry._replace(noted=entry.noted_values)
        return dict(zip(_PARAMETERS, values, strict=True)) | self._key

    def records(self) -> list[TransitionRecord]:
        """Return all records, in order."""
        rows = self._connection.execute(self._statements.records, self._key)
        return [Entry(*columns).record(sequence) for sequence, *columns in rows]

    def answer(self, once: str, event: str) -> tuple[Any, ...]:
        """Return what an event that was fired with this key returned, in a tuple; else ``()``."""
        require_short(once)
        parameters = self._key | {"statecraft_once": once}
        found: Any = self._connection.execute(self._statements.answer, parameters).first()
        if found is None:
            return ()
        require_same(found.event, event, once)
        return (json.loads(found.result),)


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
