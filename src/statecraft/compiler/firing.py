"""The function of one event: the steps of a firing, in their order, for sync and async alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecraft.compiler.questions import Met, Question, call_hook
from statecraft.compiler.source import fact_of_event, fact_of_function, fact_of_handler
from statecraft.compiler.storing import Storing
from statecraft.halting import ACTING, GUARDING, JUDGING, MOVED
from statecraft.signatures import signature_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from statecraft.compiler.context import Context, Method
    from statecraft.compiler.routes import Group, Routes
    from statecraft.compiler.source import Parameters, Source
    from statecraft.transitions import EventSpec, TransitionSpec


def write_load(source: Source, context: Context) -> None:
    """Write how ``_value`` gets the stored value."""
    if context.load is None:
        source.add("try:", f"    _value = self.{context.spec.state_field}")
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
        self.context = context
        self.event = event
        self.parameters = parameters
        self.routes = routes
        self.handler = event.handler if callable(event.handler) else None
        self.before = context.hook("before_transition")
        self.on = context.hook("on_transition")
        self.after = context.hook("after_transition")
        self.commit = context.hook("after_commit")
        self.on_error = context.hook("on_error")
        self.on_unavailable = context.hook("on_unavailable_transition")
        self.has_guards = any(one.guards for one in event.transitions)
        self.has_conditions = any(one.conditions for one in event.transitions)
        exits = any(one.source.exit_hook for one in event.transitions if not one.internal)
        hooks = self.before is not None or self.on is not None
        # what runs before the state is stored: hooks and the handler, and what judges
        self.acts = exits or hooks or self.handler is not None
        self.runs_user_code = self.acts or self.has_guards or self.has_conditions

    @property
    def _may_move(self) -> bool:
        """Whether anything that runs before storing could move it; conditions only judge."""
        others = self.has_guards or self.context.is_async
        return self.acts or (self.runs_user_code and others)

    @property
    def _can_wait(self) -> bool:
        """Whether the function of an async event may have to wait for anything of the user's."""
        context = self.context
        hooks = [self.before, self.on, self.after, self.commit, self.on_error, self.on_unavailable]
        for one in self.event.transitions:
            hooks += [context.hook(one.source.exit_hook), context.hook(one.target.entry_hook)]
        called = self.runs_user_code or any(hook is not None for hook in hooks)
        return called or any((context.load, context.persist_state, context.persist_change))

    def write(self, source: Source) -> None:
        """Write the whole function."""
        kind = "async def" if self.context.is_async else "def"
        name = source.constant(*fact_of_function(self.event.name))
        head = f"{kind} {name}({self.parameters.declared(source)}):"
        with source.block(head), self._turn(source):
            self._write_body(source)

    def _name(self, source: Source) -> str:
        return source.constant(*fact_of_event(self.event.name))

    @contextmanager
    def _turn(self, source: Source) -> Generator[None]:
        if self.context.is_async and self._can_wait:
            source.add("_turn = await _take_turn(self)")
            end = "_turn.end()"
        elif self.context.is_async:
            source.add("_turn = await _take_turn(self) if _running else None")
            end = "_turn is None or _turn.end()"
        elif self.context.threadsafe:
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
        self._write_told(source, f"_told = _observe(self, {self._name(source)}).started()")
        with source.block_if(self.context.observed, "try:"):
            self._write_steps(source)
        if self.context.observed:
            with source.block("except _BaseException as _error:"):
                source.add("_told.failed(_error)", "raise")
            with source.block("finally:"):
                source.add("_told.ended()")

    def _write_steps(self, source: Source) -> None:
        context = self.context
        write_load(source, context)
        if context.can_halt:
            if context.has_slots:
                source.add("self._halted_because = None")
            else:
                source.add("if _halts and self._halted_because is not None:")
                source.add("    del self._halted_because")
        if self.has_conditions:
            source.add("_unmet = ()")
        if self._guarded_by_try:
            if self.has_guards or self.on_error is not None or self._goes_on_after_storing:
                source.add(f"_phase = {JUDGING!r}")
            with source.block("try:"):
                self.routes.write(source, lambda group: self._write_group(source, group))
            self._write_excepts(source)
        else:
            self.routes.write(source, lambda group: self._write_group(source, group))
        self._write_refusal(source)

    @property
    def _guarded_by_try(self) -> bool:
        stores = self.context.persist_state is not None or self.context.persist_change is not None
        return self.runs_user_code or (self.on_error is not None) or stores

    # -- choosing ----------------------------------------------------------------------------

    def _write_group(self, source: Source, group: Group) -> None:
        met = Met(source)
        for position, one in enumerate(group.candidates):
            asked = [
                Question(source, self.context, each, self.parameters) for each in one.conditions
            ]
            test = ""
            if asked:
                unmet = [question.unmet() for question in asked]
                test = met.all_of([question.holds for question in asked], unmet)
            with source.block_if(asked, f"if {test}:"):
                self._write_chosen(source, group, position)
        if all(one.conditions for one in group.candidates):
            source.add(f"_unmet = ({', '.join(met.unmet)},)")

    def _write_guards(self, source: Source, candidate: TransitionSpec) -> None:
        if not candidate.guards:
            return
        source.add(f"_phase = {GUARDING!r}")
        for guard in candidate.guards:
            question = Question(source, self.context, guard, self.parameters)
            with source.block(f"if {question.fails}:"):
                unmet = question.unmet()
                source.add(f"raise _vetoed({unmet})")

    # -- acting ------------------------------------------------------------------------------

    def _write_chosen(self, source: Source, group: Group, position: int) -> None:
        candidate = group.candidates[position]
        exits = None if candidate.internal else self.context.hook(candidate.source.exit_hook)
        entry = None if candidate.internal else self.context.hook(candidate.target.entry_hook)
        self._write_guards(source, candidate)
        self._write_transition(source, group, position, exits, entry)
        if self.on_error is not None or self.has_guards:
            source.add(f"_phase = {ACTING!r}")
        call_hook(source, self.context, self.before, "_transition")
        self._write_handler(source)
        call_hook(source, self.context, self.on, "_transition")
        call_hook(source, self.context, exits, "_transition")
        if not candidate.internal:
            store = Storing(self.context, self.routes, group, position)
            store.write(source, has_result=self.handler is not None, compares=self._may_move)
        if entry is not None or self.after is not None or self.commit is not None:
            source.add(f"_phase = {MOVED!r}")
        self._write_told(source, "_told.moved(_transition)")
        call_hook(source, self.context, entry, "_transition")
        call_hook(source, self.context, self.after, "_transition")
        self._write_commit(source)
        result = "True if _result is None else _result" if self.handler else "True"
        source.add(f"return {result}")

    def _write_commit(self, source: Source) -> None:
        """Write the hook that runs when the transition is stored for good: here, at once."""
        if self.commit is None:
            return
        with source.block("try:"):
            call_hook(source, self.context, self.commit, "_transition")
        with source.block("except _Exception as _error:"):
            source.add(f"_commit_failed(self, {self._name(source)}, _error)")

    def _write_transition(
        self,
        source: Source,
        group: Group,
        position: int,
        exits: Method | None,
        entry: Method | None,
    ) -> None:
        hooks = (self.before, self.on, exits, entry, self.after, self.commit)
        wanted = any(hook is not None and hook.signature.accepts(2) for hook in hooks)
        wanted |= self.on_error is not None and self.on_error.signature.accepts(3)
        if not (wanted or self.context.observed or self.context.persist_change):
            return
        parts = (
            self._name(source),
            self.routes.source_state(source, group),
            self.routes.target_state(source, group, position),
            self.parameters.args,
            self.parameters.kwargs,
        )
        source.add(f"_transition = _new(_Transition, ({', '.join(parts)}))")

    def _write_handler(self, source: Source) -> None:
        if self.handler is None:
            return
        is_async = signature_of(self.handler).is_async
        function = source.constant(*fact_of_handler(self.event.name, self.handler))
        call = f"{function}({self.parameters.passed})"
        source.add(f"_result = await {call}" if is_async else f"_result = {call}")
        if self.context.is_async and not is_async:
            with source.block("if _result is not None:"):
                source.add("_result = await _settled(_result)")

    # -- the ways out ------------------------------------------------------------------------

    def _write_excepts(self, source: Source) -> None:
        with source.block("except _Halt as _halt:"):
            source.add("if _halt.workflow is not self:", "    raise")
            if self.has_guards:
                with source.block(f"if _phase == {GUARDING!r}:"):
                    source.add("_error = _TransitionHalted(_halt.reason)")
                    source.add(f"_noted(self, {self._name(source)}, _value, _error)")
                    source.add("raise _error from None")
            self._write_halted(source)
        with source.block("except _TransitionHalted as _error:"):
            with source.block_if(self._goes_on_after_storing, f"if _phase != {MOVED!r}:"):
                source.add(f"_noted(self, {self._name(source)}, _value, _error)")
            source.add("raise")
        if self.on_error is not None:
            self._write_on_error(source)

    def _write_halted(self, source: Source) -> None:
        source.add("_remember(self, _halt.reason)")
        self._write_told(source, "_told.halted(_halt.reason)")
        source.add("return False")

    @property
    def _goes_on_after_storing(self) -> bool:
        entries = (one.target.entry_hook for one in self.event.transitions if not one.internal)
        return self.after is not None or self.commit is not None or any(entries)

    def _write_on_error(self, source: Source) -> None:
        source.add("except (_NoTransitionAllowed, _StaleState):", "    raise")
        with source.block("except _Exception as _error:"):
            source.add(f"if _phase != {ACTING!r}:", "    raise")
            self._write_told(source, "_told.failed(_error)")
            with self._recovery(source):
                call_hook(source, self.context, self.on_error, "_error", "_transition")
            source.add("_remember(self, f'{_error}')", "return False")

    def _write_refusal(self, source: Source) -> None:
        unmet = "_unmet" if self.has_conditions else "()"
        refused = f"_refused(self, {self._name(source)}, _value, {unmet})"
        if self.on_unavailable is None:
            source.add(f"raise {refused}")
            return
        args, kwargs = self.parameters.args, self.parameters.kwargs
        source.add(f"_refusal = {refused}", f"_attempt = _attempted(_refusal, {args}, {kwargs})")
        attempt = "_attempt" if self.on_unavailable.signature.accepts(2) else ""
        answer = f"self.{self.on_unavailable.name}({attempt})"
        if self.context.is_async:
            answer = f"await _settled({answer})"
        with self._recovery(source):
            source.add(f"_answer = {answer}")
        source.add("if _answer is False:", "    raise _refusal")
        self._write_told(source, "_told.failed(_refusal)")
        source.add("return False")

    @contextmanager
    def _recovery(self, source: Source) -> Generator[None]:
        """Write a hook that deals with what went wrong; it may halt in its turn."""
        with source.block("try:"):
            yield
        with source.block("except _Halt as _halt:"):
            source.add("if _halt.workflow is not self:", "    raise")
            self._write_halted(source)
        with source.block("except _TransitionHalted as _veto:"):
            source.add(f"_noted(self, {self._name(source)}, _value, _veto)", "raise")

    def _write_told(self, source: Source, line: str) -> None:
        if self.context.observed:
            source.add(line)
