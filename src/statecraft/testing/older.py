"""What a store does with older values of a state, and with what compounds remember."""

from __future__ import annotations

from typing import Any

from statecraft.compiler.questions import settled
from statecraft.errors import StaleState
from statecraft.persistence import Change, Transition
from statecraft.states import State
from statecraft.testing.declared import Document, declare_letters
from statecraft.testing.driving import Stored, driven, raised, require
from statecraft.testing.suite import Suite, needs


class OlderValueTests(Suite):
    """The tests of ``State(was=[...])``, and of what is remembered."""

    def _both(self) -> tuple[Stored, Stored]:
        """Return one object as a program of yesterday sees it, and as one of today does."""
        old, new = self.values[:2]
        yesterday = self.stored(declare_letters(waiting=State(old)))
        today = self.stored(declare_letters(waiting=State(new, was=[old])))
        today.key = yesterday.key
        return yesterday, today

    @driven
    async def test_an_older_value_is_read_and_written_anew(self) -> None:
        """What is stored under the old name is the state, and is not rewritten by reading it."""
        yesterday, today = self._both()
        await yesterday.fire("hold")
        await today.expect("waiting")
        found = await today.value()
        require(found == self.values[0], f"reading made {found!r} of the older value")
        await today.fire("release")
        await today.fire("again")
        found = await today.value()
        require(found == self.values[1], f"{found!r} was stored, and not the present value")
        await today.expect("waiting")

    @driven
    async def test_programs_of_yesterday_and_today_work_together(self) -> None:
        """Each moves what the other stored, or says that it does not know it; nothing is lost."""
        yesterday, today = self._both()
        await today.fire("hold")
        await raised(LookupError, yesterday.fire("release"), "an unknown value was moved")
        await today.expect("waiting")
        await today.fire("release")
        await yesterday.expect("sent")
        await yesterday.fire("again")
        await today.expect("waiting")
        await today.fire("release")
        await yesterday.expect("sent")

    @driven
    async def test_an_older_value_is_compared(self) -> None:
        """Who expects the older one too finds it; who does not is stale, and nothing moves."""
        yesterday, today = self._both()
        await yesterday.fire("hold")
        old, new = self.values[:2]
        await today.expect_stale("sent", expected=(new,), found=old)
        await today.persist("sent", expected=(new, old))
        await today.expect("sent")

    # -- what is remembered ----------------------------------------------------------------------

    async def _remembered(self, stored: Stored) -> dict[str, Any]:
        found: Any = await settled((await stored.open()).load_remembered())
        return dict(found)

    @needs("has_remembered")
    @driven
    async def test_what_compounds_remember_is_stored_with_the_state(self) -> None:
        """Nothing at first; then what came with the last change, and only if that was stored."""
        stored = self.stored(Document)
        require(await self._remembered(stored) == {}, "it remembers what never was")
        workflow = stored.workflow
        transition = Transition("submit", workflow.draft, workflow.waiting, (), {})
        first = Change("waiting", ("draft", None), transition, remembered={"a": "a.b", "c": "c.d"})
        await stored.change(first)
        require(await self._remembered(stored) == {"a": "a.b", "c": "c.d"}, "it forgot")
        stale = first._replace(remembered={"a": "a.x"})
        await raised(StaleState, stored.change(stale), "the same change was stored twice")
        require(await self._remembered(stored) == {"a": "a.b", "c": "c.d"}, "it was overwritten")
        second = Change("draft", ("waiting",), transition, remembered={"a": "a.x"})
        await stored.change(second)
        require(await self._remembered(stored) == {"a": "a.x"}, "it kept what was replaced")
        await stored.expect("draft")

    @needs("has_remembered")
    @driven
    async def test_changes_without_memory_leave_it(self) -> None:
        """Where a change has nothing to remember, or ``place`` stores, all is as it was."""
        stored = self.stored(Document)
        workflow = stored.workflow
        transition = Transition("submit", workflow.draft, workflow.waiting, (), {})
        await stored.change(Change("waiting", ("draft", None), transition, remembered={"a": "a.b"}))
        await stored.place("draft")
        await stored.fire("submit")
        require(await self._remembered(stored) == {"a": "a.b"}, "it forgot")
