"""Compares works that wait for a database: by the time that passes, in two tables."""

from __future__ import annotations

from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.clock import Clock
from benchmarks.results import Line, Table, as_microseconds, as_ratio
from benchmarks.rows import STATECRAFT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from benchmarks.rows import Row
    from benchmarks.work import Work


class WallClock(Clock):
    """Measures what a user waits for."""

    now = staticmethod(perf_counter)


class Tables:
    """How everything compares with hand-written code, and how long it takes."""

    def __init__(self, title: str) -> None:
        self._ratios = Table(f"{title}, as a multiple of hand-written code", as_ratio)
        self._times = Table(f"{title}, in microseconds", as_microseconds)

    def add(self, row: Row, clock: Clock, works: Mapping[str, Work]) -> None:
        """Measure one row."""
        timings = clock.compare(works)
        ratios = {name: one.ratio for name, one in timings.items()}
        seconds = {name: one.seconds * 1e6 for name, one in timings.items()}
        self._ratios.lines.append(Line(row.title, ratios, row.limit))
        self._times.lines.append(Line(row.title, seconds))
        print(f"{row.title}: {as_ratio(ratios[STATECRAFT])}")

    @property
    def both(self) -> list[Table]:
        """The two tables."""
        return [self._ratios, self._times]


def who_is_there(peers: Mapping[str, str], package: str) -> dict[str, ModuleType]:
    """Return the modules of those who take part, by name; who is missing stays away."""
    present: dict[str, ModuleType] = {}
    for name, module in peers.items():
        try:
            present[name] = import_module(f"{package}.{module}")
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith(("benchmarks", "statecraft")):
                raise
            print(f"{name} is not installed, so its column is left out.")
    return present


def makers_of(row: Row, contestants: Mapping[str, ModuleType]) -> dict[str, Callable[..., Any]]:
    """Return the functions of those who can do the work of a row."""
    return {
        name: getattr(module, row.key)
        for name, module in contestants.items()
        if hasattr(module, row.key)
    }
