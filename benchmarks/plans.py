"""How PostgreSQL finds the rows in a state: ``python -m benchmarks.plans`` asks it, with an index.

A million claims, nearly all of them closed; a few of the others have no value yet, which means the
initial state. All of it is in a schema of its own, which is dropped afterwards.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine, Index, String, case, create_engine, func, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateIndex, CreateSchema, CreateTable, DropIndex, DropSchema
from sqlalchemy.sql.expression import ClauseElement, Executable

from benchmarks.databases import URL
from statecraft import ANY, Compound, Event, State
from statecraft.sqlalchemy import SQLAlchemyWorkflow

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection

SCHEMA = f"statecraft_plans_{os.getpid()}"
COMMON = "closed"
SHARE = 100  # one row in so many is in each of the other states


class Base(DeclarativeBase):
    """The base of the one table."""


class Claim(SQLAlchemyWorkflow, Base):
    """A claim, with a compound and an index on its state."""

    __tablename__ = "claims"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(200))

    filed = State()

    class under_review(Compound):  # noqa: N801 - the class is the state
        """Two departments."""

        legal = State()
        technical = State()

    paid = State()
    closed = State(final=True)

    review = Event(filed.to(under_review))
    pass_on = Event(under_review.legal.to(under_review.technical))
    pay = Event(under_review.to(paid))
    close = Event(ANY.to(closed))


TABLE: Any = Claim.__table__
INDEXES = {
    "no index": None,
    "an index on the state": Index("claims_state", TABLE.c.workflow_state),
    "a partial index": Index(
        "claims_open", TABLE.c.id, postgresql_where=Claim.not_in_state(COMMON)
    ),
}


class Explained(Executable, ClauseElement):
    """A statement that PostgreSQL is to execute, and to say how."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(Explained)
def _explaining(element: Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (ANALYZE, FORMAT JSON) {compiler.process(element.statement, **options)}"


class Found(NamedTuple):
    """What PostgreSQL does for one question: the nodes of its plan that read, and how long."""

    question: str
    reads: tuple[str, ...]
    milliseconds: float
    rows: int


def questions() -> dict[str, ColumnElement[bool]]:
    """Return what is asked, by how it is written."""
    scopes: Any = Claim  # those of single states are made when the class is
    return {
        'in_state("paid")': Claim.in_state("paid"),
        'in_state("paid", "under_review")': Claim.in_state("paid", "under_review"),
        'in_state("filed")': Claim.in_state("filed"),
        "with_paid_state()": scopes.with_paid_state(),
        "with_filed_state()": scopes.with_filed_state(),
        "with_under_review_state()": scopes.with_under_review_state(),
        "with_under_review_legal_state()": scopes.with_under_review_legal_state(),
        'not_in_state("closed")': Claim.not_in_state(COMMON),
        "without_closed_state()": scopes.without_closed_state(),
    }


@contextmanager
def claims(engine: Engine, rows: int) -> Generator[Connection]:
    """Make the table with so many rows, and drop it afterwards."""
    mapped = {None: SCHEMA}
    with engine.connect().execution_options(schema_translate_map=mapped) as connection:
        connection.execute(CreateSchema(SCHEMA))
        connection.commit()
        try:
            connection.execute(CreateTable(TABLE))
            connection.execute(_filling(rows))
            connection.commit()
            connection.execute(text(f"ANALYZE {SCHEMA}.claims"))
            yield connection
        finally:
            connection.rollback()
            connection.execute(DropSchema(SCHEMA, cascade=True))
            connection.commit()


def _filling(rows: int) -> Any:
    """Return the statement that makes the rows: one in ``SHARE`` for each rare value."""
    rare = dict(enumerate(["filed", None, "under_review.legal", "under_review.technical", "paid"]))
    number = func.generate_series(1, rows).column_valued("number")
    value = case(rare, value=number % SHARE, else_=COMMON)
    chosen = select(number, value, func.repeat("x", 100))
    return TABLE.insert().from_select(["id", "workflow_state", "text"], chosen)


def found(connection: Connection) -> dict[str, list[Found]]:
    """Return what PostgreSQL does for each of the questions, with each of the indexes."""
    answers: dict[str, list[Found]] = {}
    for name, index in INDEXES.items():
        if index is not None:
            connection.execute(CreateIndex(index))
        answers[name] = list(_found(connection))
        if index is not None:
            connection.execute(DropIndex(index))
    return answers


def _found(connection: Connection) -> Iterator[Found]:
    for question, condition in questions().items():
        asked = Explained(select(Claim.id).where(condition))
        connection.execute(asked)  # once to warm up
        (plan,) = connection.execute(asked).scalar_one()
        reads = tuple(_reads(plan["Plan"]))
        yield Found(question, reads, plan["Execution Time"], plan["Plan"]["Actual Rows"])


def _reads(node: dict[str, Any]) -> Iterator[str]:
    """Return how a plan reads: the kind of the node, and its index if it has one."""
    if "Scan" in node["Node Type"] and node["Node Type"] != "Bitmap Heap Scan":
        index = node.get("Index Name")
        yield f"{node['Node Type']}{f' of {index}' if index else ''}"
    for inner in node.get("Plans", ()):
        yield from _reads(inner)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = ArgumentParser(prog="python -m benchmarks.plans", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    engine = create_engine(URL)
    with claims(engine, options.rows) as connection:
        answers = found(connection)
    engine.dispose()
    print(f"| of {options.rows:,} claims | found | {' | '.join(answers)} |")
    print(f"| --- | {' | '.join(['---:'] * (1 + len(answers)))} |")
    for lines in zip(*answers.values(), strict=True):
        cells = [f"{one.milliseconds:.1f} ms, {', '.join(one.reads)}" for one in lines]
        print(f"| `{lines[0].question}` | {lines[0].rows:,} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
