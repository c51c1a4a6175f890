"""States inside states as they are drawn: a name is a path, and that is all there is to know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class DrawnState:
    """A state by its path; ``value`` is code, or nothing where the name is the value.

    ``extends`` says that a compound is written as ``class busy(Base.busy)``.
    """

    name: str
    value: str = ""
    final: bool = False
    inside: tuple[DrawnState, ...] = ()
    history: bool = False
    extends: bool = False

    @property
    def own_name(self) -> str:
        """What it is called where it is declared."""
        return self.name.rpartition(".")[2]

    def code(self, parent: str) -> list[str]:
        """Return its declaration; ``parent`` is the class whose compounds it may extend."""
        if self.inside:
            base = f"{parent}.{self.name}" if self.extends else "Compound"
            options = ", history=True" if self.history else ""
            lines = [line for state in self.inside for line in state.code(parent)]
            return [f"class {self.own_name}({base}{options}):", *(f"    {one}" for one in lines)]
        parts = [self.value] if self.value else []
        parts += ["final=True"] if self.final else []
        return [f"{self.own_name} = State({', '.join(parts)})"]


def every(states: Iterable[DrawnState]) -> Iterator[DrawnState]:
    """Yield these states and all inside of them, a compound before what is in it."""
    for state in states:
        yield state
        yield from every(state.inside)


def merged(old: Iterable[DrawnState], new: Iterable[DrawnState]) -> tuple[DrawnState, ...]:
    """Return what a subclass has that inherits the old ones and declares the new ones."""
    found = {state.name: state for state in old}
    for state in new:
        before = found.get(state.name, state)
        history = state.history or (state.extends and before.history)
        inside = merged(before.inside, state.inside)
        found[state.name] = replace(state, inside=inside, history=history)
    return tuple(found.values())


def above(name: str) -> list[str]:
    """Return the compounds that a state is in, the outermost first, and the state itself."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def all_but(left_out: set[str], states: Iterable[DrawnState]) -> Iterator[str]:
    """Yield what ANY means: no final state, and a compound as a whole if nothing is left out."""
    for state in states:
        names = {one.name for one in every([state])}
        if state.final or state.name in left_out:
            continue
        if names & left_out:
            yield from all_but(left_out, state.inside)
        else:
            yield state.name


def hook_name(direction: str, state: str) -> str:
    """Return the name of the method that is the hook of a state."""
    return f"on_{state.replace('.', '_')}_{direction}"
