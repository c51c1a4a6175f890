"""What a stored transition costs: how many statements, and what the benchmark does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from benchmarks import stored
from benchmarks.databases import URL
from benchmarks.stored_contestants.tables import Base
from benchmarks.waiting import WallClock
from tests.sqlalchemy_store.databases import connected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Return a server with the tables of the benchmark."""
    connected("postgresql", tmp_path).dispose()
    engine = stored.engine_of(URL)
    stored.entered()  # and so the tables of all of them are known
    Base.metadata.create_all(engine)
    yield engine
    Base.metadata.drop_all(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("plain", ["UPDATE"]),
        ("logged", ["UPDATE", "INSERT"]),
        ("handler", ["SAVEPOINT", "SELECT", "UPDATE", "RELEASE"]),
    ],
)
def test_an_event_is_as_many_statements_as_by_hand(
    key: str, kinds: list[str], engine: Engine
) -> None:
    """One without code of the user, one more for its record, a lock and a savepoint for code."""
    found: list[str] = []
    for contestant in ("by hand", "statecraft"):
        with Session(engine, expire_on_commit=False) as session:
            work: Any = getattr(stored.entered()[contestant], key)(session)
            work.subject.light.turn_on()

            def note(_: object, __: object, statement: str, *___: object) -> None:
                found.append(statement.split(maxsplit=1)[0])

            event.listen(engine, "before_cursor_execute", note)
            work.subject.light.turn_off()
            event.remove(engine, "before_cursor_execute", note)
    assert found == kinds * 2


def test_the_benchmark_measures_what_it_says(engine: Engine) -> None:
    """Each step of each contestant leads to the state that it claims, in the row itself."""
    clock = WallClock(rounds=1, batch_seconds=0)
    ratios, times = stored.measured(clock, engine, stored.entered(), 10)
    titles = ["plain", "handler", "logged", "loading"]
    assert len(ratios.lines) == len(times.lines) == len(titles)
    assert all({"by hand", "statecraft"} <= line.values.keys() for line in ratios.lines)
