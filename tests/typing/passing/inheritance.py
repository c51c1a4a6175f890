"""A subclass adds states and events, arrows to inherited events, and handlers to them."""

from __future__ import annotations

from typing import Literal, assert_type

from statecraft import Event, State, Workflow, handles


class Paper:
    """What an article is printed on."""


class Glossy(Paper):
    """A kind of it."""


class Article(Workflow):
    new = State()
    being_reviewed = State()
    rejected = State()

    submit = Event(new.to(being_reviewed))
    archive = Event[[int], bool](rejected.internal())

    @Event(being_reviewed.to(rejected))
    def reject(self, reason: str) -> None:
        """Take a reason."""

    @Event(being_reviewed.internal())
    def print(self, copies: int) -> Paper:
        """Return paper."""
        return Paper()

    @Event(being_reviewed.internal())
    def preview(self) -> Paper | None:
        """Return paper, perhaps."""


class Handled(Article):
    """A subclass that gives inherited events their handlers."""

    @handles("submit")
    def submit(self) -> None:
        """Handle an event that had no handler."""

    @handles("archive")
    def archive(self, shelf: int, /) -> None:
        """Handle an event that was declared with its arguments."""

    @handles("reject")
    def reject(self, reason: str) -> None:
        """Replace the inherited handler, and call it."""
        Article.reject.__wrapped__(self, reason)

    @handles("print")
    def print(self, copies: int, *, margin: int = 0) -> Paper:
        """Take more than the inherited handler."""
        return Paper()


class HandledUnderAnotherName(Article):
    @handles("reject")
    def note_the_rejection(self, reason: str) -> None:
        """Have a name of its own."""


class Extended(Article):
    """A subclass that adds arrows: the handlers, and their arguments, are inherited."""

    withdrawn = State()

    submit = Event(withdrawn.to("being_reviewed"))
    reject = Event(withdrawn.to("rejected"))
    print = Event(withdrawn.internal())
    preview = Event(withdrawn.internal())
    archive = Event[[int], bool](withdrawn.internal())


class Replaced(Article):
    """A subclass that adds arrows and a handler at once."""

    @Event(Article.new.to("rejected"))
    def reject(self, reason: str) -> None:
        """Replace the inherited handler."""


class Twice(Handled):
    """A subclass of a subclass."""

    @handles("print")
    def print(self, copies: int, *, margin: int = 0, staple: bool = False) -> Paper:
        """Take still more."""
        return Glossy()

    reject = Event(Article.new.to("rejected"))


class Reviewable:
    """A plain class that brings states and events."""

    waiting = State()
    reviewed = State()
    review = Event(waiting.to(reviewed))

    @Event(waiting.to("reviewed"))
    def skip(self, why: str) -> int:
        """Bring a handler, too."""
        return len(why)


class Report(Reviewable, Workflow):
    filed = State()
    file = Event(Reviewable.reviewed.to(filed))


class Afresh(Article, replace=True):
    drafted = State()
    printed = State()
    press = Event(drafted.to(printed))


def fires_what_is_handled(handled: Handled, twice: Twice) -> None:
    """The handler of the subclass says what its event takes and gives."""
    assert_type(handled.submit(), bool)
    assert_type(handled.archive(3), bool)
    assert_type(handled.reject(reason="dull"), bool)
    assert_type(handled.print(3, margin=2), Paper | Literal[False])
    assert_type(twice.print(3, margin=2, staple=True), Paper | Literal[False])
    assert_type(twice.reject("dull"), bool)
    assert_type(twice.can(Twice.print, 3, staple=True), bool)


def fires_what_is_extended(extended: Extended, replaced: Replaced) -> None:
    """What is declared again takes and gives what it did."""
    assert_type(extended.submit(), bool)
    assert_type(extended.reject(reason="dull"), bool)
    assert_type(extended.print(3), Paper | Literal[False])
    assert_type(extended.archive(3), bool)
    assert_type(replaced.reject("dull"), bool)


def fires_what_is_mixed_in(report: Report, afresh: Afresh) -> None:
    """The events of a mixin are those of the class."""
    assert_type(report.review(), bool)
    assert_type(report.skip("late"), int | Literal[False])
    assert_type(report.file(), bool)
    assert_type(afresh.press(), bool)


def takes_an_article(article: Article) -> None:
    """A subclass passes for its parent."""
    article.reject("dull")


def passes_subclasses(handled: Handled, extended: Extended) -> None:
    """None of them takes less, or gives something else."""
    takes_an_article(handled)
    takes_an_article(extended)
