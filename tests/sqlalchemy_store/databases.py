"""The databases of the tests: a file of SQLite, PostgreSQL and MariaDB, by sync and async drivers.

Each has one table of things that every workflow of a test can be stored in, and one for rows.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import String, Text, create_engine, func, insert, select
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, object_session

from statecraft import State
from statecraft.sqlalchemy import AsyncSQLAlchemyWorkflow, SQLAlchemyWorkflow
from tests.services import do_without

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

URLS = {
    "postgresql": os.environ.get(
        "STATECRAFT_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
    ),
    "mariadb": os.environ.get(
        "STATECRAFT_MARIADB_URL", "mysql+pymysql://root@127.0.0.1:3306/test?charset=utf8mb4"
    ),
}
ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
ASYNC_DRIVERS["mariadb"] = "mysql+aiomysql"
RUN = os.getpid()  # several may run their tests on one server

# MariaDB takes "a", "A" and "a " for the same, unless the column says otherwise
EXACT = String(255).with_variant(
    mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_nopad_bin"), "mysql", "mariadb"
)


class Base(DeclarativeBase):
    """The base of what the tests map."""


class Line(Base):
    """A row that a handler stores."""

    __tablename__ = f"statecraft_{RUN}_lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))


class ThingColumns:
    """The columns that every workflow of the tests can be stored in."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    workflow_state: Mapped[str | None] = mapped_column(EXACT)
    workflow_state_remembered: Mapped[str | None] = mapped_column(Text)


class Thing(SQLAlchemyWorkflow, ThingColumns, Base):
    """A row in which the state of any workflow can be."""

    __tablename__ = f"statecraft_{RUN}_things"


class AsyncThing(AsyncSQLAlchemyWorkflow, Base):
    """The same row with awaited events."""

    __table__ = Thing.__table__


class LoggedThing(Thing, log=True):
    """One with a log: its table is made with the others."""

    there = State()


def url_of(name: str, path: Any) -> str:
    """Return where a database is; for SQLite, the file ``path``."""
    return f"sqlite:///{path}" if name == "sqlite" else URLS[name]


def connected(name: str, path: Any) -> Engine:
    """Return an engine; skip if no server answers, or fail in CI."""
    url = url_of(name, path)
    waiting: dict[str, Any] = {"connect_args": {"timeout": 60}} if name == "sqlite" else {}
    engine = create_engine(url, **waiting)
    try:
        engine.connect().close()
    except DBAPIError:
        variable = f"STATECRAFT_{name.upper()}_URL"
        do_without(f"needs a server at {url}: start one, or set {variable}")
    return engine


def connected_async(name: str, path: Any) -> AsyncEngine:
    """Return an engine for one event loop."""
    url = sqlalchemy.make_url(url_of(name, path)).set(drivername=ASYNC_DRIVERS[name])
    waiting: dict[str, Any] = {"connect_args": {"timeout": 60}} if name == "sqlite" else {}
    return create_async_engine(url, **waiting)


def opened(session: Session, workflow: type[Any], key: int) -> Any:
    """Return the object of a row, which is made if there is none, outside of any transaction."""
    found = session.get(workflow, key)
    if found is None:
        found = workflow(id=key)
        session.add(found)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            found = session.get_one(workflow, key)
    found.session = session
    session.commit()
    return found


def add_line(subject: Any, text: str) -> None:
    """Store a text in the transaction of an object."""
    session = object_session(subject)
    assert session is not None
    session.execute(insert(Line).values(text=text))


def count_lines(session: Session, text: str) -> int:
    """Return how many such texts are stored."""
    return session.scalar(select(func.count()).where(Line.text == text)) or 0


async def opened_async(session: AsyncSession, workflow: type[Any], key: int) -> Any:
    """Return the same object in an AsyncSession."""
    found = await session.run_sync(opened, workflow, key)
    found.session = session
    return found
