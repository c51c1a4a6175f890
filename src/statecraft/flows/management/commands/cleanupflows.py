"""``manage.py cleanupflows``: delete the states and the files of tasks that are expired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from statecraft.flows.cleaning import clean_up, clean_up_files
from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.statestore import state_store

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Deletes what nobody can reach any more, in batches, while the application runs."""

    help = (
        "Delete the states of tasks that nobody has used for FLOWS_TASK_IDLE_TIMEOUT, and the files"
        " that were uploaded in them: in batches, while the application runs. Redis deletes states"
        " by itself, and no files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to do it."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *_: Any, **options: Any) -> None:
        """Delete them and say how many; what is wrong is said in one line."""
        try:
            if options["dry_run"]:
                self.stdout.write(f"Expired: {state_store().count_expired():,}")
            else:
                self.stdout.write(f"Deleted: {clean_up():,}")
                self.stdout.write(f"Files deleted of tasks: {clean_up_files():,}")
        except StateStoreUnavailable as error:
            raise CommandError(str(error)) from error
