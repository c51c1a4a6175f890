"""``threadsafe=True``: firings on one object shared by threads run one after the other."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from statecraft import Event, NoTransitionAllowed, State, Workflow, turns


class Counter(Workflow, threadsafe=True):
    """Handlers that would get into each other's way."""

    zero = State()
    one = State()

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.entered = threading.Event()
        self.may_go_on = threading.Event()

    @Event(zero.to(one), one.to(zero))
    def count(self, *, wait: bool = False) -> None:
        """Notice whoever is inside at the same time."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.entered.set()
        if wait:
            assert self.may_go_on.wait(10)
        self.inside -= 1

    @Event(zero.to(one))
    def nest(self) -> None:
        """Fire another event of the same object."""
        self.twice()

    twice = Event(zero.internal())

    @Event(one.internal())
    def fail(self) -> None:
        """Raise."""
        raise KeyError("x")


def test_another_thread_waits_for_its_turn() -> None:
    """It judges the state that it then finds."""
    counter = Counter()
    first = threading.Thread(target=counter.count, kwargs={"wait": True})
    first.start()
    assert counter.entered.wait(10)
    second = threading.Thread(target=counter.count)
    second.start()
    second.join(0.05)
    assert second.is_alive()
    assert len(turns._locks) == 1
    counter.may_go_on.set()
    first.join(10)
    second.join(10)
    assert counter.most == 1
    assert counter.current_state == "zero"
    assert vars(counter)["workflow_state"] == "zero"
    assert turns._locks == {}


def test_the_same_thread_may_come_in_again() -> None:
    """A hook that fires another event does not wait for itself."""
    counter = Counter()
    assert counter.nest()
    assert counter.current_state == "one"


def test_an_error_gives_the_turn_back() -> None:
    """So does a refusal."""
    counter = Counter()
    counter.count()
    with pytest.raises(KeyError):
        counter.fail()
    with pytest.raises(NoTransitionAllowed):
        counter.nest()
    assert turns._locks == {}
    assert counter.count()


def test_the_option_is_inherited() -> None:
    """And can be switched off again."""

    class Child(Counter):
        pass

    class Plain(Counter, threadsafe=False):
        pass

    def source(cls: Any) -> str:
        return " ".join(cls.count.__code__.co_names)

    assert "_take_thread_turn" in source(Child)
    assert "_take_thread_turn" not in source(Plain)


def test_many_threads_lose_no_transition() -> None:
    """Eight threads fire 200 events each: the state has gone to and fro as often."""
    counter = Counter()
    threads = [
        threading.Thread(target=lambda: [counter.count() for _ in range(200)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counter.most == 1
    assert counter.current_state == "zero"
