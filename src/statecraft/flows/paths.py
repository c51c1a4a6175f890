"""Every way through a flow: moves from its start to its end that take no arrow twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from statecraft.flows.flattening import FINISHED, START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.spec import WorkflowSpec


class Move(NamedTuple):
    """One move of a task: by which event, from which action to which (their paths)."""

    event: str
    source: str
    target: str

    @property
    def is_link(self) -> bool:
        """Whether it needs no answer."""
        return self.event.startswith("link_to_")

    def __str__(self) -> str:
        return f"{self.source} -{self.event}-> {self.target}"


def moves_of(spec: WorkflowSpec) -> tuple[Move, ...]:
    """Return every arrow of the workflow of a flow, once, in the order of declaration."""
    found = (
        Move(event.name, one.source.name, one.target.name)
        for event in spec.events.values()
        for one in event.transitions
    )
    return tuple(dict.fromkeys(found))


def paths_of(spec: WorkflowSpec) -> Iterator[tuple[Move, ...]]:
    """Yield every path from the start to the end that takes each arrow at most once."""
    leaving: dict[str, list[Move]] = {}
    for move in moves_of(spec):
        leaving.setdefault(move.source, []).append(move)
    taken: list[Move] = []

    def onward(place: str) -> Iterator[tuple[Move, ...]]:
        if place == FINISHED:
            yield tuple(taken)
            return
        for move in leaving.get(place, ()):
            if move not in taken:
                taken.append(move)
                yield from onward(move.target)
                taken.pop()

    yield from onward(START)
