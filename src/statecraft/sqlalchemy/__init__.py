"""The SQLAlchemy store: the state of each object in a column of its row, moved by its session.

Theory of operation
-------------------
The row is the truth, and the object knows of it what its session has loaded. An event is one
UPDATE of the table that has the state, on the connection of the session: it compares and stores in
one step, touches no other column, and flushes nothing. Of two writers one finds no row to change,
and gets ``StaleState``. Whoever has begun the transaction ends it: no event commits.

An event with code of the user is a unit: a savepoint, in which the row is locked and read before
the state is judged. What leaves it as an exception undoes all of it.

What an object knows follows its transaction: see ``following``. What it is given as a state, and by
whom, is guarded: see ``mapping``.

    explaining.py    what is said of objects that cannot be moved as they are
    columns.py       where a class has its state, and the statements on that
    following.py     what waits for the end of a transaction
    log_table.py     the table of the log
    log.py           records without gaps, keys that are used once, retention
    rows.py          the row of one object: read, locked, compared and stored
    units.py         savepoints and locks
    problems.py      what is wrong with columns, or with values for them
    mapping.py       a class that is mapped: its state is guarded, its new rows have one
    scopes.py        the rows in a state, as SQL
    base.py          what sync and async workflows have in common
    workflow.py      the workflows that are stored
    attaching.py     workflows that are attached to mapped classes
    retrying.py      a transaction that is tried again
"""

from __future__ import annotations

try:
    import sqlalchemy as _sqlalchemy
except ImportError as error:
    _message = (
        "statecraft.sqlalchemy needs the package SQLAlchemy: pip install"
        ' "statecraft-fsm[sqlalchemy]"'
    )
    raise ImportError(_message) from error

from statecraft.attached import persistence_finders
from statecraft.sqlalchemy.attaching import persistence_of
from statecraft.sqlalchemy.base import prune_log
from statecraft.sqlalchemy.retrying import retry_stale
from statecraft.sqlalchemy.workflow import AsyncSQLAlchemyWorkflow, SQLAlchemyWorkflow

persistence_finders.append(persistence_of)
del _sqlalchemy, persistence_finders, persistence_of

__all__ = ["AsyncSQLAlchemyWorkflow", "SQLAlchemyWorkflow", "prune_log", "retry_stale"]
