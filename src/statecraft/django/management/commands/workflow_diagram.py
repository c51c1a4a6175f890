"""``manage.py workflow_diagram shop.Order -o order.svg``: draw the workflow of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.diagrams import ORIENTATIONS, mermaid_text, write_diagram
from statecraft.django.command import WorkflowCommand

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from statecraft.django.columns import Columns


class Command(WorkflowCommand):
    """Draws the workflow of a model."""

    help = "Draw the workflow of a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and the orientation."""
        super().add_arguments(parser)
        parser.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            help=".svg, .png or .pdf (these need the program dot), .dot, .mmd or .md;"
            " without it, Mermaid text is printed",
        )
        parser.add_argument("--orientation", choices=ORIENTATIONS, default=ORIENTATIONS[0])

    def run(self, columns: Columns, options: dict[str, Any]) -> None:
        """Draw it."""
        path, orientation = options["output"], options["orientation"]
        if path is None:
            self.stdout.write(mermaid_text(columns.spec, orientation=orientation))
        else:
            write_diagram(columns.spec, path, orientation=orientation)
            self.stdout.write(f"Wrote {path}")
