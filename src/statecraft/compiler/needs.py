"""What is known about one event of one class: it decides which steps the event needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.compiler.questions import call_plainly
from statecraft.compiler.source import fact_of_event

if TYPE_CHECKING:
    from statecraft.compiler.context import Context
    from statecraft.compiler.routes import Routes
    from statecraft.compiler.source import Parameters, Source
    from statecraft.moves import Move
    from statecraft.states import State
    from statecraft.transitions import EventSpec


def entered_by(move: Move) -> tuple[State, ...]:
    """Return the states that ``move`` may enter, the outermost first."""
    return move.entries if move.recalls is None else (*move.entries, *move.recalls.subtree[1:])


class Needs:
    """An event, its hooks, and what has to be written because of them."""

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
        self.runs_code_before = self.acts or self.has_guards or self.has_conditions
        entered = (state for move in routes.moves for state in entered_by(move))
        completes = any(map(context.completed_by, routes.moves))
        hooked = self.after is not None or any(state.entry_hook for state in entered)
        self.runs_code_after = hooked or completes
        self.in_unit = context.unit is not None and (self.runs_code_before or self.runs_code_after)

    @property
    def may_move(self) -> bool:
        """Whether anything that runs before storing could move it; conditions only judge."""
        others = self.has_guards or self.context.is_async
        return self.acts or (self.runs_code_before and others)

    @property
    def can_wait(self) -> bool:
        """Whether the function of an async event may have to wait for anything of the user's."""
        context = self.context
        hooks = [self.before, self.on, self.after, self.commit, self.on_error, self.on_unavailable]
        called = self.runs_code_before or self.runs_code_after
        called = called or any(hook is not None for hook in hooks)
        return called or any((context.load, context.persist_state, context.persist_change))

    @property
    def goes_on_after_storing(self) -> bool:
        """Whether anything is written behind the storing of the state."""
        return self.runs_code_after or self.commit is not None

    @property
    def can_be_stopped(self) -> bool:
        """Whether anything that runs before the state is stored may halt or raise."""
        stores = self.context.persist_state is not None or self.context.persist_change is not None
        return self.runs_code_before or self.on_error is not None or stores or self.in_unit

    @property
    def deals_with_refusals(self) -> bool:
        """Whether a refusal does more than reach the caller."""
        return self.on_unavailable is not None or self.context.logs_refusals

    def name(self, source: Source) -> str:
        """Return the code of the name of the event."""
        return source.constant(*fact_of_event(self.event.name))

    def write_told(self, source: Source, line: str) -> None:
        """Write how observers are told, if there are any."""
        if self.context.observed:
            source.add(line)

    def write_call(self, source: Source, call: str, *, is_async: bool = False) -> None:
        """Write a call whose result is of no interest."""
        call_plainly(source, self.context, call, is_async=is_async)
