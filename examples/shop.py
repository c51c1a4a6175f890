"""Orders of a shop, stored with SQLAlchemy, in a plain script.

It shows what one transaction is, who is refused when two clerks press the same button, what follows
a commit, how orders are found by their state, and the log of one of them. The database is a file
that is deleted at the end; any other that SQLAlchemy knows will do.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from statecraft import Event, Guard, NoTransitionAllowed, StaleState, State, acting_as
from statecraft.sqlalchemy import SQLAlchemyWorkflow

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from statecraft import Transition


class Base(DeclarativeBase):
    """The base of the shop."""


class Order(SQLAlchemyWorkflow, Base, log=True):
    """An order on its way to the customer."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None] = mapped_column(index=True)
    customer: Mapped[str]
    amount: Mapped[int]
    payments: Mapped[list[Payment]] = relationship()

    submitted = State()
    paid = State()
    sent = State(final=True)
    cancelled = State(final=True)

    send = Event(paid.to(sent), guard=Guard("has_address", because="nobody knows where to"))
    cancel = Event((submitted | paid).to(cancelled))

    @Event(submitted.to(paid), note=("amount",))
    def pay(self, amount: int) -> int:
        """Store the payment; return what is left over."""
        self.payments.append(Payment(amount=amount))
        if amount < self.amount:
            self.halt(f"{self.amount - amount} are missing")
        return amount - self.amount

    def has_address(self) -> bool:
        """Whether the order can be sent."""
        return bool(self.customer)

    def after_commit(self, transition: Transition) -> None:
        """Tell the world: it is true by now, and stays true."""
        print(f"    (mail to {self.customer}: your order is {transition.target})")


class Payment(Base):
    """What somebody has paid."""

    __tablename__ = "payments"
    id: Mapped[int] = mapped_column(primary_key=True)
    order: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    amount: Mapped[int]


def pay_and_halt(session: Session) -> None:
    """Pay too little, and then enough: a halt undoes the payment, too."""
    order = session.get_one(Order, 1)
    print("Ada pays 5:", order.pay(5), "-", order.halted_because)
    print("    payments that are stored:", session.scalar(select(func.count(Payment.id))))
    print("Ada pays 12, and gets back:", order.pay(12))
    session.commit()


def meet(engine: Engine) -> None:
    """Let two clerks do different things with one order at the same time."""
    with Session(engine) as first, Session(engine) as second:
        mine, yours = first.get_one(Order, 2), second.get_one(Order, 2)
        print(f"Two clerks look at order 2, which is {mine.current_state}: {yours.current_state}")
        second.commit()
        mine.cancel()
        first.commit()
        try:
            yours.cancel()
        except (NoTransitionAllowed, StaleState) as error:
            print("The second one is refused:", error)


def undo(session: Session) -> None:
    """Roll back: the order says what the database says, and no mail is sent."""
    order = session.get_one(Order, 1)
    order.send()
    print("Order 1 is", order.current_state)
    session.rollback()
    print("After a rollback it is", order.current_state)


def look(session: Session) -> None:
    """Find orders by their state, and read what has happened to one of them."""
    count = select(func.count(Order.id))
    print("Paid:", session.scalar(count.where(Order.in_state("paid"))))
    print("Still alive:", session.scalar(count.where(Order.not_in_state("sent", "cancelled"))))
    print("What happened to order 1:")
    for record in session.get_one(Order, 1).transition_log():
        what = record.event or "created"
        print(f"    {record.sequence} {what} -> {record.target} by {record.actor} {record.noted}")


def main() -> None:
    """Do all of it in a new file."""
    with TemporaryDirectory() as directory:
        engine = create_engine(f"sqlite:///{Path(directory, 'shop.db')}")
        Base.metadata.create_all(engine)
        with closing(Session(engine)) as session, acting_as("Grace"):
            session.add_all([Order(customer=name, amount=10) for name in ("Ada", "Bob", "Cy")])
            session.commit()
            pay_and_halt(session)
            meet(engine)
            undo(session)
            look(session)
        engine.dispose()


if __name__ == "__main__":
    main()
