"""A subclass must pass for its parent: it may not take less, or return something else."""

from __future__ import annotations

from statecraft import Event, State, Transition, Workflow, handles
from statecraft.observers import Observer


class Article(Workflow):
    new = State()
    rejected = State()

    @Event(new.to(rejected))
    def reject(self, reason: str) -> None:
        """Take a reason."""

    @Event(new.to(rejected))
    def count(self) -> int:
        """Give a number."""
        return 1

    def on_transition(self, transition: Transition) -> None:
        """Take the transition."""


class TakesLess(Article):
    @handles("reject")
    def reject(self) -> None:  # E: override reportIncompatibleVariableOverride
        """Take nothing."""


class TakesOther(Article):
    @Event(Article.new.to("rejected"))
    def reject(self, reason: int) -> None:  # E: override reportIncompatibleVariableOverride
        """Take a number."""


class GivesOther(Article):
    @handles("count")
    def count(self) -> str:  # E: override reportIncompatibleVariableOverride
        """Give a text."""
        return "1"


class HooksMore(Article):
    def on_transition(self, transition: Transition, more: int) -> None:  # E: override reportIncompatibleMethodOverride
        """Take what nobody gives."""


class Watches(Observer):
    def on_refusal(self, workflow: Article) -> None:  # E: override reportIncompatibleMethodOverride
        """Take less than is told."""
