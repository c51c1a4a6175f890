"""What the commands about one flow have in common: it is named, and errors are told in one line."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from statecraft.errors import WorkflowError
from statecraft.flows.mounted import flow_called

if TYPE_CHECKING:
    from argparse import ArgumentParser


class FlowCommand(BaseCommand):
    """A command about one flow."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the flow."""
        parser.add_argument(
            "flow",
            help="what it is called in the URLs ('purchase'), or its class: 'shop.flows.Purchase'",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Find the flow and run; what is wrong is said in one line, without a traceback."""
        try:
            self.run(flow_called(options["flow"]), options)
        except (LookupError, OSError, WorkflowError) as error:
            raise CommandError(str(error)) from error

    @abstractmethod
    def run(self, flow: Any, options: dict[str, Any]) -> None:
        """Do the work."""
