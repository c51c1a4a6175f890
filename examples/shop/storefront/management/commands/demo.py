"""The command that makes a shop to look at, and opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from storefront.samples import CUSTOMER, PASSWORD, make_customer, make_products

if TYPE_CHECKING:
    from django.core.management import CommandParser


class Command(BaseCommand):
    """``manage.py demo``: makes the tables, products and the customer that are not there yet."""

    help = "Make a shop to look at, and open it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port, and whether to open the shop at all."""
        parser.add_argument("--port", default="8000")
        parser.add_argument("--no-server", action="store_true", help="only make it")

    def handle(self, *, port: str, no_server: bool, **_: Any) -> None:
        """Make what is missing, say where it is, and run the server."""
        call_command("migrate", verbosity=0)
        make_products()
        make_customer()
        self.stdout.write(
            f"http://127.0.0.1:{port}/  log in as {CUSTOMER} / {PASSWORD}, or register"
        )
        if not no_server:
            call_command("runserver", port, use_reloader=False)
