"""``SQLiteWorkflow``: the log in its table, keys that are used once, and old records that go."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft import (
    Change,
    Event,
    NoTransitionAllowed,
    StaleState,
    State,
    Transition,
    WorkflowError,
    acting_as,
)
from statecraft.sqlite import SQLiteWorkflow, close_connections, prune_log, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator


class Files:
    """Where the orders of the running test are stored."""

    path: ClassVar[Path] = Path(os.devnull)


class Kind(Enum):
    """What the states are stored as."""

    NEW = 1
    PAID = 2


class Quiet(SQLiteWorkflow, database=lambda: Files.path, busy_timeout=0):
    """An order that nobody asks about later."""

    new = State(Kind.NEW)
    paid = State(Kind.PAID)
    sent = State()
    send = Event(paid.to(sent))
    take_back = Event(sent.to(new))
    look = Event(new.internal())

    def __init__(self, number: int = 1) -> None:
        self.id = number

    @Event(new.to(paid), note=("amount",))
    def pay(self, amount: int) -> Any:
        """Return what was paid."""
        return [amount]


class Order(Quiet, log=True):
    """An order that has a log."""


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a file of its own."""
    monkeypatch.setattr(Files, "path", tmp_path / "orders.db")
    yield Files.path
    close_connections()


def query(path: Path, statement: str, *parameters: Any) -> list[Any]:
    """Ask the file itself."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement, parameters).fetchall()


def sequences(order: Quiet) -> list[int]:
    """Return the numbers of its records."""
    return [record.sequence for record in order.transition_log()]


# -- records -------------------------------------------------------------------------------------


def test_the_log_is_a_table_for_everybody(path: Path) -> None:
    """Who did what can be asked in SQL, too."""
    with acting_as("Homer"):
        Order(1).pay(5)
    Order(2).pay(7)
    found = query(path, "SELECT key, event, noted, at FROM statecraft_log WHERE actor = ?", "Homer")
    ((key, event, noted, at),) = found
    assert (key, event, noted) == (f"{__name__}.Order:1", "pay", '{"amount": 5}')
    assert datetime.fromisoformat(at).tzinfo is UTC
    assert query(path, "SELECT DISTINCT workflow FROM statecraft_log") == [(f"{__name__}.Order",)]


def test_a_log_begins_where_the_object_was(path: Path) -> None:
    """A row that is older than the log is created, as far as that knows, in the state it had."""
    Quiet.pay(Order(1), 5)
    query(path, "DELETE FROM statecraft_log")
    Order(1).send()
    created, sent = Order(1).transition_log()
    assert created[:6] == (1, None, None, "paid", None, None)
    assert sent[:4] == (2, "send", "paid", "sent")


def test_a_class_without_log_has_no_records(path: Path) -> None:
    """Its objects may be asked all the same."""
    Quiet().pay(5)
    assert Quiet().transition_log() == ()
    assert query(path, "SELECT * FROM statecraft_log") == []


def test_a_record_that_cannot_be_written_undoes_the_transition(path: Path) -> None:
    """State and record are one."""
    Order(1).pay(5)
    query(
        path,
        "CREATE TRIGGER no BEFORE INSERT ON statecraft_log"
        " BEGIN SELECT raise(ABORT, 'no more paper'); END",
    )
    with pytest.raises(WorkflowError, match="no more paper"):
        Order(1).send()
    assert Order(1).current_state == "paid"
    assert sequences(Order(1)) == [1, 2]


def test_an_internal_transition_is_compared() -> None:
    """A log is a legal walk: what is internal to a state that was left is stale."""
    order = Order(1)
    look = Transition("look", Order.new, Order.new, (), {})
    order.persist_change(Change(Kind.NEW, (Kind.NEW, None), look, internal=True))
    order.pay(5)
    with pytest.raises(StaleState) as caught:
        order.persist_change(Change(Kind.NEW, (Kind.NEW, None), look, internal=True))
    assert caught.value.found is Kind.PAID
    assert [record.event for record in order.transition_log()] == [None, "look", "pay"]


def test_the_moment_of_entry_can_be_given() -> None:
    """A store that is told when the state was entered takes that down."""
    order = Order(1)
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    pay = Transition("pay", Order.new, Order.paid, (5,), {})
    order.persist_change(Change(Kind.PAID, (Kind.NEW, None), pay, entered_at=moment))
    assert order.transition_log().in_state_since == moment
    hour = timedelta(hours=1)
    assert order.transition_log().time_in("paid", until=moment + hour) == hour


def test_refused_attempts_belong_to_the_transaction_they_are_in() -> None:
    """They stay if it does."""

    class Strict(Order, log="refusals"):
        pass

    with pytest.raises(NoTransitionAllowed), transaction(Strict):
        Strict(1).send()
    assert sequences(Strict(1)) == []
    with transaction(Strict), pytest.raises(NoTransitionAllowed):
        Strict(1).send()
    (_, attempt) = Strict(1).transition_log()
    assert (
        attempt.refused
        == "Strict cannot send from 'new': 'send' leaves 'paid'. From here: look, pay."
    )


# -- once ----------------------------------------------------------------------------------------


def test_once_needs_a_log() -> None:
    """A class without one cannot know, and nothing moves."""
    with pytest.raises(WorkflowError, match="Quiet keeps no log"):
        Quiet().fire("pay", 5, once="key")
    assert Quiet().current_state == "new"


def test_a_key_for_another_event_says_whose_it_is() -> None:
    """The error names both events; nothing was fired."""
    Order().fire("pay", 5, once="webhook 7")
    with pytest.raises(
        WorkflowError, match="'send' cannot be fired with the key 'webhook 7': 'pay'"
    ):
        Order().fire("send", once="webhook 7")
    assert Order().current_state == "paid"


def test_a_key_that_was_undone_can_be_used() -> None:
    """With the transaction around it, the event never was."""

    def pay_and_fail() -> None:
        with transaction(Order):
            Order().fire("pay", 5, once="webhook 7")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        pay_and_fail()
    assert sequences(Order()) == []
    assert Order().fire("pay", 6, once="webhook 7") == [6]


def test_a_crash_between_commit_and_answer(path: Path) -> None:
    """Whoever died with the answer in his hands gets it when he asks again; nothing runs twice."""
    code = f"""if True:
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
        from tests import test_sqlite_log

        class Order(test_sqlite_log.Quiet, log=True, database={str(path)!r}):
            def workflow_key(self):
                return "the order"

            def after_commit(self):
                os.kill(os.getpid(), signal.SIGKILL)

        print(Order().fire("pay", 5, once="webhook 7"))
    """
    died = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, b"")

    class Again(Order):
        def workflow_key(self) -> str:
            return "the order"

        def before_transition(self) -> None:
            raise AssertionError

    assert Again().fire("pay", 5, once="webhook 7") == [5]
    assert [record.event for record in Again().transition_log()] == [None, "pay"]


# -- old records that go -------------------------------------------------------------------------


def at_noon(path: Path) -> None:
    """Let every record that has a time be made at noon of the day of its number."""
    query(
        path,
        "UPDATE statecraft_log SET at = printf(?, sequence) WHERE at IS NOT NULL",
        "2030-01-%02dT12:00:00.000000+00:00",
    )


def lived(number: int) -> Order:
    """Return an order that has seen a lot."""
    order = Order(number)
    for _ in range(2):
        order.pay(5)
        order.send()
        order.take_back()
    order.look()
    return order


@pytest.mark.parametrize(("day", "left"), [(1, 8), (2, 8), (3, 6), (5, 4), (7, 2), (8, 2), (30, 2)])
def test_old_records_can_be_deleted(day: int, left: int, path: Path) -> None:
    """Those before a moment, but never the one with which the present state was entered."""
    order = lived(1)
    at_noon(path)
    before = datetime(2030, 1, day, tzinfo=UTC)
    assert prune_log(path, before=before) == 8 - left
    assert sequences(order) == list(range(9 - left, 9))
    assert prune_log(path, before=before) == 0
    assert order.transition_log().in_state_since == datetime(2030, 1, 7, 12, tzinfo=UTC)
    order.pay(6)
    assert sequences(order)[-1] == 9


def test_old_records_of_one_class_can_be_deleted() -> None:
    """Those of others stay."""

    class Other(Order):
        pass

    Other(1).pay(5)
    Other(1).send()
    lived(1)
    later = datetime.now(UTC) + timedelta(days=1)
    assert prune_log(Other, before=later) == 2
    assert prune_log(Order(1), before=later) == 6
    assert sequences(Other(1)) == [3]


def test_keys_go_with_their_records() -> None:
    """What is forgotten can be fired again, where the state allows it."""
    order = lived(1)
    order.fire("pay", 5, once="webhook 7")
    order.fire("send")
    order.fire("take_back")
    prune_log(Order, before=datetime.now(UTC) + timedelta(days=1))
    assert order.fire("pay", 6, once="webhook 7") == [6]
