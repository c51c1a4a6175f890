"""The app: needed in INSTALLED_APPS for the table of tasks, the commands and the templates."""

from __future__ import annotations

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """``"statecraft.flows"`` in INSTALLED_APPS."""

    name = "statecraft.flows"
    label = "statecraft_flows"
    verbose_name = "Flows"
