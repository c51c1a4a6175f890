"""The judge of a run: compares what is stored with what the workers were told.

It knows nothing of stores. Every log has to be a legal walk that ends in the stored state; each
record belongs to one attempt, and each event that was told to have happened has its record; what
handlers wrote is there once for each record of theirs, and nothing beside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tests.races.contenders import Effect, Verdict
from tests.races.parcels import WRITING, Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecraft.transition_log import TransitionRecord
    from tests.races.contenders import Seen
    from tests.races.plans import Attempt

LEGAL = {(one.event, one.source.name, one.target.name) for one in Parcel.workflow_spec.transitions}
REPEATED = "repeated"
KNOWN = {Verdict.MOVED, Verdict.HALTED, Verdict.REFUSED, Verdict.UNDONE, Verdict.UNKNOWN}


class Told(NamedTuple):
    """An attempt, and what its worker says of each of its events; one word if it failed."""

    attempt: Attempt
    verdicts: list[str]


def faults_of(seen: Seen, told: Sequence[Told], *, forgets: bool = False) -> list[str]:
    """Return what is wrong, each in a sentence; ``forgets``: the store was emptied meanwhile."""
    judge = _Judge(seen, told)
    return [
        *judge.unexpected(),
        *(fault for number in seen.states for fault in judge.of_log(number)),
        *judge.of_attempts(forgets=forgets),
        *(() if forgets else judge.of_keys()),
        *judge.of_effects(),
    ]


class _Judge:
    def __init__(self, seen: Seen, told: Sequence[Told]) -> None:
        self.seen = seen
        self.told = told
        self.records: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        self.keys: dict[tuple[int, str], str] = {}
        for number, record in self._happened():
            self.records[str(record.actor)][number, str(record.event)] += 1
            if record.once is not None:
                self.keys[number, record.once] = str(record.actor)

    def _happened(self) -> Iterator[tuple[int, TransitionRecord]]:
        for number, log in self.seen.logs.items():
            for record in log:
                if record.event is not None and record.refused is None:
                    yield number, record

    def unexpected(self) -> Iterator[str]:
        """Of errors that no store may raise."""
        for attempt, verdicts in self.told:
            for verdict in verdicts:
                if verdict not in KNOWN and not verdict.startswith(f"{REPEATED}:"):
                    yield f"attempt {attempt}: {verdict}"

    def of_log(self, number: int) -> Iterator[str]:
        """Of a log that is no legal walk to the stored state."""
        log, place = self.seen.logs[number], "packed"
        if [record.sequence for record in log] != list(range(1, len(log) + 1)):
            yield f"parcel {number}: the numbers of its records have gaps, or are there twice"
        for record in log:
            if record.event is None:
                if (record.sequence, record.target) != (1, place):
                    yield f"parcel {number}: created as {record.target} by {record.sequence}"
                continue
            if record.source != place:
                yield f"parcel {number}: {record.sequence} leaves {record.source}, not {place}"
            if (record.event, record.source, record.target) not in LEGAL:
                yield f"parcel {number}: record {record.sequence} is no transition: {record}"
            place = record.target
        if self.seen.states[number] != place:
            yield f"parcel {number}: it is {self.seen.states[number]}, and its log ends in {place}"
        keys = [record.once for record in log if record.once is not None]
        if len(keys) != len(set(keys)):
            yield f"parcel {number}: a key is there twice"

    def of_attempts(self, *, forgets: bool) -> Iterator[str]:
        """Of records that nobody has caused, or that are missing."""
        for actor in self.records.keys() - {attempt.name for attempt, _ in self.told}:
            yield f"attempt {actor}: nobody has made it, and it has records"
        for attempt, verdicts in self.told:
            found = self.records.get(attempt.name, Counter())
            expected = [_happening(attempt, verdicts)]
            if verdicts == [Verdict.UNKNOWN]:
                expected = [_happening(attempt, []), _possible(attempt)]
            if found not in expected and not (forgets and found <= expected[-1]):
                yield f"attempt {attempt}: told {verdicts}, and its records are {dict(found)}"

    def of_keys(self) -> Iterator[str]:
        """Of keys that are not kept, or that were used by others than their repeats say."""
        for attempt, verdicts in self.told:
            kind, _, actor = verdicts[0].partition(":")
            if attempt.key is not None and kind in {Verdict.MOVED, REPEATED}:
                first = self.keys.get((attempt.steps[0][0], attempt.key))
                if first != (actor or attempt.name):
                    yield f"attempt {attempt}: told {verdicts}, and the key is that of {first}"

    def of_effects(self) -> Iterator[str]:
        """Of rows without a transition, and of transitions without their rows."""
        if self.seen.effects is None:
            return
        expected = Counter(
            Effect(number, record.event, str(record.actor))
            for number, record in self._happened()
            if record.event in WRITING
        )
        for effect in self.seen.effects - expected:
            yield f"{effect}: a row without its transition"
        for effect in expected - self.seen.effects:
            yield f"{effect}: a transition without its row"


def _happening(attempt: Attempt, verdicts: Sequence[str]) -> Counter[tuple[int, str]]:
    """Return what the log must have, if the worker was told the truth."""
    if len(verdicts) < len(attempt.steps):  # one word for all of them: they were undone together
        return Counter()
    pairs = zip(attempt.steps, verdicts, strict=True)
    return Counter(step for step, verdict in pairs if verdict == Verdict.MOVED)


def _possible(attempt: Attempt) -> Counter[tuple[int, str]]:
    """Return what the log has if all of it happened; events that halt leave nothing."""
    return Counter(step for step in attempt.steps if step[1] != "drop")
