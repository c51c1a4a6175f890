"""The public conformance suite on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from types import new_class
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from sqlalchemy.orm import Session

from statecraft.testing.persistence import Kind, PersistenceSuite
from tests.sqlalchemy_store.databases import (
    Base,
    Thing,
    add_line,
    connected,
    count_lines,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from statecraft.workflow import AnyWorkflow

_numbers = count()


class DatabaseSuite(PersistenceSuite):
    """What the databases have in common."""

    base: ClassVar[type[AnyWorkflow]] = Thing
    database: ClassVar[str]
    writers: ClassVar[tuple[Kind, ...]] = ("threads", "processes")
    has_units = has_locks = has_log = has_remembered = True
    has_optimistic_units = True
    engine: ClassVar[Engine]
    sessions: ClassVar[list[Session]] = []

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def tables(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        """Make the tables, and drop them afterwards."""
        directory: Path = tmp_path_factory.mktemp(cls.database)
        cls.engine = connected(cls.database, directory)
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

    @contextmanager
    def transaction(self, subject: Any) -> Any:
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
    has_optimistic_units = False


class TestPostgreSQL(DatabaseSuite):
    """PostgreSQL, as it is."""

    database = "postgresql"


class TestMariaDB(DatabaseSuite):
    """MariaDB, as it is."""

    database = "mariadb"
