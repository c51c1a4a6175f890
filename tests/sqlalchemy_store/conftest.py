"""What the tests of the SQLAlchemy store have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.sqlalchemy_store.databases import connected
from tests.sqlalchemy_store.shop import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return a database of one's own, with the tables of the shop."""
    engine = connected("sqlite", tmp_path_factory.mktemp("shop") / "test.db")

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.execute("PRAGMA synchronous = OFF")  # nobody cuts the power here

    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Return a session."""
    with Session(engine) as session:
        yield session


@pytest.fixture
def lasting(engine: Engine) -> Iterator[Session]:
    """Return a session in which objects go on knowing what they knew before a commit."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    """Return what is executed, one text a statement."""
    found: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        found.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)
