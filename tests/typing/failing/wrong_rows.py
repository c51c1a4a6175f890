"""What is wrong with an event or a scope of a mapped class is an error."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from statecraft import Event, State
from statecraft.sqlalchemy import SQLAlchemyWorkflow, retry_stale


class Base(DeclarativeBase):
    pass


class Order(SQLAlchemyWorkflow, Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None]
    submitted = State()
    accepted = State()
    accept = Event(submitted.to(accepted))


@retry_stale(3)
def accept(session: Session, number: int) -> bool:
    return session.get_one(Order, number).accept(1)  # E: call-arg reportCallIssue reportUnknownVariableType


def use(session: Session) -> None:
    accept(session, "seven")  # E: arg-type reportArgumentType
    Order.in_state(7)  # E: arg-type reportArgumentType
    session.get_one(Order, 7).acept()  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType
