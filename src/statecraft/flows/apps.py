"""The app: needed in INSTALLED_APPS for the table of tasks, the commands and the templates."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """``"statecraft.flows"`` in INSTALLED_APPS."""

    name = "statecraft.flows"
    label = "statecraft_flows"
    verbose_name = "Flows"

    def ready(self) -> None:
        """Register the system checks, and what writes the log."""
        import_module("statecraft.flows.checks")
        import_module("statecraft.flows.logs")
