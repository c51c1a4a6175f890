"""Workflows that are attached to an object in a file: their states are stored there as well."""

from __future__ import annotations

from statecraft.attached import options_of, stored_like
from statecraft.sqlite.store import SQLiteWorkflow


def persistence_of(owner: type) -> type | None:
    """Return what stores an attached workflow like its owner, or ``None`` if that is elsewhere."""
    if not issubclass(owner, SQLiteWorkflow):
        return None
    return stored_like(owner, SQLiteWorkflow, owner.attached_options() | options_of(owner))
