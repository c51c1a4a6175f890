"""Deleting what is left of tasks that nobody uses any more: their states and their files."""

from __future__ import annotations

import re
from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from statecraft.flows.errors import UnreadableState
from statecraft.flows.files import DIRECTORY, remove_abandoned
from statecraft.flows.statestore import state_store

BATCH = 1000
"""How many states one statement deletes: few enough to let others write meanwhile."""
_ID = re.compile(r"[0-9a-f]{32}")  # the directory may have other things of the application
_FRESH = timedelta(hours=1)  # a request stores a file before the task that has it


def clean_up() -> int:
    """Delete all expired states, and return how many; raises ``StateStoreUnavailable``."""
    store = state_store()
    total = deleted = store.expire(BATCH)
    while deleted == BATCH:
        deleted = store.expire(BATCH)
        total += deleted
    return total


def clean_up_files() -> int:
    """Delete the uploaded files of tasks that are over, and return of how many tasks.

    Raises ``StateStoreUnavailable``, and what the storage raises.
    """
    return sum(1 for _ in remove_abandoned(_is_kept))


def _is_kept(name: str) -> bool:
    try:
        return not _ID.fullmatch(name) or bool(state_store().get_state(name)) or _fresh(name)
    except UnreadableState:  # another release may read it; else it expires
        return True


def _fresh(task_id: str) -> bool:
    names = default_storage.listdir(f"{DIRECTORY}/{task_id}")[1]
    times = [default_storage.get_modified_time(f"{DIRECTORY}/{task_id}/{one}") for one in names]
    return any(timezone.now() - time < _FRESH for time in times)
