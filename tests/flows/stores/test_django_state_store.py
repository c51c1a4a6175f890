"""The state store on Django's database: how few statements it takes, and what becomes of races."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext

from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.models import TaskState
from statecraft.flows.statestore import django_store
from statecraft.flows.statestore.base import key_of
from tests.flows.stores.tables import task_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecraft.flows.statestore.django_store import StateStore


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return the connection of a database with a table of tasks."""
    with task_table(request.param) as made:
        yield made


@pytest.fixture
def store() -> StateStore:
    """Return the store."""
    return django_store.StateStore()


def statements(connection: Any, act: Callable[[], object]) -> list[str]:
    """Return the verbs of the statements that ``act`` makes, but those of transactions."""
    with CaptureQueriesContext(connection) as captured:
        act()
    verbs = [query["sql"].split()[0] for query in captured.captured_queries]
    return [verb for verb in verbs if verb in {"SELECT", "INSERT", "UPDATE", "DELETE"}]


def test_each_use_is_one_statement(connection: Any, store: StateStore) -> None:
    """A request that only reads is one SELECT; its use is written down once in a while."""
    task = uuid4().hex

    def read() -> None:
        store.get_state(task)
        store.touch(task)

    def grow_old() -> None:
        row = TaskState.objects.using(connection.alias).get(key=key_of(task))
        row.touched -= 200_000
        row.save(using=connection.alias)

    create = lambda: store.swap_state(task, {"revision": 1}, None)  # noqa: E731
    assert statements(connection, create) == ["INSERT"]
    assert statements(connection, lambda: store.swap_state(task, {"revision": 2}, 1)) == ["UPDATE"]
    assert statements(connection, lambda: store.put_state(task, {"revision": 3})) == ["UPDATE"]
    assert statements(connection, read) == ["SELECT"]
    grow_old()
    assert statements(connection, read) == ["SELECT", "UPDATE"]
    assert statements(connection, read) == ["SELECT"]
    assert statements(connection, lambda: store.touch(uuid4().hex)) == ["UPDATE"]
    assert statements(connection, lambda: store.delete_state(task)) == ["DELETE"]
    assert statements(connection, lambda: store.put_state(task, {})) == ["UPDATE", "INSERT"]
    assert statements(connection, store.count_expired) == ["SELECT"]
    assert statements(connection, lambda: store.expire(10)) == ["SELECT"]


def test_a_transaction_begins_with_a_write(connection: Any, store: StateStore) -> None:
    """So that another one waits for its end, instead of failing there."""
    task = uuid4().hex

    def claim() -> None:
        with store.transaction():
            store.swap_state(task, {"revision": 1}, None)

    assert statements(connection, claim) == ["INSERT"]
    assert store.get_state(task) == {"revision": 1}


def test_a_second_insert_leaves_an_open_transaction_usable(
    connection: Any, store: StateStore
) -> None:
    """PostgreSQL refuses all statements after one that failed, if there is no savepoint."""
    task, other = uuid4().hex, uuid4().hex
    store.swap_state(task, {"revision": 1}, None)
    with transaction.atomic(using=connection.alias):
        assert store.swap_state(other, {"revision": 1}, None)
        assert not store.swap_state(task, {"revision": 2}, None)
        assert store.get_state(task) == {"revision": 1}
    assert store.get_state(other) == {"revision": 1}


def test_who_inserts_first_while_another_puts(
    connection: Any, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Putting stores in any case."""
    task = uuid4().hex
    insert = django_store._insert

    def overtaken(task_id: str, values: dict[str, Any]) -> bool:
        insert(task_id, {**values, "state": "{}"})
        return insert(task_id, values)

    monkeypatch.setattr(django_store, "_insert", overtaken)
    store.put_state(task, {"revision": 7})
    assert store.get_state(task) == {"revision": 7}


def test_what_is_used_while_others_are_deleted_stays(connection: Any, store: StateStore) -> None:
    """What expires is looked for first, and deleted then."""
    ids = [uuid4().hex for _ in range(2)]
    for task in ids:
        store.put_state(task, {"revision": 1})
    TaskState.objects.using(connection.alias).update(touched=0)

    def use(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("DELETE"):
            store.put_state(ids[0], {"revision": 2})
        return execute(sql, *arguments)

    with connection.execute_wrapper(use):
        store.expire(100)
    assert [store.get_state(task) for task in ids] == [{"revision": 2}, None]
    assert store.count_expired() == 0


@pytest.mark.parametrize("first", [True, False], ids=["create", "replace"])
def test_a_claim_waits_for_the_claim_before_it(
    connection: Any, store: StateStore, *, first: bool
) -> None:
    """And loses when that one is committed, in its own transaction too."""
    task, answers = uuid4().hex, list[bool]()
    expected = None if first else 0
    if not first:
        store.put_state(task, {"revision": 0})

    def claim() -> None:
        with store.transaction():
            answers.append(store.swap_state(task, {"revision": 1, "by": "other"}, expected))
        connections[connection.alias].close()

    others = [Thread(target=claim) for _ in range(6)]
    with store.transaction():
        assert store.swap_state(task, {"revision": 1, "by": "first"}, expected)
        for other in others:
            other.start()
        for other in others:
            other.join(0.2)  # they wait
        assert answers == []
    for other in others:
        other.join(60)
    assert answers == [False] * 6
    assert store.get_state(task) == {"revision": 1, "by": "first"}


def test_errors_of_the_body_are_its_own(connection: Any, store: StateStore) -> None:
    """Only what the store itself asks of the database is called the store's."""
    task = uuid4().hex
    store.put_state(task, {"revision": 1})

    def doubled() -> None:
        with store.transaction():
            store.swap_state(task, {"revision": 2}, 1)
            TaskState.objects.using(connection.alias).create(
                key=key_of(task), state="", revision=0, touched=0
            )

    with pytest.raises(IntegrityError):
        doubled()
    assert store.get_state(task) == {"revision": 1}


def test_a_commit_that_fails_is_said(
    connection: Any, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a store that does not answer."""
    task = uuid4().hex

    def lost() -> None:
        raise OperationalError("the line is cut")

    def claim() -> None:
        with store.transaction():
            store.swap_state(task, {"revision": 1}, None)

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", lost)
        with pytest.raises(StateStoreUnavailable, match="the line is cut") as caught:
            claim()
    assert caught.value.store == f"the database {connection.alias!r}"
    assert store.get_state(task) is None


def test_a_table_that_is_not_there_is_said(connection: Any, store: StateStore) -> None:
    """By the database itself."""
    usual = TaskState._meta.db_table
    TaskState._meta.db_table = "flows_nowhere"
    try:
        with pytest.raises(StateStoreUnavailable, match="flows_nowhere"):
            store.delete_state("task")
    finally:
        TaskState._meta.db_table = usual


def test_a_row_can_be_told() -> None:
    """In the admin, for example."""
    assert str(TaskState(key="ab", revision=3)) == "ab, revision 3"


def test_the_migrations_are_complete() -> None:
    """There is nothing that makemigrations would add."""
    call_command("makemigrations", "statecraft_flows", check=True, dry_run=True, verbosity=0)
