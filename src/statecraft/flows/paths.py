"""Every way through a flow: the moves from its start to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from statecraft.flows.flattening import FINISHED, START

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    """Yield paths from the start to the end which together take every arrow that can be taken.

    First every path that takes each arrow at most once. An arrow that only leads back is on none of
    them, since the way on from there has been gone before: it then gets a shortest path of its own.
    """
    leaving: dict[str, list[Move]] = {}
    moves = moves_of(spec)
    for move in moves:
        leaving.setdefault(move.source, []).append(move)
    missed = dict.fromkeys(moves)
    for path in _trails(leaving, START, []):
        yield path
        for move in path:
            missed.pop(move, None)
    for move in missed:
        before = _shortest(leaving, START, move.source)
        after = _shortest(leaving, move.target, FINISHED)
        if before is not None and after is not None:
            yield (*before, move, *after)


def _trails(
    leaving: Mapping[str, list[Move]], place: str, taken: list[Move]
) -> Iterator[tuple[Move, ...]]:
    """Yield every path from here to the end that takes no arrow twice, and none of ``taken``."""
    if place == FINISHED:
        yield tuple(taken)
        return
    for move in leaving.get(place, ()):
        if move not in taken:
            yield from _trails(leaving, move.target, [*taken, move])


def _shortest(
    leaving: Mapping[str, list[Move]], source: str, target: str
) -> tuple[Move, ...] | None:
    ways: dict[str, tuple[Move, ...]] = {source: ()}
    for place in (waiting := [source]):
        for move in leaving.get(place, ()):
            if move.target not in ways:
                ways[move.target] = (*ways[place], move)
                waiting.append(move.target)
    return ways.get(target)
