"""What an event returns is known, and so is that it may have been halted."""

from __future__ import annotations

from statecraft import AsyncWorkflow, Event, State, Workflow


class Invoice:
    """What an order gives."""

    number = 1


class Article(Workflow):
    new = State()
    accepted = State()

    submit = Event(new.to(accepted))

    @Event(new.to(accepted))
    def accept(self) -> Invoice:
        """Give a value."""
        return Invoice()

    @Event(new.to(accepted))
    def remind(self) -> Invoice | None:
        """Give a value, perhaps."""

    @Event(new.to(accepted))
    def stop(self) -> int:  # E: return reportReturnType
        """Neither return nor halt."""
        self.halted_because


class Order(AsyncWorkflow):
    placed = State()
    paid = State()
    cancel = Event(placed.to(paid))

    @Event(placed.to(paid))
    async def pay(self) -> Invoice:
        """Give a value."""
        return Invoice()


def fires(article: Article) -> None:
    submitted: str = article.submit()  # E: assignment reportAssignmentType
    accepted: Invoice = article.accept()  # E: assignment reportAssignmentType
    reminded: Invoice | None = article.remind()  # E: assignment reportAssignmentType
    article.accept().number  # E: union-attr reportAttributeAccessIssue reportUnknownMemberType
    print(submitted, accepted, reminded)


async def fires_and_waits(order: Order) -> None:
    cancelled: bool = order.cancel()  # E: assignment reportAssignmentType
    paid: Invoice = await order.pay()  # E: assignment reportAssignmentType
    order.cancel()  # E: unused-coroutine reportUnusedCoroutine
    allowed: bool = order.can("pay")  # E: assignment reportAssignmentType
    print(cancelled, paid, allowed)
