"""The command for stored transitions: ``python -m benchmarks.stored`` measures on PostgreSQL.

Wall-clock time, because most of it is spent waiting; the disk is left out (``synchronous_commit``
is off), because it would hide everything else.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.orm import Session

from benchmarks import stored_by_django
from benchmarks.databases import URL
from benchmarks.machine import this_machine, versions
from benchmarks.report import markdown, put_into
from benchmarks.rows import BY_HAND, STATECRAFT, Row
from benchmarks.stored_contestants.tables import PREFIX, Base
from benchmarks.waiting import Tables, WallClock, makers_of, who_is_there
from benchmarks.work import Step, Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from sqlalchemy import Engine

    from benchmarks.clock import Clock
    from benchmarks.results import Table

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
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


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.stored", description=__doc__)
    parser.add_argument("--rounds", type=int, default=61, help="how often each work is timed")
    parser.add_argument("--batch", type=float, default=20, help="milliseconds for each timing")
    parser.add_argument("--objects", type=int, default=100_000, help="how many are loaded")
    parser.add_argument("--only", choices=STORES, help="one of the two stores; default: both")
    parser.add_argument("--dry", action="store_true", help="print, and write nothing")
    return parser


def entered() -> dict[str, ModuleType]:
    """Return the modules of those who take part, by name; who is missing stays away."""
    return who_is_there(PEERS, "benchmarks.stored_contestants")


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
    tables = Tables("Stored by SQLAlchemy on PostgreSQL")
    for row in ROWS:
        with Session(engine, expire_on_commit=False) as session:
            makers = makers_of(row, contestants)
            works = {name: make(session) for name, make in makers.items()}
            tables.add(row, clock, works)
    row = LOADING._replace(title=LOADING.title.format(objects))
    loading = type(clock)(rounds=max(clock.rounds // 4, 1), batch_seconds=0)
    with Session(engine) as session:
        works = {
            name: _loading(session, module.Loaded, objects)
            for name, module in contestants.items()
            if hasattr(module, "Loaded")
        }
        tables.add(row, loading, works)
    return tables.both


def _loading(session: Session, mapped: Any, objects: int) -> Work:
    rows = [{"id": number, "state": "on"} for number in range(objects)]
    session.connection().execute(insert(mapped.__table__), rows)
    session.commit()
    code = "subject.expunge_all()\nfound = subject.scalars(everything).all()"
    return Work(session, [Step(code, "len(found)", objects)], {"everything": select(mapped)})


def _by_sqlalchemy(clock: Clock, objects: int) -> tuple[list[Table], list[str]]:
    contestants = entered()
    engine = engine_of(URL)
    tables = [table for name, table in Base.metadata.tables.items() if name.startswith(PREFIX)]
    Base.metadata.create_all(engine, tables)
    try:
        return measured(clock, engine, contestants, objects), list(contestants)
    finally:
        Base.metadata.drop_all(engine, tables)
        engine.dispose()


def _by_django(clock: Clock, _: int) -> tuple[list[Table], list[str]]:
    contestants = stored_by_django.entered(URL)
    return stored_by_django.measured(clock, contestants), list(contestants)


STORES = {  # the mark in the page, and what measures
    "sqlalchemy": ("PostgreSQL", _by_sqlalchemy),
    "django": ("Django and PostgreSQL", _by_django),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    clock = WallClock(rounds=options.rounds, batch_seconds=options.batch / 1000)
    for store in [options.only] if options.only else STORES:
        mark, measure = STORES[store]
        found, names = measure(clock, options.objects)
        others = [store, "psycopg", *(name for name in names if name != BY_HAND)]
        head = f"Measured on {this_machine()}. Versions: {versions(others)}."
        text = f"{head}\n\n{markdown(found, names)}"
        print(f"\n{text}\n")
        if not options.dry:
            put_into(PAGE, mark, f"\n{text}\n", template="# Speed\n")


if __name__ == "__main__":
    main()
