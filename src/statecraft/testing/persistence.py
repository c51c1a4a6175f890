"""The conformance suite: what a persistence must do, as tests that its author inherits.

    class TestMyStore(PersistenceSuite):
        base = MyWorkflow                       # brings load_state and persist_state
        writers = ("threads", "processes")      # who may write at the same time

Each test makes a workflow of what it declares and of ``base``, and opens objects of it.
"""

from __future__ import annotations

import asyncio
from multiprocessing import get_all_start_methods
from types import MappingProxyType, new_class
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pytest

from statecraft.compiler.questions import settled
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
from statecraft.testing.driving import Stored, called, driven, raised, require, run_plainly
from statecraft.testing.races import Writers
from statecraft.workflow import AnyWorkflow, AsyncWorkflowMixin

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Mapping

    from statecraft.testing.races import Meet

Kind = Literal["tasks", "threads", "processes"]
KINDS: tuple[Kind, ...] = ("tasks", "threads", "processes")


class PersistenceSuite:
    """Inherit from it under a name that begins with ``Test``, and say what is said here.

    ``base`` is a workflow class without states that brings the persistence; ``options`` are the
    keywords with which a class inherits from it. ``values`` are those that the store can keep, at
    least two of them; ``unknown_value`` one more. ``writers`` says who may write at the same time.
    """

    base: ClassVar[type[AnyWorkflow]]
    options: Mapping[str, Any] = MappingProxyType({})
    values: ClassVar[tuple[Hashable, ...]] = ("text", "", "Text", "text ", "☃ \\ \" '", "l" * 200)
    unknown_value: ClassVar[Hashable] = "no such state"
    writers: ClassVar[tuple[Kind, ...]] = ()
    writer_count: ClassVar[int] = 4
    rounds: ClassVar[int] = 20

    def define(self, declared: type) -> type[Any]:
        """Return a workflow class with the states, events and hooks of ``declared``."""
        body = {"__module__": type(self).__module__}
        bases = (declared, self.base)
        return new_class(declared.__name__, bases, dict(self.options), lambda ns: ns.update(body))

    def open(self, workflow: type[Any], key: int) -> Any:
        """Return a new object for what is stored under ``key``, as another program would get it.

        It may be ``async def``, if the store is. No key was used before; a store that has to
        insert a row does so when the key is new.
        """
        return workflow(key)

    def enter_process(self) -> None:
        """Prepare a process that has just been forked: let go of what it must not share."""

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run what is to be awaited to its end."""
        is_async = issubclass(self.base, AsyncWorkflowMixin)
        return asyncio.run(coroutine) if is_async else run_plainly(coroutine)

    def _stored(self, declared: type) -> Stored:
        return Stored(self, self.define(declared))

    # -- what is stored --------------------------------------------------------------------------

    @driven
    async def test_nothing_stored_is_the_initial_state(self) -> None:
        """An object of which nothing is stored is in the initial state, and can leave it."""
        stored = self._stored(Document)
        await stored.expect("draft")
        await stored.fire("submit")
        await stored.expect("waiting")

    @driven
    async def test_a_transition_is_stored_for_everybody(self) -> None:
        """What one object does is true for the next, and for itself."""
        stored = self._stored(Document)
        first = await stored.open()
        for event, state in (("submit", "waiting"), ("publish", "published")):
            require(await settled(first.fire(event)) is True, f"{event} did not return True")
            require(first.current_state == state, f"the object did not move: {event}")
            await stored.expect(state)

    @driven
    async def test_every_value_is_stored_and_compared(self) -> None:
        """Each value comes back as it went in, and is found again when it is compared."""
        stored = self._stored(declare_values(self.values))
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
        first, second = self._stored(Document), self._stored(Document)
        await first.fire("submit")
        await second.expect("draft")
        await second.fire("submit")
        await second.fire("publish")
        await first.expect("waiting")

    @driven
    async def test_an_unknown_value_is_never_a_state(self) -> None:
        """A stored value that no state has raises UnknownState, and stays what it is."""
        stored = self._stored(Document)
        await stored.persist(self.unknown_value, expected=(await stored.value(),))
        for ask in (stored.state, stored.submit):
            error = await raised(UnknownState, ask(), "an unknown value was taken for a state")
            require(error.value == self.unknown_value, f"error.value is {error.value!r}")
        found = await stored.value()
        require(found == self.unknown_value, f"{found!r} came in the place of the unknown value")

    @driven
    async def test_place_stores_without_an_event(self) -> None:
        """An object can be placed in any state, by name and by State, and goes on from there."""
        stored = self._stored(Document)
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
        stored = self._stored(declare_values(self.values))
        for number, value in reversed(list(enumerate(self.values))):
            await stored.place(value)
            await stored.expect(f"state_{number}")

    # -- comparing -------------------------------------------------------------------------------

    @driven
    async def test_a_stale_writer_is_refused(self) -> None:
        """Who expects what is no longer stored gets StaleState, which says both; nothing moves."""
        stored = self._stored(Document)
        await stored.fire("submit")
        await stored.expect_stale("published", expected=("draft", None), found="waiting")
        await stored.expect("waiting")

    @driven
    async def test_nothing_stored_is_compared_as_well(self) -> None:
        """Where nothing is stored, only a writer who expects that may store the first value."""
        stored = self._stored(Document)
        found = await stored.value()
        await stored.expect_stale("published", expected=("waiting",), found=found)
        await stored.expect("draft")
        await stored.persist("waiting", expected=("draft", None))
        await stored.expect("waiting")

    @driven
    async def test_any_of_several_values_may_be_expected(self) -> None:
        """It is enough that one of the expected values is stored; if none is, nothing moves."""
        stored = self._stored(Document)
        await stored.fire("submit")
        await stored.persist("draft", expected=("published", "waiting", None))
        await stored.expect("draft")
        await stored.expect_stale("waiting", expected=("published", "waiting"), found="draft")
        await stored.expect("draft")

    @driven
    async def test_persist_change_compares_and_stores(self) -> None:
        """Storing with the whole change is storing: compared, and refused where it has to be."""
        stored = self._stored(Document)
        source, target = stored.workflow.draft, stored.workflow.waiting
        change = Change("waiting", ("draft", None), Transition("submit", source, target, (), {}))
        await called((await stored.open()).persist_change, change)
        await stored.expect("waiting")
        again = called((await stored.open()).persist_change, change)
        error = await raised(StaleState, again, "the same change was stored twice")
        require(error.found == "waiting", f"error.found is {error.found!r}, and not 'waiting'")
        await stored.expect("waiting")

    # -- what stores nothing ---------------------------------------------------------------------

    @driven
    async def test_a_refused_event_stores_nothing(self) -> None:
        """An event that cannot fire from here, or that its guard vetoes, leaves all as it is."""
        stored = self._stored(Document)
        for event, error in (("publish", NoTransitionAllowed), ("pass_guard", TransitionHalted)):
            await raised(error, stored.fire(event), f"{event} was not refused")
            await stored.expect_nothing_new()

    @driven
    async def test_a_halted_handler_stores_nothing(self) -> None:
        """A handler that halts makes the event return False, and leaves all as it is."""
        stored = self._stored(Document)
        subject = await stored.open()
        require(await settled(subject.stop()) is False, "a halted event did not return False")
        require(subject.halted_because == "not today", "the object does not know why it was halted")
        await stored.expect_nothing_new()

    @driven
    async def test_a_raising_handler_stores_nothing(self) -> None:
        """What a handler raises reaches the caller, and leaves all as it is."""
        stored = self._stored(Document)
        await raised(Trouble, stored.fire("fail"), "the exception did not reach the caller")
        await stored.expect_nothing_new()

    @driven
    async def test_on_error_leaves_the_state(self) -> None:
        """Where on_error deals with the exception, the event returns False and all is as it was."""
        stored = self._stored(Forgiving)
        require(await stored.fire("fail") is False, "the event did not return False")
        await stored.expect_nothing_new()

    @driven
    async def test_an_internal_transition_stores_nothing(self) -> None:
        """An internal transition is accepted, and leaves all as it is."""
        stored = self._stored(Document)
        require(await stored.fire("look_at") is True, "the event did not return True")
        await stored.expect_nothing_new()

    # -- one event inside of another -------------------------------------------------------------

    @driven
    async def test_an_event_after_storing_nests(self) -> None:
        """What fires when the state is stored already goes on from there."""
        stored = self._stored(Eager)
        await stored.fire("submit")
        await stored.expect("published")

    @driven
    async def test_an_event_before_storing_makes_the_outer_one_stale(self) -> None:
        """What fires on the object before its state is stored stands, and the outer event fails."""
        stored = self._stored(Document)
        subject = await stored.open()
        stored.workflow.meanwhile = staticmethod(subject.submit)
        await stored.expect_overtaken(subject)

    @driven
    async def test_an_object_that_is_overtaken_is_stale(self) -> None:
        """Of an object that another one moves between loading and storing, the event fails."""
        stored = self._stored(Document)
        stored.workflow.meanwhile = staticmethod((await stored.open()).submit)
        await stored.expect_overtaken(await stored.open())

    # -- several writers at once -----------------------------------------------------------------

    @pytest.mark.parametrize("kind", KINDS)
    def test_one_of_several_writers_wins(self, kind: Kind) -> None:
        """Of writers who all expect the same, one stores his value, and the others are stale."""
        workflow = self.define(Ring)
        races = [Stored(self, workflow) for _ in range(self.rounds)]
        targets = workflow.workflow_spec.state_names[1:]

        async def write(number: int, meet: Meet) -> list[bool]:
            return [await race.wins(targets[number % len(targets)], meet) for race in races]

        answers = self._written(write, kind)
        for number, race in enumerate(races):
            winners = [writer for writer, won in enumerate(answers) if won[number]]
            require(len(winners) == 1, f"{len(winners)} writers won, and not one of them alone")
            self.run(race.expect(targets[winners[0] % len(targets)]))

    @pytest.mark.parametrize("kind", KINDS)
    def test_no_transition_is_lost_or_doubled(self, kind: Kind) -> None:
        """Where several writers go round in a ring, the state is where their successes lead."""
        stored = self._stored(Ring)

        async def write(_: int, meet: Meet) -> int:
            await meet()
            return sum([await stored.steps() for _ in range(self.rounds)])

        states = list(stored.workflow.workflow_spec.states)
        steps = sum(self._written(write, kind))
        require(steps >= self.rounds, f"only {steps} steps succeeded")
        self.run(stored.expect(states[steps % len(states)]))

    def _written(self, work: Callable[[int, Meet], Coroutine[Any, Any, Any]], kind: Kind) -> Any:
        if kind not in self.writers:
            pytest.skip(f"the store does not say that its writers may be {kind}")
        if kind == "processes" and "fork" not in get_all_start_methods():
            pytest.skip("this operating system cannot fork")
        writers = Writers(
            work, count=self.writer_count, run=self.run, enter_process=self.enter_process
        )
        return writers.answers(kind)
