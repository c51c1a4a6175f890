"""What the workers of a run do: the same again after a restart, because chance has a seed."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, NamedTuple

from tests.races.parcels import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = os.environ.get("STATECRAFT_RACES") == "long"
EVENTS = sorted(Parcel.workflow_spec.events)
TELLING = ["send", "weigh"]  # what they return tells a repeat from the first


class Size(NamedTuple):
    """How large a run is; ``attempts`` are those of each worker."""

    workers: int
    objects: int
    attempts: int
    disturbances: int


SIZE = Size(8, 1000, 600, 60) if LONG else Size(4, 8, 50, 5)


class Attempt(NamedTuple):
    """Events that are fired in one transaction: all of them happen, or none.

    ``name`` is the actor in the log, so that each record says which attempt it comes from. One
    with a ``key`` is a single event, and repeated until its answer is known.
    """

    name: str
    steps: tuple[tuple[int, str], ...]
    key: str | None = None


def plan(worker: int, size: Size, *, several: bool) -> Iterator[Attempt]:
    """Return the attempts of one worker; half of them meet on a few objects.

    ``several`` says whether a transaction may fire several events, on objects in any order.
    """
    chance = random.Random(worker)  # noqa: S311 - nothing is kept secret

    def anyone() -> int:
        return chance.randrange(min(5, size.objects) if chance.random() < 0.5 else size.objects)

    for number in range(size.attempts):
        name = f"{worker}/{number}"
        kind = chance.random()
        if kind < 0.2:
            yield Attempt(name, ((anyone(), chance.choice(EVENTS)),), key=name)
        elif kind < 0.3:  # a key that other workers use, too
            subject, event = anyone(), chance.choice(TELLING)
            key = f"{event} {chance.randrange(1 + size.attempts // 10)}"
            yield Attempt(name, ((subject, event),), key=key)
        else:
            count = chance.choice([2, 3]) if several and kind > 0.75 else 1
            yield Attempt(name, tuple((anyone(), chance.choice(EVENTS)) for _ in range(count)))
