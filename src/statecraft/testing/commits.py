"""What a store does after the commit: effects come last, once, in order, and never if undone."""

from __future__ import annotations

from typing import Any

from statecraft.compiler.questions import settled
from statecraft.errors import NoTransitionAllowed
from statecraft.testing.acting import ActingSuite, passing, raising
from statecraft.testing.declared import Seat, Trouble
from statecraft.testing.driving import driven, raised, require
from statecraft.testing.suite import needs


class CommitTests(ActingSuite):
    """The tests of ``after_commit``."""

    def _noting_commits(self, workflow: Any) -> list[str]:
        commits: list[str] = []

        async def note(_: Any, transition: Any) -> None:
            commits.append(transition.event)

        workflow.acting = staticmethod(passing)
        workflow.committed = self.hook(note)
        return commits

    @driven
    async def test_after_commit_runs_once(self) -> None:
        """For each transition, in their order; not for one that was refused, or that failed."""
        stored = self.stored(Seat)
        commits = self._noting_commits(stored.workflow)
        subject = await stored.open()
        for event in ("take", "leave"):
            await stored.act(subject, event)
        await raised(NoTransitionAllowed, stored.act(subject, "leave"), "leave was not refused")
        stored.workflow.acting = raising(Trouble())
        await raised(Trouble, stored.act(subject, "take"), "nothing was raised")
        require(commits == ["take", "leave"], f"after_commit ran for {commits}")

    @driven
    async def test_after_commit_finds_what_is_stored(self) -> None:
        """Others see the transition by then, and it can use the store to go on."""
        stored = self.stored(Seat)
        stored.workflow.acting = staticmethod(passing)
        seen: list[str] = []

        async def go_on(_: Any, transition: Any) -> None:
            seen.append((await stored.state()).name)
            if transition.event == "take":
                await stored.fire("leave")

        stored.workflow.committed = self.hook(go_on)
        await stored.fire("take")
        require(seen == ["taken", "free"], f"after_commit found {seen}")
        await stored.expect("free")

    @needs("has_units")
    @driven
    async def test_after_commit_waits_for_the_transaction(self) -> None:
        """It runs when the outermost transaction is committed, and not before."""
        stored = self.stored(Seat)
        commits = self._noting_commits(stored.workflow)
        subject = await stored.open()
        async with self.inside(subject):
            await settled(subject.take())
            await settled(subject.leave())
            require(commits == [], f"after_commit ran before the commit: {commits}")
        require(commits == ["take", "leave"], f"after_commit ran for {commits}")

    @needs("has_units")
    @driven
    async def test_after_commit_never_runs_for_what_is_undone(self) -> None:
        """Neither with its transaction, nor with an event around it, nor by itself."""
        stored = self.stored(Seat)
        commits = self._noting_commits(stored.workflow)
        subject = await stored.open()

        async def take_and_fail() -> None:
            async with self.inside(subject):
                await settled(subject.take())
                raise Trouble

        await raised(Trouble, take_and_fail(), "the transaction swallowed the exception")
        stored.workflow.following = raising(Trouble())
        await raised(Trouble, stored.act(subject, "take"), "nothing was raised")
        stored.workflow.following = None
        await stored.act(subject, "take")
        require(commits == ["take"], f"after_commit ran for {commits}")
