"""What every store does: it keeps what it is given, compares, and lets one of several win."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from statecraft.errors import NoTransitionAllowed, StaleState, TransitionHalted, UnknownState
from statecraft.persistence import Change, Transition
from statecraft.testing.declared import (
    Document,
    Eager,
    Forgiving,
    Ring,
    Trouble,
    declare_values,
)
from statecraft.testing.driving import driven, raised, require
from statecraft.testing.suite import KINDS, Kind, Suite

if TYPE_CHECKING:
    from statecraft.testing.races import Meet


class StoringTests(Suite):
    """The tests that every store has to pass."""

    # -- what is stored --------------------------------------------------------------------------

    @driven
    async def test_nothing_stored_is_the_initial_state(self) -> None:
        """An object of which nothing is stored is in the initial state, and can leave it."""
        stored = self.stored(Document)
        await stored.expect("draft")
        await stored.fire("submit")
        await stored.expect("waiting")

    @driven
    async def test_a_transition_is_stored_for_everybody(self) -> None:
        """What one object does is true for the next, and for itself."""
        stored = self.stored(Document)
        first = await stored.open()
        for event, state in (("submit", "waiting"), ("publish", "published")):
            require(await stored.act(first, event) is True, f"{event} did not return True")
            require(first.current_state == state, f"the object did not move: {event}")
            await stored.expect(state)

    @driven
    async def test_every_value_is_stored_and_compared(self) -> None:
        """Each value comes back as it went in, and is found again when it is compared."""
        stored = self.stored(declare_values(self.values))
        for number, value in enumerate(self.values[1:], start=1):
            await stored.fire(f"go_{number}")
            await stored.expect(f"state_{number}")
            others = tuple(other for other in self.values if other != value)
            await stored.expect_stale(self.values[0], expected=others, found=value)
            await stored.fire("back")
            await stored.expect("state_0")

    @driven
    async def test_objects_have_a_state_each(self) -> None:
        """A transition of one object moves no other object of the class, and none of another."""
        first, second = self.stored(Document), self.stored(Document)
        await first.fire("submit")
        await second.expect("draft")
        await second.fire("submit")
        await second.fire("publish")
        await first.expect("waiting")

    @driven
    async def test_an_unknown_value_is_never_a_state(self) -> None:
        """A stored value that no state has raises UnknownState, and stays what it is."""
        stored = self.stored(Document)
        await stored.persist(self.unknown_value, expected=(await stored.value(),))
        for ask in (stored.state, stored.submit):
            error = await raised(UnknownState, ask(), "an unknown value was taken for a state")
            require(error.value == self.unknown_value, f"error.value is {error.value!r}")
        found = await stored.value()
        require(found == self.unknown_value, f"{found!r} came in the place of the unknown value")

    @driven
    async def test_place_stores_without_an_event(self) -> None:
        """An object can be placed in any state, by name and by State, and goes on from there."""
        stored = self.stored(Document)
        for state in ("published", stored.workflow.draft, "waiting"):
            await stored.place(state)
            await stored.expect(str(state))
        await raised(UnknownState, stored.place("no such state"), "there is no such state")
        await stored.expect("waiting")
        await stored.fire("publish")
        await stored.expect("published")

    @driven
    async def test_place_takes_values_too(self) -> None:
        """An object can be placed by the value of a state, whatever value that is."""
        stored = self.stored(declare_values(self.values))
        for number, value in reversed(list(enumerate(self.values))):
            await stored.place(value)
            await stored.expect(f"state_{number}")

    # -- comparing -------------------------------------------------------------------------------

    @driven
    async def test_a_stale_writer_is_refused(self) -> None:
        """Who expects what is no longer stored gets StaleState, which says both; nothing moves."""
        stored = self.stored(Document)
        await stored.fire("submit")
        await stored.expect_stale("published", expected=("draft", None), found="waiting")
        await stored.expect("waiting")

    @driven
    async def test_nothing_stored_is_compared_as_well(self) -> None:
        """Where nothing is stored, only a writer who expects that may store the first value."""
        stored = self.stored(Document)
        found = await stored.value()
        await stored.expect_stale("published", expected=("waiting",), found=found)
        await stored.expect("draft")
        await stored.persist("waiting", expected=("draft", None))
        await stored.expect("waiting")

    @driven
    async def test_any_of_several_values_may_be_expected(self) -> None:
        """It is enough that one of the expected values is stored; if none is, nothing moves."""
        stored = self.stored(Document)
        await stored.fire("submit")
        await stored.persist("draft", expected=("published", "waiting", None))
        await stored.expect("draft")
        await stored.expect_stale("waiting", expected=("published", "waiting"), found="draft")
        await stored.expect("draft")

    @driven
    async def test_persist_change_compares_and_stores(self) -> None:
        """Storing with the whole change is storing: compared, and refused where it has to be."""
        stored = self.stored(Document)
        source, target = stored.workflow.draft, stored.workflow.waiting
        change = Change("waiting", ("draft", None), Transition("submit", source, target, (), {}))
        await stored.change(change)
        await stored.expect("waiting")
        otherwise = "the same change was stored twice"
        error = await raised(StaleState, stored.change(change), otherwise)
        require(error.found == "waiting", f"error.found is {error.found!r}, and not 'waiting'")
        await stored.expect("waiting")

    # -- what stores nothing ---------------------------------------------------------------------

    @driven
    async def test_a_refused_event_stores_nothing(self) -> None:
        """An event that cannot fire from here, or that its guard vetoes, leaves all as it is."""
        stored = self.stored(Document)
        for event, error in (("publish", NoTransitionAllowed), ("pass_guard", TransitionHalted)):
            await raised(error, stored.fire(event), f"{event} was not refused")
            await stored.expect_nothing_new()

    @driven
    async def test_a_halted_handler_stores_nothing(self) -> None:
        """A handler that halts makes the event return False, and leaves all as it is."""
        stored = self.stored(Document)
        subject = await stored.open()
        require(await stored.act(subject, "stop") is False, "a halted event did not return False")
        require(subject.halted_because == "not today", "the object does not know why it was halted")
        await stored.expect_nothing_new()

    @driven
    async def test_a_raising_handler_stores_nothing(self) -> None:
        """What a handler raises reaches the caller, and leaves all as it is."""
        stored = self.stored(Document)
        await raised(Trouble, stored.fire("fail"), "the exception did not reach the caller")
        await stored.expect_nothing_new()

    @driven
    async def test_on_error_leaves_the_state(self) -> None:
        """Where on_error deals with the exception, the event returns False and all is as it was."""
        stored = self.stored(Forgiving)
        require(await stored.fire("fail") is False, "the event did not return False")
        await stored.expect_nothing_new()

    @driven
    async def test_an_internal_transition_stores_nothing(self) -> None:
        """An internal transition is accepted, and leaves all as it is."""
        stored = self.stored(Document)
        require(await stored.fire("look_at") is True, "the event did not return True")
        await stored.expect_nothing_new()

    # -- one event inside of another -------------------------------------------------------------

    @driven
    async def test_an_event_after_storing_nests(self) -> None:
        """What fires when the state is stored already goes on from there."""
        stored = self.stored(Eager)
        await stored.fire("submit")
        await stored.expect("published")

    @driven
    async def test_an_event_before_storing_makes_the_outer_one_stale(self) -> None:
        """What fires on the object before its state is stored stands, and the outer event fails."""
        stored = self.stored(Document)
        subject = await stored.open()
        stored.workflow.meanwhile = staticmethod(subject.submit)
        await stored.expect_overtaken(subject)

    @driven
    async def test_an_object_that_is_overtaken_is_stale(self) -> None:
        """Of an object that another one moves between loading and storing, the event fails."""
        if self.has_units:
            pytest.skip("two transactions in one place would wait for each other: see the races")
        stored = self.stored(Document)
        stored.workflow.meanwhile = staticmethod((await stored.open()).submit)
        await stored.expect_overtaken(await stored.open())

    # -- several writers at once -----------------------------------------------------------------

    @pytest.mark.parametrize("kind", KINDS)
    def test_one_of_several_writers_wins(self, kind: Kind) -> None:
        """Of writers who all expect the same, one stores his value, and the others are stale."""
        races = self.races(Ring)
        targets = races[0].workflow.workflow_spec.state_names[1:]

        async def write(number: int, meet: Meet) -> list[bool]:
            return [await race.wins(targets[number % len(targets)], meet) for race in races]

        answers = self.written(write, kind)
        for number, race in enumerate(races):
            winners = [writer for writer, won in enumerate(answers) if won[number]]
            require(len(winners) == 1, f"{len(winners)} writers won, and not one of them alone")
            self.run(race.expect(targets[winners[0] % len(targets)]))

    @pytest.mark.parametrize("kind", KINDS)
    def test_no_transition_is_lost_or_doubled(self, kind: Kind) -> None:
        """Where several writers go round in a ring, the state is where their successes lead."""
        stored = self.stored(Ring)

        async def write(_: int, meet: Meet) -> int:
            await meet()
            return sum([await stored.steps() for _ in range(self.rounds)])

        states = list(stored.workflow.workflow_spec.states)
        steps = sum(self.written(write, kind))
        require(steps >= self.rounds, f"only {steps} steps succeeded")
        self.run(stored.expect(states[steps % len(states)]))
