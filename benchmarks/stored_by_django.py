"""Stored transitions with Django: the part of ``python -m benchmarks.stored`` that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

from benchmarks.databases import as_django
from benchmarks.rows import BY_HAND, STATECRAFT, Row
from benchmarks.waiting import Tables, makers_of, who_is_there

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from benchmarks.clock import Clock
    from benchmarks.results import Table

PACKAGE = "benchmarks.django_contestants"
ROWS = (
    Row("plain", "stored transition", 1.0),
    Row("committed", "stored transition, committed by itself", 1.0),
    Row("logged", "with a handler, under the lock of its row, and a record in the log", 1.0),
)
PEERS = {BY_HAND: "by_hand", STATECRAFT: "with_statecraft", "django-fsm-2": "with_django_fsm"}


def entered(url: str) -> dict[str, ModuleType]:
    """Configure Django for one database, and return the modules of those who take part."""
    settings.configure(
        DATABASES={"default": as_django(url, "-c synchronous_commit=off")},  # it waits for no disk
        INSTALLED_APPS=["django.contrib.contenttypes", "statecraft.django", PACKAGE],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    return who_is_there(PEERS, PACKAGE)


def measured(clock: Clock, contestants: Mapping[str, ModuleType]) -> list[Table]:
    """Return how everything compares with hand-written code, and how long it takes."""
    tables = Tables("Stored by Django on PostgreSQL")
    models = list(apps.get_app_config("django_contestants").get_models())
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    try:
        for row in ROWS:
            works = {name: make() for name, make in makers_of(row, contestants).items()}
            tables.add(row, clock, works)
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)
        connection.close()
    return tables.both
