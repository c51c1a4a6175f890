"""Events of models: one statement, one unit, and an object that says what its row says."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from statecraft import NoTransitionAllowed, StaleState, UnknownState, WorkflowError
from statecraft.testing import place
from tests.django_store.shop.models import Colour, Counted, Lamp, Line, Order, Switch, Tank, Told

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("database")


class Undo(Exception):
    """What undoes a transaction."""


@pytest.fixture
def statements() -> Iterator[Any]:
    """Return what is executed."""
    with CaptureQueriesContext(connection) as captured:
        yield captured


def texts(statements: Any) -> list[str]:
    """Return the statements as texts."""
    return [one["sql"] for one in statements.captured_queries]


def stored(order: Any) -> str:
    """Return what the row has."""
    model: Any = order.__class__
    return str(model.objects.values_list(model.workflow_spec.state_field, flat=True).get())


def test_a_plain_event_is_one_statement(statements: Any) -> None:
    """It compares and stores the state, and touches no other column."""
    order = Order.objects.create(title="flour")
    before = len(texts(statements))
    assert order.accept() is True
    [statement] = texts(statements)[before:]
    assert statement == (
        'UPDATE "shop_order" SET "workflow_state" = \'accepted\' WHERE "id" = '
        f'{order.pk} AND ("workflow_state" IN (\'submitted\') OR "workflow_state" IS NULL)'
    )
    assert stored(order) == "accepted"


def test_a_new_row_has_the_initial_state() -> None:
    """With create, with save, and with bulk_create; NULL, from elsewhere, means it too."""
    order = Order()
    order.save()
    Order.objects.bulk_create([Order()])
    assert set(Order.objects.values_list("workflow_state", flat=True)) == {"submitted"}
    Order.objects.update(workflow_state=None)
    again = Order.objects.get(pk=order.pk)
    assert again.current_state == "submitted"
    again.accept()
    assert Order.objects.get(pk=order.pk).current_state == "accepted"


def test_a_state_is_given_when_an_object_is_made() -> None:
    """By name, by value or as a State; anything else is refused, and nothing is stored."""
    for given in ("accepted", Order.accepted):
        assert Order.objects.create(workflow_state=given).workflow_state == "accepted"
    assert Tank.objects.create(level="high").level == Tank.objects.create(level=10).level == 10
    with pytest.raises(UnknownState):
        Order(workflow_state="acepted")
    assert Order.objects.count() == 2


def test_a_state_is_not_assigned() -> None:
    """Not even before the object is saved; the error says what to do, and nothing moves."""
    for order in (Order(), Order.objects.create()):
        with pytest.raises(WorkflowError, match="not assigned: events move it"):
            order.workflow_state = "accepted"
        assert order.current_state == "submitted"
        order.workflow_state = "submitted"  # what it is, as full_clean does it


def test_a_loser_is_told_what_is_there() -> None:
    """Of two objects for one row, the second is stale: it gets StaleState, and knows the state."""
    first = Order.objects.create()
    second = Order.objects.get()
    first.accept()
    with pytest.raises(StaleState) as caught:
        second.accept()
    assert caught.value.expected == ("submitted", None)
    assert caught.value.found == "accepted"
    assert second.current_state == "accepted"


def test_a_loser_is_refused_before_its_handler() -> None:
    """Where code runs, the row is locked and read first, and the state that is there is judged."""
    first = Order.objects.create()
    second = Order.objects.get()
    first.accept()
    with pytest.raises(NoTransitionAllowed):
        second.reject("late")
    assert not Line.objects.exists()
    assert second.current_state == "accepted"


def test_a_handler_is_one_unit() -> None:
    """What it stores is undone when it halts or raises; the object is where it was."""
    order = Order.objects.create()
    assert order.reject("halt") is False
    assert order.halted_because == "not today"
    with pytest.raises(ValueError, match="raise"):
        order.reject("raise")
    assert not Line.objects.exists()
    assert order.current_state == stored(order) == "submitted"
    assert order.reject("why") == "why"
    assert Line.objects.count() == 1
    assert stored(order) == "rejected"


def test_saving_a_stale_object_undoes_nothing() -> None:
    """save() writes the other columns, and no state that nobody has named."""
    order = Order.objects.create()
    stale = Order.objects.get()
    order.accept()
    stale.title = "flour"
    stale.save()
    assert stored(order) == "accepted"
    assert Order.objects.get().title == "flour"
    for deferred in (Order.objects.defer("amount").get(), Order.objects.only("title").get()):
        order.reopen()
        deferred.save()
        assert stored(order) == "submitted"
        order.accept()
    stale.save(update_fields=["workflow_state"])
    assert stored(order) == "submitted"


def test_what_is_pending_stays_pending() -> None:
    """An event stores the state alone, and leaves other changes of the object where they are."""
    order = Order.objects.create(title="flour")
    order.title = "sugar"
    order.accept()
    assert Order.objects.get().title == "flour"
    assert order.title == "sugar"


def test_an_undone_transaction_is_seen() -> None:
    """After a rollback the object says what the row says, whoever was around the event."""
    order = Order.objects.create()
    with pytest.raises(Undo), transaction.atomic():
        order.accept()
        assert order.current_state == "accepted"
        raise Undo
    assert order.current_state == "submitted"
    assert order.workflow_state == "submitted"


def test_an_undone_savepoint_is_seen() -> None:
    """What happened before it in the same transaction stands; and goes with that."""
    order = Order.objects.create()
    with pytest.raises(Undo), transaction.atomic():
        order.accept()
        with pytest.raises(Undo), transaction.atomic():
            order.reopen()
            raise Undo
        assert order.current_state == "accepted"
        raise Undo
    assert order.current_state == "submitted"


def test_transitions_of_one_transaction_are_followed_together() -> None:
    """However many they are; each savepoint and each transaction is a matter of its own."""
    order = Order.objects.create()
    for _ in range(2):
        with pytest.raises(Undo), transaction.atomic():
            for _ in range(5):
                order.accept()
                order.reopen()
            assert len(connection.run_on_commit) == 1
            with pytest.raises(Undo), transaction.atomic():
                order.accept()
                assert len(connection.run_on_commit) == 2
                raise Undo
            assert order.current_state == "submitted"
            order.accept()
            assert len(connection.run_on_commit) == 1
            raise Undo
        assert order.current_state == "submitted"


def test_what_is_undone_is_not_followed_any_more() -> None:
    """The next transaction is, whether or not anybody looked at the object in between."""
    order = Order.objects.create()
    for _ in range(2):
        with pytest.raises(Undo), transaction.atomic():
            order.persist_state("accepted", expected=("submitted",))
            assert order.current_state == "accepted"
            raise Undo
    assert order.current_state == "submitted"


def test_a_committed_transition_stands() -> None:
    """Nothing is read again after a commit."""
    order = Order.objects.create()
    with transaction.atomic():
        order.accept()
    with CaptureQueriesContext(connection) as captured:
        assert order.current_state == "accepted"
    assert not captured.captured_queries


def test_after_commit_runs_after_the_commit() -> None:
    """Not at the release of a savepoint, not after a rollback, and it may use the database."""
    Told.told.clear()
    told = Told.objects.create()
    with transaction.atomic():
        with transaction.atomic():
            told.finish()
        assert not Told.told
    assert Told.told == [("finish", 1)]
    with pytest.raises(Undo), transaction.atomic():
        told.again()
        raise Undo
    assert Told.told == [("finish", 1)]
    told.again()
    assert Told.told == [("finish", 1), ("again", 0)]


@pytest.mark.parametrize("event", ["accept", "reject"])
def test_an_object_without_a_row_moves_not(event: str) -> None:
    """Neither before it is saved, nor after it was deleted; the error says what to do."""
    order = Order()
    arguments = ("why",) if event == "reject" else ()
    with pytest.raises(WorkflowError, match=r"an Order without a row .*save\(\) it first"):
        order.fire(event, *arguments)
    assert order.current_state == "submitted"
    order.save()
    order.delete()
    with pytest.raises(WorkflowError, match="was deleted"):
        order.fire(event, *arguments)


def test_a_row_that_is_gone_is_no_state() -> None:
    """Whoever fires finds out that somebody else has deleted the row."""
    order = Order.objects.create()
    Order.objects.all().delete()
    with pytest.raises(StaleState, match="its row was deleted"):
        order.accept()
    with pytest.raises(WorkflowError, match="somebody has deleted it"):
        order.reject("why")
    assert not Line.objects.exists()


def test_an_unknown_value_is_no_state() -> None:
    """It is loaded, and whoever asks for the state gets UnknownState, with what is there."""
    order = Order.objects.create()
    Order.objects.update(workflow_state="acepted")
    order = Order.objects.get()
    assert order.workflow_state == "acepted"
    with pytest.raises(UnknownState, match="acepted"):
        order.accept()
    assert stored(order) == "acepted"


def test_members_of_an_enum_are_stored_by_value() -> None:
    """The column has the value, and the state the member."""
    lamp = Lamp.objects.create()
    assert lamp.current_state.value is Colour.RED
    lamp.go()
    assert Lamp.objects.get().current_state.value is Colour.GREEN
    assert stored(lamp) == "g"


def test_numbers_are_states_too() -> None:
    """Zero as well."""
    tank = Tank.objects.create()
    assert tank.level == 0
    tank.fill()
    assert Tank.objects.get().level == 10


def test_an_older_value_is_written_anew() -> None:
    """It means its state, and the next transition writes the new one."""
    order = Order.objects.create()
    Order.objects.update(workflow_state="refused")
    order = Order.objects.get()
    assert order.current_state == "rejected"
    order.reopen()
    assert stored(order) == "submitted"


def test_a_version_sees_what_the_state_does_not() -> None:
    """From active to active and back are transitions that a comparison of states misses."""
    first = Counted.objects.create()
    second = Counted.objects.get()
    first.touch()
    with pytest.raises(StaleState):
        second.pause()
    assert second.version == 1
    second.pause()
    assert Counted.objects.get().version == 2
    second.save()
    first.save()
    assert Counted.objects.get().version == 2


def test_an_object_can_be_placed() -> None:
    """Stored where there is a row; one without waits for its INSERT."""
    order = Order()
    place(order, "accepted")
    order.save()
    assert stored(order) == "accepted"
    place(order, "rejected")
    assert stored(order) == "rejected"


def test_the_class_has_the_attribute_of_the_field() -> None:
    """As Django has it, for those who look at classes."""
    assert Order.workflow_state.field.name == "workflow_state"


def test_placing_compares_an_object_without_a_row_too() -> None:
    """Whoever expects another state than it has gets StaleState, and it keeps its state."""
    order = Order()
    with pytest.raises(StaleState):
        order.persist_state("rejected", expected=("accepted",))
    assert order.current_state == "submitted"


def test_a_flag_can_be_a_state() -> None:
    """What the database has for it is read as Django would read it, under a lock as well."""
    switch = Switch.objects.create()
    assert switch.workflow_state is False
    switch.turn_on()
    again = Switch.objects.get()
    assert again.workflow_state is True
    with pytest.raises(NoTransitionAllowed):
        again.turn_on()


def test_without_django_the_error_says_what_to_install() -> None:
    """And everything else works without it."""
    code = """if True:
        import sys
        sys.modules["django"] = None
        import statecraft
        try:
            import statecraft.django
        except ImportError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        'statecraft.django needs the package Django: pip install "statecraft-fsm[django]"\n'
    )


class TestUnderTestCase(TestCase):
    """In a test of Django, which never commits."""

    def test_after_commit_waits_for_the_helper_of_django(self) -> None:
        """Callbacks are captured, and executed as if there had been a commit."""
        Told.told.clear()
        told = Told.objects.create()
        told.finish()
        assert not Told.told
        with self.captureOnCommitCallbacks(execute=True):
            told.again()
        assert [event for event, _ in Told.told] == ["again"]
        assert told.current_state == "waiting"

    def test_an_undone_block_is_seen(self) -> None:
        """Inside of the transaction of the test too."""
        order = Order.objects.create()
        with pytest.raises(Undo), transaction.atomic():
            order.accept()
            raise Undo
        assert order.current_state == "submitted"
