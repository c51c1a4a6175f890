"""The same lights with python-statemachine: it sets the attribute, and the session flushes it.

Nothing is compared and nothing locked: two writers may both win.
"""

# ruff: noqa: D101, D102, D103

# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false

from __future__ import annotations

from typing import TYPE_CHECKING

from statemachine import State, StateMachine

from benchmarks.stored_contestants.tables import PREFIX, Base, Columns, switched

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from benchmarks.work import Work

FLUSHED = "subject.light.machine.{}()\nsubject.session.flush()"


class Switch(StateMachine):
    off = State(initial=True)
    on = State()
    turn_on = off.to(on)
    turn_off = on.to(off)


class HandledSwitch(Switch):
    turned = 0

    def on_turn_on(self) -> None:
        self.turned += 1

    def on_turn_off(self) -> None:
        self.turned += 1


class Light(Columns, Base):
    __tablename__ = f"{PREFIX}statemachine"


def _work(session: Session, machine: type[StateMachine]) -> Work:
    light = Light()
    light.machine = machine(light, state_field="state")
    return switched(session, light, FLUSHED.format("turn_on"), FLUSHED.format("turn_off"))


def plain(session: Session) -> Work:
    return _work(session, Switch)


def handler(session: Session) -> Work:
    return _work(session, HandledSwitch)
