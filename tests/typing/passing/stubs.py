"""``can_*`` and ``is_*`` are visible where a marked block in the class body declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from statecraft import AsyncWorkflow, Event, State, Workflow


class Article(Workflow):
    new = State()
    rejected = State()

    @Event(new.to(rejected))
    def reject(self, reason: str) -> None:
        """Take a reason."""

    if TYPE_CHECKING:

        def can_reject(self, reason: str = ...) -> bool: ...
        def is_new(self) -> bool: ...
        def is_rejected(self) -> bool: ...


class Order(AsyncWorkflow):
    placed = State()
    paid = State()
    pay = Event(placed.to(paid))

    if TYPE_CHECKING:

        async def can_pay(self) -> bool: ...
        def is_paid(self) -> bool: ...


def asks(article: Article) -> None:
    """They are methods like others."""
    assert_type(article.is_new(), bool)
    assert_type(article.can_reject("dull"), bool)


async def asks_and_waits(order: Order) -> None:
    """What may have to load the state is awaited."""
    assert_type(order.is_paid(), bool)
    assert_type(await order.can_pay(), bool)
