"""An event is called with the arguments that its handler takes, and with no others."""

from __future__ import annotations

from statecraft import ANY, AsyncWorkflow, Event, State, Workflow, handles


class Article(Workflow):
    new = State()
    being_reviewed = State()
    rejected = State()

    submit = Event(new.to(being_reviewed))
    archive = Event[[int], bool](ANY.to(rejected))
    revise: Event[[int, str], bool] = Event(being_reviewed.to(being_reviewed))

    @Event(being_reviewed.to(rejected))
    def reject(self, reason: str, *, loud: bool = False) -> None:
        """Take a reason."""


class Column(Article):
    reject = Event(Article.new.to("rejected"))

    @handles("submit")
    def submit(self) -> None:
        """Take nothing."""


class Order(AsyncWorkflow):
    placed = State()
    paid = State()

    @Event(placed.to(paid))
    async def pay(self, amount: int) -> None:
        """Take an amount."""


def fires(article: Article) -> None:
    article.reject(3)  # E: arg-type reportArgumentType
    article.reject()  # E: call-arg reportCallIssue
    article.reject(raeson="dull")  # E: call-arg reportCallIssue
    article.reject("dull", loud="very")  # E: arg-type reportArgumentType
    article.submit(1)  # E: call-arg reportCallIssue
    article.submit(reason="dull")  # E: call-arg reportCallIssue
    article.archive()  # E: call-arg reportCallIssue
    article.archive("x")  # E: arg-type reportArgumentType
    article.archive(1, 2)  # E: call-arg reportCallIssue
    article.revise(1)  # E: call-arg reportCallIssue
    article.revise("x", 1)  # E: arg-type reportArgumentType


def fires_in_a_subclass(column: Column) -> None:
    column.reject(3)  # E: arg-type reportArgumentType
    column.submit(3)  # E: call-arg reportCallIssue


def calls_the_function_of_the_class(article: Article) -> None:
    Article.reject("dull")  # E: call-arg reportCallIssue
    Article.reject(article, 3)  # E: arg-type reportArgumentType


async def fires_and_waits(order: Order) -> None:
    await order.pay("much")  # E: arg-type reportArgumentType
    await order.pay()  # E: call-arg reportCallIssue
    await order.pay(amuont=3)  # E: call-arg reportCallIssue
