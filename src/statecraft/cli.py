"""The command line: ``python -m statecraft diagram shop.orders:Order -o order.svg``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from statecraft.diagrams import FONT, ORIENTATIONS, mermaid_text, write_diagram
from statecraft.errors import WorkflowError
from statecraft.loading import load

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

_REFUSED = 2  # as argparse exits for a wrong option


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return the exit code; what goes wrong is said on stderr."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (WorkflowError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return _REFUSED
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m statecraft", description="Tools for workflows.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="command")
    _add_diagram(commands.add_parser("diagram", help="draw a workflow"))
    return parser


def _add_target(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="module:Class", help="the workflow, for example shop.orders:Order"
    )


def _add_diagram(parser: ArgumentParser) -> None:
    parser.description = "Draw a workflow."
    _add_target(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=".svg, .png or .pdf (these need the program dot), .dot, .mmd or .md;"
        " without it, Mermaid text is printed",
    )
    parser.add_argument("--orientation", choices=ORIENTATIONS, default=ORIENTATIONS[0])
    parser.add_argument("--font", default=FONT, help=f"for all but Mermaid (default: {FONT})")
    parser.add_argument("--name", help="a title above the picture")
    parser.set_defaults(run=_draw)


def _draw(options: Namespace) -> None:
    target = load(options.target)
    if options.output is None:
        text = mermaid_text(target, name=options.name, orientation=options.orientation)
        # Whatever the terminal's encoding: a redirected file has to be UTF-8.
        sys.stdout.buffer.write(text.encode())
        return
    write_diagram(
        target,
        options.output,
        name=options.name,
        orientation=options.orientation,
        font=options.font,
    )
