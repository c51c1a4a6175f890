"""Finds out who can take part: a peer that is not installed stays away."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.rows import ON_DJANGO, PEERS

if TYPE_CHECKING:
    from types import ModuleType


def entered() -> tuple[dict[str, ModuleType], list[str]]:
    """Return the modules of those who take part, by name, and the names of those who do not."""
    present: dict[str, ModuleType] = {}
    missing: list[str] = []
    for name, (module, _) in PEERS.items():
        try:
            present[name] = enter(module)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith(("benchmarks", "statecraft")):
                raise
            missing.append(name)
    return present, missing


def enter(module: str) -> ModuleType:
    """Import the module of one contestant; raise ``ModuleNotFoundError`` if it is missing."""
    if module in ON_DJANGO:
        configure_django()
    return import_module(f"benchmarks.contestants.{module}")


def configure_django() -> None:
    """Give Django the settings that it wants to see before a model can be defined."""
    import django  # noqa: PLC0415 - it may be missing
    from django.conf import settings  # noqa: PLC0415

    if not settings.configured:
        settings.configure(INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.AutoField")
        django.setup()
