"""The same lights with statecraft."""

# ruff: noqa: D101, D102, D103

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.stored_contestants.tables import PREFIX, Base, Columns, switched
from statecraft import Event, State
from statecraft.sqlalchemy import SQLAlchemyWorkflow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from benchmarks.work import Work


class Light(SQLAlchemyWorkflow, Columns, Base, state_field="state"):
    __tablename__ = f"{PREFIX}statecraft"

    off = State()
    on = State()
    turn_on = Event(off.to(on))
    turn_off = Event(on.to(off))


class Loaded(SQLAlchemyWorkflow, Columns, Base, state_field="state"):
    __tablename__ = f"{PREFIX}statecraft_loaded"

    off = State()
    on = State()
    turn_on = Event(off.to(on))
    turn_off = Event(on.to(off))


class HandledLight(SQLAlchemyWorkflow, Columns, Base, state_field="state"):
    __tablename__ = f"{PREFIX}statecraft_handled"
    turned = 0

    off = State()
    on = State()

    @Event(off.to(on))
    def turn_on(self) -> None:
        self.turned += 1

    @Event(on.to(off))
    def turn_off(self) -> None:
        self.turned += 1


class LoggedLight(SQLAlchemyWorkflow, Columns, Base, state_field="state", log=True):
    __tablename__ = f"{PREFIX}statecraft_logged"

    off = State()
    on = State()
    turn_on = Event(off.to(on))
    turn_off = Event(on.to(off))


def plain(session: Session) -> Work:
    return switched(session, Light())


def handler(session: Session) -> Work:
    return switched(session, HandledLight())


def logged(session: Session) -> Work:
    return switched(session, LoggedLight())
