"""What the page of an object shows of each of its workflows: state, events, and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from statecraft.actors import acting_as
from statecraft.django.badges import badge
from statecraft.django.outcomes import reasons_of
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from collections.abc import Callable

_LAST = 20  # records of the log


class Button(NamedTuple):
    """One event that leaves the present state: a ``url``, or why there is none."""

    label: str
    url: str | None
    reason: str | None


class Panel(NamedTuple):
    """One workflow."""

    title: str
    badge: str
    buttons: list[Button]
    problem: str | None
    records: list[Any]


def panels_of(
    workflows: dict[str, Any], instance: Any, user: Any, link: Callable[[str], str] | None
) -> list[Panel]:
    """Return a panel for each workflow; ``link`` makes the URLs of events, if they may be fired."""
    found: list[Panel] = []
    for attribute in workflows:
        workflow = getattr(instance, attribute) if attribute else instance
        buttons: list[Button] = []
        problem: str | None = None
        try:
            with acting_as(user):
                buttons = _buttons(workflow, f"{attribute}.".removeprefix("."), link)
        except WorkflowError as error:
            problem = str(error)
        title = attribute.replace("_", " ") or "state"
        found.append(Panel(title, badge(workflow), buttons, problem, _records(workflow)))
    return found


def _buttons(workflow: Any, prefix: str, link: Callable[[str], str] | None) -> list[Button]:
    if link is None:
        return []
    spec = workflow.workflow_spec
    buttons: list[Button] = []
    for event in workflow.current_state.events:
        label = str(spec.events[event].label)
        refusal = workflow.refusal(event)
        if refusal is None:
            buttons.append(Button(label, link(prefix + event), None))
        else:
            buttons.append(Button(label, None, reasons_of(spec, refusal)))
    return buttons


def _records(workflow: Any) -> list[Any]:
    """Return the last records of the log, the newest first."""
    return list(workflow.transition_log())[-_LAST:][::-1] if workflow._logs() else []
