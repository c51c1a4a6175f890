"""A hook takes the transition, or leaves it out, and may call ``super()``."""

from __future__ import annotations

from typing import assert_type

from statecraft import Attempt, Event, State, Transition, Workflow


class Article(Workflow):
    new = State()
    accepted = State()
    printed = State(final=True)

    accept = Event(new.to(accepted))
    print = Event(accepted.to(printed))

    def before_transition(self) -> None:
        """Leave the transition out."""

    def on_transition(self, transition: Transition) -> None:
        """Take the transition, and pass it on."""
        assert_type(transition.event, str)
        assert_type(transition.source, State)
        assert_type(transition.target, State)
        super().on_transition(transition)

    def after_transition(self, transition: Transition) -> None:
        """Pass on nothing."""
        super().after_transition()

    def after_commit(self) -> None:
        """Leave the transition out here, too."""

    def on_error(self, error: Exception, transition: Transition) -> None:
        """Take both."""
        super().on_error(error, transition)

    def on_unavailable_transition(self, attempt: Attempt) -> bool:
        """Say whether it was dealt with."""
        return attempt.event == "print"

    @new.on_exit
    @accepted.on_entry
    def announce(self, transition: Transition) -> None:
        """Take the transition in a decorated hook."""

    @accepted.on_exit
    def forget(self) -> None:
        """Leave the transition out of a decorated hook."""

    def on_printed_entry(self) -> None:
        """Leave the transition out of a hook that is found by its name."""


class Column(Article):
    """A subclass whose hooks go on with those of its parent."""

    def on_transition(self, transition: Transition) -> None:
        """Call the hook of the parent."""
        super().on_transition(transition)

    def on_error(self, error: Exception, transition: Transition) -> None:
        """Call the hook of the parent."""
        super().on_error(error, transition)


class Note(Workflow):
    written = State()
    burn = Event(written.to(written))

    def on_error(self, error: Exception) -> None:
        """Take the error alone."""

    def on_unavailable_transition(self) -> None:
        """Take nothing."""


def calls_a_decorated_hook(article: Article) -> None:
    """A decorated hook remains the method that it was."""
    article.forget()
