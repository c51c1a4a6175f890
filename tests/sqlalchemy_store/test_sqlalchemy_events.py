"""Events of mapped objects: one statement, and an object that tells what its row says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, inspect, select, text, update
from sqlalchemy.exc import InvalidRequestError, OperationalError
from sqlalchemy.orm import Session

from statecraft import NoTransitionAllowed, StaleState, TransitionHalted, UnknownState
from statecraft.errors import WorkflowError
from statecraft.testing import place
from tests.sqlalchemy_store.shop import (
    Cat,
    Colour,
    Counted,
    Dated,
    Lamp,
    Level,
    Lion,
    Order,
    Tank,
    Ticket,
    Told,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine


ACCEPTING = (
    "UPDATE orders SET workflow_state=? WHERE orders.id = ?"
    " AND (orders.workflow_state = ? OR orders.workflow_state IS NULL)"
)


def stored(session: Session, made: Any) -> Any:
    """Return an object that is committed."""
    session.add(made)
    session.commit()
    return made


def order_in(session: Session, **values: Any) -> Order:
    """Return an order that is stored and loaded."""
    order: Order = stored(session, Order(**values))
    assert order.amount >= 0
    return order


def row_of(engine: Engine, order: Any) -> Any:
    """Return the row of an object, as everybody sees it."""
    with engine.connect() as connection:
        table = order.__table__
        key = inspect(order).identity[0]
        return connection.execute(select(table).where(table.c.id == key)).mappings().one()


class TestOneStatement:
    """An event without code of the user."""

    def test_it_is_one_update(self, session: Session, statements: list[str]) -> None:
        """Compared and stored at once; nothing is read, locked, flushed or committed."""
        order = order_in(session, title="book")
        statements.clear()
        assert order.accept() is True
        assert statements == [ACCEPTING]
        assert order.current_state == "accepted"
        statements.clear()
        order.reopen()
        assert statements == [
            "UPDATE orders SET workflow_state=? WHERE orders.id = ? AND orders.workflow_state = ?"
        ]
        assert session.in_transaction()

    def test_nothing_else_is_touched(self, engine: Engine, session: Session) -> None:
        """No onupdate runs, and other changes of the object stay pending."""
        order = order_in(session, title="book")
        order.title = "pen"
        order.accept()
        assert session.is_modified(order)
        row = session.connection().execute(text("SELECT title, updated_at FROM orders")).one()
        assert tuple(row) == ("book", None)
        session.commit()
        assert row_of(engine, order)["title"] == "pen"
        assert row_of(engine, order)["workflow_state"] == "accepted"

    def test_a_flush_never_writes_the_state(
        self, engine: Engine, lasting: Session, statements: list[str]
    ) -> None:
        """A stale object that is saved leaves what another one did."""
        order = order_in(lasting, title="book")
        lasting.commit()
        with Session(engine) as other:
            other.get_one(Order, order.id).accept()
            other.commit()
        order.title = "pen"
        statements.clear()
        lasting.commit()
        assert not any("workflow_state=?" in one for one in statements)
        assert row_of(engine, order)["workflow_state"] == "accepted"

    def test_two_writers_do_not_both_win(self, engine: Engine, lasting: Session) -> None:
        """The second gets StaleState, with what is there; it knows that from then on."""
        order = order_in(lasting)
        lasting.commit()
        with Session(engine) as other:
            other.get_one(Order, order.id).accept()
            other.commit()
        with pytest.raises(StaleState) as caught:
            order.accept()
        assert caught.value.found == "accepted"
        assert caught.value.expected == ("submitted", None)
        assert order.current_state == "accepted"
        assert row_of(engine, order)["workflow_state"] == "accepted"

    def test_a_row_that_is_gone_is_stale(self, engine: Engine, session: Session) -> None:
        """Which the error says, and nothing is stored."""
        order = order_in(session)
        session.connection().execute(text("DELETE FROM orders"))
        with pytest.raises(StaleState, match="gone: its row was deleted"):
            order.accept()
        with pytest.raises(WorkflowError, match="has no row any more"):
            order.reject("late")

    def test_older_values_are_compared(self, engine: Engine, session: Session) -> None:
        """And written anew by the next transition."""
        order = order_in(session)
        session.execute(update(Order).values(workflow_state="refused"))
        session.commit()
        assert order.current_state == "rejected"
        order.reopen()
        session.commit()
        assert row_of(engine, order)["workflow_state"] == "submitted"

    def test_refused_events_store_nothing(self, session: Session, statements: list[str]) -> None:
        """Neither from the wrong state, nor by a guard."""
        order = order_in(session)
        statements.clear()
        with pytest.raises(NoTransitionAllowed):
            order.reopen()
        with pytest.raises(TransitionHalted, match="it is free"):
            order.charge()
        assert not any(one.startswith("UPDATE orders SET workflow_state=?") for one in statements)
        assert order.current_state == "submitted"


class TestTruth:
    """What the object says after its transaction has ended."""

    def test_a_rollback_is_told(self, session: Session) -> None:
        """The whole transaction."""
        order = order_in(session)
        order.accept()
        session.rollback()
        assert order.current_state == "submitted"

    def test_a_savepoint_is_told(self, session: Session) -> None:
        """Only what was in it; what came before stays, what was released goes with the rest."""
        order = order_in(session)
        order.accept()
        savepoint = session.begin_nested()
        order.reopen()
        with session.begin_nested():
            order.accept()
        assert order.current_state == "accepted"
        order.reopen()
        savepoint.rollback()
        assert order.current_state == "accepted"
        with session.begin_nested():
            order.reopen()
        assert order.current_state == "submitted"
        session.rollback()
        assert order.current_state == "submitted"

    def test_an_object_that_nobody_holds_is_told(self, session: Session) -> None:
        """What is loaded again after a savepoint was undone tells what is stored."""
        key = order_in(session).id
        with session.begin_nested() as savepoint:
            session.get_one(Order, key).accept()
            savepoint.rollback()
        assert session.get_one(Order, key).current_state == "submitted"

    def test_a_session_that_is_closed_has_stored_nothing(self, session: Session) -> None:
        """The object, detached, tells what it knew before."""
        order = order_in(session)
        order.accept()
        session.close()
        assert order.current_state == "submitted"

    def test_without_expiry_the_state_stays_known(self, engine: Engine) -> None:
        """A commit that expires nothing needs no load."""
        with Session(engine, expire_on_commit=False) as session:
            order = order_in(session)
            order.accept()
            session.commit()
            assert not session.in_transaction()
            assert order.current_state == "accepted"
            assert not session.in_transaction()

    def test_another_state_is_refreshed_with_its_row(
        self, engine: Engine, lasting: Session
    ) -> None:
        """A unit that finds another state reads all of the row again, before it judges."""
        order = order_in(lasting, title="book")
        lasting.commit()
        with Session(engine) as other:
            other_order = other.get_one(Order, order.id)
            other_order.reject("late")
            other.commit()
        with pytest.raises(NoTransitionAllowed):
            order.reject("again")
        assert order.title == "late"
        assert order.current_state == "rejected"


class TestUnits:
    """An event with code of the user."""

    def test_what_was_done_is_undone(self, engine: Engine, session: Session) -> None:
        """By a halt and by an exception, with the attributes of the object."""
        order = order_in(session, title="book")
        session.add(Order(title="pending"))
        assert order.reject("halt") is False
        assert order.halted_because == "not today"
        with pytest.raises(ValueError, match="raise"):
            order.reject("raise")
        assert order.title == "book"
        assert order.current_state == "submitted"
        assert order.reject("late") == "late"
        session.commit()
        assert row_of(engine, order)["title"] == "late"
        assert session.scalars(select(Order.title)).all() == ["late", "pending"]

    def test_ending_the_transaction_inside_is_an_error(
        self, engine: Engine, session: Session
    ) -> None:
        """That belongs to the caller; nothing of the event is stored."""

        class Ending(Order):
            def before_transition(self) -> None:
                ends.pop()()

        order = stored(session, Ending())
        ends: list[Any] = [session.commit, session.rollback]
        for _ in range(2):
            with pytest.raises(WorkflowError, match="has ended the transaction"):
                order.accept()
            assert order.current_state == "submitted"

        def end_and_fail() -> None:
            session.rollback()
            ends.pop()

        ends = [end_and_fail]
        with pytest.raises(IndexError):
            order.accept()
        assert order.current_state == "submitted"
        assert row_of(engine, order)["workflow_state"] == "submitted"

    def test_a_transaction_that_the_database_has_undone_is_an_error(
        self, engine: Engine, session: Session
    ) -> None:
        """Not a halt: the caller would commit, and never know that all before it is gone."""

        class Losing(Order):
            def on_transition(self) -> None:
                session.connection().exec_driver_sql("ROLLBACK")  # as a deadlock would
                if self.title == "halt":
                    self.halt("not today")
                if self.title == "raise":
                    raise ValueError
                session.connection().exec_driver_sql("SELECT * FROM nowhere")

        other = stored(session, Order())
        for title in ("halt", "raise", "fail"):
            order = stored(session, Losing(title=title))
            other.accept()
            with pytest.raises(OperationalError, match=r"no such (savepoint|table)") as caught:
                order.accept()
            assert "has undone the whole transaction" in caught.value.__notes__[0]
            session.commit()
            assert not order.halted
            assert other.current_state == order.current_state == "submitted"
            assert row_of(engine, other)["workflow_state"] == "submitted"

    def test_an_event_may_fire_while_the_session_flushes(
        self, engine: Engine, session: Session
    ) -> None:
        """What belongs to its savepoint goes with the transaction around the flush."""
        order = order_in(session, amount=1)

        def fire(*_: object) -> None:
            order.charge()

        event.listen(session, "after_flush", fire, once=True)
        session.add(Order())
        session.flush()
        assert order.current_state == "accepted"
        session.rollback()
        assert order.current_state == "submitted"

    def test_a_lost_transaction_does_not_hide_its_cause(
        self, engine: Engine, session: Session
    ) -> None:
        """However many savepoints have gone with it; the session can be used again."""

        class Deadlocked(Order):
            def on_transition(self) -> None:
                connection = session.connection()
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("SELECT * FROM deadlock")

        order = stored(session, Deadlocked())
        assert order.current_state == "submitted"
        with (
            pytest.raises(OperationalError, match="no such table: deadlock") as caught,
            session.begin_nested(),
        ):
            order.accept()
        assert "has undone the whole transaction" in caught.value.__notes__[0]
        other = stored(session, Order())
        assert other.accept()
        session.commit()
        assert row_of(engine, other)["workflow_state"] == "accepted"
        assert row_of(engine, order)["workflow_state"] == "submitted"

    def test_lock_false_locks_nothing(self, session: Session, statements: list[str]) -> None:
        """The comparison finds out who lost."""

        class Quick(Order, lock=False):
            pass

        order = stored(session, Quick())
        assert order.title is None
        statements.clear()
        order.reject("late")
        found = [one for one in statements if one.startswith(("SELECT", "UPDATE orders SET work"))]
        assert found == [ACCEPTING]


class TestAfterCommit:
    """What follows the commit."""

    def test_it_follows_the_outermost_commit(self, session: Session) -> None:
        """In order, once; not the release of a savepoint, not what was undone."""
        Told.told.clear()
        order = stored(session, Told(title="book"))
        with session.begin_nested():
            order.accept()
        order.reopen()
        with session.begin_nested() as savepoint:
            order.accept()
            savepoint.rollback()
        assert Told.told == []
        session.commit()
        assert Told.told == [("accept", "book"), ("reopen", "book")]
        session.commit()
        assert len(Told.told) == 2
        assert not session.in_transaction()

    def test_an_exception_in_one_does_not_stop_the_next(
        self, session: Session, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is logged, and not raised by the commit."""
        Told.told.clear()
        first = stored(session, Told(title="raise"))
        second = stored(session, Told(title="book"))
        first.accept()
        second.accept()
        session.commit()
        assert Told.told == [("accept", "raise"), ("accept", "book")]
        assert "after_commit of Told accept failed" in caplog.text
        assert first.current_state == "accepted"

    def test_it_can_use_the_session(self, engine: Engine, session: Session) -> None:
        """What it fires there is committed, and followed in its turn."""

        class Going(Order):
            def after_commit(self, transition: Any) -> None:
                seen.append((transition.event, self.workflow_state))
                if transition.event == "accept":
                    self.reopen()
                    self.title = "reopened"

        seen: list[Any] = []
        first, second = stored(session, Going()), stored(session, Going())
        first.accept()
        second.accept()
        session.commit()
        assert [name for name, _ in seen] == ["accept", "accept", "reopen", "reopen"]
        assert row_of(engine, first)["workflow_state"] == "submitted"
        assert row_of(engine, second)["title"] == "reopened"

    def test_it_can_use_the_session_of_a_with_block(self, session: Session) -> None:
        """Of ``with session.begin()``, which is not left yet; afterwards all is as it was."""
        Told.told.clear()
        with session.begin():
            order = Told(title="book")
            session.add(order)
            session.flush()
            order.accept()
        assert Told.told == [("accept", "book")]
        with session.begin():
            assert order.current_state == "accepted"
            session.rollback()
            with pytest.raises(InvalidRequestError):
                order.reopen()
        assert order.current_state == "accepted"

    def test_what_it_cannot_commit_is_logged(
        self, session: Session, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The commit that it follows stands."""

        class Spoiling(Order):
            def after_commit(self) -> None:
                session.add(Order(id=self.id))

        order = stored(session, Spoiling())
        order.accept()
        session.commit()
        assert "what after_commit did was not committed" in caplog.text
        assert order.current_state == "accepted"

    def test_it_never_follows_a_rollback(self, session: Session) -> None:
        """Nor a session that is closed."""
        Told.told.clear()
        order = stored(session, Told())
        order.accept()
        session.rollback()
        order.accept()
        session.close()
        assert Told.told == []


class TestCreation:
    """New objects, and what is given to them."""

    def test_the_initial_value_is_stored(self, engine: Engine, session: Session) -> None:
        """Where nothing is given; an object knows its state before."""
        order = Order()
        assert order.current_state == "submitted"
        assert order.workflow_state is None
        stored(session, order)
        assert row_of(engine, order)["workflow_state"] == "submitted"

    def test_a_state_can_be_given(self, engine: Engine, session: Session) -> None:
        """By name, by value, as a State; anything else is refused."""
        for given in ("accepted", Order.accepted):
            assert (
                row_of(engine, stored(session, Order(workflow_state=given)))["workflow_state"]
                == "accepted"
            )
        assert stored(session, Lamp(street="a", number=1, colour="green")).colour is Colour.GREEN
        assert Tank(level="high").level == Level.HIGH
        assert Tank(level=10).current_state == "high"
        assert Order(workflow_state=None).current_state == "submitted"
        with pytest.raises(UnknownState, match="Did you mean 'accepted'"):
            Order(workflow_state="acepted")

    def test_later_it_cannot_be_assigned(self, engine: Engine, session: Session) -> None:
        """The error says what to do instead, and nothing has changed."""
        order = Order()
        session.add(order)
        with pytest.raises(WorkflowError, match="an Order without a row is not assigned"):
            order.workflow_state = "accepted"
        session.commit()
        with pytest.raises(WorkflowError, match=r"Order 1 is not assigned.*testing\.place"):
            order.workflow_state = "accepted"
        assert order.current_state == "submitted"
        order.workflow_state = order.workflow_state
        assert not session.is_modified(order)
        session.commit()
        assert row_of(engine, order)["workflow_state"] == "submitted"

    def test_a_merge_does_not_move(self, engine: Engine, session: Session) -> None:
        """Of a stale copy, the merge is refused; of one that says nothing, the rest is merged."""
        order = order_in(session)
        assert order.current_state == "submitted"
        session.expunge(order)
        with Session(engine) as other:
            other.get_one(Order, order.id).accept()
            other.commit()
        with pytest.raises(WorkflowError, match="is not assigned"):
            session.merge(order)
        session.rollback()
        session.merge(Order(id=order.id, title="pen"))
        session.commit()
        row = row_of(engine, order)
        assert (row["title"], row["workflow_state"]) == ("pen", "accepted")

    def test_a_pending_object_is_moved_by_its_insert(
        self, engine: Engine, session: Session, statements: list[str]
    ) -> None:
        """There is no UPDATE, and a rollback leaves an object that has not moved."""
        order = Order()
        session.add(order)
        order.accept()
        with pytest.raises(NoTransitionAllowed):
            order.accept()
        session.rollback()
        assert order.current_state == "submitted"
        session.add(order)
        order.accept()
        session.commit()
        assert not any(one.startswith("UPDATE") for one in statements)
        assert row_of(engine, order)["workflow_state"] == "accepted"

    def test_a_pending_object_is_compared(self, session: Session) -> None:
        """With what its INSERT would store."""
        order = Order(workflow_state="rejected")
        session.add(order)
        with pytest.raises(StaleState) as caught:
            order.persist_state("accepted", expected=("submitted", None))
        assert caught.value.found == "rejected"
        assert order.current_state == "rejected"

    def test_a_pending_object_can_be_overtaken(self, session: Session) -> None:
        """By a hook of its own, as any other."""

        class Hasty(Order, lock=False):
            def before_transition(self, transition: Any) -> None:
                if transition.event == "reject":
                    with session.no_autoflush:
                        self.accept()

        order = Hasty()
        session.add(order)
        with pytest.raises(StaleState):
            order.reject("late")
        assert order.current_state == "submitted"

    def test_a_unit_of_a_pending_object_flushes_it(self, session: Session) -> None:
        """The savepoint does."""
        order = Order()
        session.add(order)
        assert order.reject("late") == "late"
        session.commit()
        assert order.current_state == "rejected"

    def test_columns_that_the_database_fills(self, session: Session) -> None:
        """An object that has to load something yet is read again as a whole."""
        dated = Dated()
        session.add(dated)
        session.flush()

        assert dated.grow() is True
        session.commit()
        assert dated.current_state == "old"

    def test_objects_without_a_session_say_what_to_do(
        self, engine: Engine, session: Session
    ) -> None:
        """Transient, detached and deleted ones; nothing moves."""
        with pytest.raises(WorkflowError, match=r"in no session: session.add"):
            Order().accept()
        with pytest.raises(WorkflowError, match=r"in no session"):
            Order().reject("late")
        order = order_in(session)
        session.expunge(order)
        with pytest.raises(WorkflowError, match=r"Order 1 is detached.*session.get\(Order"):
            order.accept()
        with pytest.raises(WorkflowError, match="detached"):
            place(order, "accepted")
        assert row_of(engine, order)["workflow_state"] == "submitted"
        order = session.get_one(Order, 1)
        session.delete(order)
        session.flush()
        with pytest.raises(WorkflowError, match="Order 1 was deleted"):
            order.accept()

    def test_an_expired_object_is_loaded_or_says_why_not(self, session: Session) -> None:
        """A detached one cannot be loaded."""
        order = order_in(session)
        session.commit()
        assert order.can(Order.accept)
        session.commit()
        session.expunge(order)
        with pytest.raises(WorkflowError, match="'workflow_state' of Order 1 cannot be loaded"):
            _ = order.current_state

    def test_place_sets_and_stores(self, engine: Engine, session: Session) -> None:
        """A row where there is one, else the object."""
        order = Order()
        place(order, "accepted")
        assert order.current_state == "accepted"
        stored(session, order)
        place(order, "rejected")
        session.commit()
        assert row_of(engine, order)["workflow_state"] == "rejected"

    def test_an_unknown_value_is_no_state(self, session: Session) -> None:
        """It raises UnknownState, and stays what it is."""
        order = order_in(session)
        session.execute(update(Order).values(workflow_state="acepted"))
        session.commit()
        with pytest.raises(UnknownState) as caught:
            order.accept()
        assert str(caught.value).startswith(
            "'acepted' is no state of Order (Order 1 in the table orders). Did you mean 'accepted'?"
        )
        assert order.workflow_state == "acepted"


class TestMappings:
    """What can be mapped in other ways."""

    def test_composite_keys_and_enums(self, session: Session, statements: list[str]) -> None:
        """All columns of the key are named, and members are stored as the column does."""
        lamp = stored(session, Lamp(street="a", number=2))
        stored(session, Lamp(street="a", number=3))
        assert lamp.current_state == "red"
        statements.clear()
        lamp.go()
        assert "lamps.street = ? AND lamps.number = ? AND (lamps.lamp_colour" in statements[0]
        session.commit()
        rows = session.execute(text("SELECT lamp_colour FROM lamps ORDER BY number")).scalars()
        assert rows.all() == ["GREEN", "RED"]
        assert lamp.current_state == "green"

    def test_numbers(self, session: Session) -> None:
        """A column that is not NULL takes them, zero too."""
        tank = stored(session, Tank())
        assert tank.level == 0
        assert tank.current_state == "low"
        tank.fill()
        session.commit()
        assert tank.level == 10
        assert tank.current_state == "high"

    def test_joined_tables(self, session: Session, statements: list[str]) -> None:
        """The table that has the state is the one that is updated."""
        cat, lion = stored(session, Cat(name="Tom")), stored(session, Lion(name="Leo"))
        assert cat.current_state == "awake"
        assert lion.current_state == "awake"
        statements.clear()
        cat.sleep()
        lion.hunt()
        assert [one.split()[1] for one in statements] == ["cats", "cats"]
        session.commit()
        assert cat.current_state == "asleep"
        assert lion.current_state == "hunting"
        with pytest.raises(UnknownState):
            Cat(workflow_state="hunting")
        assert Lion(workflow_state="hunting").current_state == "hunting"

    def test_dataclasses(self, session: Session) -> None:
        """Their constructor and their order of fields are what they were."""
        ticket = stored(session, Ticket(id=1, seat=4))
        assert ticket.use() is True
        session.commit()
        assert ticket.current_state == "used"
        assert Ticket(id=2, workflow_state="used").current_state == "used"


class TestVersions:
    """A column that counts."""

    def test_it_is_compared_and_counted(self, engine: Engine, lasting: Session) -> None:
        """What a comparison of values does not see: from one state to itself, and back again."""
        counted = stored(lasting, Counted())
        assert counted.version is None
        counted.touch()
        assert counted.version == 1
        lasting.commit()
        assert counted.version == 1
        with Session(engine) as other:
            again = other.get_one(Counted, counted.id)
            again.pause()
            again.resume()
            other.commit()
        with pytest.raises(StaleState) as caught:
            counted.touch()
        assert caught.value.__notes__ == ["Its version was 1, and is 3 now."]
        assert counted.version == 3
        counted.touch()
        lasting.rollback()
        assert counted.version == 3
