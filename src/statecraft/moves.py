"""Which states a transition leaves and enters, known from the spec alone.

The rules are those of statecharts (SCXML, 3.13, "Selecting Transitions"; a transition from a
compound to a state inside of it is "internal" there): exits run from the leaf outward and entries
inward, for all that is below the nearest compound around both the source and the target. A
transition from a compound to a state inside of it does not leave the compound; one from a state to
its own compound, or to itself, leaves and enters it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.bundles import NamedTuple

if TYPE_CHECKING:
    from statecraft.states import State
    from statecraft.transitions import TransitionSpec


class Move(NamedTuple):
    """What one transition means for an object that is in one leaf.

    ``exits`` and ``entries`` are the states that are left and entered, in this order; ``target``
    is the leaf that is entered. ``recalls`` is the compound whose history decides instead, if it
    remembers: ``entries`` ends with that compound then, and ``target`` is where it leads without
    a memory.
    """

    transition: TransitionSpec
    exits: tuple[State, ...]
    entries: tuple[State, ...]
    target: State
    recalls: State | None = None

    @property
    def remembers(self) -> tuple[State, ...]:
        """The compounds with history that are left, which remember the leaf."""
        return tuple(state for state in self.exits if state.history)


def move_of(transition: TransitionSpec, leaf: State) -> Move:
    """Return what ``transition`` means for an object in ``leaf``."""
    if transition.internal:
        return Move(transition, (), (), leaf)
    target = transition.target
    if leaf.parent is None and not target.states and target.parent is None:
        return Move(transition, (leaf,), (target,), target)
    around = _around(transition)
    left = leaf.path[len(around) :]
    down = list(target.path[len(around) :])
    while target.states and not target.history:
        target = next(iter(target.states.values()))
        down.append(target)
    recalls = target if target.states else None
    return Move(transition, left[::-1], tuple(down), target.initial_leaf, recalls)


def _around(transition: TransitionSpec) -> tuple[State, ...]:
    """Return the compounds, the outermost first, that are neither left nor entered."""
    source, target = transition.source.path, transition.target.path
    if len(target) > len(source) and target[len(source) - 1] is transition.source:
        return source
    around = 0
    for one, other in zip(source[:-1], target[:-1], strict=False):
        if one is not other:
            break
        around += 1
    return source[:around]
