"""The workflows that the conformance suite walks through; a store adds its persistence to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.declarations import Event
from statecraft.states import State

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


class Trouble(Exception):
    """What a handler raises."""


class Document:
    """A document that is submitted and published, and whose other events all go wrong."""

    draft = State()
    waiting = State()
    published = State(final=True)

    submit = Event(draft.to(waiting))
    publish = Event(waiting.to(published))
    look_at = Event((draft | waiting).internal())

    meanwhile: Any

    @Event(draft.to(published))
    def hesitate(self) -> Any:
        """Let something else happen before the state is stored."""
        return type(self).meanwhile()

    @Event(draft.to(waiting))
    def stop(self: Any) -> None:
        """Halt softly."""
        self.halt("not today")

    @Event(draft.to(waiting), guard=lambda _: False)
    def pass_guard(self) -> None:
        """Never run."""

    @Event(draft.to(waiting))
    def fail(self) -> None:
        """Raise."""
        raise Trouble


class Forgiving(Document):
    """Deals with what its handlers raise."""

    def on_error(self, error: Exception) -> None:
        """Let the event return False."""


class Eager(Document):
    """Is published as soon as it is submitted."""

    def after_transition(self: Any, transition: Any) -> Any:
        """Fire again where the state is stored already."""
        return self.publish() if transition.event == "submit" else None


class Ring:
    """Seven states in a ring, so that a step too much or too little shows."""

    first = State()
    second = State()
    third = State()
    fourth = State()
    fifth = State()
    sixth = State()
    seventh = State()

    step = Event(
        first.to(second),
        second.to(third),
        third.to(fourth),
        fourth.to(fifth),
        fifth.to(sixth),
        sixth.to(seventh),
        seventh.to(first),
    )


def declare_values(values: Sequence[Hashable]) -> type:
    """Return a workflow with a state for each value; ``go_<number>`` leads there, ``back`` back."""
    states = {f"state_{number}": State(value) for number, value in enumerate(values)}
    initial = states["state_0"]
    others = [state for state in states.values() if state is not initial]
    events = {
        f"go_{number}": Event(initial.to(state)) for number, state in enumerate(others, start=1)
    }
    back = Event(*(state.to(initial) for state in others))
    return type("Valued", (), {**states, **events, "back": back})
