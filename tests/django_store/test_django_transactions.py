"""Transactions: of requests, by hand, in other databases, and with connections that are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import Error, IntegrityError, OperationalError, connections, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from statecraft import OutcomeUnknown
from statecraft.django.signals import post_transition
from statecraft.testing import place
from tests.django_store.databases import connected
from tests.django_store.shop.deeds import Deed, PlainDeed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("database", "nothing_heard")
MODELS: tuple[Any, ...] = (Deed, PlainDeed, Deed.log_model())


class Undo(Exception):
    """What undoes a transaction."""


@pytest.fixture
def nothing_heard() -> None:
    """Forget what earlier tests were told."""
    Deed.heard.clear()
    Deed.errors.clear()


def tables_in(name: str) -> Iterator[Any]:
    """Have the tables in another database than the default one."""
    connection = connected(name)
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    yield connection
    connection.close()
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.delete_model(model)
    connection.close()


@pytest.fixture
def replica() -> Iterator[Any]:
    """Return a second database, from which routers read."""
    yield from tables_in("replica")


@pytest.fixture
def postgresql() -> Iterator[Any]:
    """Return a connection to PostgreSQL."""
    yield from tables_in("postgresql")


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return a connection to a server."""
    yield from tables_in(request.param)


def stored(deed: Any, using: str = "default") -> str:
    """Return what the row has."""
    model: Any = deed.__class__
    rows = model._base_manager.using(using).filter(pk=deed.pk)
    return str(rows.values_list("workflow_state", flat=True).get())


# -- requests --------------------------------------------------------------------------------------


@pytest.fixture
def atomic_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every request be a transaction."""
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


@pytest.mark.usefixtures("atomic_requests")
def test_a_request_is_one_transaction() -> None:
    """after_commit comes once, after the whole request, and not with the event."""
    deed = Deed.objects.create()
    answer = Client().get(f"/finish/{deed.pk}/")
    assert answer.content == b"[]"
    assert Deed.heard == ["finish"]
    assert stored(deed) == "done"


@pytest.mark.usefixtures("atomic_requests")
def test_a_request_that_raises_undoes_its_events() -> None:
    """The row, the log, and what was to come after the commit."""
    deed = Deed.objects.create()
    answer = Client(raise_request_exception=False).get(f"/finish-and-fail/{deed.pk}/")
    assert answer.status_code == 500
    assert stored(deed) == "open"
    assert len(deed.transition_log()) == 1
    assert Deed.heard == []


def test_without_atomic_requests_an_event_stands() -> None:
    """It is a transaction of its own, whatever the view does later."""
    deed = Deed.objects.create()
    Client(raise_request_exception=False).get(f"/finish-and-fail/{deed.pk}/")
    assert stored(deed) == "done"
    assert Deed.heard == ["finish"]


# -- several databases -----------------------------------------------------------------------------


class ReadsFromReplica:
    """A router: reads here, writes there."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True


@pytest.fixture
def routed() -> Iterator[None]:
    """Read from the replica, and write to the default database."""
    with override_settings(DATABASE_ROUTERS=[ReadsFromReplica()]):
        yield


@pytest.mark.usefixtures("routed")
def test_an_event_goes_where_writes_go(replica: Any) -> None:
    """The statement, the lock and the log; the replica is not asked, and not written to."""
    written = Deed.objects.create()
    Deed(pk=written.pk).save(using="replica")
    deed = Deed.objects.get()
    assert deed._state.db == "replica"
    with CaptureQueriesContext(replica) as captured:
        deed.finish()
        deed.again()
        deed.finish()
        assert [one.event for one in deed.transition_log()] == [None, "finish", "again", "finish"]
        assert deed.current_state == "done"
    assert not captured.captured_queries
    assert stored(deed) == "done"
    assert stored(deed, "replica") == "open"
    assert Deed.log_model().objects.using("replica").count() == 1


@pytest.mark.usefixtures("routed")
def test_what_was_undone_is_read_where_it_was_written(replica: Any) -> None:
    """And not in a replica, which knows of it later."""
    written = Deed.objects.create()
    Deed(pk=written.pk).save(using="replica")
    written.finish()
    deed = Deed.objects.defer("workflow_state").get()
    place(deed, "done")
    with pytest.raises(Undo), transaction.atomic():
        deed.again()
        raise Undo
    assert deed.current_state == stored(deed) == "done"
    assert Deed.objects.defer("workflow_state").get().current_state == "open"


def test_an_object_is_moved_in_its_own_database(replica: Any) -> None:
    """What was loaded, or saved, with ``using``; two rows of one key have nothing in common."""
    Deed(pk=1).save(using="replica")
    here = Deed(pk=1)
    here.save()
    there = Deed.objects.using("replica").get(pk=1)
    there.finish()
    assert (stored(there, "replica"), stored(here)) == ("done", "open")
    assert len(there.transition_log()) == 2
    assert len(here.transition_log()) == 1
    with pytest.raises(Undo), transaction.atomic(using="replica"):
        there.again()
        here.finish()
        raise Undo
    assert there.current_state == here.current_state == "done"


# -- transactions by hand --------------------------------------------------------------------------


@pytest.fixture
def by_hand(postgresql: Any) -> Iterator[Any]:
    """Return a connection on which nothing is committed by itself."""
    transaction.set_autocommit(False, using="postgresql")
    yield postgresql
    transaction.rollback(using="postgresql")
    transaction.set_autocommit(True, using="postgresql")


@pytest.mark.parametrize("model", [Deed, PlainDeed])
def test_an_object_follows_a_rollback_by_hand(by_hand: Any, model: Any) -> None:
    """With autocommit switched off, what was not committed is forgotten as well."""
    deed = model()
    deed.save(using="postgresql")
    transaction.commit(using="postgresql")
    deed.finish()
    assert deed.current_state == "done"
    transaction.rollback(using="postgresql")
    assert deed.current_state == "open"
    place(deed, "done")
    transaction.rollback(using="postgresql")
    assert deed.current_state == "open"
    deed.finish()
    transaction.commit(using="postgresql")
    assert deed.current_state == stored(deed, "postgresql") == "done"
    assert Deed.heard == []


def test_after_commit_comes_when_autocommit_is_back(by_hand: Any) -> None:
    """That is when Django runs what waits for a commit by hand."""
    deed = Deed()
    deed.save(using="postgresql")
    deed.finish()
    transaction.commit(using="postgresql")
    assert Deed.heard == []
    transaction.set_autocommit(True, using="postgresql")
    assert Deed.heard == ["finish"]


# -- lost connections ------------------------------------------------------------------------------


def kill(connection: Any) -> None:
    """End a connection from the side of the server."""
    driver = connection.connection
    is_postgresql = connection.vendor == "postgresql"
    number = driver.info.backend_pid if is_postgresql else driver.thread_id()
    other = connection.copy()
    statement = "SELECT pg_terminate_backend(%s)" if is_postgresql else "KILL %s"
    with other.cursor() as cursor:
        cursor.execute(statement, [number])
    other.close()


def losing_commits(
    connection: Any, monkeypatch: pytest.MonkeyPatch, *, is_stored: bool
) -> Callable[[], None]:
    """Return what begins to lose the connection at a COMMIT: before it, or before its answer."""
    commit = connection.commit

    def lose() -> None:
        monkeypatch.undo()
        if not is_stored:
            kill(connection)
        commit()
        kill(connection)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    return lambda: monkeypatch.setattr(connection, "commit", lose)


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("event", ["finish", "again"])
def test_a_commit_without_an_answer_is_unknown(
    server: Any, monkeypatch: pytest.MonkeyPatch, event: str, *, is_stored: bool
) -> None:
    """The object reads its row anew; with a key, the event can be fired again."""
    deed = Deed(workflow_state="open" if event == "finish" else "done")
    deed.save(using=server.alias)
    first = stored(deed, server.alias)
    losing_commits(server, monkeypatch, is_stored=is_stored)()
    with pytest.raises(OutcomeUnknown, match=r"gave no answer.* Deed \d+ was stored is unknown"):
        deed.fire(event, once="key")
    assert Deed.heard == Deed.errors == []
    assert (deed.current_state != first) is is_stored
    assert deed.current_state == stored(deed, server.alias)
    deed.fire(event, once="key")
    deed.fire(event, once="key")
    assert stored(deed, server.alias) != first
    assert len(deed.transition_log()) == 2


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_statement_without_an_answer_is_unknown(server: Any, *, is_stored: bool) -> None:
    """Where it is a transaction of its own."""
    deed = PlainDeed()
    deed.save(using=server.alias)

    def lose(execute: Any, sql: Any, *rest: Any) -> Any:
        if is_stored:
            execute(sql, *rest)
        kill(server)
        return execute(sql, *rest)

    with server.execute_wrapper(lose), pytest.raises(OutcomeUnknown, match="Look at its state"):
        deed.finish()
    assert deed.current_state == stored(deed, server.alias) == ("done" if is_stored else "open")


@pytest.mark.parametrize("model", [Deed, PlainDeed])
def test_what_is_lost_before_the_commit_is_undone(server: Any, model: Any) -> None:
    """In the transaction of a caller, and in that of the event: it is the error of the database."""
    deed = model()
    deed.save(using=server.alias)
    with pytest.raises(Error), transaction.atomic(using=server.alias):
        deed.finish()
        kill(server)
    assert deed.current_state == stored(deed, server.alias) == "open"
    with pytest.raises(Error), transaction.atomic(using=server.alias):
        kill(server)
        deed.finish()
    assert deed.current_state == stored(deed, server.alias) == "open"


def test_what_is_lost_at_a_savepoint_is_undone(server: Any) -> None:
    """It is no commit that fails there, and so nothing is unknown."""
    deed = Deed()
    deed.save(using=server.alias)

    def lose(**_: Any) -> None:
        kill(server)

    post_transition.connect(lose, sender=Deed)
    try:
        with pytest.raises(Error), transaction.atomic(using=server.alias):
            deed.finish()
    finally:
        post_transition.disconnect(lose, sender=Deed)
    assert deed.current_state == stored(deed, server.alias) == "open"


def test_what_is_lost_in_a_handler_is_undone(server: Any) -> None:
    """The row was not written yet, so that everybody knows."""
    deed = Deed(workflow_state="done")
    deed.save(using=server.alias)
    with pytest.raises(Error):
        deed.again(lambda: kill(server))
    assert len(Deed.errors) == 1
    assert deed.current_state == stored(deed, server.alias) == "done"


def test_an_error_with_an_answer_is_what_it_is(
    postgresql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement or a COMMIT that the database refuses has stored nothing, for certain."""
    plain, deed = PlainDeed(), Deed()
    for one in (plain, deed):
        one.save(using="postgresql")

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        return execute("SELECT 1 / 0", (), *rest[1:])

    with postgresql.execute_wrapper(refuse), pytest.raises(Error, match="zero"):
        plain.finish()
    message = "deferred"

    def refuse_commit() -> None:
        monkeypatch.undo()
        raise IntegrityError(message)

    monkeypatch.setattr(postgresql, "commit", refuse_commit)
    with pytest.raises(IntegrityError, match="deferred"):
        deed.finish()
    assert plain.current_state == stored(plain, "postgresql") == "open"
    assert deed.current_state == stored(deed, "postgresql") == "open"
    assert Deed.heard == []


def test_a_server_that_is_not_there_has_stored_nothing(
    postgresql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is that of connecting."""
    deed = PlainDeed()
    deed.save(using="postgresql")
    postgresql.close()
    with monkeypatch.context() as patched:
        patched.setitem(postgresql.settings_dict, "PORT", 1)
        with pytest.raises(OperationalError):
            deed.finish()
    assert deed.current_state == stored(deed, "postgresql") == "open"
