"""Where an event leads from each state, grouped so that like sources share their code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.bundles import Bundle
from statecraft.moves import Move, move_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from statecraft.compiler.context import Context
    from statecraft.compiler.source import Source
    from statecraft.states import State
    from statecraft.transitions import EventSpec

_MOST_COMPARISONS = 4  # a chain of comparisons is faster than a dictionary up to about here


class Group(Bundle):
    """Leaves that one piece of code serves; ``candidates`` are those of the first of them."""

    sources: tuple[State, ...]
    candidates: tuple[Move, ...]
    same_target: tuple[bool, ...]


class Routes:
    """The groups of one event, and the code that finds the group of a stored value."""

    def __init__(self, context: Context, event: EventSpec) -> None:
        self.context = context
        self.event = event
        leaves = {leaf.name: leaf for one in event.transitions for leaf in one.leaves}
        self.by_source = {
            name: tuple(move_of(one, leaf) for one in leaf.events[event.name])
            for name, leaf in leaves.items()
        }
        self.in_table = len(leaves) > _MOST_COMPARISONS
        self.groups = self._grouped(leaves)

    @property
    def moves(self) -> Iterator[Move]:
        """All that the event can mean."""
        return (move for moves in self.by_source.values() for move in moves)

    def _grouped(self, leaves: dict[str, State]) -> list[Group]:
        alike: dict[Hashable, list[State]] = {}
        for name, candidates in self.by_source.items():
            shape = tuple(self._shape(move) for move in candidates)
            alike.setdefault(shape, []).append(leaves[name])
        return [self._group(tuple(sources)) for sources in alike.values()]

    def _shape(self, move: Move) -> Hashable:
        return (
            move.transition.conditions,
            move.transition.guards,
            move.transition.internal,
            tuple(state.exit_hook for state in move.exits if state.exit_hook),
            tuple(state.entry_hook for state in move.entries if state.entry_hook),
            None if move.recalls is None else move.recalls.name,
            tuple(state.name for state in move.remembers),
            self.context.completed_by(move),
            None if self.in_table else move.target.name,
        )

    def _group(self, sources: tuple[State, ...]) -> Group:
        rows = [self.by_source[state.name] for state in sources]
        same = tuple(
            len({move.target.name for move in column}) == 1 for column in zip(*rows, strict=True)
        )
        return Group(sources=sources, candidates=rows[0], same_target=same)

    def write(self, source: Source, write_group: Callable[[Group], None]) -> None:
        """Write the code that runs for the group of ``_value``; nothing runs for another value."""
        if self.in_table:
            self._write_table(source, write_group)
            return
        for group in self.groups:
            tests = [
                test
                for state in group.sources
                for test in source.tests(state, self.context.expected(state))
            ]
            with source.block(f"if {' or '.join(tests)}:"):
                write_group(group)

    def _write_table(self, source: Source, write_group: Callable[[Group], None]) -> None:
        rows: dict[Hashable, tuple[Hashable, ...]] = {}
        for number, group in enumerate(self.groups):
            for state in group.sources:
                targets = (move.target.value for move in self.by_source[state.name])
                row = (number, *targets)
                rows.update(dict.fromkeys(self.context.expected(state), row))
        table = source.constant("rows", rows, f"_rows_{self.event.name}")
        with source.block("try:"):
            source.add(f"_row = {table}.get(_value)")
        with source.block("except _TypeError:"):
            source.add("_row = None")
        with source.block("if _row is not None:"):
            self._write_groups(source, write_group, 0, len(self.groups))

    def _write_groups(
        self, source: Source, write_group: Callable[[Group], None], first: int, end: int
    ) -> None:
        if end - first == 1:
            write_group(self.groups[first])
            return
        middle = (first + end) // 2
        with source.block(f"if _row[0] < {middle}:"):
            self._write_groups(source, write_group, first, middle)
        with source.block("else:"):
            self._write_groups(source, write_group, middle, end)

    def source_state(self, source: Source, group: Group) -> str:
        """Return the code for the State that is left."""
        return source.state(group.sources[0]) if len(group.sources) == 1 else "_states[_value]"

    def target_value(self, source: Source, group: Group, position: int) -> str:
        """Return the code for the value that is stored for the target of a candidate."""
        if group.candidates[position].recalls is not None:
            return "_target.value"
        if group.same_target[position]:
            return source.value(group.candidates[position].target)
        return f"_row[{position + 1}]"

    def target_state(self, source: Source, group: Group, position: int) -> str:
        """Return the code for the State that is entered."""
        if group.candidates[position].transition.internal:
            return self.source_state(source, group)
        if group.candidates[position].recalls is not None:
            return "_target"
        if group.same_target[position]:
            return source.state(group.candidates[position].target)
        return f"_states[_row[{position + 1}]]"
