"""The same lights with transitions: the machine sets the attribute, and the session flushes it.

Nothing is compared and nothing locked: two writers may both win.
"""

# ruff: noqa: D101, D102, D103

# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false

from __future__ import annotations

from typing import TYPE_CHECKING

from transitions import Machine

from benchmarks.stored_contestants.tables import PREFIX, Base, Columns, switched

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from benchmarks.work import Work

FLUSHED = "subject.light.{}()\nsubject.session.flush()"


class Light(Columns, Base):
    __tablename__ = f"{PREFIX}transitions"


class HandledLight(Columns, Base):
    __tablename__ = f"{PREFIX}transitions_handled"
    turned = 0

    def handle(self) -> None:
        self.turned += 1


def _work(session: Session, light: Light | HandledLight, **options: str) -> Work:
    machine = Machine(None, states=["off", "on"], initial="off", auto_transitions=False)
    machine.add_transition("turn_on", "off", "on", **options)
    machine.add_transition("turn_off", "on", "off", **options)
    machine.add_model(light)
    return switched(session, light, FLUSHED.format("turn_on"), FLUSHED.format("turn_off"))


def plain(session: Session) -> Work:
    return _work(session, Light())


def handler(session: Session) -> Work:
    return _work(session, HandledLight(), before="handle")
