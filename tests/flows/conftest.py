"""Django, configured for the tests of flows as for those of its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from tests.django_store.databases import configured, connected

if TYPE_CHECKING:
    from collections.abc import Iterator

configured()

from django.contrib.auth.models import User  # noqa: E402 - Django has to be configured

from statecraft.flows.models import TaskState  # noqa: E402
from statecraft.flows.testing import FlowClient  # noqa: E402
from tests.flows.shopping import Purchase  # noqa: E402


@pytest.fixture(scope="session")
def flow_tables() -> None:
    """Have the tables of all apps in the file of SQLite that is the default."""
    connected("default")
    call_command("migrate", database="default", verbosity=0, run_syncdb=True)


@pytest.fixture
def database(flow_tables: None) -> Iterator[None]:
    """Have the tables, and afterwards no tasks, no users and no orders."""
    yield
    TaskState.objects.all().delete()
    User.objects.all().delete()
    Purchase.orders.clear()


@pytest.fixture
def flow_client(database: None) -> FlowClient:
    """Return a browser that knows the forms of flows."""
    return FlowClient()


@pytest.fixture
def ada(database: None) -> User:
    """Return a user whose password is ``pw``."""
    return User.objects.create_user("ada", "ada@example.com", "pw")
