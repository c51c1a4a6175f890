"""The command: ``python -m benchmarks.renaming`` renames a state of a million rows under fire."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from benchmarks.renaming.deploying import renamed

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = ArgumentParser(prog="python -m benchmarks.renaming", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--writers", type=int, default=2, help="processes; default: 2")
    parser.add_argument("--batch", type=int, default=1000, help="rows of a batch; default: 1000")
    parser.add_argument("--seconds", type=float, default=5, help="how long each release runs")
    options = parser.parse_args(arguments)
    print(renamed(options.rows, options.writers, options.batch, options.seconds).text)


if __name__ == "__main__":
    main()
