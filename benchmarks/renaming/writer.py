"""One process of the application: moves claims until it is told to stop, and says what it did."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from random import Random
from time import monotonic
from typing import Any

import django

django.setup()

from benchmarks.renaming.models import RELEASE, Claim  # noqa: E402 - Django has to be set up
from statecraft import StaleState  # noqa: E402

HOT = 50  # so many claims are moved by everybody all the time
SHARE = 5  # of so many events, one is on a hot claim


class Writer:
    """Loads claims one by one, and fires the event that leads out of the state they are in."""

    def __init__(self, rows: int, seed: int) -> None:
        self.rows = rows
        self.random = Random(seed)  # noqa: S311 - no secret
        self.moved: Counter[int] = Counter()
        self.waits: list[tuple[float, float]] = []
        self.stale = 0
        self.stopped = False

    def stop(self, *_: Any) -> None:
        """Finish what is under way, and no more."""
        self.stopped = True

    def run(self) -> None:
        """Move claims until it is stopped."""
        while not self.stopped:
            is_hot = self.random.randrange(SHARE) == 0
            key = self.random.randint(1, HOT if is_hot else self.rows)
            begun = monotonic()
            try:
                claim = Claim.objects.get(pk=key)
                claim.fire(*claim.allowed_events())
            except StaleState:
                self.stale += 1
            else:
                self.moved[key] += 1
            self.waits.append((begun, monotonic() - begun))

    @property
    def report(self) -> dict[str, Any]:
        """What it did: how often it moved which claim, and when it waited how long."""
        moved, waits = list(self.moved.items()), self.waits
        return {"release": RELEASE, "moved": moved, "stale": self.stale, "waits": waits}


def main() -> None:
    """Run until SIGTERM."""
    writer = Writer(*map(int, sys.argv[1:]))
    signal.signal(signal.SIGTERM, writer.stop)
    print("ready", flush=True)
    writer.run()
    print(json.dumps(writer.report), flush=True)


if __name__ == "__main__":
    main()
