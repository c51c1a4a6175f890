"""The log beside the table: records with their transitions, keys that are used once, retention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from statecraft import Event, NoTransitionAllowed, State, acting_as
from statecraft.errors import WorkflowDefinitionError, WorkflowError
from statecraft.sqlalchemy import SQLAlchemyWorkflow, prune_log
from tests.sqlalchemy_store.shop import Order, Parcel

if TYPE_CHECKING:
    from sqlalchemy import Engine


def parcel_in(session: Session) -> Parcel:
    """Return a parcel that is stored."""
    parcel = Parcel(depot="A", number=1)
    session.add(parcel)
    session.commit()
    return parcel


def walk(parcel: Parcel) -> list[tuple[Any, ...]]:
    """Return the number, the event, the source and the target of each record."""
    return [tuple(record[:4]) for record in parcel.transition_log()]


CREATED = (1, None, None, "packed")


class TestRecords:
    """What is written."""

    def test_the_table_is_there_for_migrations(self) -> None:
        """In the metadata of its table, with the key of the row."""
        log = Parcel.log_table()
        assert log is Parcel.metadata.tables["parcels_log"]
        assert log.primary_key.columns.keys() == [
            "row_depot",
            "row_number",
            "state_field",
            "sequence",
        ]
        with pytest.raises(WorkflowError, match="Order keeps no log"):
            Order.log_table()

    def test_the_creation_is_the_first_record(self, session: Session) -> None:
        """Written with the INSERT, with time and actor."""
        before = datetime.now(UTC)
        with acting_as("Homer"):
            parcel = parcel_in(session)
        (created,) = parcel.transition_log()
        assert created[:4] == CREATED
        assert created.actor == "Homer"
        assert created.at is not None
        assert before <= created.at <= datetime.now(UTC)

    def test_a_row_that_came_in_bulk_has_a_creation_without_a_time(self, session: Session) -> None:
        """It is written with the first transition; the second finds it there."""
        rows = [{"depot": "A", "number": number} for number in (1, 2)]
        session.execute(insert(Parcel), rows)
        session.commit()
        parcel = session.get_one(Parcel, ("A", 1))
        parcel.send()
        parcel.lose()
        log = parcel.transition_log()
        assert walk(parcel) == [CREATED, (2, "send", "packed", "sent"), (3, "lose", "sent", "lost")]
        assert (log[0].at, log[0].actor) == (None, None)
        assert walk(session.get_one(Parcel, ("A", 2))) == []

    def test_so_it_is_where_the_database_returns_nothing(
        self, engine: Engine, session: Session
    ) -> None:
        """The number of the record is asked for then."""
        engine.dialect.insert_returning = False
        session.execute(insert(Parcel), [{"depot": "A", "number": 1}])
        parcel = session.get_one(Parcel, ("A", 1))
        parcel.send()
        assert walk(parcel) == [CREATED, (2, "send", "packed", "sent")]

    def test_events_before_the_insert_are_written_after_it(self, session: Session) -> None:
        """In order; one that is undone leaves no record."""
        parcel = Parcel(depot="A", number=1)
        session.add(parcel)
        parcel.send()
        session.rollback()
        session.add(parcel)
        parcel.send()
        parcel.lose()
        assert walk(parcel) == [CREATED, (2, "send", "packed", "sent"), (3, "lose", "sent", "lost")]
        session.commit()
        assert len(walk(parcel)) == 3

    def test_a_state_given_at_creation_is_the_first(self, session: Session) -> None:
        """The record has it."""
        parcel = Parcel(depot="A", number=1, workflow_state="sent")
        session.add(parcel)
        assert walk(parcel) == [(1, None, None, "sent")]

    def test_internal_transitions_and_refusals(self, engine: Engine, session: Session) -> None:
        """They have records of their own, and the state stays."""
        parcel = parcel_in(session)
        assert parcel.weigh(7) == 7
        assert parcel.weigh(-1) is False
        with pytest.raises(NoTransitionAllowed):
            parcel.lose()
        session.commit()
        log = parcel.transition_log()
        assert [(one.event, one.internal) for one in log[1:]] == [
            ("weigh", True),
            ("weigh", False),
            ("lose", False),
        ]
        assert dict(log[1].noted) == {"grams": 7, "by": "hand"}
        assert "lighter" in str(log[2].refused)
        assert log.in_state_since == log[0].at
        assert parcel.current_state == "packed"

    def test_an_internal_transition_compares_too(self, engine: Engine, lasting: Session) -> None:
        """It does not happen in a state that another writer has left."""

        class Note(Parcel):
            glance = Event(Parcel.packed.internal())

        parcel = Note(depot="A", number=1)
        lasting.add(parcel)
        lasting.commit()
        with Session(engine) as other:
            other.get_one(Parcel, ("A", 1)).send()
            other.commit()
        with pytest.raises(WorkflowError, match="is no longer 'packed'"):
            parcel.glance()
        assert walk(parcel)[1:] == [(2, "send", "packed", "sent")]

    def test_who_did_what_is_a_query(self, session: Session) -> None:
        """On the table itself."""
        parcel = parcel_in(session)
        with acting_as("Homer"):
            parcel.send()
        log = Parcel.log_table()
        query = select(log.c.event, func.count()).where(log.c.actor == "Homer")
        assert session.execute(query.group_by(log.c.event)).all() == [("send", 1)]

    def test_a_table_of_another_kind_is_in_the_way(self) -> None:
        """Which is found when the class is created."""

        class Base(DeclarativeBase):
            metadata = MetaData()

        Table("letters_log", Base.metadata, Column("id", Integer, primary_key=True))
        with pytest.raises(WorkflowDefinitionError, match="there is one already"):

            class Letter(SQLAlchemyWorkflow, Base, log=True):
                __tablename__ = "letters"
                id: Mapped[int] = mapped_column(primary_key=True)
                workflow_state: Mapped[str | None]
                written = State()

    def test_a_schema_is_that_of_the_table(self) -> None:
        """So is its log."""

        class Base(DeclarativeBase):
            pass

        class Letter(SQLAlchemyWorkflow, Base, log=True):
            __tablename__ = "letters"
            __table_args__ = {"schema": "post"}
            id: Mapped[int] = mapped_column(primary_key=True)
            workflow_state: Mapped[str | None]
            written = State()

        class Postcard(Letter):
            pass

        assert Letter.log_table() is Base.metadata.tables["post.letters_log"]
        assert Postcard.log_table() is Letter.log_table()


class TestOnce:
    """Events with a key."""

    def test_a_repeat_changes_nothing(self, session: Session) -> None:
        """It returns the first answer, also in another transaction."""
        parcel = parcel_in(session)
        assert parcel.fire("weigh", 7, once="k") == 7
        session.commit()
        assert parcel.fire("weigh", 8, once="k") == 7
        assert parcel.weight == 7
        assert len(walk(parcel)) == 2

    def test_what_is_rolled_back_has_used_no_key(self, session: Session) -> None:
        """A crash before the commit leaves nothing; the next attempt fires."""
        parcel = parcel_in(session)
        parcel.fire("weigh", 7, once="k")
        session.rollback()
        assert parcel.fire("weigh", 8, once="k") == 8

    def test_a_key_that_is_too_long_is_an_error(self, session: Session) -> None:
        """It would be cut off, or refused by the database; nothing is fired."""
        parcel = parcel_in(session)
        with pytest.raises(WorkflowError, match="255 letters at most"):
            parcel.fire("weigh", 7, once="k" * 256)
        assert walk(parcel) == [CREATED]

    def test_a_class_without_a_log_has_no_keys(self, session: Session) -> None:
        """The error says what to do."""
        order = Order()
        session.add(order)
        with pytest.raises(WorkflowError, match="log=True"):
            order.fire("accept", once="k")
        assert order.current_state == "submitted"
        with pytest.raises(WorkflowError, match="Order keeps no log"):
            order.transition_log()


class TestRetention:
    """Forgetting."""

    def test_the_present_state_stays_explained(self, session: Session) -> None:
        """What came before the record with which it was entered goes, if it is old enough."""
        parcel, other = parcel_in(session), Parcel(depot="B", number=1)
        session.add(other)
        session.commit()
        for event in (parcel.send, parcel.lose, parcel.find):
            event()
        parcel.fire("lose", once="k")
        with pytest.raises(NoTransitionAllowed):
            parcel.send()
        session.commit()
        table, now = Parcel.log_table(), datetime.now(UTC)
        assert prune_log(session, Parcel, before=now - timedelta(days=1)) == 0
        old = update(table).where(table.c.sequence <= 3)
        session.execute(old.values(at=now - timedelta(days=9)))
        session.execute(update(table).where(table.c.sequence == 2).values(at=None))
        assert prune_log(session, Parcel, before=now - timedelta(days=1)) == 3
        assert [record.sequence for record in parcel.transition_log()] == [4, 5, 6]
        assert prune_log(session, Parcel, before=now + timedelta(days=1)) == 1
        assert [record.sequence for record in parcel.transition_log()] == [5, 6]
        assert walk(other) == [CREATED]
        parcel.find()
        assert walk(parcel)[-1] == (7, "find", "lost", "sent")
