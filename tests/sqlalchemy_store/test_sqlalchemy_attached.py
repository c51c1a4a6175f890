"""Several workflows in one row: attached to its class, or adopted by it alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from statecraft import StaleState, State, UnknownState, Workflow
from statecraft.errors import WorkflowDefinitionError, WorkflowError
from statecraft.sqlalchemy import SQLAlchemyWorkflow
from statecraft.testing import place
from tests.sqlalchemy_store.databases import connected_async
from tests.sqlalchemy_store.shop import Bill, Booking, Invoice, PaymentFlow, Told

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def invoice(session: Session) -> Invoice:
    """Return an invoice that is stored."""
    invoice = Invoice()
    session.add(invoice)
    session.commit()
    return invoice


class TestAttached:
    """A column of the row is moved as that of a workflow is."""

    def test_each_has_its_column(
        self, session: Session, invoice: Invoice, statements: list[str]
    ) -> None:
        """One UPDATE; the others stay."""
        assert invoice.payment_state == "open"
        statements.clear()
        assert invoice.payment.pay() is True
        assert invoice.payment.subject is invoice
        (statement,) = statements
        assert statement == (
            "UPDATE invoices SET payment_state=? WHERE invoices.id = ?"
            " AND (invoices.payment_state = ? OR invoices.payment_state IS NULL)"
        )
        session.commit()
        assert (invoice.payment_state, invoice.logged_state) == ("paid", "asleep")
        invoice.payment.refund("late")
        assert invoice.note == "late"
        session.rollback()
        assert invoice.payment.current_state == "paid"

    def test_an_exception_undoes_what_was_done_to_the_row(
        self, session: Session, invoice: Invoice
    ) -> None:
        """By the savepoint of its session."""
        place(invoice.payment, "paid")
        with pytest.raises(ValueError, match="raise"):
            invoice.payment.refund("raise")
        assert invoice.note is None
        assert invoice.payment.current_state == "paid"

    def test_the_column_is_guarded(self, session: Session, invoice: Invoice) -> None:
        """A state can be given on creation, and not be assigned later."""
        with pytest.raises(WorkflowError, match="'payment_state' of Invoice 1 is not assigned"):
            invoice.payment_state = "paid"
        assert Invoice(payment_state="paid").payment.current_state == "paid"
        with pytest.raises(UnknownState):
            Invoice(payment_state="payed")
        with pytest.raises(WorkflowError, match="in no session"):
            Invoice().payment.pay()

    def test_the_comparison_is_that_of_the_column(
        self, engine: Engine, session: Session, invoice: Invoice
    ) -> None:
        """Two writers of one workflow meet; those of different ones do not."""
        assert invoice.payment.current_state == "open"
        session.execute(text("UPDATE invoices SET payment_state = 'paid'"))
        invoice.logged.wake()
        with pytest.raises(StaleState):
            invoice.payment.pay()
        assert invoice.payment.current_state == "paid"

    def test_awaited_ones_live_in_an_async_session(self, engine: Engine) -> None:
        """Beside others, which do not."""

        async def test() -> None:
            other = connected_async("sqlite", engine.url.database)
            async with AsyncSession(other) as session:
                invoice = Invoice()
                session.add(invoice)
                await session.commit()
                await session.refresh(invoice)
                assert await invoice.delivery.send() is True
                with pytest.raises(WorkflowError, match="AsyncSQLAlchemyWorkflow"):
                    invoice.payment.pay()
                await session.commit()
                assert await invoice.delivery.refresh_state() == "sent"
            await other.dispose()

        asyncio.run(test())

    def test_awaited_ones_need_a_log_for_keys(self, engine: Engine) -> None:
        """As all workflows do; nothing moves."""

        async def test() -> None:
            invoice = Invoice()
            with pytest.raises(WorkflowError, match="log=True"):
                await invoice.delivery.fire("send", once="k")
            assert invoice.delivery.current_state == "waiting"

        asyncio.run(test())

    def test_a_class_without_states_may_have_some(self) -> None:
        """They come to the subclasses that have states of their own."""

        class Base(DeclarativeBase):
            pass

        class Holder(SQLAlchemyWorkflow, Base):
            __tablename__ = "holders"
            id: Mapped[int] = mapped_column(primary_key=True)
            workflow_state: Mapped[str | None]
            payment_state: Mapped[str | None]
            payment = PaymentFlow.attached("payment_state")

        class Held(Holder):
            only = State()

        held = Held(payment_state="paid")
        assert held.payment.current_state == "paid"
        with pytest.raises(UnknownState):
            Held(payment_state="only")

    def test_subclasses_have_them_too(self, session: Session) -> None:
        """In the same table."""
        bill = Bill()
        session.add(bill)
        session.commit()
        bill.payment.pay()
        session.commit()
        assert bill.payment_state == "paid"

    def test_scopes_are_those_of_the_column(self, session: Session, invoice: Invoice) -> None:
        """On the class, under the name of the attribute."""
        invoice.payment.pay()
        query = select(Invoice.id).where(Invoice.payment.in_state("paid"))  # type: ignore[attr-defined]
        assert session.scalars(query).all() == [1]
        query = select(Invoice.id).where(Invoice.logged.not_in_state("asleep"))
        assert session.scalars(query).all() == []

    def test_logs(self, session: Session, invoice: Invoice) -> None:
        """A workflow brings its own, or has that of its owner; each has its own numbers."""
        invoice.logged.wake()
        assert [one.event for one in invoice.logged.transition_log()] == [None, "wake"]
        booking = Booking()
        session.add(booking)
        booking.payment.pay()
        session.commit()
        booking.agree()
        booking.payment.refund("late")
        payment: Any = booking.payment
        assert [one.event for one in payment.transition_log()] == [None, "pay", "refund"]
        assert [one.event for one in booking.transition_log()] == [None, "agree"]
        assert payment.log_table() is Booking.log_table()

    def test_a_missing_column_is_found_with_the_class(self) -> None:
        """The error names it."""

        class Base(DeclarativeBase):
            pass

        with pytest.raises(WorkflowDefinitionError, match="Add payment_state: Mapped"):

            class Invoice(Base):
                __tablename__ = "invoices"
                id: Mapped[int] = mapped_column(primary_key=True)
                payment = PaymentFlow.attached("payment_state")


class TestAdopted:
    """A row that has a workflow of its own."""

    def test_the_class_stays_what_it_was(self, session: Session, invoice: Invoice) -> None:
        """The row has a view; others, and the class, have nothing."""
        view = PaymentFlow.adopt(invoice)
        assert view.subject is invoice
        assert type(invoice) is Invoice
        assert view.current_state == "open"
        view.pay()
        session.commit()
        assert invoice.workflow_state == "paid"
        other = Invoice()
        session.add(other)
        session.commit()
        assert other.workflow_state is None
        other.workflow_state = "anything"
        assert PaymentFlow.adopt(invoice) is view

    def test_a_state_of_another_workflow_is_unknown(
        self, session: Session, invoice: Invoice
    ) -> None:
        """And the row is not adopted."""
        invoice.workflow_state = "anything"
        with pytest.raises(UnknownState):
            PaymentFlow.adopt(invoice)

    def test_a_workflow_adopts_no_other(self, session: Session) -> None:
        """Attach it, the error says."""
        with pytest.raises(WorkflowError, match="Attach the other one"):
            PaymentFlow.adopt(Told())


def test_a_flow_without_a_mapper_is_an_attribute() -> None:
    """Objects of other classes are none of the store's business."""

    class Plain:
        payment = PaymentFlow.attached("payment_state")

    plain = Plain()
    plain.payment.pay()
    assert vars(plain)["payment_state"] == "paid"

    class Other(Workflow):
        only = State()

    assert Other().current_state == "only"
