"""``manage.py workflow_stored shop.Order``: count what is stored, and find what no state has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from statecraft.django.command import WorkflowCommand
from statecraft.django.stored_values import Stored, count_stored
from statecraft.names import listed

if TYPE_CHECKING:
    from statecraft.django.columns import Columns


class Command(WorkflowCommand):
    """Counts the stored values; fails if there is one that no state has."""

    help = "Count the stored values of a workflow; fail if there is one that no state has."

    def run(self, columns: Columns, options: dict[str, Any]) -> None:
        """Count them."""
        stored = count_stored(columns, options["database"])
        for one in stored:
            self.stdout.write(f"{one.rows:>12,}  {one.value!r}  {_meaning(one)}")
        if any(one.is_older for one in stored):
            self.stdout.write(f"Older values: workflow_rewrite {options['target']}")
        unknown = [repr(one.value) for one in stored if one.state is None]
        if unknown:
            message = (
                f"No state of {columns.spec.name} has {listed(unknown, none='')}."
                " Name them in State(was=[…]), or correct the rows."
            )
            raise CommandError(message)


def _meaning(stored: Stored) -> str:
    if stored.state is None:
        return "no state has it"
    return f"{'older value of ' if stored.is_older else ''}{stored.state.name}"
