"""The ways out of an event that does not happen: halted, vetoed, refused, or dealt with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecraft.compiler.questions import call_hook
from statecraft.halting import ACTING, GUARDING, MOVED

if TYPE_CHECKING:
    from collections.abc import Generator

    from statecraft.compiler.needs import Needs
    from statecraft.compiler.source import Source


class Endings:
    """Writes the except clauses of an event, and what becomes of a refusal."""

    def __init__(self, needs: Needs) -> None:
        self.needs = needs

    def write_excepts(self, source: Source) -> None:
        """Write the clauses, in the order in which they are asked."""
        with source.block("except _Halt as _halt:"):
            source.add("if _halt.workflow is not self:", "    raise")
            if self.needs.has_guards:
                with source.block(f"if _phase == {GUARDING!r}:"):
                    source.add("_error = _TransitionHalted(_halt.reason)")
                    source.add(f"_noted(self, {self.needs.name(source)}, _value, _error)")
                    source.add("raise _error from None")
            self._write_halted(source)
        with source.block("except _TransitionHalted as _error:"):
            with source.block_if(self.needs.goes_on_after_storing, f"if _phase != {MOVED!r}:"):
                source.add(f"_noted(self, {self.needs.name(source)}, _value, _error)")
                self._write_kept(source, "_error")
            source.add("raise")
        if self.needs.in_unit and self.needs.deals_with_refusals:
            with source.block("except _NoTransitionAllowed as _error:"):
                source.add("if _error is not _refusal:", "    raise")
                self.write_dealing(source)
        if self.needs.on_error is not None:
            self._write_on_error(source)

    def _write_on_error(self, source: Source) -> None:
        source.add("except (_NoTransitionAllowed, _StaleState, _OutcomeUnknown):", "    raise")
        with source.block("except _Exception as _error:"):
            source.add(f"if _phase != {ACTING!r}:", "    raise")
            self.needs.write_told(source, "_told.failed(_error)")
            with self._recovery(source):
                call_hook(source, self.needs.context, self.needs.on_error, "_error", "_transition")
            source.add("_remember(self, f'{_error}')", "return False")

    def _write_halted(self, source: Source) -> None:
        source.add("_remember(self, _halt.reason)")
        self._write_kept(source, "_halt")
        self.needs.write_told(source, "_told.halted(_halt.reason)")
        source.add("return False")

    def _write_kept(self, source: Source, halt: str) -> None:
        """Write how a store that keeps refused attempts is told of a halt."""
        if self.needs.context.logs_refusals:
            given = f"({self.needs.parameters.args}, {self.needs.parameters.kwargs})"
            parts = f"self, {self.needs.name(source)}, _value, _halted({halt}), {given}"
            attempt = f"_attempted_and_halted({parts})"
            self.needs.write_call(source, f"self.persist_refusal({attempt})")

    def write_refusal(self, source: Source) -> None:
        """Write what happens to an event that cannot fire from here."""
        unmet = "_unmet" if self.needs.has_conditions else "()"
        happens = "_refusal =" if self.needs.deals_with_refusals else "raise"
        source.add(f"{happens} _refused(self, {self.needs.name(source)}, _value, {unmet})")

    def write_dealing(self, source: Source) -> None:
        """Write what becomes of ``_refusal``: it is kept, and the hook may deal with it."""
        args, kwargs = self.needs.parameters.args, self.needs.parameters.kwargs
        source.add(f"_attempt = _attempted(_refusal, {args}, {kwargs})")
        if self.needs.context.logs_refusals:
            self.needs.write_call(source, "self.persist_refusal(_attempt)")
        if self.needs.on_unavailable is None:
            source.add("raise _refusal")
            return
        attempt = "_attempt" if self.needs.on_unavailable.signature.accepts(2) else ""
        answer = f"self.{self.needs.on_unavailable.name}({attempt})"
        if self.needs.context.is_async:
            answer = f"await _settled({answer})"
        with self._recovery(source):
            source.add(f"_answer = {answer}")
        source.add("if _answer is False:", "    raise _refusal")
        self.needs.write_told(source, "_told.failed(_refusal)")
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
            source.add(f"_noted(self, {self.needs.name(source)}, _value, _veto)", "raise")
