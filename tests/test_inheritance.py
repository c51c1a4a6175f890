"""The inheritance rule: what a subclass extends, replaces and forgets."""

from __future__ import annotations

from typing import Any

import pytest

from statecraft import (
    Event,
    State,
    States,
    Workflow,
    WorkflowDefinitionError,
    WorkflowMixin,
    handles,
)


class Animal(Workflow, state_field="mood"):
    """A parent with everything."""

    awake = State()
    asleep = State()
    steps: tuple[str, ...] = ()

    @Event(awake.to(asleep))
    def sleep(self, hours: int = 8) -> str:
        """Sleep."""
        return f"{hours} hours"

    wake = Event(asleep.to(awake))

    def on_asleep_entry(self) -> None:
        """Note it."""
        self.steps = (*self.steps, "animal sleeps")

    def on_transition(self) -> None:
        self.steps = (*self.steps, "animal moves")


def test_a_subclass_extends_what_it_inherits() -> None:
    """States at the end, events behind, hooks and options inherited."""

    class Cat(Animal):
        hunting = State()
        hunt = Event(Animal.awake.to(hunting))
        stop = Event(hunting.to("awake"))

    assert Cat.workflow_spec.state_names == ("awake", "asleep", "hunting")
    assert tuple(Cat.workflow_spec.events) == ("sleep", "wake", "hunt", "stop")
    assert Cat.workflow_spec.state_field == "mood"
    cat = Cat()
    assert cat.hunt()
    assert cat.stop()
    assert cat.sleep() == "8 hours"
    assert cat.steps == ("animal moves", "animal moves", "animal moves", "animal sleeps")
    assert cat.current_state < "hunting"
    assert tuple(Cat.awake.events) == ("sleep", "hunt")
    assert tuple(Animal.awake.events) == ("sleep",)
    assert not hasattr(Animal, "hunt")


def test_an_event_declared_again_adds_its_transitions_in_front() -> None:
    """One with a condition is tried first, one without replaces the inherited of its source."""

    class Dog(Animal):
        dreaming = State()
        tired = False
        sleep: Any = Event(Animal.awake.to(dreaming, if_="tired"), dreaming.to("asleep"))
        wake = Event(Animal.asleep.to(dreaming))

    dog = Dog()
    assert dog.sleep(3) == "3 hours"
    assert dog.current_state == "asleep"
    assert dog.wake()
    assert dog.current_state == "dreaming"
    dog.mood = "awake"  # type: ignore[attr-defined] # the stored value
    dog.tired = True
    dog.sleep()
    assert dog.current_state == "dreaming"


def test_a_state_declared_again_keeps_its_place() -> None:
    """With what the subclass says of it."""

    class Bird(Animal):
        awake = State(label="Singing", meta={"loud": True})

    assert Bird.workflow_spec.state_names == ("awake", "asleep")
    assert Bird.awake.label == "Singing"
    assert Bird.awake.meta["loud"]
    assert Animal.awake.label == "Awake"
    assert Bird().sleep()


def test_a_subclass_gives_an_event_another_handler() -> None:
    """By ``handles``; the inherited one is there under ``__wrapped__``."""

    class Bear(Animal):
        @handles("sleep")
        def sleep(self, hours: int = 2000) -> str:
            """Sleep through the winter."""
            return f"{Animal.sleep.__wrapped__(self, hours)} of winter"

    assert Bear().sleep() == "2000 hours of winter"
    assert Animal().sleep() == "8 hours"
    assert Bear.sleep.__doc__ == "Sleep through the winter."


def test_a_handler_of_its_own_name_can_call_the_inherited_one() -> None:
    """By ``super()``, like any method."""

    class Calm(Animal):
        @handles("sleep")
        def do_sleep(self, hours: int) -> str:
            return f"calm {hours}"

    class Calmer(Calm):
        @handles("sleep")
        def do_sleep(self, hours: int) -> str:
            return f"very {super().do_sleep(hours)}"

    assert Calmer().sleep(3) == "very calm 3"
    assert Calm().sleep(3) == "calm 3"


def test_handles_wants_an_event() -> None:
    """A name, and one that is there."""
    with pytest.raises(TypeError, match="handles takes the name of an event"):
        handles(3)  # type: ignore[arg-type] # that is the point
    with pytest.raises(WorkflowDefinitionError, match="Did you mean 'sleep'"):

        class Lost(Animal):
            @handles("slep")
            def do_sleep(self) -> None: ...


def test_a_plain_method_over_an_inherited_event_is_an_error() -> None:
    """It says how to give the event a handler, and where the inherited one is."""
    with pytest.raises(WorkflowDefinitionError) as caught:

        class Fish(Animal):
            def sleep(self) -> None:  # type: ignore[override] # that is the point
                """Hide the event."""

    text = str(caught.value)
    assert "@handles('sleep')" in text
    assert "Animal.sleep.__wrapped__" in text
    assert caught.value.problems[0].name == "sleep"


def test_hooks_cooperate_by_super() -> None:
    """Those of every transition, and those of a state."""

    class Owl(Animal):
        def on_transition(self) -> None:
            super().on_transition()
            self.steps = (*self.steps, "owl moves")

        def on_asleep_entry(self) -> None:
            super().on_asleep_entry()
            self.steps = (*self.steps, "owl sleeps")

    owl = Owl()
    owl.sleep()
    assert owl.steps == ("animal moves", "owl moves", "animal sleeps", "owl sleeps")


def test_the_empty_hooks_can_be_called_by_super() -> None:
    """Every workflow has them, and they take what hooks take."""

    class Polite(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))
        error = Event(here.internal())

        def before_transition(self, transition: Any) -> None:
            super().before_transition(transition)

        def on_transition(self, transition: Any) -> None:
            super().on_transition(transition)

        def after_transition(self, transition: Any) -> None:
            super().after_transition(transition)

        def on_error(self, error: Exception, transition: Any) -> None:
            super().on_error(error, transition)

        def on_unavailable_transition(self, attempt: Any) -> Any:
            return super().on_unavailable_transition(attempt)

        def after_commit(self, transition: Any) -> None:
            super().after_commit(transition)

    polite = Polite()
    assert polite.go() is True
    assert polite.go() is False
    polite.on_error(KeyError(), None)
    polite.after_commit(None)


def test_the_nearest_entry_hook_wins() -> None:
    """A decorated one replaces the one found by name in the same class and in the bases."""

    class Kept(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))
        steps: tuple[str, ...] = ()

        @there.on_entry
        def decorated(self) -> None:
            self.steps = (*self.steps, "decorated")

        def on_there_entry(self) -> None:
            self.steps = (*self.steps, "by name")

        @here.on_exit
        @there.on_exit
        def leave(self) -> None:
            self.steps = (*self.steps, "leave")

    class Overridden(Kept):
        def decorated(self) -> None:
            self.steps = (*self.steps, "overridden")

    class ByName(Kept):
        def on_there_entry(self) -> None:
            self.steps = (*self.steps, "nearer by name")

    class Again(Animal):
        @Animal.asleep.on_entry
        def snore(self) -> None:
            self.steps = (*self.steps, "snore")

    for cls, word in ((Kept, "decorated"), (Overridden, "overridden"), (ByName, "nearer by name")):
        kept = cls()
        kept.go()
        assert kept.steps == ("leave", word)
    again = Again()
    again.sleep()
    assert again.steps == ("animal moves", "snore")


def test_replace_starts_afresh() -> None:
    """The parent's states and events are gone; its hooks are methods and stay."""

    class Robot(Animal, replace=True):
        idle = State()
        working = State()
        work = Event(idle.to(working))

    robot: Any = Robot()
    assert Robot.workflow_spec.state_names == ("idle", "working")
    assert tuple(Robot.workflow_spec.events) == ("work",)
    assert Robot.workflow_spec.state_field == "mood"
    for name in ("awake", "sleep", "wake", "is_awake", "can_sleep"):
        assert not hasattr(Robot, name)
        with pytest.raises(AttributeError, match=f"{name}.*replace=True"):
            getattr(robot, name)
    assert robot.work()
    assert robot.steps == ("animal moves",)

    class Better(Robot):
        broken = State()

    assert Better.workflow_spec.state_names == ("idle", "working", "broken")
    assert not hasattr(Better, "sleep")


def test_replace_may_use_the_same_names_again() -> None:
    """They mean the new states and events then."""

    class Other(Animal, replace=True):
        asleep = State()
        awake = State()
        sleep = Event(awake.to(asleep))

    assert Other.workflow_spec.initial == "asleep"
    other: Any = Other()
    assert other.is_asleep()
    other.mood = "awake"
    assert other.sleep() is True


class StatesOnly:
    """A plain class that brings only states."""

    drafted = State()
    signed = State()


class EventsOnly:
    """A plain class that brings only events."""

    sign = Event(StatesOnly.drafted.to("signed"))


class HooksOnly:
    """A plain class that brings only hooks."""

    steps: tuple[str, ...] = ()

    def on_signed_entry(self) -> None:
        """Note it."""
        self.steps = (*self.steps, "signed")

    def after_transition(self) -> None:
        """Note it."""
        self.steps = (*self.steps, "after")


def test_mixins_may_bring_only_a_part() -> None:
    """States, events and hooks from three plain classes, put together in a fourth."""

    class Contract(HooksOnly, EventsOnly, StatesOnly, Workflow):
        pass

    contract = Contract()
    assert contract.sign()
    assert contract.current_state == "signed"
    assert contract.steps == ("signed", "after")
    assert Contract.drafted is Contract.workflow_spec.states["drafted"]
    assert StatesOnly.drafted is not Contract.drafted


def test_abstract_workflows_may_bring_a_part_too() -> None:
    """A class without states can be inherited from, but not instantiated."""

    class Audited(Workflow, state_field="status"):
        audit: tuple[str, ...] = ()

        def after_transition(self, transition: Any) -> None:
            self.audit = (*self.audit, transition.event)

    with pytest.raises(TypeError, match="abstract"):
        Audited()
    with pytest.raises(AttributeError, match="Audited declares no states"):
        _ = Audited.workflow_spec

    class Claim(Audited):
        filed = State()
        paid = State()
        pay = Event(filed.to(paid))

    claim = Claim()
    claim.pay()
    assert claim.audit == ("pay",)
    assert vars(claim)["status"] == "paid"


def test_a_diamond_counts_every_class_once() -> None:
    """In the method resolution order; the nearer class is tried first."""

    class Base(WorkflowMixin):
        a = State()
        b = State()
        c = State()
        left_first = False
        right_first = False
        go = Event(a.to(b))

    class Left(Base):
        d = State()
        go = Event(Base.a.to(d, if_="left_first"))

    class Right(Base):
        e = State()
        go = Event(Base.a.to(e, if_="right_first"))

    class Both(Left, Right):
        pass

    assert Both.workflow_spec.state_names == ("a", "b", "c", "e", "d")
    targets = [str(one.target) for one in Both.workflow_spec.events["go"].transitions]
    assert targets == ["d", "e", "b"]
    assert Both.go is not Left.go


def test_a_subclass_without_a_body_of_its_own_is_a_workflow_too() -> None:
    """With functions of its own name."""

    class Puppy(Animal):
        pass

    assert Puppy().sleep() == "8 hours"
    assert vars(Puppy)["sleep"].__qualname__.endswith("Puppy.sleep")
    assert Puppy.sleep is not Animal.sleep


def test_a_group_of_states_is_inherited() -> None:
    """And shows the states of the subclass."""
    from enum import Enum

    class Status(Enum):
        OPEN = 1
        DONE = 2

    class Task(Workflow):
        states = States.from_enum(Status)
        finish = Event(states.OPEN.to(states.DONE))

    class Chore(Task):
        skipped = State()
        skip = Event(Task.states.OPEN.to(skipped))

    assert tuple(Chore.states.OPEN.events) == ("finish", "skip")
    assert tuple(Task.states.OPEN.events) == ("finish",)
    assert Chore().skip()


def test_a_guard_of_an_event_is_for_its_own_transitions() -> None:
    """What a subclass adds has the guards that the subclass gives."""

    class Guarded(Workflow):
        a = State()
        b = State()
        c = State()
        fine = False
        go = Event(a.to(b), guard="fine")

    class Open(Guarded):
        go = Event(Guarded.b.to("c"))

    transitions = Open.workflow_spec.events["go"].transitions
    assert [(str(one.source), len(one.guards)) for one in transitions] == [("b", 0), ("a", 1)]


def test_meta_and_label_of_an_event_are_inherited() -> None:
    """Until a subclass says something else."""

    class Labelled(Workflow):
        a = State()
        b = State()
        go = Event(a.to(b), meta={"weight": 1}, label="Go!")

    class Silent(Labelled):
        go = Event(Labelled.b.to("a"))

    class Loud(Labelled):
        go = Event(Labelled.b.to("a"), label="GO!", meta={"weight": 2})

    assert Silent.workflow_spec.events["go"].label == "Go!"
    assert Silent.workflow_spec.events["go"].meta == {"weight": 1}
    assert Loud.workflow_spec.events["go"].label == "GO!"
    assert Loud.workflow_spec.events["go"].meta == {"weight": 2}
