"""``can``, ``refusal`` and ``target_of`` take the arguments of the event, or none."""

from __future__ import annotations

from statecraft import AsyncWorkflow, Event, State, Workflow


class Article(Workflow):
    new = State()
    rejected = State()

    submit = Event(new.to(rejected))

    @Event(new.to(rejected))
    def reject(self, reason: str, *, loud: bool = False) -> None:
        """Take a reason."""


class Order(AsyncWorkflow):
    placed = State()
    paid = State()

    @Event(placed.to(paid))
    async def pay(self, amount: int) -> None:
        """Take an amount."""


def asks(article: Article) -> None:
    article.can(Article.reject, 3)  # E: call-overload reportArgumentType reportCallIssue
    article.can(Article.reject, "dull", 3)  # E: call-overload reportCallIssue
    article.can(Article.reject, raeson="dull")  # E: call-overload reportCallIssue
    article.can(Article.reject, "dull", loud="very")  # E: arg-type reportArgumentType reportCallIssue
    article.can(Article.submit, 3)  # E: call-overload reportCallIssue
    article.refusal(Article.reject, 3)  # E: call-overload reportArgumentType reportCallIssue
    article.target_of(Article.reject, 3)  # E: call-overload reportArgumentType reportCallIssue
    article.can(Article.rejct)  # E: attr-defined reportAttributeAccessIssue reportUnknownArgumentType reportUnknownMemberType
    article.can(Article.rejected)  # E: call-overload reportArgumentType reportCallIssue
    article.can(print)  # E: call-overload reportArgumentType reportCallIssue
    article.can()  # E: call-overload reportCallIssue
    if article.target_of("submit"):  # E: reportGeneralTypeIssues
        print("a State has no truth value: it is to be compared with None")


async def asks_and_waits(order: Order) -> None:
    await order.can(Order.pay, "much")  # E: call-overload reportArgumentType reportCallIssue
    await order.refusal(Order.pay, amuont=3)  # E: call-overload reportCallIssue
