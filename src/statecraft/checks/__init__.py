"""What can be wrong with a workflow: functions from a spec and its class to problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.checks.completions import check_completions
from statecraft.checks.events import check_attributes, check_events
from statecraft.checks.hooks import check_hook_names, check_hooks
from statecraft.checks.names import Removed, check_names, check_values
from statecraft.checks.options import check_sorts, check_state_field
from statecraft.checks.stores import check_memory, check_slots, check_store
from statecraft.checks.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from statecraft.errors import Problem

__all__ = ["Removed", "Subject", "check_attributes", "problems_of"]

CHECKS: tuple[Callable[[Subject], Iterable[Problem]], ...] = (
    check_values,
    check_names,
    check_state_field,
    check_sorts,
    check_hook_names,
    check_hooks,
    check_attributes,
    check_events,
    check_completions,
    check_store,
    check_memory,
    check_slots,
)


def problems_of(subject: Subject) -> list[Problem]:
    """Return everything that is wrong with a class whose names have been resolved."""
    postponed = check_attributes if subject.cls.persistence_postpones_checks else None
    return [problem for check in CHECKS if check is not postponed for problem in check(subject)]
