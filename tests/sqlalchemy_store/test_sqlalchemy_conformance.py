"""The public conformance suite on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from itertools import count
from types import new_class
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from statecraft.testing.persistence import Kind, PersistenceSuite
from tests.sqlalchemy_store.databases import (
    AsyncThing,
    Base,
    Thing,
    add_line,
    connected,
    connected_async,
    count_lines,
    opened,
    opened_async,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Generator, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from statecraft.workflow import AnyWorkflow

_numbers = count()
running: ContextVar[AsyncEngine] = ContextVar("engine")
opening: ContextVar[list[AsyncSession]] = ContextVar("sessions")


class DatabaseSuite(PersistenceSuite):
    """What the databases have in common."""

    base: ClassVar[type[AnyWorkflow]] = Thing
    database: ClassVar[str]
    writers: ClassVar[tuple[Kind, ...]] = ("threads",)  # the slow ones: once for each database
    has_units = has_locks = has_log = has_remembered = True
    rounds = 4
    engine: ClassVar[Engine]
    sessions: ClassVar[list[Session]] = []

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def tables(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        """Make the tables, and drop them afterwards."""
        directory: Path = tmp_path_factory.mktemp(cls.database)
        cls.engine = connected(cls.database, directory / "test.db")
        Base.metadata.create_all(cls.engine)
        yield
        Base.metadata.drop_all(cls.engine)
        cls.engine.dispose()

    @pytest.fixture(autouse=True)
    def close_sessions(self) -> Iterator[None]:
        """Leave no transaction open that has only read: it would keep tables from being dropped."""
        yield
        for session in self.sessions:
            session.close()
        self.sessions.clear()

    def define(self, declared: type, **options: Any) -> type[Any]:
        body = {"__module__": f"{__name__}.class_{next(_numbers)}"}  # else SQLAlchemy warns
        keywords = {**self.options, **options}
        bases = (declared, self.base)
        return new_class(declared.__name__, bases, keywords, lambda ns: ns.update(body))

    def open(self, workflow: type[Any], key: int) -> Any:
        session = Session(self.engine, expire_on_commit=False)
        self.sessions.append(session)
        return opened(session, workflow, key)

    def commit(self, subject: Any) -> Any:
        subject.session.commit()

    def transaction(self, subject: Any) -> Any:
        return self._begin(subject)

    @contextmanager
    def _begin(self, subject: Any) -> Generator[None]:
        subject.session.commit()
        with subject.session.begin():
            yield

    def add_row(self, subject: Any, text: str) -> Any:
        add_line(subject, text)

    def count_rows(self, text: str) -> Any:
        with Session(self.engine) as session:
            return count_lines(session, text)

    def enter_process(self) -> None:
        self.engine.dispose(close=False)


class TestSQLite(DatabaseSuite):
    """A file of SQLite, which is locked as a whole."""

    database = "sqlite"
    writers = ("threads", "processes")
    has_optimistic_units = False


class TestPostgreSQL(DatabaseSuite):
    """PostgreSQL, as it is."""

    database = "postgresql"
    writers = ("threads", "processes")


class TestMariaDB(DatabaseSuite):
    """MariaDB, as it is."""

    database = "mariadb"
    writers = ("threads", "processes")


class AsyncSuite(DatabaseSuite):
    """The same with awaited events: each event loop has an engine of its own."""

    base: ClassVar[type[AnyWorkflow]] = AsyncThing
    writers = ("tasks",)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        async def run_with_engine() -> Any:
            engine = connected_async(self.database, self.engine.url.database)
            running.set(engine)
            sessions: list[AsyncSession] = []
            opening.set(sessions)
            try:
                return await coroutine
            finally:
                for session in sessions:
                    await session.close()
                await engine.dispose()

        return asyncio.run(run_with_engine())

    async def open(self, workflow: type[Any], key: int) -> Any:
        session = AsyncSession(running.get(), expire_on_commit=False)
        opening.get().append(session)
        return await opened_async(session, workflow, key)

    async def commit(self, subject: Any) -> Any:
        await subject.session.commit()

    def transaction(self, subject: Any) -> Any:
        return self._begin_async(subject)

    @asynccontextmanager
    async def _begin_async(self, subject: Any) -> AsyncGenerator[None]:
        await subject.session.commit()
        async with subject.session.begin():
            yield

    async def add_row(self, subject: Any, text: str) -> Any:
        await subject.session.run_sync(lambda _: add_line(subject, text))

    async def count_rows(self, text: str) -> Any:
        async with AsyncSession(running.get()) as session:
            return await session.run_sync(count_lines, text)


class TestAsyncSQLite(AsyncSuite):
    """SQLite with aiosqlite."""

    database = "sqlite"
    has_optimistic_units = False


class TestAsyncPostgreSQL(AsyncSuite):
    """PostgreSQL with psycopg."""

    database = "postgresql"


class TestAsyncMariaDB(AsyncSuite):
    """MariaDB with aiomysql."""

    database = "mariadb"
