"""A run: processes that carry out their plans, while something is done to them or to the server.

Each worker writes what its attempts came to into a journal of its own, a line for each, which
survives a ``kill -9``. A worker that is started again goes on where its journal ends: what was
under way is unknown, unless it has a key, with which it is fired again.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
import warnings
from collections import Counter
from traceback import format_exc
from typing import TYPE_CHECKING, Any

from statecraft import NoTransitionAllowed, StaleState, acting_as
from tests.races.contenders import Verdict
from tests.races.judging import REPEATED, Told, faults_of
from tests.races.parcels import BurntError
from tests.races.plans import SIZE, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.races.contenders import Contender, Seen
    from tests.races.plans import Attempt, Size

PATIENCE = 300.0
"""Seconds after which a run that does not come to an end is a fault."""


class Run:
    """Workers that carry out their plans on a contender."""

    def __init__(self, contender: Contender, directory: Path, size: Size = SIZE) -> None:
        self.contender = contender
        self.size = size
        self.directory = directory
        self.context: Any = multiprocessing.get_context("fork")
        self.progress = [self.context.RawValue("i", 0) for _ in range(size.workers)]
        self.troubles = [self.context.RawValue("i", 0) for _ in range(size.workers)]
        self.disturbed: Counter[str] = Counter()
        contender.prepare(size.objects)
        self.begun = time.monotonic()
        self.processes = [self._started(number) for number in range(size.workers)]

    # -- the workers -----------------------------------------------------------------------------

    def _started(self, worker: int, *, again: bool = False) -> Any:
        process = self.context.Process(target=self._work, args=(worker, again), daemon=True)
        with warnings.catch_warnings():  # threads of other tests have nothing to do with this fork
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        return process

    def _journal(self, worker: int) -> Path:
        return self.directory / f"worker-{worker}"

    def _work(self, worker: int, again: bool) -> None:  # noqa: FBT001 - of the fork
        self.contender.enter_process()
        with self._journal(worker).open("ab", buffering=0) as journal:
            done = len(self._lines(worker))
            for number, attempt in enumerate(self._plan(worker)):
                if number < done:
                    continue
                under_way = again and number == done
                told = (
                    [Verdict.UNKNOWN.value]
                    if under_way and attempt.key is None
                    else self._answer(worker, attempt)
                )
                journal.write(f"{' '.join(told)}\n".encode())
                self.progress[worker].value = number + 1

    def _plan(self, worker: int) -> list[Attempt]:
        return list(plan(worker, self.size, several=self.contender.has_transactions))

    def _lines(self, worker: int) -> list[str]:
        return self._journal(worker).read_text(encoding="utf-8").splitlines()

    def _answer(self, worker: int, attempt: Attempt) -> list[str]:
        """Carry out an attempt; one with a key until its answer is known."""
        while True:
            told = self._told(attempt)
            if told[0] not in {Verdict.UNDONE, Verdict.UNKNOWN}:
                return told
            self.troubles[worker].value += 1
            time.sleep(0.002 if told[0] == Verdict.UNDONE else 0.05)  # a server may be starting
            if attempt.key is None:
                return told

    def _told(self, attempt: Attempt) -> list[str]:
        try:
            with acting_as(attempt.name):
                answers = self.contender.carry_out(attempt)
        except (NoTransitionAllowed, StaleState):
            return [Verdict.REFUSED]
        except BurntError:
            return [Verdict.REFUSED if self.contender.has_transactions else Verdict.MOVED]
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs into the report
            verdict = self.contender.failed(error)
            if verdict is None:
                return [repr(format_exc())]
            with (self.directory / "failures").open("a", encoding="utf-8") as failures:
                failures.write(f"{error!s:.90}".partition("\n")[0] + "\n")
            return [verdict]
        return [_told_of(answer, attempt) for answer in answers]

    # -- what is done to them --------------------------------------------------------------------

    def disturb(self, what: str, how: Callable[[], object]) -> None:
        """Do something now and then, as often as the size says, until all workers are through."""
        chance = random.Random(what)  # noqa: S311 - nothing is kept secret
        total = self.size.workers * self.size.attempts
        while any(process.is_alive() for process in self.processes):
            time.sleep(chance.uniform(0.002, 0.02))
            done = sum(one.value for one in self.progress)
            if done * (self.size.disturbances + 1) > total * (self.disturbed[what] + 1):
                how()
                self.disturbed[what] += 1
            if time.monotonic() - self.begun > PATIENCE:
                self._give_up()

    def kill_one(self) -> None:
        """Kill a worker with SIGKILL, and start it again where it was."""
        worker = random.randrange(self.size.workers)  # noqa: S311 - any of them
        process = self.processes[worker]
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            self.processes[worker] = self._started(worker, again=True)

    def _give_up(self) -> None:
        for process in self.processes:
            process.kill()
        message = f"{self.contender}: {self.progress} after {PATIENCE} seconds"
        raise AssertionError(message)

    # -- what came of it -------------------------------------------------------------------------

    @property
    def failures(self) -> int:
        """How often the store was told to have failed."""
        return sum(one.value for one in self.troubles)

    @property
    def failed(self) -> Counter[str]:
        """How often the store said what, when it failed."""
        path = self.directory / "failures"
        return Counter(path.read_text(encoding="utf-8").splitlines() if path.exists() else ())

    def told(self) -> list[Told]:
        """Return all attempts, with what the workers say that they came to."""
        return [
            Told(attempt, line.split(" ") if line[0] not in "\"'" else [line])
            for worker in range(self.size.workers)
            for attempt, line in zip(self._plan(worker), self._lines(worker), strict=True)
        ]

    def faults(self, *, forgets: bool = False) -> list[str]:
        """Return what is wrong with what is stored; say what happened, for those who look."""
        for process in self.processes:
            process.join()
        seen, told = self.contender.seen(self.size.objects), self.told()
        faults = faults_of(seen, told, forgets=forgets)
        self._report(seen, told, faults)
        return faults

    def _report(self, seen: Seen, told: list[Told], faults: list[str]) -> None:
        verdicts = Counter(verdict.partition(":")[0] for one in told for verdict in one.verdicts)
        records = sum(one.event is not None for log in seen.logs.values() for one in log)
        rows = "" if seen.effects is None else f", {seen.effects.total()} rows of handlers"
        print(  # noqa: T201 - the report of the run
            f"\n{self.contender}: {self.size.workers} processes, {self.size.objects} objects,"
            f" {len(told)} attempts in {time.monotonic() - self.begun:.0f} s"
            f"\n  done to it: {dict(self.disturbed) or 'nothing'};"
            f" {self.failures} failures of the store were told"
            f"\n  events: {dict(sorted(verdicts.items()))}"
            f"\n  stored: {records} records{rows}; {len(faults)} faults",
            *(f"{count} x {text}" for text, count in self.failed.most_common(5)),
            *faults[:20],
            sep="\n  ",
        )


def _told_of(answer: Any, attempt: Attempt) -> str:
    if answer is False:
        return Verdict.HALTED
    is_own = answer is True or answer == attempt.name
    return Verdict.MOVED if is_own else f"{REPEATED}:{answer}"
