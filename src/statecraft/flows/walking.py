"""Walking on over stored answers: after a change of an earlier one, or of the flow itself.

Only pure actions are walked over, while their answer is valid and their event allowed, and never
through the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.errors import NoTransitionAllowed, TransitionHalted
from statecraft.flows.answering import given_again
from statecraft.flows.awaiting import result_of
from statecraft.flows.flattening import FINISHED
from statecraft.flows.moving import event_of, is_response, target_of

if TYPE_CHECKING:
    from statecraft.flows.trace import Trace
    from statecraft.flows.visits import Visit


def walked_on(visit: Visit, trace: Trace) -> Trace:
    """Return the trace, followed as far as stored answers lead.

    It ends where it comes by for the second time: whoever is sent back is asked again.
    """
    while trace.place not in trace.path:
        event = _event_again(visit, trace)
        target = FINISHED if event is None else _target(visit, trace, event)
        if event is None or target == FINISHED:
            return trace
        trace = trace.then(event, target)
    return trace


def _event_again(visit: Visit, trace: Trace) -> str | None:
    is_answered = trace.place in visit.task.records  # the end never is
    if not is_answered or not visit.tree.actions[trace.place].component.is_pure():
        return None
    with_trace = visit.task.trace
    visit.task.trace = trace
    try:
        action, form = bound_again(visit, trace.place)
        if action.response or visit.unmet(action) or not form.is_valid():
            return None
        outcome = result_of(action.form_valid(form))
        return None if is_response(outcome) else event_of(action, outcome)
    finally:
        visit.task.trace = with_trace


def _target(visit: Visit, trace: Trace, event: str) -> str:
    try:
        return target_of(visit.task, trace, event)
    except (NoTransitionAllowed, TransitionHalted):
        return FINISHED  # it is not allowed any more: the task stands here


def bound_again(visit: Visit, path: str) -> tuple[Any, Any]:
    """Return the action at a place, and its form bound to what was typed there."""
    action = visit.action_at(path)
    action.given = given_again(action)
    return action, action.get_form()


def first_invalid(visit: Visit) -> str | None:
    """Return the first action on the path whose kept answer is not valid any more."""
    for path in visit.task.answers:
        if visit.tree.actions[path].component.is_pure():
            action, form = bound_again(visit, path)
            if action.response or not form.is_valid():
                return path
    return None
