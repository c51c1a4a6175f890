"""``manage.py flowpaths purchase``: list the ways through a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.flows.command import FlowCommand
from statecraft.flows.paths import moves_of, paths_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecraft.flows.paths import Move


class Command(FlowCommand):
    """Lists paths that together take every arrow."""

    help = (
        "List the ways through a flow, one a line: those that take each arrow at most once, and"
        " one for each arrow that only leads back. A link is drawn as ~>."
    )

    def run(self, flow: Any, options: dict[str, Any]) -> None:  # noqa: ARG002 - it has none
        """List them as they are found, and count them."""
        spec = flow.workflow.workflow_spec
        count, taken = 0, set[Any]()
        for path in paths_of(spec):
            count += 1
            taken.update(path)
            self.stdout.write(_line(path))
        self.stdout.write(f"Paths: {count:,}. Arrows: {len(taken)} of {len(moves_of(spec))}.")


def _line(path: Iterable[Move]) -> str:
    return "start" + "".join(f" {'~>' if move.is_link else '->'} {move.target}" for move in path)
