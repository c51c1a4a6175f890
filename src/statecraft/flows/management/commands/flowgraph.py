"""``manage.py flowgraph purchase -o purchase.svg``: draw a flow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from statecraft.diagrams import ORIENTATIONS, diagram_content
from statecraft.flows.command import FlowCommand

if TYPE_CHECKING:
    from argparse import ArgumentParser

_FORMATS = ("svg", "dot", "mmd")


class Command(FlowCommand):
    """Draws the workflow of a flow."""

    help = "Draw a flow: its actions, and the ways between them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the format, the file, and the orientation."""
        super().add_arguments(parser)
        parser.add_argument(
            "--format",
            choices=_FORMATS,
            help="svg needs the program dot; default: what the file ends with, or mmd",
        )
        parser.add_argument(
            "-o", "--output", metavar="FILE", type=Path, help="without it, the text is printed"
        )
        parser.add_argument("--orientation", choices=ORIENTATIONS, default=ORIENTATIONS[0])

    def run(self, flow: Any, options: dict[str, Any]) -> None:
        """Draw it."""
        path: Path | None = options["output"]
        ending = path.suffix.removeprefix(".") if path else ""
        drawn_as = options["format"] or (ending if ending in _FORMATS else "mmd")
        spec = flow.workflow.workflow_spec
        content = diagram_content(spec, drawn_as, orientation=options["orientation"])
        if path is None:
            self.stdout.write(content.decode())
        else:
            path.write_bytes(content)
            self.stdout.write(f"Wrote {path}")
