"""From what ``form_valid`` answered to the event that moves the task; the workflow decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http.response import HttpResponseBase

from statecraft.errors import WorkflowError
from statecraft.flows.outcomes import COMPLETE
from statecraft.flows.positions import at
from statecraft.names import did_you_mean, listed

if TYPE_CHECKING:
    from statecraft.flows.task import Task
    from statecraft.flows.trace import Trace


def event_of(action: Any, outcome: Any) -> str:
    """Return the event of an outcome: ``complete``, or ``move_to_`` one of ``moves_to``.

    Raises ``WorkflowError`` for any other outcome.
    """
    if outcome is COMPLETE:
        if action.completes:
            return "complete"
        raise WorkflowError(_undeclared(action, "COMPLETE", "its completes is False"))
    found = {one.name: one for one in map(action.place.find, action.moves_to) if one}
    for place in found.values():
        if place.is_called(outcome):
            return f"move_to_{place.name}"
    names = [place.component.__name__ for place in found.values()]
    name = getattr(outcome, "__name__", outcome)
    hint = did_you_mean(name, names)
    raise WorkflowError(
        _undeclared(action, repr(name), f"its moves_to has {listed(names, none='nothing')}.{hint}")
    )


def _undeclared(action: Any, outcome: str, why: str) -> str:
    return (
        f"{type(action).__name__}.form_valid returned {outcome}, but {why}"
        " A form_valid returns COMPLETE, one of moves_to, or a response"
    )


def is_response(outcome: Any) -> bool:
    """Whether an action answered with a response of its own."""
    return isinstance(outcome, HttpResponseBase)


def target_of(task: Task, trace: Trace, event: str) -> str:
    """Fire an event at the end of a trace and return where it leads.

    Raises what the core raises if the workflow refuses; the task itself is not touched.
    """
    before = task.trace, task.answering
    task.trace, task.answering = trace, trace.place
    try:
        here = at(task, trace.place)
        here.fire(event)
        return str(here.current_state.name)
    finally:
        task.trace, task.answering = before
