"""What drawn workflows with states inside states have found: it shall not come back."""

from __future__ import annotations

from typing import Any

import pytest

from statecraft import (
    Compound,
    Event,
    State,
    Workflow,
    WorkflowDefinitionError,
    WorkflowMixin,
    WorkflowSpec,
)


def test_an_event_fires_by_itself_only_if_the_compound_is_done() -> None:
    """To come back to a leaf that is not final ends nothing, whatever else the event may do."""

    class Player(Workflow):
        off = State()

        class on(Compound, history=True):
            playing = State()
            ended = State(final=True)

        broken = State()
        power = Event(off.to(on), on.playing.to(off))
        stop = Event(on.on_done(off), on.playing.to(broken))

    player = Player()
    assert player.power()
    assert player.current_state == "on.playing"


def test_only_one_of_two_events_fires_by_itself_if_it_leaves_the_compound() -> None:
    """The other one is not fired from the state that the first has led to."""

    class Review(Workflow):
        class reviewed(Compound):
            reading = State()
            read = State(final=True)

        accepted = State()
        printed = State()
        finish = Event(reviewed.reading.to(reviewed.read))
        accept = Event(reviewed.on_done(accepted))
        print = Event(reviewed.on_done(printed), accepted.to(printed))

    review = Review()
    assert review.finish()
    assert review.current_state == "accepted"
    assert review.print()


def test_no_event_fires_by_itself_if_a_hook_has_moved_the_object_on() -> None:
    """The compound is not at its end any more."""

    class Review(Workflow):
        draft = State()

        class reviewed(Compound):
            reading = State()
            read = State(final=True)

        published = State()
        begin = Event(draft.to(reviewed))
        finish = Event(reviewed.reading.to(reviewed.read))
        withdraw = Event(reviewed.to(draft))
        publish = Event(reviewed.on_done(published), draft.to(published))

        def on_reviewed_read_entry(self) -> None:
            self.withdraw()

    review = Review()
    review.begin()
    assert review.finish()
    assert review.current_state == "draft"


def test_an_event_that_fires_by_itself_for_ever_is_found_in_all_its_transitions() -> None:
    """Another transition of the same event may be the one that leads back to the end."""
    with pytest.raises(
        WorkflowDefinitionError, match=r"for ever: reviewed\.read -> reviewed\.read"
    ):

        class Review(Workflow):  # pyright: ignore[reportUnusedClass]
            class reviewed(Compound):
                reading = State()
                read = State(final=True)

            published = State()
            go = Event(reviewed.on_done(published, if_="ready"), reviewed.to(reviewed.read))
            ready = True


def test_a_transition_that_is_never_reached_leads_to_no_circle() -> None:
    """What starts further inside is taken first, and has no condition."""

    class Review(Workflow):
        class outer(Compound):
            class reviewed(Compound):
                reading = State()
                read = State(final=True)

            published = State()

        go = Event(outer.reviewed.on_done(outer.published), outer.to(outer.reviewed.read))

    review = Review()
    assert review.go()
    assert review.current_state == "outer.published"


def test_an_internal_transition_leads_to_no_circle() -> None:
    """It stays where it is, and whether the compound is done is not asked again."""

    class Review(Workflow):
        class reviewed(Compound):
            reading = State()
            read = State(final=True)

        published = State()
        finish = Event(reviewed.reading.to(reviewed.read))
        go = Event(reviewed.on_done(published, if_="is_public"), reviewed.internal())
        is_public = False

    review = Review()
    assert review.finish()
    assert review.current_state == "reviewed.read"
    assert review.go()
    assert review.current_state == "reviewed.read"
    review.is_public = True
    assert review.go()
    assert review.current_state == "published"


class Methods:
    """What a class from a spec takes its methods from; its subclass overrides one of them."""

    def move(self) -> str:
        """Handle the event."""
        return "moved"

    def welcome(self) -> None:
        """Greet: a hook that the spec names."""
        self.greeted = "welcome"

    def on_there_entry(self) -> None:
        """Greet: a hook by its name."""
        self.greeted = "hello"


class MoreMethods(Methods):
    """Overrides the handler."""

    def move(self) -> str:
        """Handle the event in another way."""
        return "moved further"


SPEC = WorkflowSpec.from_dict(
    {
        "name": "Trip",
        "states": [{"name": "here"}, {"name": "there", "entry": "welcome"}],
        "events": [
            {
                "name": "move",
                "transitions": [{"from": "here", "to": "there"}],
                "handler": "move",
            }
        ],
    }
)


def test_the_base_of_a_class_from_a_spec_may_override_handlers() -> None:
    """Of several methods of one name the nearest is the handler, as for any method."""
    trip: Any = Workflow.from_spec(SPEC, base=MoreMethods)()
    assert trip.move() == "moved further"


def test_a_hook_that_a_spec_names_wins_over_one_by_name() -> None:
    """As a decorated hook does, which is what the spec was written from."""
    trip: Any = Workflow.from_spec(SPEC, base=Methods)()
    trip.move()
    assert trip.greeted == "welcome"


class Narrow(WorkflowMixin):
    """Has room for what it needs, and nothing else."""

    __slots__ = ("_halted_because", "workflow_state")
    idle = State()
    busy = State()

    @Event(idle.to(busy), busy.to(busy))
    def work(self, *, halting: bool = False) -> None:
        """Work, or refuse to."""
        if halting:
            self.halt("tired")


class Wide(Narrow):
    """Has a dictionary too."""


class Owner:
    """Has the narrow workflow attached."""

    flow = Narrow.attached("flow_state")


@pytest.mark.parametrize("make", [Narrow, Wide, lambda: Owner().flow])
def test_the_slot_for_a_halt_may_be_that_of_a_base(make: Any) -> None:
    """An object that has never halted works after another one of its class has."""
    halted, other = make(), make()
    assert halted.work(halting=True) is False
    assert other.work()
    assert halted.work()
    assert not halted.halted
