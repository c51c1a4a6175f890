"""What is wrong with a flow that is mounted: its addresses, its arrows, its end, what it keeps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.forms import PasswordInput

from statecraft.errors import WorkflowDefinitionError
from statecraft.flows.actions import Action
from statecraft.flows.answering import is_kept
from statecraft.flows.components import Component
from statecraft.flows.flattening import FINISHED, START
from statecraft.flows.mounts import ARGUMENT, arguments_of, route_of, start_route
from statecraft.flows.paths import moves_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.urls import URLPattern

    from statecraft.flows.mounted import MountedFlow
    from statecraft.flows.tree import Place

_SECRET = re.compile(
    r"(^|_)(password|passwd|passphrase|passcode|secret|cvc|cvv|pin|otp)\d*(_|$)", re.IGNORECASE
)
_SAMPLES = ("907031", "zq9-x", "6f1c7b1e-5d0a-4f43-9d8e-0c8a54f3f6b1", "zq9 x", "zq9/x")


def problems_of_mount(mount: MountedFlow) -> Iterator[checks.CheckMessage]:
    """Yield what is wrong with a flow at the place where it is mounted."""
    yield from _addresses(mount)
    yield from _missing_arguments(mount)
    yield from _end(mount.flow)
    for place in mount.flow.tree.actions.values():
        yield from _kept_secrets(place)
    try:
        spec = mount.flow.workflow.workflow_spec
    except WorkflowDefinitionError as error:
        for problem in error.problems:
            yield checks.Error(str(problem), obj=mount.flow, id="statecraft_flows.E004")
    else:
        arrows = [(move.source, move.target) for move in moves_of(spec)]
        yield from _arrows(mount.flow, arrows)


def _addresses(mount: MountedFlow) -> Iterator[checks.CheckMessage]:
    for index, (place, pattern) in enumerate(mount.patterns):
        sample = _sample_of(pattern)
        for earlier, before in mount.patterns[:index]:
            if sample is not None and before.pattern.match(sample):
                text = (
                    f"The address {str(pattern.pattern)!r} of {_called(place)} is never reached:"
                    f" {str(before.pattern)!r} of {_called(earlier)} comes first, and takes it."
                )
                hint = "Give one of them another url, or declare them the other way round."
                yield checks.Error(text, hint=hint, obj=mount.flow, id="statecraft_flows.E005")
                break


def _called(place: Place | None) -> str:
    return "the start" if place is None else repr(place.path)


def _sample_of(pattern: URLPattern) -> str | None:
    """Return an address that a pattern matches, or ``None`` if a converter takes no sample."""
    route: Any = pattern.pattern
    values: dict[str, str] = {}
    for name, converter in route.converters.items():
        fitting = [one for one in _SAMPLES if re.fullmatch(converter.regex, one)]
        if not fitting:
            return None
        values[name] = fitting[-1]
    return ARGUMENT.sub(lambda found: values[found[1]], str(route))


def _missing_arguments(mount: MountedFlow) -> Iterator[checks.CheckMessage]:
    tree = mount.flow.tree
    given = arguments_of(mount.route) | arguments_of(start_route(tree))
    for place in tree.actions.values():
        missing = sorted(arguments_of(route_of(place)) - given)
        if missing:
            text = (
                f"The address of {place.path!r} has {', '.join(map(repr, missing))}, which the"
                f" start of {mount.name!r} does not."
            )
            hint = "Begin this flow only at start_url(flow, …) with these arguments."
            yield checks.Warning(text, hint=hint, obj=mount.flow, id="statecraft_flows.W005")


def _end(flow: Any) -> Iterator[checks.CheckMessage]:
    own = flow.completed not in {Component.completed, Action.completed}
    if not own and not getattr(flow, "success_url", None):
        text = f"{flow.__name__} is mounted, but has no method completed: what shall its end do?"
        hint = "Write completed(self, task); it returns where to go."
        yield checks.Error(text, hint=hint, obj=flow, id="statecraft_flows.E006")


def _arrows(flow: Any, arrows: list[tuple[str, str]]) -> Iterator[checks.CheckMessage]:
    reached = _closed(START, arrows)
    ending = _closed(FINISHED, [(target, source) for source, target in arrows])
    if START not in ending:
        text = f"{flow.__name__} has no way to its end: whatever is answered, it never finishes."
        yield checks.Error(text, obj=flow, id="statecraft_flows.E007")
    for path in flow.tree.actions:
        if path not in reached:
            text = (
                f"Nothing leads to {path!r}: no action moves or links there, or completes into it."
            )
            yield checks.Warning(text, obj=flow, id="statecraft_flows.W006")
        elif path not in ending and START in ending:
            text = f"From {path!r} there is no way to the end of the flow."
            yield checks.Warning(text, obj=flow, id="statecraft_flows.W007")


def _closed(first: str, arrows: Iterable[tuple[str, str]]) -> set[str]:
    """Return what arrows lead to, however many, and where they begin."""
    waiting = [first]
    for place in waiting:
        waiting += {target for source, target in arrows if source == place} - {*waiting}
    return set(waiting)


def _kept_secrets(place: Place) -> Iterator[checks.CheckMessage]:
    action = place.component
    form = getattr(action.form_class, "form", action.form_class)  # a formset has many of one form
    for name, field in getattr(form, "base_fields", {}).items():
        if is_kept(action, name) and (
            isinstance(field.widget, PasswordInput) or _SECRET.search(name)
        ):
            text = f"{action.__name__} keeps {name!r} in the task, which looks like a secret."
            hint = "Leave it out of stores: stores = () keeps nothing of this form."
            yield checks.Warning(text, hint=hint, obj=action, id="statecraft_flows.W008")
