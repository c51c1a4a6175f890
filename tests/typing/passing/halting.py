"""``halt`` never returns: what follows it is not reached."""

from __future__ import annotations

from typing import Literal, NoReturn, assert_type

from statecraft import AsyncWorkflow, Event, State, TransitionHalted, Workflow


class Article(Workflow):
    new = State()
    rejected = State()

    @Event(new.to(rejected))
    def reject(self, reason: str | None) -> int:
        """Need no return behind ``halt``, and no second question."""
        if reason is None:
            self.halt("Why?")
        return len(reason)

    @Event(new.to(rejected))
    def forget(self) -> int:
        """End in ``halt``."""
        self.halt()

    @Event(new.to(rejected))
    def refuse(self) -> NoReturn:
        """Do nothing but halt."""
        self.halt("never")
        return 1 + "one"

    def on_transition(self) -> None:
        """Raise what reaches the caller."""
        raise TransitionHalted("not today", code="closed")


class Order(AsyncWorkflow):
    placed = State()
    paid = State()

    @Event(placed.to(paid))
    async def pay(self, amount: int) -> str:
        """Halt in a coroutine, without waiting for it."""
        if amount > 0:
            return "paid"
        self.halt("nothing to pay")


def fires(article: Article) -> None:
    """A handler that may halt gives False then."""
    assert_type(article.reject("dull"), int | Literal[False])
