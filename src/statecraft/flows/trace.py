"""The trace of a task: the moves that it has made, which are the truth about its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.flows.flattening import START
from statecraft.flows.paths import Move

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Trace:
    """Moves, from the start to where the task stands; never changed, only followed by another."""

    __slots__ = ("moves",)

    def __init__(self, moves: Iterable[Move] = ()) -> None:
        self.moves = tuple(moves)

    def __repr__(self) -> str:
        return f"<Trace {' '.join(map(str, self.moves)) or START}>"

    def __eq__(self, other: object) -> bool:
        return self.moves == other.moves if isinstance(other, Trace) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.moves)

    @property
    def place(self) -> str:
        """The path of the action where it ends: the first one that is not answered."""
        return self.moves[-1].target if self.moves else START

    @property
    def path(self) -> tuple[str, ...]:
        """The actions that were answered, in the order of their last answers."""
        answered = [move.source for move in self.moves if not move.is_link][1:]
        return tuple(reversed(dict.fromkeys(reversed(answered))))

    def then(self, event: str, target: str) -> Trace:
        """Return this trace with one move more."""
        return Trace((*self.moves, Move(event, self.place, target)))

    def starts_with(self, other: Trace) -> bool:
        """Whether the other one is the beginning of this one."""
        return self.moves[: len(other.moves)] == other.moves

    def visits(self, place: str) -> Iterator[Trace]:
        """Yield each part of it that ends at ``place``, the longest first."""
        for length in range(len(self.moves), 0, -1):
            if self.moves[length - 1].target == place:
                yield Trace(self.moves[:length])

    def shorter(self) -> Iterator[Trace]:
        """Yield all its parts from the start, the longest first, without itself."""
        for length in range(len(self.moves) - 1, 0, -1):
            yield Trace(self.moves[:length])

    def stored(self) -> list[list[str]]:
        """Return it as plain JSON: the source of a move is the target of the one before."""
        return [[move.event, move.target] for move in self.moves]

    @classmethod
    def read(cls, stored: Iterable[Any]) -> Trace:
        """Return what ``stored`` gave."""
        trace = cls()
        for event, target in stored:
            trace = trace.then(event, target)
        return trace
