"""What the page of an object shows of each of its workflows: state, events, and the log."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statecraft.actors import acting_as
from statecraft.django.badges import badge
from statecraft.django.outcomes import reasons_of
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from statecraft.transition_log import TransitionRecord

_LAST = 20  # records of the log


class Button(NamedTuple):
    """One event that leaves the present state: a ``url``, or why there is none."""

    label: str
    url: str | None
    reason: str | None


class Line(NamedTuple):
    """One record of the log, in the words that people know."""

    number: int
    event: str
    source: str
    target: str
    at: datetime | None
    who: str
    noted: str


class Panel(NamedTuple):
    """One workflow."""

    title: str
    badge: str
    buttons: list[Button]
    problem: str | None
    lines: list[Line]


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
        title = attribute.replace("_", " ") or _("state")
        found.append(Panel(title, badge(workflow), buttons, problem, _lines(workflow)))
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


def _lines(workflow: Any) -> list[Line]:
    """Return the last records of the log, the newest first."""
    if not workflow._logs():
        return []
    records = workflow.transition_log()[-_LAST:][::-1]
    spec = workflow.workflow_spec
    names = _names_of_users({one.actor for one in records if one.actor})
    return [
        Line(
            one.sequence,
            _label(spec.events, one.event),
            _label(spec.states, one.source),
            _label(spec.states, one.target),
            one.at,
            names.get(one.actor, one.actor or ""),
            _noted(one),
        )
        for one in records
    ]


def _label(known: Mapping[str, Any], name: str | None) -> str:
    """Return what people read; what there was once, and is no more, has its name only."""
    return str(known[name].label) if name and name in known else name or ""


def _noted(record: TransitionRecord) -> str:
    noted = [f"{name}: {value}" for name, value in record.noted.items()]
    return "; ".join(noted if record.refused is None else [*noted, record.refused])


def _names_of_users(actors: set[str]) -> dict[str, str]:
    """Return the names of those actors that are keys of users; others say themselves who acted."""
    users: Any = get_user_model()
    keys: set[Any] = set()
    for actor in actors:
        with suppress(ValidationError):
            keys.add(users._meta.pk.to_python(actor))
    found = users._base_manager.in_bulk(keys)
    return {str(key): user.get_username() for key, user in found.items()}
