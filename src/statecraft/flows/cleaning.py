"""Deleting the states of tasks that nobody uses any more."""

from __future__ import annotations

from statecraft.flows.statestore import state_store

BATCH = 1000
"""How many states one statement deletes: few enough to let others write meanwhile."""


def clean_up() -> int:
    """Delete all expired states, and return how many; raises ``StateStoreUnavailable``."""
    store = state_store()
    total = deleted = store.expire(BATCH)
    while deleted == BATCH:
        deleted = store.expire(BATCH)
        total += deleted
    return total
