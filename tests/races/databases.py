"""SQLAlchemy under fire: a table of parcels on PostgreSQL or MariaDB, at one isolation level."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, create_engine, insert, select
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import InterfaceError, OperationalError, SAWarning
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, object_session

from statecraft.sqlalchemy import SQLAlchemyWorkflow, retry_stale
from tests.races.contenders import Contender, Effect, Seen, Verdict
from tests.races.parcels import Parcel
from tests.sqlalchemy_store.databases import connected, url_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.races.plans import Attempt

RUN = os.getpid()  # several may run their tests on one server
EXACT = String(40).with_variant(
    mysql.VARCHAR(40, charset="utf8mb4", collation="utf8mb4_nopad_bin"), "mysql", "mariadb"
)
UNDOING = {
    *("40001", "40P01"),  # serialization failures and deadlocks of PostgreSQL
    *(1205, 1213),  # locks waited for too long, and deadlocks of MariaDB
    "database is locked",  # by SQLite
}


LEVELS = [
    ("postgresql", "READ COMMITTED"),
    ("postgresql", "REPEATABLE READ"),
    ("postgresql", "SERIALIZABLE"),
    ("mariadb", "READ UNCOMMITTED"),
    ("mariadb", "READ COMMITTED"),
    ("mariadb", "REPEATABLE READ"),
    ("mariadb", "SERIALIZABLE"),
]


class Base(DeclarativeBase):
    """The base of the tables."""


class StoredParcel(SQLAlchemyWorkflow, Parcel, Base, log=True):
    """A parcel in a row."""

    __tablename__ = f"statecraft_{RUN}_parcels"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    workflow_state: Mapped[str | None] = mapped_column(EXACT)

    def write_effect(self, event: str, actor: str) -> None:
        """Write a row in the transaction of the event."""
        session = object_session(self)
        assert session is not None
        values = {"number": self.number, "event": event, "actor": actor}
        session.execute(insert(EffectRow).values(values))


class EffectRow(Base):
    """A row that a handler has written."""

    __tablename__ = f"statecraft_{RUN}_effects"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    event: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(40))


def fired(session: Session, attempt: Attempt) -> list[Any]:
    """Fire the events of an attempt; return what each of them returned."""
    return [
        session.get_one(StoredParcel, number).fire(event, once=attempt.key)
        for number, event in attempt.steps
    ]


class Database(Contender):
    """A database by its URL, at one isolation level."""

    def __init__(self, name: str, url: str, isolation_level: str) -> None:
        self.name = name
        self.url = url
        self.isolation_level = isolation_level
        self.engine = self._connected()

    def __str__(self) -> str:
        return f"{self.name}, {self.isolation_level}"

    def _connected(self) -> Any:
        waiting: Any = {"timeout": 60} if self.name == "sqlite" else {}
        return create_engine(self.url, isolation_level=self.isolation_level, connect_args=waiting)

    def prepare(self, objects: int) -> None:
        """Make the tables anew, with a row for each parcel."""
        Base.metadata.drop_all(self.engine)
        Base.metadata.create_all(self.engine)
        with Session(self.engine) as session, session.begin():
            session.add_all(StoredParcel(number=number) for number in range(objects))
        self.engine.dispose()

    def enter_process(self) -> None:
        """Leave the connections of the parent alone."""
        # SQLAlchemy warns of savepoints inside of each other that went with their connection
        warnings.filterwarnings("ignore", "nested transaction already", SAWarning)
        self.engine.dispose(close=False)
        self.engine = self._connected()

    def carry_out(self, attempt: Attempt) -> list[Any]:
        """Fire in one transaction, and commit it."""
        with Session(self.engine) as session, session.begin():
            return fired(session, attempt)

    def failed(self, error: Exception) -> Verdict | None:
        """Tell a transaction that the database has undone from a connection that is lost."""
        if not isinstance(error, (OperationalError, InterfaceError)):
            return None
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "args", [None])[0]
        return Verdict.UNDONE if code in UNDOING else Verdict.UNKNOWN

    def seen(self, objects: int) -> Seen:
        """Read it all."""
        columns = (EffectRow.number, EffectRow.event, EffectRow.actor)
        with Session(self.engine) as session:
            parcels = session.scalars(select(StoredParcel)).all()
            effects = Counter(Effect(*row) for row in session.execute(select(*columns)))
            return Seen(
                {one.number: one.current_state.name for one in parcels},
                {one.number: one.transition_log() for one in parcels},
                effects,
            )

    def forget(self) -> None:
        """Drop the tables."""
        Base.metadata.drop_all(self.engine)
        self.engine.dispose()


class Retrying(Database):
    """The same, with transactions that are tried again."""

    def carry_out(self, attempt: Attempt) -> list[Any]:
        """Fire in one transaction, as often as it takes."""
        with Session(self.engine) as session:
            return retry_stale(100)(fired)(session, attempt)


def database_at(
    name: str, isolation_level: str, directory: Path, kind: type[Database] = Database
) -> Database:
    """Return a database of the server that is there; skip if there is none, or fail in CI."""
    path = directory / "parcels.db"
    connected(name, path).dispose()
    return kind(name, url_of(name, path), isolation_level)
