"""``manage.py workflow_rewrite shop.Order``: store the present value where an older one is."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from statecraft.django.command import WorkflowCommand
from statecraft.django.stored_values import count_stored, rewrite_older

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from statecraft.django.columns import Columns


class Command(WorkflowCommand):
    """Rewrites older values, while the application runs."""

    help = (
        "Store the present value of each state where an older one is (State(was=[…])): in batches,"
        " while the application runs. Start it again if it was stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how fast it goes."""
        super().add_arguments(parser)
        parser.add_argument("--batch-size", type=int, default=1000, help="rows; default: 1000")
        parser.add_argument(
            "--pause", type=float, default=0, help="seconds between batches; default: 0"
        )

        parser.add_argument(
            "--after", metavar="KEY", help="go on after the key that a run had come to"
        )

    def run(self, columns: Columns, options: dict[str, Any]) -> None:
        """Rewrite them, and tell after each batch."""
        size, using = options["batch_size"], options["database"]
        if size < 1:
            message = f"--batch-size is 1 or more, and not {size}"
            raise CommandError(message)
        after = _key_of(columns, options["after"])
        total = sum(one.rows for one in count_stored(columns, using) if one.is_older)
        done = 0
        for batch in rewrite_older(columns, using, size, after):
            done += batch.rows
            self.stderr.write(f"{done:,} of {total:,}, up to the key {batch.last}", str)
            sleep(options["pause"])
        self.stdout.write(f"Rewritten: {done:,}")


def _key_of(columns: Columns, text: str | None) -> Any:
    key = columns.owner._meta.pk
    try:
        return None if text is None else key.to_python(text)
    except ValidationError as error:
        message = f"--after is a key, and not {text!r}: {' '.join(error.messages)}"
        raise CommandError(message) from error
