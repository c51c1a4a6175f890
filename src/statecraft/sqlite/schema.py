"""The tables, made when a file is first used, and what an older file lacks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection

# The value has no declared type, so that 1 and "1" stay what they are.
_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS statecraft_state (
        key TEXT NOT NULL PRIMARY KEY,
        value NOT NULL,
        remembered TEXT
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS statecraft_log (
        key TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        workflow TEXT NOT NULL,
        event TEXT,
        source TEXT,
        target TEXT NOT NULL,
        at TEXT,
        actor TEXT,
        noted TEXT NOT NULL,
        once TEXT,
        result TEXT,
        refused TEXT,
        internal INTEGER NOT NULL,
        PRIMARY KEY (key, sequence)
    ) WITHOUT ROWID
    """,
    """
    CREATE UNIQUE INDEX IF NOT EXISTS statecraft_once
    ON statecraft_log (key, once) WHERE once IS NOT NULL
    """,
)
_FIRST_COLUMNS = ["key", "value"]  # of a file that was made before anything was remembered
_ADD_COLUMN = "ALTER TABLE statecraft_state ADD COLUMN remembered TEXT"


def make_schema(connection: Connection) -> None:
    """Make the tables that are missing, and bring those of an older file up to date."""
    for statement in _SCHEMA:
        connection.execute(statement)
    if _columns(connection) == _FIRST_COLUMNS:
        connection.execute("BEGIN IMMEDIATE")  # another process may be about to do the same
        try:
            if _columns(connection) == _FIRST_COLUMNS:
                connection.execute(_ADD_COLUMN)
        finally:
            connection.execute("COMMIT")


def _columns(connection: Connection) -> list[str]:
    return [row[1] for row in connection.execute("PRAGMA table_info(statecraft_state)")]
