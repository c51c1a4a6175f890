"""States from an enum are reached under one name."""

from __future__ import annotations

from enum import Enum, auto
from typing import assert_type

from statecraft import Event, State, States, Workflow


class Status(Enum):
    NEW = auto()
    DONE = auto()


class Task(Workflow):
    states = States.from_enum(Status)
    paused = State(value=Status.DONE.name)

    finish = Event((states.NEW | paused).to(states.DONE))

    @states.DONE.on_entry
    def celebrate(self) -> None:
        """Decorate with a state of the enum."""


def compares(task: Task) -> bool:
    """They are States."""
    assert_type(Task.states.NEW, State)
    assert_type([state.name for state in Task.states], list[str])
    return task.current_state == Task.states.DONE
