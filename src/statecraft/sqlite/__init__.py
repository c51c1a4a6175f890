"""The embedded store: the state of each object in a row of an SQLite file, standard library only.

Theory of operation
-------------------
The row is the truth: every look at the state reads it, and no object keeps a copy. An event without
code of the user is one statement, which compares and stores in one step, so that of two writers one
finds no row to change and gets ``StaleState``; SQLite itself lets the writers of other threads and
processes wait. An event with code of the user is a unit: a transaction, or a savepoint where one is
open. It begins with the lock on the file, so that the state which is judged stays the state; with
``lock=False`` it begins when something is written first, and the comparison finds out who lost.

Each thread of each process has a connection of its own to each file, opened when it is first
needed. One that came over in a fork is neither used nor closed, because SQLite allows neither.
The journal mode of a file is left as it is, because the file may belong to somebody else too.

    explaining.py    what is wrong with a file, and what to do
    values.py        which values a row can hold
    schema.py        the tables, and how an older file gets what is missing
    connections.py   one connection for each thread of each process
    units.py         transactions, savepoints, and what waits for the commit
    rows.py          the row of an object
    log.py           the transition log, and keys that are used once
    files.py         which file a class is stored in, transactions on it, retention
    store.py         the workflow that is stored
    attaching.py     workflows that are attached to one that is stored
"""

from __future__ import annotations

from statecraft.attached import persistence_finders
from statecraft.sqlite.attaching import persistence_of
from statecraft.sqlite.connections import close_connections
from statecraft.sqlite.files import prune_log, transaction
from statecraft.sqlite.store import SQLiteWorkflow

persistence_finders.append(persistence_of)
del persistence_finders, persistence_of

__all__ = ["SQLiteWorkflow", "close_connections", "prune_log", "transaction"]
