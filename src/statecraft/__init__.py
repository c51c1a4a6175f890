"""Finite state machines for business objects: declare, fire, refuse, draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.actors import acting_as, current_actor
from statecraft.arrows import ANY
from statecraft.async_workflow import AsyncWorkflow, AsyncWorkflowMixin
from statecraft.compounds import Compound, States
from statecraft.declarations import Event, handles
from statecraft.errors import (
    NoTransitionAllowed,
    OutcomeUnknown,
    Problem,
    Refusal,
    StaleState,
    TransitionHalted,
    UnknownEvent,
    UnknownState,
    Unmet,
    WorkflowDefinitionError,
    WorkflowError,
)
from statecraft.persistence import Attempt, Change, Plan, Transition
from statecraft.predicates import Condition, Guard
from statecraft.spec import WorkflowSpec
from statecraft.states import State
from statecraft.transitions import EventSpec, TransitionSpec
from statecraft.workflow import Workflow, WorkflowMixin

if TYPE_CHECKING:
    from statecraft.diagrams import workflow_diagram

__all__ = [
    "ANY",
    "AsyncWorkflow",
    "AsyncWorkflowMixin",
    "Attempt",
    "Change",
    "Compound",
    "Condition",
    "Event",
    "EventSpec",
    "Guard",
    "NoTransitionAllowed",
    "OutcomeUnknown",
    "Plan",
    "Problem",
    "Refusal",
    "StaleState",
    "State",
    "States",
    "Transition",
    "TransitionHalted",
    "TransitionSpec",
    "UnknownEvent",
    "UnknownState",
    "Unmet",
    "Workflow",
    "WorkflowDefinitionError",
    "WorkflowError",
    "WorkflowMixin",
    "WorkflowSpec",
    "acting_as",
    "current_actor",
    "handles",
    "workflow_diagram",
]


def __getattr__(name: str) -> Any:
    if name == "workflow_diagram":  # diagrams are slow to import, and not every program draws
        from statecraft.diagrams import workflow_diagram  # noqa: PLC0415 - see above

        return workflow_diagram
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
