"""What is said when a connection is lost, so that nobody knows whether something was stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.django.explaining import named
from statecraft.django.following import forget
from statecraft.errors import OutcomeUnknown

if TYPE_CHECKING:
    from django.db import Error
    from django.db.backends.base.base import BaseDatabaseWrapper

    from statecraft.django.rows import Row


def is_lost(connection: BaseDatabaseWrapper, before: Any) -> bool:
    """Whether the server is gone; ``before`` is the driver's connection that it was asked by."""
    return connection.connection is not before or not connection.is_usable()


def unknown(row: Row, error: Error) -> OutcomeUnknown:
    """Return the error of what may have been stored, or not; the object reads its row anew."""
    connection, instance = row.connection, row.instance
    connection.close()  # what was to be done after the commit is dropped, and a look connects again
    forget(instance.__dict__, row.columns.names, connection.alias)
    why = f"{type(error).__name__}: {error}".strip()
    return OutcomeUnknown(
        f"The database {connection.alias!r} gave no answer, and whether a transition of"
        f" {named(instance)} was stored is unknown: {why}. Look at its state when the database"
        " answers again. An event that is fired with a key, fire(…, once=…), can be fired again"
        " with the same one, whatever happened"
    )
