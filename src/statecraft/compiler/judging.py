"""The functions that ask and change nothing: ``is_*``, ``can_*``, and the judge of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.compiler.firing import write_load
from statecraft.compiler.questions import Met, Question
from statecraft.compiler.source import fact_of_answers, fact_of_function
from statecraft.compiler.storing import recalled

if TYPE_CHECKING:
    from statecraft.compiler.context import Context
    from statecraft.compiler.routes import Group, Routes
    from statecraft.compiler.source import Parameters, Source
    from statecraft.predicates import Predicate
    from statecraft.states import State
    from statecraft.transitions import EventSpec


def write_is(context: Context, state: State, source: Source) -> None:
    """Write ``is_<state>``."""
    name = source.constant(*fact_of_function(f"is_{state.identifier}"))
    with source.block(f"def {name}(self):"):
        if context.load is not None and context.load.is_async:
            source.add("_value = self._held_value()")
        else:
            write_load(source, context)
        if state.states:
            values = {value for leaf in state.leaves for value in context.expected(leaf)}
            known = source.constant("known", frozenset(values), f"_known_{state.identifier}")
            with source.block("try:"):
                source.add(f"if _value in {known}:", "    return True")
            source.add("except _TypeError:", "    pass")
        else:
            tests = source.tests(state, context.expected(state))
            source.add(f"if {' or '.join(tests)}:", "    return True")
        _write_no(source)


def _write_no(source: Source) -> None:
    """Write the answer no, unless the stored value is unknown."""
    source.add("try:", "    if _value in _states:", "        return False")
    source.add("except _TypeError:", "    pass", "_require_known(self, _value)")


class Judging:
    """Writes ``can_<event>``, and the judge of an event that has conditions or guards.

    The judge returns the stored value, the State that the event would lead to, or ``None``, and
    what is unmet.
    """

    def __init__(
        self, context: Context, event: EventSpec, parameters: Parameters, routes: Routes
    ) -> None:
        self.context = context
        self.event = event
        self.parameters = parameters
        self.routes = routes
        self.asks = event.asks

    def write_can(self, source: Source) -> None:
        """Write ``can_<event>``: it stops asking as soon as the answer is known."""
        kind = "async def" if self.context.is_async else "def"
        declared = self.parameters.declared(source, optional=True)
        name = source.constant(*fact_of_function(f"can_{self.event.name}"))
        with source.block(f"{kind} {name}({declared}):"):
            if self._write_answers(source):
                return
            write_load(source, self.context)
            with source.block_if(self.asks, "try:"):
                self.routes.write(source, lambda group: self._write_can_group(source, group))
            if self.asks:
                source.add("except (_Halt, _TransitionHalted):", "    pass")
            _write_no(source)

    def _write_answers(self, source: Source) -> bool:
        """Write one look-up, the fastest of all, if only the state matters."""
        table = self.context.answers(self.event)
        if table is None:
            return False
        answers = source.constant(*fact_of_answers(self.event.name, table))
        source.add("try:", f"    return {answers}[{self.context.field}]")
        source.add("except (_AttributeError, _KeyError, _TypeError):")
        source.add(f"    return _answered(self, {answers})")
        return True

    def _write_can_group(self, source: Source, group: Group) -> None:
        met = Met(source)
        for one in group.candidates:
            conditions = [
                Question(source, self.context, each, self.parameters)
                for each in one.transition.conditions
            ]
            guards = [
                Question(source, self.context, each, self.parameters)
                for each in one.transition.guards
            ]
            tests = [question.holds_or_unknown for question in conditions]
            test = met.all_of(tests, tests) if tests else ""
            with source.block_if(tests, f"if {test}:"):
                for guard in guards:
                    source.add(f"if {guard.fails_and_known}:", "    return False")
                source.add("return True")

    def write_judge(self, source: Source) -> None:
        """Write the judge: it asks every condition and every guard of the chosen transition."""
        kind = "async def" if self.context.is_async else "def"
        declared = self.parameters.declared(source, optional=True)
        name = source.constant(*fact_of_function(f"_judge_{self.event.name}"))
        with source.block(f"{kind} {name}({declared}):"):
            write_load(source, self.context)
            source.add("_refused = []")
            with source.block("try:"):
                self.routes.write(source, lambda group: self._write_judge_group(source, group))
            source.add("except (_Halt, _TransitionHalted) as _halt:")
            source.add("    return _value, None, (*_refused, *_unmet, _halted(_halt))")
            source.add("return _value, None, (*_refused,)")

    def _write_judge_group(self, source: Source, group: Group) -> None:
        for position, move in enumerate(group.candidates):
            one = move.transition
            source.add("_unmet = []")
            for condition in one.conditions:
                self._write_question(source, condition)
            with source.block_if(one.conditions, "if not _unmet:"):
                if one.guards and position:
                    source.add("_refused = []")
                for guard in one.guards:
                    self._write_question(source, guard)
                target = self.routes.target_state(source, group, position)
                if move.recalls is not None:
                    leaf = self.routes.source_state(source, group)
                    target = recalled(source, self.context, move, move.recalls, leaf)
                source.add(f"return _value, (None if _unmet else {target}), (*_unmet,)")
            if one.conditions:
                source.add("_refused += _unmet")

    def _write_question(self, source: Source, predicate: Predicate) -> None:
        question = Question(source, self.context, predicate, self.parameters)
        source.add(f"if {question.fails_and_known}:")
        source.add(f"    _unmet.append({question.unmet(may_miss=True)})")
