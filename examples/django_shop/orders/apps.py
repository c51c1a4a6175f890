"""The app of the orders."""

from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The orders of the shop, and the payments for them."""

    name = "orders"
