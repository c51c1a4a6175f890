"""Times works against each other: short batches in turn, so that all meet the same weather."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass
from itertools import repeat
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from benchmarks.work import Work

Name = TypeVar("Name")


@dataclass(frozen=True)
class Timing:
    """What one contestant needed: seconds per step, and how that compares with the first one."""

    seconds: float
    ratio: float


class Clock:
    """Measures CPU time, which other processes on the machine disturb least."""

    now = staticmethod(process_time)
    repeat = staticmethod(repeat)

    def __init__(self, *, rounds: int, batch_seconds: float) -> None:
        self.rounds = rounds
        self.batch_seconds = batch_seconds

    def compare(self, works: Mapping[Name, Work]) -> dict[Name, Timing]:
        """Time all works in turn, ``rounds`` times over; the ratios are to the first of them.

        A ratio is the median of the ratios of each round, and the seconds are a median too.
        """
        with asyncio.Runner() as runner:  # one loop for all of them, closed when they are through
            return self._compared(works, runner)

    def _compared(self, works: Mapping[Name, Work], runner: asyncio.Runner) -> dict[Name, Timing]:
        racers = {name: _Racer(self, work, runner) for name, work in works.items()}
        samples: dict[Name, list[float]] = {name: [] for name in works}
        for number in range(self.rounds):
            gc.collect()
            gc.disable()
            try:
                for name in list(racers) if number % 2 else reversed(racers):
                    samples[name].append(racers[name].lap())
            finally:
                gc.enable()
        first = samples[next(iter(works))]
        return {
            name: Timing(
                median(taken),
                median(one / base for one, base in zip(taken, first, strict=True)),
            )
            for name, taken in samples.items()
        }


class _Racer:
    """A work with its batch, warmed up, and as many repetitions as fill the time of a batch."""

    def __init__(self, clock: Clock, work: Work, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._work = work
        work.check(self._run)
        self._batch = work.batch(clock)
        self._times = 1
        while (taken := self._taken()) < clock.batch_seconds:
            growth = clock.batch_seconds / max(taken, 1e-7)
            self._times = int(self._times * min(max(growth * 1.05, 1.1), 10)) + 1

    def _run(self, awaitable: Awaitable[Any]) -> Any:
        async def wait() -> Any:
            return await awaitable

        return self._runner.run(wait())

    def _taken(self) -> float:
        taken = self._batch(self._work.subject, self._times)
        seconds: float = self._run(taken) if self._work.is_async else taken
        return seconds

    def lap(self) -> float:
        """Return the seconds that one step took."""
        return self._taken() / (self._times * len(self._work.steps))
