"""The app: needed in INSTALLED_APPS for the template tags."""

from __future__ import annotations

from django.apps import AppConfig


class StatecraftConfig(AppConfig):
    """``"statecraft.django"`` in INSTALLED_APPS."""

    name = "statecraft.django"
    label = "statecraft"
