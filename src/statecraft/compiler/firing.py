"""The function of one event: the steps of a firing, in their order, for sync and async alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecraft.compiler.questions import Met, Question, call_hook, call_plainly
from statecraft.compiler.source import fact_of_event, fact_of_function, fact_of_handler
from statecraft.compiler.storing import Storing
from statecraft.halting import ACTING, GUARDING, JUDGING, MOVED
from statecraft.persistence import Plan
from statecraft.signatures import signature_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from statecraft.compiler.context import Context
    from statecraft.compiler.routes import Group, Routes
    from statecraft.compiler.source import Parameters, Source
    from statecraft.moves import Move
    from statecraft.states import State
    from statecraft.transitions import EventSpec, TransitionSpec


def write_load(source: Source, context: Context) -> None:
    """Write how ``_value`` gets the stored value."""
    if context.load is None:
        source.add("try:", f"    _value = {context.field}")
        source.add("except _AttributeError:", "    _value = None")
    elif context.load.is_async:
        source.add("_value = await self.load_state()", "_hold(self, _value)")
    else:
        source.add("_value = self.load_state()")


def entered_by(move: Move) -> tuple[State, ...]:
    """Return the states that ``move`` may enter, the outermost first."""
    return move.entries if move.recalls is None else (*move.entries, *move.recalls.subtree[1:])


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
        exits = any(state.exit_hook for move in routes.moves for state in move.exits)
        hooks = self.before is not None or self.on is not None
        # what runs before the state is stored: hooks and the handler, and what judges
        self.acts = exits or hooks or self.handler is not None
        self.runs_user_code = self.acts or self.has_guards or self.has_conditions
        self.in_unit = context.unit is not None and (
            self.runs_user_code or self._runs_code_after_storing
        )

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
        called = self.runs_user_code or self._runs_code_after_storing
        called = called or any(hook is not None for hook in hooks)
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
        if self.in_unit:
            source.add("_value = None")  # nothing is loaded yet if the unit cannot begin
        else:
            self._write_beginning(source)
        if self._guarded_by_try:
            if self.has_guards or self.on_error is not None or self._goes_on_after_storing:
                source.add(f"_phase = {JUDGING!r}")
            with source.block("try:"), self._unit(source):
                self.routes.write(source, lambda group: self._write_group(source, group))
            self._write_excepts(source)
        else:
            self.routes.write(source, lambda group: self._write_group(source, group))
        if not self.in_unit:
            self._write_refusal(source)
            if self._deals_with_refusals:
                self._write_dealing(source)

    def _write_beginning(self, source: Source) -> None:
        write_load(source, self.context)
        if self.context.can_halt:
            if self.context.has_slots:
                source.add("self._halted_because = None")
            else:
                source.add("if _halts and self._halted_because is not None:")
                source.add("    del self._halted_because")
        if self.has_conditions:
            source.add("_unmet = ()")

    @contextmanager
    def _unit(self, source: Source) -> Generator[None]:
        """Write the unit of a store around what is written inside ``with``; a refusal undoes it."""
        if not self.in_unit:
            yield
            return
        lock = self.context.lock if self.event.lock is None else self.event.lock
        plan = Plan(self.event.name, self.runs_user_code, self._runs_code_after_storing, lock)
        code = source.constant("plan", plan, f"_plan_{self.event.name}")
        waiting = "async " if self.context.is_async else ""
        if self._deals_with_refusals:
            source.add("_refusal = None")
        with source.block(f"{waiting}with self.persistence_unit({code}):"):
            self._write_beginning(source)
            yield
            self._write_refusal(source)
            if self._deals_with_refusals:
                source.add("raise _refusal")

    @property
    def _guarded_by_try(self) -> bool:
        stores = self.context.persist_state is not None or self.context.persist_change is not None
        return self.runs_user_code or (self.on_error is not None) or stores or self.in_unit

    @property
    def _deals_with_refusals(self) -> bool:
        return self.on_unavailable is not None or self.context.logs_refusals

    @property
    def _runs_code_after_storing(self) -> bool:
        entered = (state for move in self.routes.moves for state in entered_by(move))
        hooked = self.after is not None or any(state.entry_hook for state in entered)
        return hooked or any(map(self.context.completed_by, self.routes.moves))

    # -- choosing ----------------------------------------------------------------------------

    def _write_group(self, source: Source, group: Group) -> None:
        met = Met(source)
        for position, one in enumerate(group.candidates):
            asked = [
                Question(source, self.context, each, self.parameters)
                for each in one.transition.conditions
            ]
            test = ""
            if asked:
                unmet = [question.unmet() for question in asked]
                test = met.all_of([question.holds for question in asked], unmet)
            with source.block_if(asked, f"if {test}:"):
                self._write_chosen(source, group, position)
        if all(one.transition.conditions for one in group.candidates):
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
        move = group.candidates[position]
        self._write_guards(source, move.transition)
        store = Storing(self.context, self.routes, group, position)
        store.write_recalling(source)
        self._write_transition(source, group, position)
        if self.on_error is not None or self.has_guards:
            source.add(f"_phase = {ACTING!r}")
        call_hook(source, self.context, self.before, "_transition")
        self._write_handler(source)
        call_hook(source, self.context, self.on, "_transition")
        for state in move.exits:
            call_hook(source, self.context, self.context.hook(state.exit_hook), "_transition")
        store.write(source, has_result=self.handler is not None, compares=self._may_move)
        completions = self.context.completed_by(move)
        hooked = any(state.entry_hook for state in entered_by(move))
        if hooked or completions or self.after is not None or self.commit is not None:
            source.add(f"_phase = {MOVED!r}")
        self._write_told(source, "_told.moved(_transition)")
        self._write_entries(source, move)
        call_hook(source, self.context, self.after, "_transition")
        self._write_commit(source)
        for event in completions:
            self._write_completion(source, event)
        result = "True if _result is None else _result" if self.handler else "True"
        source.add(f"return {result}")

    def _write_entries(self, source: Source, move: Move) -> None:
        """Write the entry hooks; where a history decides, those of the leaf that it tells."""
        always = {state.name for state in move.entries}
        for state in entered_by(move):
            hook = self.context.hook(state.entry_hook)
            if hook is None:
                continue
            inside = frozenset(leaf.name for leaf in state.leaves)
            names = source.constant("inside", inside, f"_inside_{state.identifier}")
            with source.block_if(state.name not in always, f"if _target.name in {names}:"):
                call_hook(source, self.context, hook, "_transition")

    def _write_completion(self, source: Source, event: str) -> None:
        """Write that an event fires by itself, if it may: the compound has come to its end."""
        waiting = "await " if self.context.is_async else ""
        source.add(f"if {waiting}self.can_{event}():", f"    {waiting}self.{event}()")

    def _write_commit(self, source: Source) -> None:
        """Write the hook that runs when the transition is stored for good: mostly, at once."""
        if self.commit is None:
            return
        later = self.context.when_committed
        if later is not None:
            parts = ["self", self._name(source)]
            parts += ["_transition"] if self.commit.signature.accepts(2) else []
            committing = "_committing_async" if self.context.is_async else "_committing"
            call = f"self.when_committed({committing}({', '.join(parts)}))"
            call_plainly(source, self.context, call, is_async=later.is_async)
            return
        with source.block("try:"):
            call_hook(source, self.context, self.commit, "_transition")
        with source.block("except _Exception as _error:"):
            source.add(f"_commit_failed(self, {self._name(source)}, _error)")

    def _write_transition(self, source: Source, group: Group, position: int) -> None:
        move = group.candidates[position]
        names = [state.exit_hook for state in move.exits]
        names += [state.entry_hook for state in entered_by(move)]
        hooks = (self.before, self.on, self.after, self.commit, *map(self.context.hook, names))
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
                self._write_kept(source, "_error")
            source.add("raise")
        if self.in_unit and self._deals_with_refusals:
            with source.block("except _NoTransitionAllowed as _error:"):
                source.add("if _error is not _refusal:", "    raise")
                self._write_dealing(source)
        if self.on_error is not None:
            self._write_on_error(source)

    def _write_halted(self, source: Source) -> None:
        source.add("_remember(self, _halt.reason)")
        self._write_kept(source, "_halt")
        self._write_told(source, "_told.halted(_halt.reason)")
        source.add("return False")

    def _write_kept(self, source: Source, halt: str) -> None:
        """Write how a store that keeps refused attempts is told of a halt."""
        if self.context.logs_refusals:
            given = f"({self.parameters.args}, {self.parameters.kwargs})"
            parts = f"self, {self._name(source)}, _value, _halted({halt}), {given}"
            attempt = f"_attempted_and_halted({parts})"
            call_plainly(source, self.context, f"self.persist_refusal({attempt})", is_async=False)

    @property
    def _goes_on_after_storing(self) -> bool:
        return self._runs_code_after_storing or self.commit is not None

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
        happens = "_refusal =" if self._deals_with_refusals else "raise"
        source.add(f"{happens} _refused(self, {self._name(source)}, _value, {unmet})")

    def _write_dealing(self, source: Source) -> None:
        """Write what becomes of ``_refusal``: it is kept, and the hook may deal with it."""
        args, kwargs = self.parameters.args, self.parameters.kwargs
        source.add(f"_attempt = _attempted(_refusal, {args}, {kwargs})")
        if self.context.logs_refusals:
            call = "self.persist_refusal(_attempt)"
            call_plainly(source, self.context, call, is_async=False)
        if self.on_unavailable is None:
            source.add("raise _refusal")
            return
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
