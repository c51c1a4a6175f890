"""A workflow for one object only, chosen when the program runs."""

from __future__ import annotations

import copy
import pickle
from typing import Any, NamedTuple

import pytest

from statecraft import (
    Compound,
    Event,
    State,
    UnknownState,
    Workflow,
    WorkflowDefinitionError,
    WorkflowError,
    WorkflowMixin,
    attached,
)


class Booking:
    """A booking, which has no workflow."""

    def __init__(self, kind: str = "trial") -> None:
        self.kind = kind
        self.notes: list[str] = []

    def note(self, what: str) -> None:
        """Keep what happened."""
        self.notes.append(what)


class Trial(Workflow):
    """What may become of a trial."""

    started = State()
    extended = State()
    over = State(final=True)
    extend = Event(started.to(extended))
    end = Event((started | extended).to(over))

    def on_transition(self, transition: Any) -> None:
        note: Any = getattr(self, "note", print)
        note(f"{transition.source} -> {transition.target}")


class Paid(Workflow):
    """What may become of a booking that is paid for."""

    started = State()
    cancelled = State()
    cancel = Event(started.to(cancelled))


def test_one_object_gets_the_workflow_and_no_other() -> None:
    """It stays an object of its class, with its attributes and methods."""
    booking: Any = Booking()
    adopted = Trial.adopt(booking)
    assert adopted is booking
    assert isinstance(booking, Booking)
    assert isinstance(booking, Trial)
    assert booking.kind == "trial"
    assert booking.extend()
    assert booking.current_state == "extended"
    assert booking.notes == ["started -> extended"]
    assert not hasattr(Booking(), "extend")
    assert type(booking).__name__ == "Booking"
    assert type(booking) is type(Trial.adopt(Booking()))


def test_adopting_the_same_again_changes_nothing() -> None:
    """Its state stays."""
    booking = Trial.adopt(Booking())
    booking.extend()
    before = type(booking)
    assert Trial.adopt(booking) is booking
    assert type(booking) is before
    assert booking.current_state == "extended"


def test_adopting_another_takes_the_place_of_the_first() -> None:
    """If its state is one of the other workflow."""
    booking: Any = Trial.adopt(Booking())
    Paid.adopt(booking)
    assert not isinstance(booking, Trial)
    assert booking.cancel()
    with pytest.raises(UnknownState, match="'cancelled' is no state of Booking"):
        Trial.adopt(booking)
    assert booking.current_state == "cancelled"
    assert isinstance(booking, Paid)


def test_an_object_of_a_workflow_cannot_adopt_another() -> None:
    """Two workflows of one object are attached ones."""
    trial = Trial()
    with pytest.raises(WorkflowError) as caught:
        Paid.adopt(trial)
    assert str(caught.value) == (
        "Trial has a workflow already. Attach the other one to the class:"
        ' other = Paid.attached("other_state")'
    )
    assert type(trial) is Trial


class Clashing(Booking):
    """Has a method that would hide an event."""

    def extend(self) -> None:
        """Do something else."""


class Pair(NamedTuple):
    """An object whose class cannot be changed."""

    one: int


class Final(type):
    """Lets nobody inherit."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if any(isinstance(base, Final) for base in bases):
            raise TypeError("no subclasses")
        return super().__new__(cls, name, bases, body)


class Sealed(metaclass=Final):
    """A class without subclasses."""


@pytest.mark.parametrize(
    ("subject", "what"),
    [
        (Clashing(), "its 'extend' would hide that of the workflow"),
        (Pair(1), "object layout differs"),
        (Sealed(), "metaclass conflict"),
        (set(), "__class__ assignment only supported"),
    ],
)
def test_what_cannot_adopt_stays_as_it_is(subject: Any, what: str) -> None:
    """And the error recommends an attached workflow."""
    before = subject.__class__
    with pytest.raises(WorkflowError) as caught:
        Trial.adopt(subject)
    assert what in str(caught.value)
    assert 'flow = Trial.attached("flow_state")' in str(caught.value)
    assert type(subject) is before


def test_a_class_that_lets_nobody_inherit_is_refused() -> None:
    """With the metaclass of a mixin, there is no conflict before it says no."""

    class Plain(WorkflowMixin):
        here = State()

    with pytest.raises(WorkflowError, match="no subclasses"):
        Plain.adopt(Sealed())


def test_what_is_wrong_with_the_class_is_a_definition_error() -> None:
    """As it is found for a class that is written."""

    class Misspelt(Booking):
        def on_satrted_exit(self) -> None: ...

    booking = Misspelt()
    with pytest.raises(WorkflowDefinitionError, match="Did you mean 'started'"):
        Trial.adopt(booking)
    assert type(booking) is Misspelt


def test_what_is_pickled_or_copied_adopts_again() -> None:
    """It comes back as an object of its class, with the workflow."""
    booking: Any = Trial.adopt(Booking())
    booking.extend()
    for again in (pickle.loads(pickle.dumps(booking)), copy.copy(booking), copy.deepcopy(booking)):
        assert again is not booking
        assert type(again) is type(booking)
        assert again.current_state == "extended"
        assert again.notes == ["started -> extended"]


def test_a_state_that_the_object_has_already_is_its_state() -> None:
    """The column decides, whoever wrote it; one that is unknown is refused at once."""
    booking: Any = Booking()
    booking.workflow_state = "extended"
    assert Trial.adopt(booking).current_state == "extended"
    other: Any = Booking()
    other.workflow_state = "nowhere"
    with pytest.raises(UnknownState, match="'nowhere' is no state of Booking"):
        Trial.adopt(other)
    assert type(other) is Booking


class Row(Booking):
    """Stands for an object that a database stores."""


class RowStore(WorkflowMixin):
    """Stands for the persistence of such an object."""

    def load_state(self) -> Any:
        return self.subject.notes[-1] if self.subject.notes else None

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        self.subject.notes.append(value)


def test_an_object_of_a_store_is_bound_and_keeps_its_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It gets an object like that of an attached workflow, the same one each time."""

    def find(owner: type) -> type | None:
        return RowStore if issubclass(owner, Row) else None

    monkeypatch.setattr(attached, "persistence_finders", [find])
    row = Row()
    view: Any = Paid.adopt(row)
    assert type(row) is Row
    assert view.subject is row
    assert Paid.adopt(row) is view
    assert view.cancel()
    assert row.notes == ["cancelled"]
    with pytest.raises(UnknownState):
        Trial.adopt(row)
    assert Paid.adopt(row) is view
    assert Paid.adopt(copy.copy(row)) is not view


def test_compounds_can_be_adopted_too() -> None:
    """They are states like others."""

    class Course(WorkflowMixin):
        class running(Compound, history=True):
            slow = State()
            fast = State()

        stopped = State()
        hurry = Event(running.slow.to(running.fast))
        stop = Event(running.to(stopped), stopped.to(running))

    booking: Any = Course.adopt(Booking())
    booking.hurry()
    booking.stop()
    booking.stop()
    assert booking.is_running_fast()
