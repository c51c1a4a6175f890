"""Django, configured for the tests of its store: one app, on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests.django_store.databases import configured, connected, dropped

if TYPE_CHECKING:
    from collections.abc import Iterator

configured()


@pytest.fixture(scope="session")
def tables() -> Iterator[None]:
    """Have the tables of all apps in the file of SQLite that is the default."""
    connected("default")
    call_command("migrate", database="default", verbosity=0, run_syncdb=True)
    yield
    dropped("default")


@pytest.fixture
def database(tables: None) -> Iterator[None]:
    """Have the tables, and nothing in those of the shop afterwards."""
    yield
    shop = {model._meta.db_table for model in apps.get_app_config("shop").get_models()}
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in shop.intersection(connection.introspection.table_names(cursor)):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
