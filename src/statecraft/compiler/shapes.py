"""The texts of one class's functions: written once for all the events and states that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.compiler.source import (
    Source,
    Written,
    fact_of_answers,
    fact_of_event,
    fact_of_expected,
    fact_of_function,
    fact_of_handler,
    fact_of_state,
    fact_of_value,
)
from statecraft.signatures import Signature, signature_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from statecraft.compiler.context import Context
    from statecraft.compiler.source import Fact
    from statecraft.states import State
    from statecraft.transitions import EventSpec


class Subject:
    """What a function is about: an event and its states, or one state.

    Functions whose subjects have the same ``shape`` have the same text, but for its constants,
    and these are among the ``facts``; there is no shape where that is too much to say.
    """

    def __init__(self, shape: Hashable, facts: tuple[Fact, ...]) -> None:
        self.shape = shape
        self.facts = facts


class Shapes:
    """The texts that are written already, by their shapes."""

    def __init__(self, context: Context) -> None:
        self._context = context
        # the first of a shape, and where among the facts of a subject its own are
        self._known: dict[Hashable, tuple[Written, list[int]]] = {}
        self._states: dict[str, tuple[Fact, ...]] = {}

    def of_state(self, state: State) -> Subject:
        """Return what ``is_<state>`` is about."""
        if state.states or state.was:
            return Subject(None, ())
        return Subject(state is self._context.spec.initial, self._facts(state))

    def of_event(self, event: EventSpec) -> Subject:
        """Return what the functions of an event are about.

        Most events of a big workflow are plain: nothing is asked, and no compound is left or
        entered. Left are what they take, where the arrows lead, and which hooks these meet.
        Whatever else a template comes to look at belongs here: tests compare the texts with those
        written anew.
        """
        taken = signature_of(event.handler) if callable(event.handler) else event.argument_count
        has_defaults = isinstance(taken, Signature) and taken.has_defaults
        inside = any(
            state.states or state.parent is not None or state.was
            for one in event.transitions
            for state in (one.source, one.target)
        )
        if event.asks or has_defaults or inside:
            return Subject(None, ())
        states: dict[str, State] = {}
        arrows: list[Hashable] = []
        positions: dict[str, int] = {}
        for one in event.transitions:
            source, target = one.source, one.target
            arrows.append(
                (
                    positions.setdefault(source.name, len(positions)),
                    positions.setdefault(target.name, len(positions)),
                    source is self._context.spec.initial,
                    source.exit_hook,
                    target.entry_hook,
                    one.internal,
                )
            )
            states[source.name], states[target.name] = source, target
        facts = [fact_of_event(event.name), fact_of_handler(event.name, event.handler)]
        for state in states.values():
            facts += self._facts(state)
        answers = self._context.answers(event)
        if answers is not None:
            facts.append(fact_of_answers(event.name, answers))
        return Subject((taken, event.note, event.lock, *arrows), tuple(facts))

    def _facts(self, state: State) -> tuple[Fact, ...]:
        if state.name not in self._states:
            expected = fact_of_expected(state, self._context.expected(state))
            self._states[state.name] = (
                fact_of_value(state.value, state),
                fact_of_state(state),
                expected,
            )
        return self._states[state.name]

    def written(
        self, subject: Subject, name: str, kind: str, write: Callable[[Source], None]
    ) -> Written:
        """Return a function of this name; ``write`` is called for the first of its kind."""
        shape = (kind, subject.shape)
        facts = (fact_of_function(name), *subject.facts)
        if shape in self._known:
            first, positions = self._known[shape]
            reused = tuple([facts[position] for position in positions])
            return Written(text=first.text, places=first.places, facts=reused)
        source = Source()
        write(source)
        written = source.written
        if subject.shape is not None:
            known = {(fact[0], id(fact[1])): position for position, fact in enumerate(facts)}
            positions = [known.get((fact[0], id(fact[1])), -1) for fact in written.facts]
            if -1 not in positions:
                self._known[shape] = written, positions
        return written
