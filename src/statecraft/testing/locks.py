"""What a store does for those who fire at once: one wins, and nothing is left of the others."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from statecraft.compiler.questions import settled
from statecraft.errors import NoTransitionAllowed, StaleState
from statecraft.testing.acting import ActingSuite, row_of
from statecraft.testing.declared import Seat
from statecraft.testing.driving import Stored, require
from statecraft.testing.suite import KINDS, Kind, needs

if TYPE_CHECKING:
    from statecraft.testing.races import Meet

_A_MOMENT = 0.01  # seconds: a sound store passes however long it is


class LockTests(ActingSuite):
    """The tests of races between handlers."""

    @needs("has_locks")
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_loser_of_a_race_is_refused_before_its_handler(self, kind: Kind) -> None:
        """Of those who fire at once, the handler of one runs, and the others are refused."""
        races = self.races(Seat, lock=True)

        async def write(_: int, meet: Meet) -> list[str]:
            return [await self._taken(race, meet, meets_inside=False) for race in races]

        self._expect_one_winner(races, self.written(write, kind), loser="refused")

    @needs("has_units", "has_optimistic_units")
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_rows_of_a_loser_vanish(self, kind: Kind) -> None:
        """Without a lock, all handlers run, and what those of the losers stored is undone."""
        races = self.races(Seat, lock=False)

        async def write(_: int, meet: Meet) -> list[str]:
            return [await self._taken(race, meet, meets_inside=True) for race in races]

        self._expect_one_winner(races, self.written(write, kind), loser="stale")

    async def _taken(self, race: Stored, meet: Meet, *, meets_inside: bool) -> str:
        """Fire ``take`` with all others; tell what came of it, and whether the handler ran."""
        subject = await race.open()
        subject.ran = False

        async def act() -> None:
            subject.ran = True
            if meets_inside:
                await meet()
            else:
                await self._linger()
            if self.has_units:
                await settled(self.add_row(subject, row_of(race)))

        async def acting(other: Any) -> None:
            await other.act()

        subject.act = act  # the writers share the class, and each has an object of its own
        race.workflow.acting = self.hook(acting)
        if not meets_inside:
            await meet()
        try:
            await race.act(subject, "take")
        except NoTransitionAllowed:
            return "handled, then refused" if subject.ran else "refused"
        except StaleState:
            return "stale"
        return "won"

    async def _linger(self) -> None:
        """Stay in the handler until the others, if nothing stops them, are in theirs."""
        if self.is_async:
            await asyncio.sleep(_A_MOMENT)
        else:
            time.sleep(_A_MOMENT)  # noqa: ASYNC251 - nothing else runs here

    def _expect_one_winner(self, races: list[Stored], answers: Any, *, loser: str) -> None:
        wanted = sorted(["won", *[loser] * (self.writer_count - 1)])
        for number, race in enumerate(races):
            found = sorted(writer[number] for writer in answers)
            require(found == wanted, f"the writers were {found}, and ought to be {wanted}")
            self.run(race.expect("taken"))
            if self.has_units:
                self.run(race.expect_rows(row_of(race), 1))
