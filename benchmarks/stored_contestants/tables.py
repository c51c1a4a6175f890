"""What all of them have in common: the columns of a light, and what a step needs at hand."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.work import Step, Work

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = f"statecraft_benchmark_{os.getpid()}_"  # several may measure on one server
PAIRS = 10  # how often a light is turned on and off in one transaction


class Base(DeclarativeBase):
    """The base of all tables of the benchmark."""


class Columns:
    """The columns of a light."""

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="off")
    name: Mapped[str] = mapped_column(String(40), default="hall")
    watts: Mapped[int] = mapped_column(default=40)


@dataclass
class Stored:
    """A light, and the session that it is in."""

    session: Session
    light: Any

    def state(self) -> str:
        """Return what is in the row, and not what the light believes."""
        self.session.flush()
        table = type(self.light).__table__
        found = self.session.connection().execute(
            select(table.c.state).where(table.c.id == self.light.id)
        )
        value: str = found.scalar_one()
        return value


def switched(
    session: Session,
    light: Any,
    on: str = "subject.light.turn_on()",
    off: str = "subject.light.turn_off()",
) -> Work:
    """Return a light that is turned on and off, some twenty times in each transaction."""
    session.add(light)
    session.commit()
    steps = list(_steps(on, off))
    last = steps[-1]
    steps[-1] = Step(f"{last.code}\nsubject.session.commit()", last.sees, last.expected)
    return Work(Stored(session, light), steps)


def _steps(on: str, off: str) -> Iterator[Step]:
    for _ in range(PAIRS):
        yield Step(on, "subject.state()", "on")
        yield Step(off, "subject.state()", "off")
