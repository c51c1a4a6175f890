"""The words of a diagram: what a state, an event, a condition and a guard are called in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.predicates import Guard
    from statecraft.states import State
    from statecraft.transitions import EventSpec, TransitionSpec

# What no XML document may hold, and so no SVG: it would not open.
_UNDRAWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

DONE = "when it is done"  # of an event that fires by itself


class Caption(NamedTuple):
    """One event on an arrow or in a state: its text, and below it what it depends on."""

    event: str
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, in the order in which it is read."""
        return (self.event, *self.notes)


def cleaned(text: object) -> str:
    """Return ``text`` as it can be drawn: real lines, no control characters."""
    lines = (line.strip() for line in str(text).expandtabs(1).splitlines())
    return _UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", "\n".join(lines)).strip()


def text_of(described: State | EventSpec) -> str:
    """Return the label that a state or an event was given, or its name: without its compound's."""
    own = "" if described.own_label is None else cleaned(described.own_label)
    return own or cleaned(described.name.rpartition(".")[2])


def captions_of(event: EventSpec) -> Iterator[tuple[TransitionSpec, Caption]]:
    """Return each transition of ``event`` with its caption.

    One without a condition that is tried after others from its source is taken when none of
    those is: UML calls it ``[else]``.
    """
    text = text_of(event)
    asked: set[State] = set()
    for transition in event.transitions:
        notes = [_guard_note(guard) for guard in transition.guards]
        if transition.conditions:
            asked.add(transition.source)
            names = " and ".join(condition.name for condition in transition.conditions)
            notes.insert(0, f"[{cleaned(names)}]")
        elif transition.source in asked:
            notes.insert(0, "[else]")
        if transition.on_done:
            notes.insert(0, DONE)
        yield transition, Caption(text, tuple(notes))


def _guard_note(guard: Guard) -> str:
    if guard.because is None or callable(guard.because):
        return f"guard: {cleaned(guard.name)}"
    # In quotes, because a reason is what the guard says when it does not hold.
    return f"guard: \u201c{cleaned(guard.because)}\u201d"
