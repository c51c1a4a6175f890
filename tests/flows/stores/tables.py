"""A table of tasks that belongs to this process alone, on one of the databases."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.test import override_settings

from statecraft.flows.models import TaskState
from tests.django_store.databases import RUN, connected

if TYPE_CHECKING:
    from collections.abc import Generator


class ToDatabase:
    """A router that writes the states to one database, and reads them from another one."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return self.alias if model is TaskState else None

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "replica that lags behind" if model is TaskState else None


def _call_table(name: str) -> None:
    TaskState._meta.db_table = name
    for field in TaskState._meta.local_fields:
        field.__dict__.pop("cached_col", None)


@contextmanager
def task_table(alias: str) -> Generator[Any]:
    """Make the table, let the store use it, and drop it afterwards; gives the connection."""
    connection = connected(alias)
    usual = TaskState._meta.db_table
    _call_table(f"flows_{RUN}")
    try:
        with override_settings(DATABASE_ROUTERS=[ToDatabase(alias)]):
            with connection.schema_editor() as editor:
                editor.create_model(TaskState)
            yield connection
            with connection.schema_editor() as editor:
                editor.delete_model(TaskState)
    finally:
        _call_table(usual)
        connections[alias].close()
