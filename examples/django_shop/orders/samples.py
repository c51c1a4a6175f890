"""Users who may do different things, and an order in each state."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from orders.models import Carrier, Order
from statecraft import acting_as

if TYPE_CHECKING:
    from collections.abc import Callable

STAFF = {  # who may do what, beside looking at orders
    "packer": ["change_order", "pack_order"],
    "accountant": ["change_order", "refund_order"],
    "visitor": [],
}


def make_users() -> list[User]:
    """Return the users, and make those that are missing; their passwords are their names."""
    if not User.objects.filter(username="admin").exists():
        User.objects.create_superuser("admin", password="admin")  # noqa: S106 - for looking at it
    for name, permissions in STAFF.items():
        user, is_new = User.objects.get_or_create(username=name, defaults={"is_staff": True})
        if is_new:
            user.set_password(name)
            user.save()
            codes = ["view_order", *permissions]
            user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return list(User.objects.order_by("pk"))


def make_orders() -> None:
    """Make an order in each state, by the events that lead there."""
    with acting_as(User.objects.get(username="admin")):
        for (customer, address), steps in LIVES.items():
            email = f"{customer.partition(' ')[0].lower()}@example.org"
            total = Decimal(len(customer) * 5)
            order = Order.objects.create(
                customer=customer, email=email, address=address, total=total
            )
            for step in steps:
                step(order)


def pay(order: Order) -> None:
    """Let the money arrive."""
    order.payment.receive(order.total)


def pack(order: Order) -> None:
    """Pack it."""
    order.pack(Decimal("1.5"))


def ship(order: Order) -> None:
    """Ship it today."""
    order.ship(Carrier.POST, "RR 1234 5678 9")


def ship_long_ago(order: Order) -> None:
    """Ship it too long ago to send it back."""
    order.ship(Carrier.COURIER, "C-77", timezone.localdate() - timedelta(days=30))


def cancel(order: Order) -> None:
    """Call it off."""
    order.cancel("ordered by mistake")


def send_back(order: Order) -> None:
    """Send it back."""
    order.send_back("it is too small")


LIVES: dict[tuple[str, str], tuple[Callable[[Order], None], ...]] = {
    ("Ada Lovelace", "12 St James's Square, London"): (),
    ("Grace Hopper", "1 Navy Yard, Washington"): (pay,),
    ("Alan Turing", ""): (pay,),
    ("Edsger Dijkstra", "Burgemeester 5, Nuenen"): (pay, pack),
    ("Barbara Liskov", "32 Vassar Street, Cambridge"): (pay, pack, ship),
    ("Donald Knuth", "353 Serra Mall, Stanford"): (pay, pack, ship_long_ago),
    ("Tony Hoare", "15 Parks Road, Oxford"): (pay, cancel),
    ("Frances Allen", "1101 Kitchawan Road, Yorktown"): (pay, pack, ship, send_back),
}
