"""An observer overrides what it wants to be told of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_type

from statecraft import Event, Refusal, State, Transition, Workflow
from statecraft.observers import LoggingObserver, Observer


class Task(Workflow):
    new = State()
    done = State()
    finish = Event(new.to(done))


class Counter(Observer):
    def __init__(self) -> None:
        self.moves = 0

    def on_transition(self, workflow: Any, transition: Transition) -> None:
        self.moves += 1

    def on_refusal(self, workflow: Task, refusal: Refusal) -> None:
        print(workflow.current_state, refusal)


def observes() -> None:
    """Observing gives a function that ends it."""
    stop = Task.observe(Counter())
    assert_type(stop, Callable[[], None])
    stop()
    Workflow.observe(LoggingObserver())()
