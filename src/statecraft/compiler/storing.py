"""How the target is stored: in the attribute, or by the persistence of the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.compiler.questions import call_plainly
from statecraft.compiler.source import fact_of_expected

if TYPE_CHECKING:
    from statecraft.compiler.context import Context
    from statecraft.compiler.routes import Group, Routes
    from statecraft.compiler.source import Source


class Storing:
    """Writes the storing of one candidate of a group."""

    def __init__(self, context: Context, routes: Routes, group: Group, position: int) -> None:
        self.context = context
        self.routes = routes
        self.group = group
        self.position = position

    def write(self, source: Source, *, has_result: bool, compares: bool) -> None:
        """Write it; ``compares`` where something ran that may have moved the object."""
        context = self.context
        target = self.routes.target_value(source, self.group, self.position)
        if context.persist_change is not None:
            result = "_result" if has_result else "None"
            change = f"_Change({target}, {self._expected(source)}, _transition, {result})"
            call, is_async = f"self.persist_change({change})", context.persist_change.is_async
            call_plainly(source, context, call, is_async=is_async)
        elif context.persist_state is not None:
            call = f"self.persist_state({target}, expected={self._expected(source)})"
            call_plainly(source, context, call, is_async=context.persist_state.is_async)
        else:
            if compares:
                self._write_comparison(source)
            source.add(f"self.{context.spec.state_field} = {target}")
        if context.load is not None and context.load.is_async:
            source.add(f"_hold(self, {target})")

    def _expected(self, source: Source) -> str:
        state, *others = self.group.sources
        if others:
            return "_expected[_value]"
        return source.constant(*fact_of_expected(state, self.context.expected(state)))

    def _write_comparison(self, source: Source) -> None:
        expected, field = self._expected(source), f"self.{self.context.spec.state_field}"
        source.add("try:", f"    if {field} != _value:")
        source.add(f"        _check_moved(self, {expected}, {field})")
        source.add("except _AttributeError:", f"    _check_moved(self, {expected}, None)")
