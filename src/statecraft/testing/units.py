"""What a store with units does: an event happens as a whole, or not at all."""

from __future__ import annotations

from typing import Any

from statecraft.compiler.questions import settled
from statecraft.errors import TransitionHalted
from statecraft.testing.acting import ActingSuite, raising, row_of
from statecraft.testing.declared import ForgivingSeat, Seat, Trouble
from statecraft.testing.driving import Stored, called, driven, raised, require
from statecraft.testing.suite import needs


def _halting(subject: Any) -> None:
    subject.halt("no")


def _refusing(_: Any) -> bool:
    return False


class UnitTests(ActingSuite):
    """The tests of what is undone, and of what is not."""

    async def _expect_undone(self, stored: Stored, subject: Any) -> None:
        """Require that neither state nor row is there, for anybody."""
        await stored.expect_rows(row_of(stored), 0)
        await stored.expect_nothing_new()
        state = await subject.refresh_state() if self.is_async else subject.current_state
        require(state == "free", f"the object itself says that it is {state.name!r}")

    # -- undone as a whole -----------------------------------------------------------------------

    @needs("has_units")
    @driven
    async def test_a_row_is_stored_with_its_transition(self) -> None:
        """What a handler stores in the transaction of its object is there when the state is."""
        stored = self.stored(Seat)
        stored.workflow.acting = self.writing(stored)
        require(await stored.fire("take") is True, "the event did not return True")
        await stored.expect_rows(row_of(stored), 1)
        await stored.expect("taken")

    @needs("has_units")
    @driven
    async def test_an_exception_undoes_what_the_handler_stored(self) -> None:
        """The row vanishes, and the exception reaches the caller as it is."""
        stored = self.stored(Seat)
        trouble = Trouble()
        stored.workflow.acting = self.writing(stored, raising(trouble))
        subject = await stored.open()
        error = await raised(Trouble, stored.act(subject, "take"), "nothing was raised")
        require(error is trouble, "another exception was raised than the handler's")
        await self._expect_undone(stored, subject)

    @needs("has_units")
    @driven
    async def test_an_exception_after_storing_undoes_the_transition(self) -> None:
        """The state that was stored already is what it was before, and so are rows."""
        stored = self.stored(Seat)
        stored.workflow.acting = self.writing(stored)
        stored.workflow.following = raising(Trouble())
        subject = await stored.open()
        await raised(Trouble, stored.act(subject, "take"), "nothing was raised")
        await self._expect_undone(stored, subject)
        stored.workflow.following = None
        await stored.fire("take")
        await stored.expect("taken")

    @needs("has_units")
    @driven
    async def test_an_exception_after_storing_undoes_inner_events_too(self) -> None:
        """What fired inside of the event is undone with it, and the object can go on."""
        stored = self.stored(Seat)
        stored.workflow.acting = self.writing(stored)

        async def leave_and_fail(subject: Any, transition: Any) -> None:
            if transition.event == "take":
                await settled(subject.leave())
                raise Trouble

        stored.workflow.following = self.hook(leave_and_fail)
        subject = await stored.open()
        await raised(Trouble, stored.act(subject, "take"), "nothing was raised")
        await self._expect_undone(stored, subject)

    @needs("has_units")
    @driven
    async def test_a_soft_halt_undoes_what_the_handler_stored(self) -> None:
        """The event returns False, and the row vanishes."""
        stored = self.stored(Seat)
        stored.workflow.acting = self.writing(stored, _halting)
        subject = await stored.open()
        require(await stored.act(subject, "take") is False, "a halted event did not return False")
        require(subject.halted_because == "no", "the object does not know why it was halted")
        await self._expect_undone(stored, subject)

    @needs("has_units")
    @driven
    async def test_a_raised_halt_undoes_what_the_handler_stored(self) -> None:
        """The caller gets the halt, and the row vanishes."""
        stored = self.stored(Seat)
        stored.workflow.acting = self.writing(stored, raising(TransitionHalted("no")))
        subject = await stored.open()
        await raised(TransitionHalted, stored.act(subject, "take"), "nothing was raised")
        await self._expect_undone(stored, subject)

    @needs("has_units")
    @driven
    async def test_on_error_stores_what_stays(self) -> None:
        """What the handler stored is undone before ``on_error``; what that stores is not."""
        stored = self.stored(ForgivingSeat)
        stored.workflow.acting = self.writing(stored, raising(Trouble()))
        await self._expect_dealt_with(stored, "take")

    @needs("has_units")
    @driven
    async def test_on_unavailable_transition_stores_what_stays(self) -> None:
        """What a condition stored is undone before the hook; what the hook stores is not."""
        stored = self.stored(ForgivingSeat)
        stored.workflow.deciding = self.writing(stored, _refusing)
        await self._expect_dealt_with(stored, "swap")

    async def _expect_dealt_with(self, stored: Stored, event: str) -> None:
        stored.workflow.dealing = self.writing(stored, kind="regret")
        subject = await stored.open()
        require(await stored.act(subject, event) is False, f"{event} did not return False")
        await self._expect_undone(stored, subject)
        await stored.expect_rows(row_of(stored, "regret"), 1)

    # -- inside of a transaction -----------------------------------------------------------------

    @needs("has_units")
    @driven
    async def test_a_transaction_keeps_or_undoes_several_events(self) -> None:
        """Its end stores all of them; an exception none, and the object says so."""
        stored = self.stored(Seat)
        stored.workflow.acting = self.writing(stored)
        subject = await stored.open()

        async def take_and_fail() -> None:
            async with self.inside(subject):
                await settled(subject.take())
                raise Trouble

        await raised(Trouble, take_and_fail(), "the transaction swallowed the exception")
        await self._expect_undone(stored, subject)
        async with self.inside(subject):
            await settled(subject.take())
            await settled(subject.leave())
            await settled(subject.take())
        await stored.expect_rows(row_of(stored), 2)
        await stored.expect("taken")

    @needs("has_units")
    @driven
    async def test_a_failed_event_leaves_the_rest_of_its_transaction(self) -> None:
        """Only what it did itself is undone; what came before it and comes after it stays."""
        stored = self.stored(Seat)
        stored.workflow.acting = self.writing(stored)
        subject = await stored.open()
        async with self.inside(subject):
            await settled(self.add_row(subject, row_of(stored, "before")))
            stored.workflow.following = raising(Trouble())
            await raised(Trouble, called(subject.take), "nothing was raised")
            stored.workflow.following = None
            await settled(subject.take())
        await stored.expect_rows(row_of(stored, "before"), 1)
        await stored.expect_rows(row_of(stored), 1)
        await stored.expect("taken")
