"""The workflow of a flow: a class of the core, compiled from the arrows between its actions."""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from types import new_class
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.errors import WorkflowDefinitionError, WorkflowError
from statecraft.flows.faults import faults_of
from statecraft.flows.flattening import FINISHED, START, Condition, Flattening
from statecraft.flows.outcomes import COMPLETE
from statecraft.spec import WorkflowSpec
from statecraft.workflow import Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from statecraft.flows.flattening import FlowArrow
    from statecraft.flows.tree import Place, Tree


class FlowWorkflow(Workflow):
    """Where a task stands, for the length of one move: ``task`` is what conditions look at."""

    tree: ClassVar[Any]
    definition: ClassVar[str]  # changes with the tree: a task notices that a deploy lies between

    def __init__(self, task: Any, place: str = START) -> None:
        self.task = task
        self.workflow_state = place


def workflow_of(tree: Tree) -> type[FlowWorkflow]:
    """Return the workflow of a flow.

    An action is a state, a scaffold a compound, completing and each move and link an event; the
    preconditions are the guards of whatever leaves an action. Raises ``WorkflowDefinitionError``
    with everything that is wrong with the tree.
    """
    faults = faults_of(tree)
    if faults:
        raise WorkflowDefinitionError(faults)
    flat = Flattening(tree)
    if flat.problems:
        raise WorkflowDefinitionError(flat.problems)
    name = tree.root.component.__name__
    methods: dict[str, Any] = {"tree": tree}
    for place in tree.places.values():
        methods |= dict(_guards(place))
    for condition in {one: None for arrow in flat.arrows for one in arrow.conditions}:
        methods[condition.name] = _test(condition)
    described = _described(tree, flat.arrows)
    methods["definition"] = sha256(f"{tree.name} {json.dumps(described)}".encode()).hexdigest()[:12]
    base: Any = new_class(name, (FlowWorkflow,), exec_body=lambda body: body.update(methods))
    spec = WorkflowSpec.from_dict(described)
    return FlowWorkflow.from_spec(spec, name=name, base=base)


def _described(tree: Tree, arrows: list[FlowArrow]) -> dict[str, Any]:
    root = tree.root
    inside = [_state(place) for place in ([root] if root.is_action else root.children)]
    events: dict[str, list[dict[str, Any]]] = {}
    for arrow in arrows:
        events.setdefault(arrow.event, []).append(_transition(arrow, tree))
    return {
        "name": root.component.__name__,
        "states": [{"name": START}, *inside, {"name": FINISHED, "final": True}],
        "events": [{"name": name, "transitions": found} for name, found in events.items()],
    }


def _state(place: Place) -> dict[str, Any]:
    inside = {"states": [_state(child) for child in place.children]} if place.children else {}
    return {"name": place.name, "label": place.label, **inside}


def _transition(arrow: FlowArrow, tree: Tree) -> dict[str, Any]:
    source = tree.actions.get(arrow.source)
    guards = [
        {"test": name, "because": str(precondition)}
        for level in (source.line if source else ())
        for name, precondition in _named(level)
    ]
    return {
        "from": arrow.source,
        "to": arrow.target,
        "if": [one.name for one in arrow.conditions if not one.negated],
        "unless": [one.name for one in arrow.conditions if one.negated],
        "guards": guards,
    }


def _named(place: Place) -> list[tuple[str, Any]]:
    preconditions = place.component.preconditions
    name = f"meets_precondition_{{}}_of_{place.identifier}"
    return [(name.format(index), one) for index, one in enumerate(preconditions, 1)]


def _guards(place: Place) -> list[tuple[str, Callable[[Any], object]]]:
    def guard(precondition: Any) -> Callable[[Any], object]:
        return lambda workflow: precondition.holds(workflow.task)

    return [(name, guard(precondition)) for name, precondition in _named(place)]


def _test(condition: Condition) -> Callable[[Any], object]:
    place, chosen = condition.place, condition.chosen
    if chosen is None:
        skips = place.component.skip_if
        return lambda workflow: _asked(workflow, condition.name, skips)
    key = f"chooses_after_{place.identifier}"
    return lambda workflow: _asked(workflow, key, partial(_chosen, place)) is chosen


def _asked(workflow: Any, key: str, question: Callable[[Any], Any]) -> Any:
    """Return the answer to a question about the task, which is asked once for a move."""
    answers: dict[str, Any] = workflow.__dict__.setdefault("_answers", {})
    if key not in answers:
        answers[key] = question(workflow.task)
    return answers[key]


def _chosen(place: Place, task: Any) -> Any:
    """Return the place, or ``COMPLETE``, that the scaffold of ``place`` names next."""
    parent: Any = place.parent  # there is one: only what a scaffold holds is asked about
    scaffold, transition = parent.component(), parent.transition
    scaffold.task, scaffold.child = task, place.component
    answer = transition.choose_next(scaffold)
    chosen = answer if answer is COMPLETE else parent.child(answer)
    allowed = [one if one is COMPLETE else parent.child(one) for one in transition.targets]
    if chosen is None or chosen not in allowed:
        message = (
            f"{type(transition).__qualname__} of {parent.component.__name__} chose {answer!r},"
            f" which is not one of its targets: {list(transition.targets)!r}"
        )
        raise WorkflowError(message)
    return chosen
