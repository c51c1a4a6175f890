"""The command that makes a shop to look at, and opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from orders.models import Order
from orders.samples import make_orders, make_users

if TYPE_CHECKING:
    from django.core.management import CommandParser


class Command(BaseCommand):
    """``manage.py demo``: makes the tables, users and orders that are not there yet."""

    help = "Make a shop to look at, and open it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port, and whether to open the shop at all."""
        parser.add_argument("--port", default="8000")
        parser.add_argument("--no-server", action="store_true", help="only make it")

    def handle(self, *, port: str, no_server: bool, **_: Any) -> None:
        """Make what is missing, say where it is, and run the server."""
        call_command("migrate", verbosity=0)
        users = make_users()
        if not Order.objects.exists():
            make_orders()
        address = f"http://127.0.0.1:{port}"
        for user in users:
            self.stdout.write(f"{address}/admin/  {user.username} / {user.username}")
        for order in Order.objects.order_by("pk"):
            self.stdout.write(f"{address}{order.get_absolute_url()}  {order.current_state.label}")
        self.stdout.write(f"Mails to customers are in {settings.MAILS}")
        if not no_server:
            call_command("runserver", port, use_reloader=False)
