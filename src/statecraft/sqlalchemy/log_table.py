"""The table of the log: one beside each table that has a state, in the same metadata.

``orders_log`` belongs to ``orders``. A record has the key of its row (``row_id`` for ``id``), the
column whose state it is about, and what a ``TransitionRecord`` has. There is no foreign key: the
log of a row that is deleted stays, until somebody deletes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import SchemaType

from statecraft.errors import Problem
from statecraft.once import LONGEST_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARK = "statecraft_log"  # in table.info
_NAME = 255
_SERVERS = ("mysql", "mariadb")
# MariaDB would cut the time off at the second, and take "a" and "A" for the same key
_MOMENT = DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *_SERVERS)
_KEY = String(LONGEST_KEY).with_variant(
    mysql.VARCHAR(LONGEST_KEY, charset="utf8mb4", collation="utf8mb4_bin"), *_SERVERS
)


def log_table_beside(table: Table, keys: Sequence[Column[Any]]) -> Table:
    """Return the log of a table; made in its metadata when it is first asked for."""
    known = _known(table)
    if known is not None:
        return known
    owned = [
        Column(key_in_log(key), like(key), primary_key=True, autoincrement=False) for key in keys
    ]
    name = f"{table.name}_log"
    return Table(
        name,
        table.metadata,
        *owned,
        Column("state_field", String(64), primary_key=True),
        Column("sequence", Integer, primary_key=True, autoincrement=False),
        Column("event", String(_NAME)),
        Column("source", String(_NAME)),
        Column("target", String(_NAME), nullable=False),
        Column("at", _MOMENT),
        Column("actor", Text),
        Column("noted", JSON, nullable=False),
        Column("once", _KEY),
        Column("result", Text),
        Column("refused", Text),
        Column("internal", Boolean, nullable=False),
        UniqueConstraint(*map(key_in_log, keys), "state_field", "once", name=f"{name}_once"),
        schema=table.schema,
        info={_MARK: True},
    )


def key_in_log(key: Column[Any]) -> str:
    """Return what the log calls a column of the key."""
    return f"row_{key.name}"


def _known(table: Table) -> Table | None:
    name = f"{table.name}_log"
    key = name if table.schema is None else f"{table.schema}.{name}"
    return table.metadata.tables.get(key)


def problems_of_log(workflow_name: str, table: Table) -> Iterator[Problem]:
    """Yield that a table of another kind has the name of the log."""
    known = _known(table)
    if known is not None and _MARK not in known.info:
        what = f"the log would be the table {known.name!r}, and there is one already. Rename that"
        yield Problem(workflow_name, "log", what)


def like(column: Column[Any]) -> Any:
    """Return the type of a column, for a column of another table."""
    kind: Any = column.type
    return kind.copy() if isinstance(column.type, SchemaType) else kind
