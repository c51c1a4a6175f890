"""Where an event leads from each state, grouped so that like sources share their code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from statecraft.compiler.context import Context
    from statecraft.compiler.source import Source
    from statecraft.states import State
    from statecraft.transitions import EventSpec, TransitionSpec

_MOST_COMPARISONS = 4  # a chain of comparisons is faster than a dictionary up to about here


class Group(NamedTuple):
    """Sources that one piece of code serves; ``candidates`` are those of the first source."""

    sources: tuple[State, ...]
    candidates: tuple[TransitionSpec, ...]
    same_target: tuple[bool, ...]


class Routes:
    """The groups of one event, and the code that finds the group of a stored value."""

    def __init__(self, context: Context, event: EventSpec) -> None:
        self.context = context
        self.event = event
        by_source: dict[str, list[TransitionSpec]] = {}
        for transition in event.transitions:
            by_source.setdefault(transition.source.name, []).append(transition)
        self.by_source = {name: tuple(candidates) for name, candidates in by_source.items()}
        self.in_table = len(by_source) > _MOST_COMPARISONS
        self.groups = self._grouped()

    def _grouped(self) -> list[Group]:
        alike: dict[Hashable, list[tuple[TransitionSpec, ...]]] = {}
        for candidates in self.by_source.values():
            alike.setdefault(self._shape(candidates), []).append(candidates)
        return [self._group(rows) for rows in alike.values()]

    def _shape(self, candidates: tuple[TransitionSpec, ...]) -> Hashable:
        return (
            candidates[0].source.exit_hook,
            *(
                (
                    one.conditions,
                    one.guards,
                    one.internal,
                    one.target.entry_hook,
                    None if self.in_table else one.target.name,
                )
                for one in candidates
            ),
        )

    @staticmethod
    def _group(rows: list[tuple[TransitionSpec, ...]]) -> Group:
        same = tuple(
            len({one.target.name for one in column}) == 1 for column in zip(*rows, strict=True)
        )
        return Group(tuple(row[0].source for row in rows), rows[0], same)

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
                targets = (one.target.value for one in self.by_source[state.name])
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
        if group.same_target[position]:
            return source.value(group.candidates[position].target)
        return f"_row[{position + 1}]"

    def target_state(self, source: Source, group: Group, position: int) -> str:
        """Return the code for the State that is entered."""
        if group.candidates[position].internal:
            return self.source_state(source, group)
        if group.same_target[position]:
            return source.state(group.candidates[position].target)
        return f"_states[_row[{position + 1}]]"
