"""How the target is stored: in the attribute, or by the persistence of the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.compiler.questions import call_plainly
from statecraft.compiler.source import fact_of_event, fact_of_expected
from statecraft.persistence import remembered_field

if TYPE_CHECKING:
    from statecraft.compiler.context import Context
    from statecraft.compiler.routes import Group, Routes
    from statecraft.compiler.source import Source
    from statecraft.moves import Move
    from statecraft.states import State


def remembered(context: Context) -> str:
    """Return the code of what the object remembers."""
    return (
        "await _settled(self.load_remembered())" if context.is_async else "self.load_remembered()"
    )


def remembering(source: Source, context: Context, move: Move, leaf: str) -> str:
    """Return the code of what the object remembers when ``move`` has left ``leaf``."""
    names = tuple(state.name for state in move.remembers)
    compounds = source.constant("compounds", names, f"_left_{'_'.join(names)}")
    return f"_remembering({remembered(context)}, {compounds}, {leaf})"


def recalled(source: Source, context: Context, move: Move, compound: State, leaf: str) -> str:
    """Return the code of the leaf that the history of ``compound`` tells.

    If that is left by the same move, it tells what it remembers by then.
    """
    is_left = compound in move.exits
    memory = remembering(source, context, move, leaf) if is_left else remembered(context)
    return f"_recalled({memory}, {source.state(compound)})"


class Storing:
    """Writes the storing of one candidate of a group."""

    def __init__(self, context: Context, routes: Routes, group: Group, position: int) -> None:
        self.context = context
        self.routes = routes
        self.group = group
        self.position = position
        self.move = group.candidates[position]
        self.internal = self.move.transition.internal

    def write_recalling(self, source: Source) -> None:
        """Write which leaf is entered, where a history decides."""
        compound = self.move.recalls
        if compound is not None:
            leaf = self.routes.source_state(source, self.group)
            told = recalled(source, self.context, self.move, compound, leaf)
            source.add(f"_target = {told}")

    def write(self, source: Source, *, has_result: bool, compares: bool) -> None:
        """Write it; ``compares`` where something ran that may have moved the object."""
        context = self.context
        if self.internal and not (context.logs and context.persist_change):
            return  # it stores nothing, and there is no log to know of it
        target = self.routes.target_value(source, self.group, self.position)
        if self.move.remembers:
            leaf = self.routes.source_state(source, self.group)
            memory = remembering(source, self.context, self.move, leaf)
            source.add(f"_remembered = {memory}")
        if context.persist_change is not None:
            result = "_result" if has_result else "None"
            change = f"{target}, {self._expected(source)}, _transition, {result}, {self._noted}"
            change += f", {self.internal}"
            if context.logs:
                event = source.constant(*fact_of_event(self.routes.event.name))
                change += f", _taken_key(self, {event})"
            change += ", remembered=_remembered" if self.move.remembers else ""
            call = f"self.persist_change(_Change({change}))"
            call_plainly(source, context, call, is_async=context.persist_change.is_async)
        elif context.persist_state is not None:
            call = f"self.persist_state({target}, expected={self._expected(source)})"
            call_plainly(source, context, call, is_async=context.persist_state.is_async)
        else:
            if compares:
                self._write_comparison(source)
            source.add(f"{context.loaded_field} = {target}")
            if self.move.remembers:
                source.add(
                    f"{context.loaded_holder}.{remembered_field(context.spec)} = _remembered"
                )
        if context.load is not None and context.load.is_async:
            source.add(f"_hold(self, {target})")

    @property
    def _noted(self) -> str:
        """The code of the arguments that the log keeps, by name."""
        return f"{{{', '.join(f'{name!r}: {name}' for name in self.routes.event.note)}}}"

    def _expected(self, source: Source) -> str:
        state, *others = self.group.sources
        if others:
            return "_expected[_value]"
        return source.constant(*fact_of_expected(state, self.context.expected(state)))

    def _write_comparison(self, source: Source) -> None:
        expected, field = self._expected(source), self.context.loaded_field
        source.add("try:", f"    if {field} != _value:")
        source.add(f"        _check_moved(self, {expected}, {field})")
        source.add("except _AttributeError:", f"    _check_moved(self, {expected}, None)")
