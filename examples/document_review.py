"""A review with legal and technical steps, which can be interrupted and resumed where it was.

Three levels: a document is under review, there in one of two departments, and there at one step.
Every hook says when it runs.
"""

# ruff: noqa: D102 - the names of hooks say when they run

from __future__ import annotations

from typing import Any

from statecraft import Compound, Event, State, Workflow


class Document(Workflow):
    """A document that two departments look at before it is published."""

    draft = State()

    class under_review(Compound, history=True):
        """What the departments do, one after the other."""

        class legal(Compound):
            """Who reads it first reads it for its risks."""

            reading = State()
            negotiating = State()
            cleared = State(final=True)

        class technical(Compound):
            """Then somebody tries whether it is true."""

            checking = State()
            cleared = State(final=True)

        approved = State(final=True)

    on_hold = State()
    published = State()

    submit = Event(draft.to(under_review))
    negotiate = Event(under_review.legal.reading.to(under_review.legal.negotiating))
    clear = Event(
        under_review.legal.to(under_review.legal.cleared),
        under_review.technical.to(under_review.technical.cleared),
    )
    pass_on = Event(under_review.legal.on_done(under_review.technical))
    approve = Event(under_review.technical.on_done(under_review.approved))
    publish = Event(under_review.on_done(published))
    interrupt = Event(under_review.to(on_hold))
    resume = Event(on_hold.to(under_review))
    withdraw = Event((under_review | on_hold).to(draft))

    def __init__(self) -> None:
        self.steps: list[str] = []

    def note(self, what: str) -> None:
        """Keep what happened."""
        self.steps.append(what)

    def before_transition(self, transition: Any) -> None:
        self.note(f"before {transition.event}")

    def after_transition(self, transition: Any) -> None:
        self.note(f"after {transition.event}: {self.current_state}")

    def on_draft_exit(self) -> None:
        self.note("  leaves draft")

    def on_under_review_entry(self) -> None:
        self.note("  enters the review")

    def on_under_review_exit(self) -> None:
        self.note("  leaves the review")

    def on_under_review_legal_entry(self) -> None:
        self.note("  enters the legal department")

    def on_under_review_legal_exit(self) -> None:
        self.note("  leaves the legal department")

    def on_under_review_legal_reading_entry(self) -> None:
        self.note("  enters the reading")

    def on_under_review_legal_reading_exit(self) -> None:
        self.note("  leaves the reading")

    def on_under_review_technical_entry(self) -> None:
        self.note("  enters the technical department")


def main() -> None:
    """Send a document through all of it, with an interruption in the middle."""
    document = Document()
    for event in ("submit", "negotiate", "interrupt", "resume", "clear", "clear"):
        print(f"> {event}")
        document.fire(event)
        print("\n".join(document.steps))
        document.steps.clear()


if __name__ == "__main__":
    main()
