"""Takes every measurement, one function for each kind, and returns tables."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from statistics import median
from tempfile import TemporaryDirectory
from textwrap import indent
from typing import TYPE_CHECKING

from benchmarks.results import Line, Table, as_bytes, as_milliseconds, as_nanoseconds, as_ratio
from benchmarks.rows import (
    BY_HAND,
    DEFINITION,
    DEFINITION_LIMITS,
    FIRST_DEFINITION,
    FIRST_DEFINITION_SIZE,
    IMPORT,
    IMPORT_LIMIT,
    MEMORY,
    MEMORY_LIMIT,
    ON_DJANGO,
    PEERS,
    RING,
    RING_LIMIT,
    STATECRAFT,
    Row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from benchmarks.clock import Clock
    from benchmarks.work import Work

    Contestants = Mapping[str, ModuleType]


def _works(contestants: Contestants, key: str, *arguments: int) -> dict[str, Work]:
    offered: dict[str, Callable[..., Work]] = {
        name: getattr(module, key) for name, module in contestants.items() if hasattr(module, key)
    }
    return {name: make(*arguments) for name, make in offered.items()}


def _limit(row: Row) -> float | None:
    if row.limit_from_3_13 is not None and sys.version_info >= (3, 13):
        return row.limit_from_3_13
    return row.limit


def measure_work(
    clock: Clock, contestants: Contestants, rows: Sequence[Row], told: Callable[[str], None]
) -> tuple[Table, Table]:
    """Return the ratios to hand-written code, and the nanoseconds, of every row that is offered."""
    ratios = Table("Time, as a multiple of hand-written code", as_ratio)
    seconds = Table("Time in nanoseconds", as_nanoseconds)
    for row in rows:
        works = _works(contestants, row.key)
        if STATECRAFT not in works:
            continue
        timings = clock.compare(works)
        line = Line(row.title, {name: one.ratio for name, one in timings.items()}, _limit(row))
        ratios.lines.append(line)
        seconds.lines.append(
            Line(row.title, {name: one.seconds * 1e9 for name, one in timings.items()})
        )
        told(f"{row.title}: {as_ratio(line.values[STATECRAFT])}")
    return ratios, seconds


def measure_rings(clock: Clock, contestants: Contestants, sizes: tuple[int, int]) -> Table:
    """Return how much longer an event takes if there are many states instead of a few."""
    few, many = (_works(contestants, "ring", size) for size in sizes)
    values = {
        name: clock.compare({"few": few[name], "many": many[name]})["many"].ratio for name in few
    }
    table = Table("Many states, as a multiple of the time with few", as_ratio)
    table.lines.append(Line(RING.format(*reversed(sizes)), values, RING_LIMIT))
    return table


def measure_definitions(clock: Clock, contestants: Contestants, sizes: Sequence[int]) -> Table:
    """Return the milliseconds that it takes to define classes of several sizes."""
    table = Table("Time to define a class, in milliseconds", as_milliseconds)
    table.lines.append(_first_definitions(clock, contestants))
    for size in sizes:
        limit = DEFINITION_LIMITS[size]
        timings = clock.compare(_works(contestants, "definition", size))
        values = {name: timing.seconds * 1e3 for name, timing in timings.items()}
        table.lines.append(Line(DEFINITION.format(size), values, limit))
    return table


def _first_definitions(clock: Clock, contestants: Contestants) -> Line:
    """Define a class in processes of their own, where nothing is warm from an earlier class."""
    works = _works(contestants, "definition", FIRST_DEFINITION_SIZE)
    samples: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(clock.rounds):
        for name, work in works.items():
            samples[name].append(_seconds_of_process("-c", _alone(work, PEERS[name][0])))
    values = {name: median(taken) * 1e3 for name, taken in samples.items()}
    return Line(FIRST_DEFINITION.format(FIRST_DEFINITION_SIZE), values)


ALONE = """\
from time import process_time
{imports}
def define():
{code}
start = process_time()
define()
print(process_time() - start)
"""


def _alone(work: Work, module: str) -> str:
    imports = [
        f"{name} = {value!r}"
        if isinstance(value, str)
        else f"from {value.__module__} import {value.__qualname__} as {name}"
        for name, value in work.names.items()
    ]
    if module in ON_DJANGO:
        ready = "from benchmarks.contestants.entering import configure_django\nconfigure_django()"
        imports.insert(0, ready)
    return ALONE.format(imports="\n".join(imports), code=indent(work.steps[0].code, " " * 4))


def measure_memory(contestants: Contestants, count: int) -> Table:
    """Return the bytes that an object takes, its state stored, beyond the hand-written one."""
    sizes = {
        name: _bytes_each(work, count) for name, work in _works(contestants, "first_event").items()
    }
    table = Table("Memory, in bytes", as_bytes)
    values = {name: size - sizes[BY_HAND] for name, size in sizes.items()}
    table.lines.append(Line(MEMORY, values, MEMORY_LIMIT))
    return table


def _bytes_each(work: Work, count: int) -> float:
    make = work.maker()
    kept = [make(work.subject) for _ in range(10)]  # whatever the first ones cause to be cached
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = [make(work.subject) for _ in range(count)]
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before - sys.getsizeof(kept)) / len(kept)


def measure_imports(contestants: Contestants, rounds: int) -> Table:
    """Return the milliseconds of an import, beyond those of bare Python, with compiled bytecode."""
    statements = {
        name: statement
        for name, (_, statement) in PEERS.items()
        if name in contestants and statement
    }
    samples: dict[str, list[float]] = {name: [] for name in statements}
    with TemporaryDirectory() as bytecode:
        for statement in statements.values():
            _import_seconds(statement, bytecode)
        for _ in range(rounds):
            for name, statement in statements.items():
                samples[name].append(_import_seconds(statement, bytecode))
    standard = samples[BY_HAND]
    table = Table(f"Import, as a multiple of `{statements[BY_HAND]}`", as_ratio)
    values = {
        name: median(one / other for one, other in zip(taken, standard, strict=True))
        for name, taken in samples.items()
    }
    table.lines.append(Line(IMPORT, values, IMPORT_LIMIT))
    milliseconds = {name: median(taken) * 1e3 for name, taken in samples.items()}
    table.lines.append(Line(f"{IMPORT}, in milliseconds", milliseconds))
    return table


def _import_seconds(statement: str, bytecode: str) -> float:
    code = f"""\
import sys
from time import process_time
sys.path[:] = {[path for path in sys.path if path]!r}
start = process_time()
{statement}
print(process_time() - start)
"""
    # -I and -S: what a start-up file of this environment imports shall not count as bare Python
    return _seconds_of_process("-I", "-S", "-X", f"pycache_prefix={bytecode}", "-c", code)


def _seconds_of_process(*arguments: str) -> float:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, *arguments]
    done = subprocess.run(  # noqa: S603 - our own modules
        command, capture_output=True, text=True, check=True, env=environment
    )
    return float(done.stdout)
