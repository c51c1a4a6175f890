"""The command: measures everything, prints the tables and writes them into the docs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.clock import Clock
from benchmarks.contestants.entering import entered
from benchmarks.machine import this_machine, versions
from benchmarks.measuring import (
    measure_definitions,
    measure_imports,
    measure_memory,
    measure_rings,
    measure_work,
)
from benchmarks.report import markdown, put_into
from benchmarks.rows import BY_HAND, DEFINITION_LIMITS, RING_SIZES, ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCS = Path(__file__).parents[1] / "docs"
PAGE = "speed.md"
DEFINITION_SIZES = tuple(DEFINITION_LIMITS)
PICTURE = "speed.svg"


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=41, help="how often each work is timed")
    parser.add_argument("--batch", type=float, default=2.0, help="milliseconds for each timing")
    parser.add_argument("--docs", type=Path, default=DOCS, help="the folder of speed.md")
    parser.add_argument(
        "--quick", action="store_true", help="hardly measure: only show that it works"
    )
    parser.add_argument("--only", action="append", metavar="ROW", help="only this row of work")
    parser.add_argument("--dry", action="store_true", help="print, and write nothing")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    rounds, batch = (1, 0.0) if options.quick else (options.rounds, options.batch / 1000)
    clock = Clock(rounds=rounds, batch_seconds=batch)
    ring_clock = Clock(rounds=max(rounds // 3, 1), batch_seconds=batch)
    definition_clock = Clock(rounds=max(rounds // 6, 1), batch_seconds=batch)
    contestants, missing = entered()
    for name in missing:
        print(f"{name} is not installed, so its column is left out.")
    rows = [row for row in ROWS if row.key in (options.only or row.key)]
    work, nanoseconds = measure_work(clock, contestants, rows, print)
    if options.only:
        print(f"\n{markdown([work, nanoseconds], list(contestants))}")
        return
    tables = [
        work,
        measure_rings(ring_clock, contestants, (5, 50) if options.quick else RING_SIZES),
        measure_definitions(
            definition_clock, contestants, (5,) if options.quick else DEFINITION_SIZES
        ),
        measure_memory(contestants, 10 if options.quick else 5000),
        measure_imports(contestants, rounds),
    ]
    machine = this_machine()
    names = list(contestants)
    taken = (
        f"Measured on {machine}. Versions: {versions([name for name in names if name != BY_HAND])}."
    )
    print(f"\n{taken}\n\n{markdown([*tables, nanoseconds], names)}")
    if options.dry:
        return
    options.docs.mkdir(exist_ok=True)
    python = f"Python {machine.python_minor}"
    text = f"\n## {python}\n\n{taken}\n\n{markdown(tables, names)}\n"
    put_into(options.docs / PAGE, python, text, template="# Speed\n")
    _draw(options.docs / PICTURE, work.lines, names, f"Python {machine.python}, {machine.date}")


def _draw(path: Path, *what: object) -> None:
    try:
        from benchmarks.picture import draw  # noqa: PLC0415 - matplotlib is not needed to measure
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        print(f"matplotlib is not installed, so {path.name} is left as it is.", file=sys.stderr)
        return
    draw(path, *what)  # type: ignore[arg-type] # passed on


if __name__ == "__main__":
    main()
