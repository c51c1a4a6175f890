"""The same lights with statecraft."""

# ruff: noqa: D101, D102, D103, D106

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.django_contestants.lights import PREFIX, Columns, switched
from benchmarks.django_contestants.lights import committed as by_itself
from statecraft import Event, State
from statecraft.django import WorkflowModel

if TYPE_CHECKING:
    from benchmarks.work import Work


class Switch(Columns, WorkflowModel, state_field="state"):
    off = State()
    on = State()
    turn_on = Event(off.to(on))
    turn_off = Event(on.to(off))

    class Meta:
        db_table = f"{PREFIX}statecraft"


class LoggedSwitch(Columns, WorkflowModel, state_field="state", log=True):
    turned = 0

    off = State()
    on = State()

    class Meta:
        db_table = f"{PREFIX}statecraft_logged"

    @Event(off.to(on))
    def turn_on(self) -> None:
        self.turned += 1

    @Event(on.to(off))
    def turn_off(self) -> None:
        self.turned += 1


def plain() -> Work:
    return switched(Switch())


def committed() -> Work:
    return by_itself(Switch())


def logged() -> Work:
    return switched(LoggedSwitch())
