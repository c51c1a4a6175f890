"""The public conformance suite on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from itertools import count
from threading import current_thread, main_thread
from types import new_class
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.apps import apps
from django.db import IntegrityError, connections, transaction

from statecraft.django.log_models import log_model_beside
from statecraft.testing.persistence import Kind, PersistenceSuite
from tests.django_store.databases import connected
from tests.django_store.shop.models import Line, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.workflow import AnyWorkflow

_numbers = count(1)


class DatabaseSuite(PersistenceSuite):
    """What the databases have in common."""

    base: ClassVar[type[AnyWorkflow]] = Thing
    database: ClassVar[str]
    writers: ClassVar[tuple[Kind, ...]] = ("threads", "processes")
    has_units = has_locks = has_log = has_remembered = True
    has_optimistic_units = True
    rounds = 5

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def tables(cls) -> Iterator[None]:
        """Make the tables, and drop them afterwards."""
        with connected(cls.database).schema_editor() as editor:
            for model in (Thing, Line, log_model_beside(Thing, Thing)):
                editor.create_model(model)
        connections[cls.database].close()
        yield
        with connections[cls.database].schema_editor() as editor:
            for model in (Thing, Line, log_model_beside(Thing, Thing)):
                editor.delete_model(model)
        connections[cls.database].close()

    def define(self, declared: type, **options: Any) -> type[Any]:
        meta = type("Meta", (), {"proxy": True, "app_label": "conformance"})
        body = {"__module__": f"{__name__}.class_{next(_numbers)}", "Meta": meta}
        keywords = {**self.options, **options}
        bases = (declared, self.base)
        made = new_class(declared.__name__, bases, keywords, lambda ns: ns.update(body))
        del apps.all_models["conformance"][
            declared.__name__.lower()
        ]  # the next may have the same name
        return made

    def open(self, workflow: type[Any], key: int) -> Any:
        objects = workflow.objects.using(self.database)
        found = objects.filter(pk=key).first()
        if found is None:
            found = workflow(pk=key)
            try:
                with transaction.atomic(using=self.database):
                    found.save(using=self.database, force_insert=True)
            except IntegrityError:
                found = objects.get(pk=key)
        return found

    def commit(self, subject: Any) -> Any:
        if current_thread() is not main_thread():  # a thread of the test may end now
            connections[self.database].close()

    def transaction(self, subject: Any) -> Any:
        return transaction.atomic(using=self.database)

    def add_row(self, subject: Any, text: str) -> Any:
        Line.objects.using(self.database).create(text=text)

    def count_rows(self, text: str) -> Any:
        return Line.objects.using(self.database).filter(text=text).count()

    def enter_process(self) -> None:
        for connection in connections.all():
            connection.connection = None


class TestSQLite(DatabaseSuite):
    """A file of SQLite, which is locked as a whole."""

    database = "sqlite"
    has_optimistic_units = False


class TestPostgreSQL(DatabaseSuite):
    """PostgreSQL, as it is."""

    database = "postgresql"


class TestMariaDB(DatabaseSuite):
    """MariaDB, as it is."""

    database = "mariadb"
