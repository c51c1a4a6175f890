"""The functions that ask and change nothing: ``is_*``, ``can_*``, and the judge of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.compiler.firing import write_load
from statecraft.compiler.questions import Met, Question
from statecraft.compiler.routes import Group, Routes

if TYPE_CHECKING:
    from statecraft.compiler.context import Context
    from statecraft.compiler.source import Parameters, Source
    from statecraft.transitions import EventSpec

IS_FACTORY = "_make_is"
CAN_FACTORY = "_make_can"


def write_is_factory(source: Source, context: Context) -> None:
    """Write the function that makes ``is_<state>`` for a set of stored values."""
    with source.block(f"def {IS_FACTORY}(_wanted, _initially):"):
        with source.block("def is_state(self):"):
            if context.load is not None and context.load.is_async:
                source.add(f"_value = getattr(self, {context.spec.state_field!r}, None)")
            else:
                write_load(source, context)
            with source.block("if _value == _wanted or (_initially and _value is None):"):
                source.add("return True")
            source.add("_require_known(self, _value)", "return False")
        source.add("return is_state")


def write_can_factory(source: Source, context: Context) -> None:
    """Write the function that makes ``can_<event>`` where only the state matters."""
    kind = "async def" if context.is_async else "def"
    with source.block(f"def {CAN_FACTORY}(_sources):"):
        with source.block(f"{kind} can_event(self):"):
            write_load(source, context)
            with source.block("try:"):
                with source.block("if _value in _sources:"):
                    source.add("return True")
            with source.block("except TypeError:"):
                source.add("_require_known(self, _value)")
            source.add("_require_known(self, _value)", "return False")
        source.add("return can_event")


class Judging:
    """Writes ``can_<event>`` and the judge of an event that has conditions, guards or arguments.

    The judge takes the stored value and returns the transition that would be taken, or ``None``,
    and what is unmet.
    """

    def __init__(self, context: Context, event: EventSpec, parameters: Parameters) -> None:
        self.context = context
        self.event = event
        self.parameters = parameters
        self.routes = Routes(context, event)

    def write_can(self, source: Source) -> None:
        """Write ``can_<event>``: it stops asking as soon as the answer is known."""
        kind = "async def" if self.context.is_async else "def"
        declared = self.parameters.declared(optional=True)
        with source.block(f"{kind} can_{self.event.name}({declared}):"):
            write_load(source, self.context)
            with source.block("try:"):
                self.routes.write(source, lambda group: self._write_can_group(source, group))
            with source.block("except (_Halt, _TransitionHalted):"):
                source.add("return False")
            source.add("_require_known(self, _value)", "return False")

    def _write_can_group(self, source: Source, group: Group) -> None:
        met = Met(source)
        for one in group.candidates:
            conditions = [Question(self.context, each, self.parameters) for each in one.conditions]
            guards = [Question(self.context, each, self.parameters) for each in one.guards]
            tests = [question.holds_or_unknown for question in conditions]
            test = met.all_of(tests, tests) if tests else ""
            with source.block_if(tests, f"if {test}:"):
                for guard in guards:
                    with source.block(f"if {guard.fails_and_known}:"):
                        source.add("return False")
                source.add("return True")
        if all(one.conditions for one in group.candidates):
            source.add("return False")

    def write_judge(self, source: Source) -> None:
        """Write the judge: it asks every condition and every guard of the chosen transition."""
        kind = "async def" if self.context.is_async else "def"
        declared = self.parameters.declared(optional=True).replace("self", "self, _value", 1)
        with source.block(f"{kind} _judge_{self.event.name}({declared}):"):
            source.add("_refused = []", "_unmet = []")
            with source.block("try:"):
                self.routes.write(source, lambda group: self._write_judge_group(source, group))
            with source.block("except (_Halt, _TransitionHalted) as _halt:"):
                source.add("return None, (*_refused, *_unmet, _halted(_halt))")
            source.add("return None, tuple(_refused)")

    def _write_judge_group(self, source: Source, group: Group) -> None:
        for position, one in enumerate(group.candidates):
            source.add("_unmet = []")
            for condition in one.conditions:
                self._write_question(source, Question(self.context, condition, self.parameters))
            with source.block_if(one.conditions, "if not _unmet:"):
                for guard in one.guards:
                    self._write_question(source, Question(self.context, guard, self.parameters))
                target = self.routes.target_state(group, position)
                source.add(f"return (None if _unmet else {target}), tuple(_unmet)")
            if one.conditions:
                source.add("_refused += _unmet", "_unmet = []")

    def _write_question(self, source: Source, question: Question) -> None:
        with source.block(f"if {question.fails_and_known}:"):
            source.add(f"_unmet.append({question.unmet(self.parameters)})")
