"""Django, configured for the tests of flows as for those of its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

from tests.django_store.databases import configured, connected

if TYPE_CHECKING:
    from collections.abc import Iterator

configured()

from django.contrib.auth.models import User  # noqa: E402 - Django has to be configured

from statecraft.flows.models import TaskState  # noqa: E402
from statecraft.flows.testing import FlowClient  # noqa: E402
from tests.flows.keeping import STORES, Keeping, keeping  # noqa: E402
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


@pytest.fixture(scope="module", params=STORES)
def store_in_use(request: pytest.FixtureRequest, flow_tables: None) -> Iterator[Keeping]:
    """Let flows keep their tasks in each of the stores, one after the other."""
    with keeping(request.param) as kept:
        yield kept


@pytest.fixture
def kept(store_in_use: Keeping, database: None) -> Iterator[Keeping]:
    """Return what shows the tasks that are kept; it forgets them before and afterwards."""
    store_in_use.empty()
    yield store_in_use
    store_in_use.empty()


@pytest.fixture
def browser(database: None) -> Iterator[FlowClient]:
    """Return a browser that is checked as those of users are; its pages tell their context."""
    setup_test_environment(debug=False)
    yield FlowClient(enforce_csrf_checks=True)
    teardown_test_environment()


@pytest.fixture
def own_urls(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the addresses of the site be the ``urlpatterns`` of the module of the test."""
    with override_settings(ROOT_URLCONF=request.module.__name__):
        yield
