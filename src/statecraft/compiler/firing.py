"""The function of one event: the steps of a firing, in their order, for sync and async alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecraft.compiler.acting import Acting
from statecraft.compiler.endings import Endings
from statecraft.compiler.needs import Needs
from statecraft.compiler.questions import Met, Question
from statecraft.compiler.source import fact_of_function
from statecraft.halting import JUDGING
from statecraft.persistence import Plan

if TYPE_CHECKING:
    from collections.abc import Generator

    from statecraft.compiler.context import Context
    from statecraft.compiler.routes import Group, Routes
    from statecraft.compiler.source import Parameters, Source
    from statecraft.transitions import EventSpec


def write_load(source: Source, context: Context) -> None:
    """Write how ``_value`` gets the stored value."""
    if context.load is None:
        if context.is_attached:
            source.add("_subject = self.subject")
        source.add("try:", f"    _value = {context.loaded_field}")
        source.add("except _AttributeError:", "    _value = None")
    elif context.load.is_async:
        source.add("_value = await self.load_state()", "_hold(self, _value)")
    else:
        source.add("_value = self.load_state()")


class Firing:
    """Writes the function of one event: see the package for the order of the steps."""

    def __init__(
        self, context: Context, event: EventSpec, parameters: Parameters, routes: Routes
    ) -> None:
        self.needs = Needs(context, event, parameters, routes)
        self.endings = Endings(self.needs)

    def write(self, source: Source) -> None:
        """Write the whole function."""
        kind = "async def" if self.needs.context.is_async else "def"
        name = source.constant(*fact_of_function(self.needs.event.name))
        head = f"{kind} {name}({self.needs.parameters.declared(source)}):"
        with source.block(head), self._turn(source):
            self._write_body(source)

    @contextmanager
    def _turn(self, source: Source) -> Generator[None]:
        if self.needs.context.is_async and self.needs.can_wait:
            source.add("_turn = await _take_turn(self)")
            end = "_turn.end()"
        elif self.needs.context.is_async:
            source.add("_turn = await _take_turn(self) if _running else None")
            end = "_turn is None or _turn.end()"
        elif self.needs.context.threadsafe:
            source.add("_turn = _take_thread_turn(self)")
            end = "_turn.end()"
        else:
            yield
            return
        with source.block("try:"):
            yield
        with source.block("finally:"):
            source.add(end)

    def _write_body(self, source: Source) -> None:
        self.needs.write_told(
            source, f"_told = _observe(self, {self.needs.name(source)}).started()"
        )
        with source.block_if(self.needs.context.observed, "try:"):
            self._write_steps(source)
        if self.needs.context.observed:
            with source.block("except _BaseException as _error:"):
                source.add("_told.failed(_error)", "raise")
            with source.block("finally:"):
                source.add("_told.ended()")

    def _write_steps(self, source: Source) -> None:
        if self.needs.in_unit:
            source.add("_value = None")  # nothing is loaded yet if the unit cannot begin
        else:
            self._write_beginning(source)
        if self.needs.can_be_stopped:
            if (
                self.needs.has_guards
                or self.needs.on_error is not None
                or self.needs.goes_on_after_storing
            ):
                source.add(f"_phase = {JUDGING!r}")
            with source.block("try:"), self._unit(source):
                self.needs.routes.write(source, lambda group: self._write_group(source, group))
            self.endings.write_excepts(source)
        else:
            self.needs.routes.write(source, lambda group: self._write_group(source, group))
        if not self.needs.in_unit:
            self.endings.write_refusal(source)
            if self.needs.deals_with_refusals:
                self.endings.write_dealing(source)

    def _write_beginning(self, source: Source) -> None:
        write_load(source, self.needs.context)
        if self.needs.context.can_halt:
            if self.needs.context.has_slots:
                source.add("self._halted_because = None")
            else:
                source.add("if _halts and self._halted_because is not None:")
                source.add("    del self._halted_because")
        if self.needs.has_conditions:
            source.add("_unmet = ()")

    @contextmanager
    def _unit(self, source: Source) -> Generator[None]:
        """Write the unit of a store around what is written inside ``with``; a refusal undoes it."""
        if not self.needs.in_unit:
            yield
            return
        lock = self.needs.context.lock if self.needs.event.lock is None else self.needs.event.lock
        plan = Plan(
            self.needs.event.name, self.needs.runs_code_before, self.needs.runs_code_after, lock
        )
        code = source.constant("plan", plan, f"_plan_{self.needs.event.name}")
        waiting = "async " if self.needs.context.is_async else ""
        if self.needs.deals_with_refusals:
            source.add("_refusal = None")
        with source.block(f"{waiting}with self.persistence_unit({code}):"):
            self._write_beginning(source)
            yield
            self.endings.write_refusal(source)
            if self.needs.deals_with_refusals:
                source.add("raise _refusal")

    def _write_group(self, source: Source, group: Group) -> None:
        met = Met(source)
        for position, one in enumerate(group.candidates):
            asked = [
                Question(source, self.needs.context, each, self.needs.parameters)
                for each in one.transition.conditions
            ]
            test = ""
            if asked:
                unmet = [question.unmet() for question in asked]
                test = met.all_of([question.holds for question in asked], unmet)
            with source.block_if(asked, f"if {test}:"):
                Acting(self.needs, group, position).write(source)
        if all(one.transition.conditions for one in group.candidates):
            source.add(f"_unmet = ({', '.join(met.unmet)},)")
