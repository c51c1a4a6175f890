"""Firing an event for somebody who reads the answer: what came of it, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
        return Outcome(happened=False, text=_("{event}: nothing was done.").format(event=label))
    return Outcome(happened=True, text=f"{label}: {source.label} → {target.label}")


def _told(workflow: Any, event: str, error: Exception) -> str:
    label = str(workflow.workflow_spec.events[event].label)
    if isinstance(error, NoTransitionAllowed):
        refused = why_not(error.workflow.workflow_spec, error.refusal)
        is_own = error.workflow is workflow and error.event == event
        return refused if is_own else _not_done(label, refused)
    if isinstance(error, TransitionHalted):
        return _halted(label, error.halted_because)
    if isinstance(error, StaleState):
        return _not_done(label, _("somebody else has moved it meanwhile. Look at it again."))
    if isinstance(error, OutcomeUnknown):
        text = _(
            "{event}: whether it was done is unknown, because the database gave no answer."
            " Look at it again."
        )
        return text.format(event=label)
    why = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return _not_done(label, why)


def _not_done(label: str, why: str) -> str:
    return _("{event} was not done: {why}").format(event=label, why=why)


def _halted(label: str, reason: object) -> str:
    why = ("" if reason is None else str(reason)) or _("it was halted without a reason")
    return _not_done(label, f"{why}.")


def why_not(spec: WorkflowSpec, refusal: Refusal) -> str:
    """Return why an event is refused, and what is possible, in the labels that people know."""
    label = spec.events[refusal.event].label
    others = [str(spec.events[one].label) for one in refusal.events_here if one != refusal.event]
    events = listed(others, none=_("nothing else"))
    text = _("{event} is not possible: {why}. From {state}: {events}.")
    why, state = reasons_of(spec, refusal), refusal.state.label
    return text.format(event=label, why=why, state=state, events=events)


def reasons_of(spec: WorkflowSpec, refusal: Refusal) -> str:
    """Return only the reasons."""
    if refusal.unmet:
        return "; ".join(map(_reason, refusal.unmet))
    sources = _(" or ").join(str(spec.states[name].label) for name in refusal.sources)
    text = _("it is {state}, and has to be {states}")
    return text.format(state=refusal.state.label, states=sources)


def _reason(unmet: Unmet) -> str:
    if unmet.reason is not None:
        return str(unmet.reason)
    name = unmet.name.replace("_", " ")
    text = _("{condition} holds") if name.startswith("not ") else _("not {condition}")
    return text.format(condition=name.removeprefix("not "))
