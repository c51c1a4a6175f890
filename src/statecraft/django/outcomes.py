"""Firing an event for somebody who reads the answer: what came of it, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError

from statecraft.actors import acting_as
from statecraft.errors import (
    NoTransitionAllowed,
    OutcomeUnknown,
    StaleState,
    TransitionHalted,
    WorkflowError,
)
from statecraft.names import listed

if TYPE_CHECKING:
    from statecraft.django.event_forms import Arguments
    from statecraft.errors import Refusal, Unmet
    from statecraft.spec import WorkflowSpec


class Outcome(NamedTuple):
    """Whether an event happened, and what people are told of it."""

    happened: bool
    text: str


def fired_as(actor: Any, workflow: Any, event: str, arguments: Arguments) -> Outcome:
    """Fire an event; what refuses it is an outcome, and what is broken raises."""
    label = str(workflow.workflow_spec.events[event].label)
    with acting_as(actor):
        try:
            source = workflow.current_state
            answer = workflow.fire(event, *arguments.positional, **arguments.keywords)
            target = workflow.current_state
        except (WorkflowError, ValidationError) as error:
            return Outcome(happened=False, text=_told(workflow, event, error))
    if workflow.halted:
        return Outcome(happened=False, text=_halted(label, workflow.halted_because))
    if answer is False and source == target:
        return Outcome(happened=False, text=f"{label}: nothing was done.")
    return Outcome(happened=True, text=f"{label}: {source.label} → {target.label}")


def _told(workflow: Any, event: str, error: Exception) -> str:
    label = str(workflow.workflow_spec.events[event].label)
    if isinstance(error, NoTransitionAllowed):
        refused = why_not(error.workflow.workflow_spec, error.refusal)
        is_own = error.workflow is workflow and error.event == event
        return refused if is_own else f"{label} was not done: {refused}"
    if isinstance(error, TransitionHalted):
        return _halted(label, error.halted_because)
    if isinstance(error, StaleState):
        return f"{label} was not done: somebody else has moved it meanwhile. Look at it again."
    if isinstance(error, OutcomeUnknown):
        unknown = "whether it was done is unknown, because the database gave no answer"
        return f"{label}: {unknown}. Look at it again."
    why = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return f"{label} was not done: {why}"


def _halted(label: str, reason: object) -> str:
    why = "it was halted without a reason" if reason is None else str(reason)
    return f"{label} was not done: {why or 'it was halted without a reason'}."


def why_not(spec: WorkflowSpec, refusal: Refusal) -> str:
    """Return why an event is refused, and what is possible, in the labels that people know."""
    label = spec.events[refusal.event].label
    others = [str(spec.events[one].label) for one in refusal.events_here if one != refusal.event]
    here = f"From {refusal.state.label}: {listed(others, none='nothing else')}."
    return f"{label} is not possible: {reasons_of(spec, refusal)}. {here}"


def reasons_of(spec: WorkflowSpec, refusal: Refusal) -> str:
    """Return only the reasons."""
    if refusal.unmet:
        return "; ".join(map(_reason, refusal.unmet))
    sources = " or ".join(str(spec.states[name].label) for name in refusal.sources)
    return f"it is {refusal.state.label}, and has to be {sources}"


def _reason(unmet: Unmet) -> str:
    if unmet.reason is not None:
        return str(unmet.reason)
    name = unmet.name.replace("_", " ")
    return f"{name.removeprefix('not ')} holds" if name.startswith("not ") else f"not {name}"
