"""The command for stored transitions: ``python -m benchmarks.stored`` measures on PostgreSQL.

Wall-clock time, because most of it is spent waiting; the disk is left out (``synchronous_commit``
is off), because it would hide everything else.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.orm import Session

from benchmarks.clock import Clock
from benchmarks.machine import this_machine, versions
from benchmarks.report import markdown, put_into
from benchmarks.results import Line, Table, as_microseconds, as_ratio
from benchmarks.rows import BY_HAND, STATECRAFT, Row
from benchmarks.stored_contestants.tables import PREFIX, Base
from benchmarks.work import Step, Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from sqlalchemy import Engine

URL = os.environ.get(
    "STATECRAFT_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
MARK = "PostgreSQL"
ROWS = (
    Row("plain", "stored transition", 1.15),
    Row("handler", "stored transition with a handler, under the lock of its row", 1.15),
    Row("logged", "stored transition with its record in the log", 1.2),
)
LOADING = Row("loading", "loading {:,} objects", 1.15)
PEERS = {
    BY_HAND: "by_hand",
    STATECRAFT: "with_statecraft",
    "transitions": "with_transitions",
    "python-statemachine": "with_statemachine",
}


class WallClock(Clock):
    """Measures what a user waits for."""

    now = staticmethod(perf_counter)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.stored", description=__doc__)
    parser.add_argument("--rounds", type=int, default=61, help="how often each work is timed")
    parser.add_argument("--batch", type=float, default=20, help="milliseconds for each timing")
    parser.add_argument("--objects", type=int, default=100_000, help="how many are loaded")
    parser.add_argument("--dry", action="store_true", help="print, and write nothing")
    return parser


def entered() -> dict[str, ModuleType]:
    """Return the modules of those who take part, by name; who is missing stays away."""
    present: dict[str, ModuleType] = {}
    for name, module in PEERS.items():
        try:
            present[name] = import_module(f"benchmarks.stored_contestants.{module}")
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith(("benchmarks", "statecraft")):
                raise
            print(f"{name} is not installed, so its column is left out.")
    return present


def engine_of(url: str) -> Engine:
    """Return an engine that waits for no disk."""
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        if engine.dialect.name == "postgresql":
            connection.execute("SET synchronous_commit = off")
            connection.commit()

    return engine


def measured(
    clock: Clock, engine: Engine, contestants: Mapping[str, ModuleType], objects: int
) -> list[Table]:
    """Return how everything compares with hand-written code, and how long it takes."""
    ratios = Table("Stored on PostgreSQL, as a multiple of hand-written code", as_ratio)
    times = Table("Stored on PostgreSQL, in microseconds", as_microseconds)
    for row in ROWS:
        with Session(engine, expire_on_commit=False) as session:
            makers = {
                name: getattr(module, row.key)
                for name, module in contestants.items()
                if hasattr(module, row.key)
            }
            works = {name: make(session) for name, make in makers.items()}
            _add(ratios, times, row, clock, works)
    row = LOADING._replace(title=LOADING.title.format(objects))
    loading = type(clock)(rounds=max(clock.rounds // 4, 1), batch_seconds=0)
    with Session(engine) as session:
        works = {
            name: _loading(session, module.Loaded, objects)
            for name, module in contestants.items()
            if hasattr(module, "Loaded")
        }
        _add(ratios, times, row, loading, works)
    return [ratios, times]


def _add(ratios: Table, times: Table, row: Row, clock: Clock, works: Mapping[str, Work]) -> None:
    timings = clock.compare(works)
    line = Line(row.title, {name: one.ratio for name, one in timings.items()}, row.limit)
    ratios.lines.append(line)
    times.lines.append(Line(row.title, {name: one.seconds * 1e6 for name, one in timings.items()}))
    print(f"{row.title}: {as_ratio(line.values[STATECRAFT])}")


def _loading(session: Session, mapped: Any, objects: int) -> Work:
    rows = [{"id": number, "state": "on"} for number in range(objects)]
    session.connection().execute(insert(mapped.__table__), rows)
    session.commit()
    code = "subject.expunge_all()\nfound = subject.scalars(everything).all()"
    return Work(session, [Step(code, "len(found)", objects)], {"everything": select(mapped)})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    clock = WallClock(rounds=options.rounds, batch_seconds=options.batch / 1000)
    contestants = entered()
    engine = engine_of(URL)
    tables = [table for name, table in Base.metadata.tables.items() if name.startswith(PREFIX)]
    Base.metadata.drop_all(engine, tables)
    Base.metadata.create_all(engine, tables)
    try:
        found = measured(clock, engine, contestants, options.objects)
    finally:
        Base.metadata.drop_all(engine, tables)
        engine.dispose()
    machine = this_machine()
    names = list(contestants)
    others = ["sqlalchemy", "psycopg", *(name for name in names if name != BY_HAND)]
    text = f"Measured on {machine}. Versions: {versions(others)}.\n\n{markdown(found, names)}"
    print(f"\n{text}")
    if not options.dry:
        put_into(PAGE, MARK, f"\n{text}\n", template="# Speed\n")


if __name__ == "__main__":
    main()
