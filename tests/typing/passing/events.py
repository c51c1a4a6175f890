"""The arguments and the result of an event are those of its handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, assert_type

from statecraft import ANY, Event, State, Workflow


class Invoice:
    """What handing out an article may give."""


class Article(Workflow):
    new = State()
    being_reviewed = State()
    accepted = State()
    rejected = State()

    submit = Event(new.to(being_reviewed))
    archive = Event[[int], bool](ANY.to(rejected))
    revise: Event[[int, str], bool] = Event(being_reviewed.to(being_reviewed))

    @Event(being_reviewed.to(rejected))
    def reject(self, reason: str, *, loud: bool = False) -> None:
        """Return nothing."""

    @Event(being_reviewed.to(accepted))
    def accept(self) -> Invoice:
        """Return a value."""
        return Invoice()

    @Event(accepted.internal())
    def remind(self) -> Invoice | None:
        """Return a value, perhaps."""

    @Event(accepted.internal())
    def check(self, /, *marks: int, **notes: str) -> bool:
        """Return a truth value. Without the slash, mypy says that a note could be called "self"."""
        return bool(marks or notes)

    @Event(accepted.internal())
    def export(self, where: str) -> Any:
        """Return who knows what."""


def fires_without_a_handler(article: Article) -> None:
    """It returns whether it fired, and takes the arguments that it was declared with."""
    assert_type(article.submit(), bool)
    assert_type(article.archive(3), bool)
    assert_type(article.revise(3, "commas"), bool)


def fires_a_handler_that_returns_nothing(article: Article) -> None:
    """It returns whether it fired."""
    assert_type(article.reject("dull"), bool)
    assert_type(article.reject(reason="dull", loud=True), bool)


def fires_a_handler_that_returns_a_value(article: Article) -> Invoice | None:
    """It returns the value, or False if it was halted; True in the place of None."""
    assert_type(article.accept(), Invoice | Literal[False])
    assert_type(article.remind(), Invoice | bool)
    assert_type(article.check(1, 2, why="so"), bool)
    invoice = article.accept()
    if invoice is False:
        return None
    return assert_type(invoice, Invoice)


def fires_a_handler_that_returns_anything(article: Article) -> None:
    """It returns anything, or False; the arguments are known nevertheless."""
    assert_type(article.export("file.txt"), Any | bool)


def calls_the_function_of_the_class(article: Article) -> None:
    """On the class, the event is a function that takes the object first."""
    assert_type(Article.submit(article), bool)
    assert_type(Article.accept(article), Invoice | Literal[False])
    assert_type(Article.reject(article, "dull", loud=True), bool)
    assert_type(Article.reject.__name__, str)
    Article.reject.__wrapped__(article, "dull")


def passes_for_a_callable(article: Article, articles: list[Article]) -> None:
    """An event can be handed over, of an object and of a class."""
    submit: Callable[[], object] = article.submit
    reject: Callable[[str], bool] = article.reject
    assert_type(list(map(Article.submit, articles)), list[bool])
    print(submit(), reject("dull"))


def fires_by_name(article: Article) -> None:
    """What an event returns that is fired by its name, nobody knows."""
    assert_type(article.fire("reject", "dull"), Any)
    assert_type(article.allowed_events(), tuple[str, ...])
    assert_type(article.halted, bool)
    assert_type(article.halted_because, Any)
