"""State stores: where the state of each task is kept between two requests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from statecraft.flows import config
from statecraft.flows.statestore.base import BaseStateStore

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["state_store"]

_OURS = tuple(
    f"statecraft.flows.statestore.{name}"
    for name in ("django_store", "redis_store", "tmpfile_store", "memory_store")
)


def state_store() -> BaseStateStore:
    """Return the store that ``FLOWS_STATE_STORE`` names: one for all threads of a process.

    Raises ``ImproperlyConfigured`` if there is none of that name.
    """
    return _made(config.text("FLOWS_STATE_STORE"))


@cache
def _made(name: str) -> BaseStateStore:
    made: Callable[[], object] = config.imported(
        "FLOWS_STATE_STORE",
        f"{name}.StateStore" if name else "",
        known=() if name in _OURS else _OURS,
    )
    store = made()
    if not isinstance(store, BaseStateStore):
        message = (
            f"FLOWS_STATE_STORE is {name!r}, whose StateStore does not extend"
            " statecraft.flows.statestore.base.BaseStateStore"
        )
        raise ImproperlyConfigured(message)
    return store
