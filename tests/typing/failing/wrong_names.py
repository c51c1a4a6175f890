"""A misspelt event, state or attribute is an error."""

from __future__ import annotations

from statecraft import AsyncWorkflow, Event, State, Workflow


class Article(Workflow):
    new = State()
    being_reviewed = State()

    submit = Event(new.to(being_reviewed))
    review = Event(new.to(being_reviwed))  # E: name-defined reportUndefinedVariable reportUnknownArgumentType
    being_reviewed.on_enter(print)  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType


class Order(AsyncWorkflow):
    placed = State()
    pay = Event(placed.to(placed))


def fires(article: Article) -> None:
    article.sumbit()  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType
    Article.sumbit  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType


async def fires_and_waits(order: Order) -> None:
    await order.pya()  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType


def compares(article: Article) -> bool:
    return article.current_state == Article.being_reviwed  # E: attr-defined no-any-return reportAttributeAccessIssue reportUnknownMemberType reportUnknownVariableType


def reads(article: Article) -> None:
    article.current_state.lable  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType
    article.current_status  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType
    Article.workflow_spec.stats  # E: attr-defined reportAttributeAccessIssue reportUnknownMemberType
