"""GET: the page of an action, where the task may be there; else the way to where it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.cache import patch_cache_control

from statecraft.flows import pages
from statecraft.flows.answering import given_again
from statecraft.flows.context import FlowContext
from statecraft.flows.flattening import FINISHED as END
from statecraft.flows.positions import positions
from statecraft.flows.task import FINISHED

if TYPE_CHECKING:
    from statecraft.flows.actions import Action
    from statecraft.flows.trace import Trace
    from statecraft.flows.visits import Visit


def show(visit: Visit) -> Any:
    """Answer a GET: nothing moves by it, and the store learns at most that the task is in use."""
    task, place = visit.task, visit.place
    if task.status == FINISHED:
        return pages.sent_on(visit.request, task.result)
    if task.trace.place == END:
        return pages.page(visit.request, "nothing_to_do", 200)
    if place is None and not visit.found.is_late and not task.revision:
        return _kept_by_the_browser(_shown(visit, task.trace.place, task.trace))
    is_elsewhere = place is not None and place.path != task.trace.place
    if visit.found.is_late or (visit.found.is_fresh and is_elsewhere):
        return pages.sent_on(visit.request, visit.start_url)
    trace = None if place is None else _position(visit, place.path)
    if trace is None:
        return pages.sent_on(visit.request, visit.url_of(task.trace.place))
    response = _shown(visit, trace.place, trace)
    return response if task.revision else _kept_by_the_browser(response)


def _position(visit: Visit, path: str) -> Trace | None:
    """Return the moves that lead to an action that may be shown now."""
    task = visit.task
    trace = next(positions(task, path), None)
    if trace is None or trace == task.trace or not task.trace.starts_with(trace):
        return trace
    return None if visit.tree.actions[path].component.is_skipped_on_back() else trace


def _shown(visit: Visit, path: str, trace: Trace) -> Any:
    action = visit.action_at(path)
    action.flow = FlowContext(visit, action.place, trace)
    if action.response is not None:
        return action.response
    unmet = visit.unmet(action)
    if unmet is not None:
        return unmet.respond(action)
    if trace == visit.task.trace and action.stored is not None and action.is_pure():
        # it was answered, and yet the task stands here: the form says why
        action.given = given_again(action)
    response = action.dispatch(visit.request, **visit.kwargs)
    return checked(action, response)


def checked(action: Action, response: Any) -> Any:
    """Let a template that forgets the tags of its form be found while it is developed."""
    if settings.DEBUG and hasattr(response, "add_post_render_callback"):
        response.add_post_render_callback(partial(_require_receipt, action))
    return response


def _require_receipt(action: Action, _response: Any) -> None:
    if not action.flow.receipt_was_rendered:
        message = (
            f"the template of {type(action).__name__} renders neither {{% flow_form %}} nor"
            " {% flow_fields %}: its form could not be answered. Load flows, and add one of them"
        )
        raise ImproperlyConfigured(message)


def _kept_by_the_browser(response: Any) -> Any:
    """Let a browser that comes back to the first page find there what was typed."""
    patch_cache_control(response, private=True, no_cache=True)
    return response
