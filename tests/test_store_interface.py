"""The interface of a persistence: what a class that overrides it is asked and told."""

from __future__ import annotations

from typing import Any

import pytest

from statecraft import ANY, Change, Event, StaleState, State, Transition, Workflow


class Stored(Workflow):
    """Keeps its value where it likes."""

    new = State(0)
    open = State(1)
    closed = State(2)

    def __init__(self) -> None:
        self.value: int | None = None
        self.calls: list[Any] = []

    def load_state(self) -> int | None:
        return self.value

    def persist_state(self, value: int, *, expected: tuple[int | None, ...]) -> None:
        self.calls.append((value, expected))
        if self.value not in expected:
            raise StaleState(self, expected=expected, found=self.value)
        self.value = value

    begin = Event(new.to(open))
    end = Event(ANY.to(closed))
    note = Event(ANY.internal())


def test_load_and_persist_are_called_once_an_event() -> None:
    """With the value to store and all values that may be there now."""
    stored = Stored()
    assert stored.begin()
    assert stored.end()
    assert stored.calls == [(1, (0, None)), (2, (1,))]
    assert vars(stored).keys() == {"value", "calls"}


def test_an_internal_transition_stores_nothing() -> None:
    """Whatever the store is."""
    stored = Stored()
    assert stored.note()
    assert stored.calls == []


def test_an_event_of_many_sources_expects_the_one_that_it_found() -> None:
    """Not all that would be possible."""
    stored = Stored()
    assert stored.end()
    assert stored.calls == [(2, (0, None))]


def test_a_store_that_finds_another_state_is_stale() -> None:
    """Nothing moves, and the error says what was expected and what was found."""

    class Moved(Stored):
        def load_state(self) -> int | None:
            return 0

    moved = Moved()
    moved.value = 2
    with pytest.raises(StaleState) as caught:
        moved.begin()
    assert (caught.value.expected, caught.value.found) == ((0, None), 2)
    assert moved.value == 2


def test_on_error_covers_the_store_but_not_stale_states() -> None:
    """A store that is down is an error before the state has moved."""

    class Down(Stored):
        error: Exception = OSError("down")

        def persist_state(self, value: int, *, expected: tuple[int | None, ...]) -> None:
            raise self.error

        def on_error(self, error: Exception) -> None:
            self.calls.append(error)

    down = Down()
    assert down.begin() is False
    assert down.halted_because == "down"
    assert down.calls == [down.error]
    down.error = StaleState(down, expected=(0,), found=1)
    with pytest.raises(StaleState):
        down.begin()
    assert not down.halted


class Logged(Stored):
    """Keeps more than the value."""

    changes: list[Change]

    @Stored.closed.on_entry
    def note_entry(self) -> None:
        """Note it."""
        self.calls.append("entry")

    @Event(Stored.closed.to("open"))
    def reopen(self, why: str) -> str:
        """Give a result."""
        return why.upper()

    def persist_change(self, change: Change) -> None:
        super().persist_change(change)
        self.calls.append(change)


def test_persist_change_is_told_everything() -> None:
    """Value, expected values, the transition and the result; its default stores the value."""
    logged = Logged()
    logged.end()
    logged.reopen("oops")
    ended = Transition("end", Logged.new, Logged.closed, (), {})
    reopened = Transition("reopen", Logged.closed, Logged.open, ("oops",), {})
    assert logged.calls == [
        (2, (0, None)),
        Change(2, (0, None), ended),
        "entry",
        (1, (2,)),
        Change(1, (2,), reopened, "OOPS"),
    ]
    assert logged.value == 1


def test_the_default_compares_too() -> None:
    """Whoever calls it by hand, as a hook of a store may, gets the same promise."""

    class Plain(Workflow):
        here = State()
        there = State()

    plain: Any = Plain()
    plain.persist_state("there", expected=("here", None))
    assert plain.workflow_state == "there"
    with pytest.raises(StaleState):
        plain.persist_state("here", expected=("here", None))
    assert plain.workflow_state == "there"


def test_a_store_may_override_only_one_of_the_two() -> None:
    """Loading from the attribute, storing somewhere else as well."""

    class Echo(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))
        echoes: tuple[str, ...] = ()

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            super().persist_state(value, expected=expected)
            self.echoes = (*self.echoes, value)

    echo = Echo()
    assert echo.go()
    assert echo.current_state == "there"
    assert echo.echoes == ("there",)
