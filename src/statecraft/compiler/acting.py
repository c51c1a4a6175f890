"""What runs for the chosen transition: guards, hooks, the handler, the storing, what follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.compiler.needs import Needs, entered_by
from statecraft.compiler.questions import Question, call_hook
from statecraft.compiler.source import fact_of_handler
from statecraft.compiler.storing import Storing
from statecraft.halting import ACTING, GUARDING, MOVED
from statecraft.signatures import signature_of

if TYPE_CHECKING:
    from statecraft.compiler.context import Method
    from statecraft.compiler.routes import Group
    from statecraft.compiler.source import Source
    from statecraft.states import State


class Acting:
    """Writes the steps of one candidate of a group, from its guards to the answer."""

    def __init__(self, needs: Needs, group: Group, position: int) -> None:
        self.needs = needs
        self.group = group
        self.position = position
        self.move = group.candidates[position]

    def write(self, source: Source) -> None:
        """Write all of them."""
        needs, move = self.needs, self.move
        self._write_guards(source)
        store = Storing(needs.context, needs.routes, self.group, self.position)
        store.write_recalling(source)
        self._write_transition(source)
        if needs.on_error is not None or needs.has_guards:
            source.add(f"_phase = {ACTING!r}")
        self._write_hook(source, needs.before)
        self._write_handler(source)
        self._write_hook(source, needs.on)
        for state in move.exits:
            self._write_hook(source, needs.context.hook(state.exit_hook))
        store.write(source, has_result=needs.handler is not None, compares=needs.may_move)
        self._write_what_follows(source)
        result = "True if _result is None else _result" if needs.handler else "True"
        source.add(f"return {result}")

    def _write_hook(self, source: Source, hook: Method | None) -> None:
        call_hook(source, self.needs.context, hook, "_transition")

    def _write_what_follows(self, source: Source) -> None:
        completions = self.needs.context.completed_by(self.move)
        hooked = any(state.entry_hook for state in entered_by(self.move))
        others = self.needs.after is not None or self.needs.commit is not None
        if hooked or completions or others:
            source.add(f"_phase = {MOVED!r}")
        self.needs.write_told(source, "_told.moved(_transition)")
        self._write_entries(source)
        self._write_hook(source, self.needs.after)
        self._write_commit(source)
        for compound, event in completions:
            self._write_completion(source, compound, event)

    def _write_guards(self, source: Source) -> None:
        guards = self.move.transition.guards
        if not guards:
            return
        source.add(f"_phase = {GUARDING!r}")
        for guard in guards:
            question = Question(source, self.needs.context, guard, self.needs.parameters)
            with source.block(f"if {question.fails}:"):
                unmet = question.unmet()
                source.add(f"raise _vetoed({unmet})")

    def _write_transition(self, source: Source) -> None:
        names = [state.exit_hook for state in self.move.exits]
        names += [state.entry_hook for state in entered_by(self.move)]
        hooks = (
            self.needs.before,
            self.needs.on,
            self.needs.after,
            self.needs.commit,
            *map(self.needs.context.hook, names),
        )
        wanted = any(hook is not None and hook.signature.accepts(2) for hook in hooks)
        wanted |= self.needs.on_error is not None and self.needs.on_error.signature.accepts(3)
        if not (wanted or self.needs.context.observed or self.needs.context.persist_change):
            return
        parts = (
            self.needs.name(source),
            self.needs.routes.source_state(source, self.group),
            self.needs.routes.target_state(source, self.group, self.position),
            self.needs.parameters.args,
            self.needs.parameters.kwargs,
        )
        source.add(f"_transition = _new(_Transition, ({', '.join(parts)}))")

    def _write_handler(self, source: Source) -> None:
        if self.needs.handler is None:
            return
        is_async = signature_of(self.needs.handler).is_async
        function = source.constant(*fact_of_handler(self.needs.event.name, self.needs.handler))
        call = f"{function}({self.needs.parameters.passed})"
        source.add(f"_result = await {call}" if is_async else f"_result = {call}")
        if self.needs.context.is_async and not is_async:
            with source.block("if _result is not None:"):
                source.add("_result = await _settled(_result)")

    def _write_entries(self, source: Source) -> None:
        """Write the entry hooks; where a history decides, those of the leaf that it tells."""
        always = {state.name for state in self.move.entries}
        for state in entered_by(self.move):
            hook = self.needs.context.hook(state.entry_hook)
            if hook is None:
                continue
            inside = frozenset(leaf.name for leaf in state.leaves)
            names = source.constant("inside", inside, f"_inside_{state.identifier}")
            with source.block_if(state.name not in always, f"if _target.name in {names}:"):
                self._write_hook(source, hook)

    def _write_completion(self, source: Source, compound: State, event: str) -> None:
        """Write that an event fires by itself, if it may, and ``compound`` is still at its end.

        A hook, or an event that fired so before this one, may have moved the object on.
        """
        ends = frozenset(state.name for state in compound.states.values() if state.final)
        names = source.constant("ends", ends, f"_ends_{compound.identifier}")
        waiting = "await " if self.needs.context.is_async else ""
        source.add(f"if self.current_state.name in {names} and {waiting}self.can_{event}():")
        source.add(f"    {waiting}self.{event}()")

    def _write_commit(self, source: Source) -> None:
        """Write the hook that runs when the transition is stored for good: mostly, at once."""
        if self.needs.commit is None:
            return
        later = self.needs.context.when_committed
        if later is not None:
            parts = ["self", self.needs.name(source)]
            parts += ["_transition"] if self.needs.commit.signature.accepts(2) else []
            committing = "_committing_async" if self.needs.context.is_async else "_committing"
            call = f"self.when_committed({committing}({', '.join(parts)}))"
            self.needs.write_call(source, call, is_async=later.is_async)
            return
        with source.block("try:"):
            self._write_hook(source, self.needs.commit)
        with source.block("except _Exception as _error:"):
            source.add(f"_commit_failed(self, {self.needs.name(source)}, _error)")
