"""What is said of objects that cannot be moved as they are, and what to do about it."""

from __future__ import annotations

from typing import Any

from statecraft.errors import WorkflowError
from statecraft.names import with_article


def named(instance: Any) -> str:
    """Return what messages call an object: its class, and its key if it has one."""
    name, key = type(instance).__name__, instance.pk
    return f"{with_article(name)} without a row" if key is None else f"{name} {key!r}"


def no_row(instance: Any) -> WorkflowError:
    """Return the error of an object that was never saved, or deleted."""
    return WorkflowError(
        f"{named(instance)} cannot fire an event: it was not saved yet, or was deleted. save() it"
        " first. Tests that need no database put it into a state with statecraft.testing.place"
    )


def gone(instance: Any) -> WorkflowError:
    """Return the error of an object whose row somebody else has deleted."""
    return WorkflowError(f"{named(instance)} has no row any more: somebody has deleted it")


def assigned(instance: Any, field: str) -> WorkflowError:
    """Return the error of an attribute that events alone move."""
    return WorkflowError(
        f"{field!r} of {named(instance)} is not assigned: events move it. Fire one; in a test, put"
        " the object into a state with statecraft.testing.place"
    )
