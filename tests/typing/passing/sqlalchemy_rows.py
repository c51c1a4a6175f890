"""Mapped classes are typed as they are without a workflow, and events as they are elsewhere."""

from __future__ import annotations

from typing import assert_type

from sqlalchemy import ColumnElement, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from typing_extensions import Literal

from statecraft import Event, State, Workflow
from statecraft.sqlalchemy import AsyncSQLAlchemyWorkflow, SQLAlchemyWorkflow, retry_stale
from statecraft.transition_log import TransitionLog


class Base(DeclarativeBase):
    pass


class Payment(Workflow):
    open = State()
    paid = State()
    pay = Event(open.to(paid))


class Order(SQLAlchemyWorkflow, Base, log=True, version_field="version"):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None]
    version: Mapped[int]
    payment_state: Mapped[str | None]
    payment = Payment.attached("payment_state")

    submitted = State()
    accepted = State()
    accept = Event(submitted.to(accepted))

    @Event(submitted.to(accepted))
    def reserve(self, days: int) -> str:
        return f"{days} days"


class Job(AsyncSQLAlchemyWorkflow, Base):
    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None]
    waiting = State()
    done = State()
    finish = Event(waiting.to(done))


@retry_stale(3)
def accept(session: Session, number: int) -> bool:
    return session.get_one(Order, number).accept()


@retry_stale(3)
async def finish(session: AsyncSession, number: int) -> bool:
    return await (await session.get_one(Job, number)).finish()


assert_type(Order.in_state("accepted", Order.submitted), ColumnElement[bool])
query = select(Order).where(Order.in_state("accepted") | ~Order.not_in_state("submitted"))

engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    order = Order(version=0)
    session.add(order)
    session.commit()
    assert_type(order.reserve(3), str | Literal[False])
    assert_type(order.payment.pay(), bool)
    assert_type(order.transition_log(), TransitionLog)
    assert_type(session.scalars(query).all()[0].id, int)
    session.commit()
