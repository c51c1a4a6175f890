"""``can``, ``refusal`` and ``target_of`` take an event by its name, or as the class has it."""

from __future__ import annotations

from typing import Any, assert_type

from statecraft import Event, Refusal, State, Unmet, Workflow


class Article(Workflow):
    new = State()
    being_reviewed = State()
    rejected = State()

    submit = Event(new.to(being_reviewed))
    archive = Event[[int], bool](rejected.internal())

    @Event(being_reviewed.to(rejected))
    def reject(self, reason: str, *, loud: bool = False) -> None:
        """Take arguments."""

    def is_pointless(self) -> bool:
        """Ask with ``self``."""
        return not self.can(Article.submit) and self.refusal("submit") is not None


def asks_by_name(article: Article) -> None:
    """By name, anything may follow."""
    assert_type(article.can("submit"), bool)
    assert_type(article.can("reject", "dull", loud=True), bool)
    assert_type(article.refusal("reject", "dull"), Refusal | None)
    assert_type(article.target_of("reject", "dull"), State | None)


def asks_by_the_event(article: Article) -> None:
    """By the event, its arguments follow."""
    assert_type(article.can(Article.submit), bool)
    assert_type(article.can(Article.reject, "dull"), bool)
    assert_type(article.can(Article.reject, reason="dull", loud=True), bool)
    assert_type(article.can(Article.archive, 3), bool)
    assert_type(article.refusal(Article.reject, "dull"), Refusal | None)
    assert_type(article.target_of(Article.reject, "dull"), State | None)


def asks_without_arguments(article: Article) -> None:
    """Without arguments, what depends on them counts as met."""
    assert_type(article.can(Article.reject), bool)
    assert_type(article.refusal(Article.reject), Refusal | None)
    assert_type(article.target_of(Article.archive), State | None)


def reads_a_refusal(article: Article) -> None:
    """A refusal says which event, which state, what is unmet, and what there is instead."""
    refusal = article.refusal("submit")
    if refusal is not None:
        assert_type(refusal.event, str)
        assert_type(refusal.unmet, tuple[Unmet, ...])
        assert_type(refusal.events_here, tuple[str, ...])
        assert_type(refusal.unmet[0].code, str | None)
        name: Any = refusal.state.name
        print(name)
