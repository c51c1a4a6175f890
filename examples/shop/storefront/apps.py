"""The app of the shop."""

from __future__ import annotations

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    """Products, orders, and the flow that leads from one to the other."""

    name = "storefront"
