"""What the commands have in common: a model, a database, and errors that are one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from statecraft.django.stored_values import columns_of
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from statecraft.django.columns import Columns


class WorkflowCommand(BaseCommand):
    """A command on the workflow of one model."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the model, and the database."""
        parser.add_argument(
            "target",
            metavar="app.Model",
            help="the model; app.Model.attribute for a workflow that is attached to it",
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="default: default")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run; what is wrong is said in one line."""
        try:
            self.run(columns_of(options["target"]), options)
        except (WorkflowError, OSError) as error:
            raise CommandError(str(error)) from error

    def run(self, columns: Columns, options: dict[str, Any]) -> None:
        """Do what the command is for."""
        raise NotImplementedError
