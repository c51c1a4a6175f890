"""Tags that ask an object which events are allowed, and why another one is not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django import template

from statecraft.actors import acting_as, current_actor
from statecraft.errors import UnknownState

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from statecraft.errors import Refusal
    from statecraft.transitions import EventSpec

register = template.Library()


def _acting(context: Any) -> AbstractContextManager[None]:
    """Return a block in which the user of the page acts, unless somebody does already."""
    user = context.get("user") or getattr(context.get("request"), "user", None)
    return acting_as(current_actor() or user)


@register.simple_tag(takes_context=True)
def allowed_events(context: Any, workflow: Any) -> list[EventSpec]:
    """Return the events that the user of the page may fire now: each has a name and a label.

    An object whose stored value no state has allows none.
    """
    with _acting(context), suppress(UnknownState):
        return [workflow.workflow_spec.events[name] for name in workflow.allowed_events()]
    return []


@register.simple_tag(takes_context=True)
def refusal(context: Any, workflow: Any, event: str) -> Refusal | UnknownState | None:
    """Return why an event would be refused now, or ``None``; an unknown value is a reason too."""
    with _acting(context):
        try:
            found: Refusal | None = workflow.refusal(event)
        except UnknownState as error:
            return error
    return found
